"""The clock on the wall: times that do not exist, times that exist twice, odd offsets, long years."""

from bisect import bisect_left
from datetime import UTC, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from models.rules.rota.local_clock import DAY, LocalClock, to_instant, to_seconds

CASES = [
    ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
    ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),  # does not exist: 03:00 summer time
    ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # exists twice: the first one
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
    ("Asia/Shanghai", "2028-02-29T08:00", "2028-02-29T00:00"),
    ("Asia/Kathmandu", "2026-07-01T00:00", "2026-06-30T18:15"),
    ("Pacific/Chatham", "2026-07-01T00:00", "2026-06-30T11:15"),
    ("Pacific/Chatham", "2026-09-27T03:00", "2026-09-26T14:00"),  # 02:45 becomes 03:45
    ("Pacific/Chatham", "2026-04-05T03:00", "2026-04-04T13:15"),  # 03:45 becomes 02:45: the first one
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # half an hour is skipped
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a whole day is skipped
    ("America/St_Johns", "2026-01-01T00:00", "2026-01-01T03:30"),
]


def local(text: str) -> int:
    """A local time as the seconds that are counted."""
    return to_seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(("zone", "shown", "meant"), CASES)
def test_a_time_on_the_wall_is_one_instant(zone: str, shown: str, meant: str) -> None:
    around = local(meant)

    wall = LocalClock(ZoneInfo(zone), around - DAY, around + DAY)

    assert to_instant(wall.to_instants([local(shown)])[0]).isoformat()[:16] == meant


# Seconds around which clocks change: put forward, put back, by half an hour, for Ramadan, at midnight, over a day.
CHANGES = [
    ("Europe/Berlin", "2026-03-29T01:00"), ("Europe/Berlin", "2026-10-25T01:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"), ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Pacific/Chatham", "2026-09-26T14:00"), ("Pacific/Chatham", "2026-04-04T14:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"), ("Africa/Casablanca", "2026-03-22T02:00"),
    ("America/Santiago", "2026-04-05T03:00"), ("Asia/Kathmandu", "2026-12-31T18:15"),
    # Two changes within a week: nothing since 1939 lies closer together.
    ("America/Boa_Vista", "2000-10-08T04:00"), ("America/Boa_Vista", "2000-10-15T03:00"),
    ("Asia/Gaza", "2040-10-20T00:00"), ("Asia/Gaza", "2040-10-26T23:00"),
]  # fmt: skip
AROUND = 2 * 3600 + 60


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_each_time_is_the_second_at_which_the_clock_first_reaches_it(zone: str, change: str) -> None:
    seconds_around = range(local(change) - AROUND, local(change) + AROUND)
    wall = LocalClock(ZoneInfo(zone), local(change) - DAY, local(change) + DAY)
    offsets = (datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset() for second in seconds_around)
    latest = list(
        accumulate(
            (s + int(o.total_seconds()) for s, o in zip(seconds_around, offsets, strict=True) if o is not None), max
        )
    )
    times = range(latest[0] + 1, latest[-1] + 1)
    reached = [bisect_left(latest, shown) for shown in times]

    assert [wall.to_local(second) for second in seconds_around] == latest
    assert wall.to_instants(times) == [seconds_around[at] for at in reached]


def test_a_wall_knows_the_years_around_its_window() -> None:
    last = local("2026-12-31T23:59:59")
    wall = LocalClock(ZoneInfo("Europe/Berlin"), last, last)

    assert wall.to_instants([local("2025-10-26T02:30"), local("2027-03-28T02:30")]) == [
        local("2025-10-26T00:30"), local("2027-03-28T01:00"),
    ]  # fmt: skip
    assert wall.to_local(local("2025-10-26T01:10")) == local("2025-10-26T02:59:59")
