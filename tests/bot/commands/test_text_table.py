"""Tables at any width and in both languages: no word, time or number is cut."""

from io import StringIO

import pytest
from rich.console import Console

from bot.commands.text_table import TextTable
from bot.wrapped_lines import measure

HEADINGS = {
    ": ": ("#", "Status", "Message", "About", "For", "Age", "Answer"),
    "：": ("#", "状态", "消息", "关于", "发给", "距今", "回答"),
}
MESSAGES = (
    ("1206", "set aside", "receipt for who raised a case", "CSP-5", "王伟 Wang Wei", "12 minutes", "channel_not_found"),
    ("7", "已搁置", "呈报消息列中的记录", "CSP-6 · 李娜 添加了备注：9 月 3 日 14:05 起 128 位用户受影响 😀",
     "escalation channel", "3 天", "频道 #escalations 已归档。"),
    ("12", "waiting", "history line in the thread of a case", "2026-12-01 08:00 – 2026-12-01 20:00", "–", "1 hour", ""),
)  # fmt: skip
WHOLE = (
    "1206", "receipt", "CSP-5", "12 minutes", "channel_not_found", "已搁置", "CSP-6", "9 月", "14:05", "128 位", "😀",
    "escalation", "3 天", "#escalations", "history", "thread", "2026-12-01 08:00", "2026-12-01 20:00", "1 hour",
)  # fmt: skip


def print_table(table: TextTable, width: int) -> list[str]:
    """What a terminal shows, or a file holds."""
    printed = StringIO()
    Console(file=printed, width=width).print(table)
    return printed.getvalue().splitlines()


@pytest.mark.parametrize("colon", HEADINGS)
@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_word_time_or_number_is_cut_at_any_width(colon: str, width: int) -> None:
    table = TextTable(HEADINGS[colon], colon)
    for message in MESSAGES:
        table.add_row(*message)

    lines = print_table(table, width)

    assert [line for line in lines if measure(line) > width or line != line.rstrip()] == []
    assert [part for part in WHOLE if not any(part in line for line in lines)] == []


def test_a_wide_terminal_has_columns_and_a_narrow_one_lines_with_the_headings() -> None:
    table = TextTable(HEADINGS[": "])
    table.add_row(*MESSAGES[0])

    assert print_table(table, 120)[2].startswith("1206  set aside  receipt for who raised a case  CSP-5  王伟 Wang Wei")
    assert print_table(table, 60) == [
        "1206",
        "  Status: set aside   Message: receipt for who raised a case",
        "  About: CSP-5   For: 王伟 Wang Wei   Age: 12 minutes",
        "  Answer: channel_not_found",
        "",
    ]
    table.add_row("", *MESSAGES[0][1:])
    assert print_table(table, 60)[4:6] == ["", "  Status: set aside   Message: receipt for who raised a case"]


def test_numbers_are_on_the_right_and_labels_stand_beside_their_values() -> None:
    table, facts = TextTable(("Who", "Hours")), TextTable()
    for who, hours in (("李娜", "42.5"), ("Emma", "8")):
        table.add_row(who, hours)
    facts.add_row("x", "one two three four\nfive")

    assert print_table(table, 80)[2:4] == ["李娜   42.5", "Emma      8"]
    assert print_table(facts, 17) == ["x  one two three", "   four", "   five"]


def test_an_address_longer_than_a_line_is_cut_behind_a_stroke() -> None:
    facts = TextTable()
    facts.add_row("x", "https://bot.example.cn/duty/sheet/address")

    assert print_table(facts, 40) == ["x  https://bot.example.cn/duty/sheet/", "   address"]
