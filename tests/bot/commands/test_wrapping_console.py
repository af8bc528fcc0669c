"""What commands say below a table: wrapped at the width of a terminal, and one line each in a file."""

import io

import pytest
from rich.text import Text

from bot.commands.wrapping_console import WrappingConsole
from bot.wrapped_lines import measure

ENGLISH = "• All seats are shared by 8 people; legal working hours need 9 people in this rota."
CHINESE = "• 所有席位仅由 8 人轮值；按法定工时需要 9 人，请在值班表中加入更多成员，或减少席位。"
COMMAND = "  csp-escalate --env-file /etc/csp-escalate/env reach test NAME"


def printed(text: str, *, is_terminal: bool, **options: bool) -> list[str]:
    """The lines that a console of 40 cells gets."""
    file = io.StringIO()
    console = WrappingConsole(file=file, width=40, force_terminal=is_terminal, color_system=None)
    console.print(Text(text), soft_wrap=True, **options)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_in_a_terminal_a_note_is_wrapped_between_words_and_stands_behind_its_bullet(text: str) -> None:
    lines = printed(text, is_terminal=True)

    assert len(lines) > 1
    assert all(measure(line) <= 40 for line in lines)
    assert [line[:2] for line in lines] == ["• ", *["  "] * (len(lines) - 1)]
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_in_a_file_a_note_is_one_line(text: str) -> None:
    assert printed(text, is_terminal=False) == [text]


def test_a_command_to_copy_stays_whole() -> None:
    assert printed(COMMAND, is_terminal=True, no_wrap=True) == [COMMAND]


def test_a_table_or_a_text_in_several_styles_is_left_to_rich() -> None:
    file = io.StringIO()
    console = WrappingConsole(file=file, width=40, force_terminal=True, color_system=None)

    console.print(Text("x" * 30 + " ").append("y" * 30, "bold"), soft_wrap=True)

    assert file.getvalue() == f"{'x' * 30} {'y' * 30}\n"
