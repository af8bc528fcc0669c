"""Draws pictures in a short-lived process, one at a time.

The drawing library's memory is freed afterwards, and the bot starts without it.
"""

import subprocess
import sys
import threading
from pathlib import Path

import handlers
from handlers.chart.drawing import Drawing

PAINTER = "handlers.chart.painter"
TIMEOUT = 30.0  # seconds; it takes less than one
PACKAGE_ROOT = Path(handlers.__file__).parents[1]  # where the process finds our packages, wherever the bot was started
_one_at_a_time = threading.Lock()


class ImageFailed(Exception):
    """The process that draws failed or took too long. The message says why, for the log."""


def paint(drawing: Drawing) -> bytes:
    """Draw a picture and return it as PNG. Raises :class:`ImageFailed`."""
    command = (sys.executable, "-m", PAINTER)
    with _one_at_a_time:
        try:
            drawn = subprocess.run(  # noqa: S603  # our own module; it reads the drawing from standard input
                command,
                input=drawing.to_json().encode(),
                capture_output=True,
                timeout=TIMEOUT,
                cwd=PACKAGE_ROOT,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise ImageFailed(f"no picture after {TIMEOUT:g} seconds") from None
        except subprocess.CalledProcessError as error:
            lines = error.stderr.decode(errors="replace").strip().splitlines()
            raise ImageFailed(lines[-1] if lines else f"exit code {error.returncode}") from None
    return drawn.stdout
