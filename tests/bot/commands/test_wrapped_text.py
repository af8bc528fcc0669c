"""A cell of a table is broken between words, and each paragraph begins a line."""

from io import StringIO

from rich.console import Console
from rich.table import Table

from bot.commands.wrapped_text import WrappedText


def test_english_is_broken_at_spaces_and_each_paragraph_begins_a_line() -> None:
    table, printed = Table.grid(padding=(0, 2)), StringIO()
    table.add_row("x", WrappedText("one two three four\nfive"))

    Console(file=printed, width=16).print(table)

    assert [line.strip() for line in printed.getvalue().splitlines()] == ["x  one two three", "four", "five"]
