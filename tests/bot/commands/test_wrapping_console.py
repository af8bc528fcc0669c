"""What commands say below a table: wrapped at the width of a terminal, and one line each in a file."""

import io

import pytest

from bot.commands.wrapping_console import WrappingConsole
from bot.wrapped_lines import measure

ENGLISH = "• All seats are shared by 8 people; legal working hours need 9 people in this rota."
CHINESE = "• 所有席位仅由 8 人轮值；按法定工时需要 9 人，请在值班表中加入更多成员，或减少席位。"


def printed(*texts: str, is_terminal: bool) -> list[str]:
    """The lines that a console of 40 cells gets."""
    file = io.StringIO()
    console = WrappingConsole(file=file, width=40, force_terminal=is_terminal, color_system=None)
    console.print_lines(*texts)
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


def test_each_line_is_wrapped_by_itself_and_an_empty_one_stays() -> None:
    assert printed("One line.\nA second line.", "", "A third.", is_terminal=True) == [
        "One line.", "A second line.", "", "A third.",
    ]  # fmt: skip


def test_what_looks_like_markup_or_an_emoji_is_printed_as_it_is() -> None:
    assert printed("[bold]VM[/bold] :smile:", is_terminal=False) == ["[bold]VM[/bold] :smile:"]
