"""The clock on the wall: times that do not exist, times that exist twice, odd offsets, long years."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.rota.wall import DAY, Wall, instant, midnight, seconds

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
    return seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(("zone", "shown", "meant"), CASES)
def test_a_time_on_the_wall_is_one_instant(zone: str, shown: str, meant: str) -> None:
    around = local(meant)

    wall = Wall(ZoneInfo(zone), around - DAY, around + DAY)

    assert instant(wall.instants([local(shown)])[0]).isoformat()[:16] == meant


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Chatham", "Asia/Kathmandu", "America/Santiago"])
def test_the_latest_time_shown_grows_with_the_clock_and_waits_while_it_repeats_an_hour(zone: str) -> None:
    start = midnight(date(2026, 1, 1))
    wall = Wall(ZoneInfo(zone), start, start + 366 * DAY)
    latest = 0

    for second in range(start, start + 366 * DAY, 900):
        latest = max(latest, local(f"{datetime.fromtimestamp(second, ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}"))
        assert 0 <= wall.shown(second) - latest < 900
        assert wall.instants([wall.shown(second)])[0] <= second
