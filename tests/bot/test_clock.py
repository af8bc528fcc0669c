"""The clock: aware UTC, shifted by a file that is read again each time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock


def test_now_is_aware_and_in_utc() -> None:
    now = Clock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_offset_file_is_read_again_at_each_reading(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = Clock(file)
    file.write_text("3600", encoding="utf-8")
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=59)
    file.write_text("-86400\n", encoding="utf-8")
    assert datetime.now(UTC) - clock.now() > timedelta(hours=23)


@pytest.mark.parametrize("content", ["", "soon", "nan", "inf", "1e300"])
def test_an_unreadable_offset_leaves_the_real_time(tmp_path: Path, content: str) -> None:
    file = tmp_path / "offset"
    clock = Clock(file)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    file.write_text(content, encoding="utf-8")
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_monotonic_time_never_goes_back() -> None:
    clock = Clock()
    assert clock.monotonic() <= clock.monotonic()
