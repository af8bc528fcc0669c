"""Findings of the doctor are broken between words: no number leaves its unit, and no list of values is cut."""

from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table

from bot.commands.wrapped_text import WrappedText, wrap

FAULT = "CSP_REACH_FILE，第 22 行：“wecom_ap”不是“channel”的有效值。可选：wecom_app、wecom_bot、dingtalk_bot。"


@pytest.mark.parametrize("width", range(16, 60))
def test_a_number_stays_with_its_unit_and_nothing_is_lost(width: int) -> None:
    lines = list(wrap(FAULT, width))

    assert any("第 22 行：" in line for line in lines)
    assert "".join(lines).replace(" ", "") == FAULT.replace(" ", "")
    assert not any(line.startswith(("，", "。", "：", "、", "”")) for line in lines)


def test_english_is_broken_at_spaces_and_each_paragraph_begins_a_line() -> None:
    table, printed = Table.grid(padding=(0, 2)), StringIO()
    table.add_row("x", WrappedText("one two three four\nfive"))

    Console(file=printed, width=16).print(table)

    assert [line.strip() for line in printed.getvalue().splitlines()] == ["x  one two three", "four", "five"]
