"""Lengths of time in few letters."""

from datetime import timedelta

import pytest

from handlers.i18n.durations import exact_span, span, time_left
from handlers.i18n.words import Words

SOON = timedelta(seconds=2)
"""A tick comes some seconds after a reminder is due."""


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(minutes=10), "10 min"), (timedelta(hours=1), "1 h"), (timedelta(hours=24), "24 h"),
        (timedelta(days=7), "7 d"), (timedelta(hours=12, minutes=42), "13 h"), (timedelta(0), "0 min"),
    ],
)  # fmt: skip
def test_what_lies_ahead_is_told_to_the_nearest_unit(length: timedelta, told: str) -> None:
    assert time_left(length - SOON, Words.of("en")) == told


def test_what_lies_behind_is_rounded_down() -> None:
    assert span(timedelta(hours=24) - SOON, Words.of("en")) == "23 h"
    assert span(timedelta(days=-1), Words.of("zh_CN")).startswith("0")


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(minutes=14, seconds=59), "14 分钟"), (timedelta(hours=1), "1 小时"),
        (timedelta(hours=1, minutes=45), "1 小时 45 分钟"), (timedelta(hours=47, minutes=59), "47 小时 59 分钟"),
        (timedelta(days=2, minutes=30), "2 天"), (timedelta(days=2, hours=3), "2 天 3 小时"),
    ],
)  # fmt: skip
def test_a_total_is_told_without_losing_minutes_or_hours(length: timedelta, told: str) -> None:
    assert exact_span(length, Words.of("zh_CN")) == told
