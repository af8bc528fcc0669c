"""Pictures are drawn by another process, so that this one never carries the drawing library."""

import subprocess
import sys

import pytest

from bot.workers import image_process
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.chart.painter import paint

DRAWING = Drawing(
    400, 100, "#FFFFFF", (Box(0, 0, 40, 40, "#D11F3A"), TextLabel(50, 0, 400, 40, ("李娜 Li Na",), 30, "#000000"))
)


def test_the_other_process_draws_the_same_bytes() -> None:
    assert image_process.paint(DRAWING) == paint(DRAWING)


def test_a_picture_that_fails_says_why() -> None:
    broken = Drawing(400, 100, "no colour", ())

    with pytest.raises(image_process.ImageFailed, match="ValueError"):
        image_process.paint(broken)


def test_a_bot_carries_no_drawing_library() -> None:
    loads = "bot.cli.command_line, bot.app, bot.workers.image_process, handlers.chart.month"
    code = f"import sys, {loads}; print('PIL' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "False"
