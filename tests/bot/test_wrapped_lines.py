"""Lines break between words and between Chinese characters: no number leaves its unit, and no sign begins a line."""

import pytest

from bot.wrapped_lines import wrap

FAULT = "CSP_REACH_FILE，第 22 行：“wecom_ap”不是“channel”的有效值。可选：wecom_app、wecom_bot、dingtalk_bot。"


@pytest.mark.parametrize("width", range(16, 60))
def test_a_number_stays_with_its_unit_and_nothing_is_lost(width: int) -> None:
    lines = list(wrap(FAULT, width))

    assert any("第 22 行：" in line for line in lines)
    assert "".join(lines).replace(" ", "") == FAULT.replace(" ", "")
    assert not any(line.startswith(("，", "。", "：", "、", "”")) for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("运行机器人，直到收到 SIGTERM。", ["运行机器人，", "直到收到", "SIGTERM。"]),
        ("only words break here", ["only words", "break here"]),
        ("自 2026-12-01 08:00 起", ["自", "2026-12-01 08:00 起"]),
        ("it waited 12 minutes", ["it waited", "12 minutes"]),
        ("at 2026-12-01 08:00, not", ["at", "2026-12-01 08:00,", "not"]),
        ("", []),
    ],
)
def test_chinese_lines_break_between_characters_and_no_line_begins_with_a_sign(text: str, lines: list[str]) -> None:
    assert list(wrap(text, 12)) == lines
