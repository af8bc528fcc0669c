"""One zone's clock on the wall, in whole seconds: which instant it shows, and when it shows a time. Never waits.

A local time that does not exist is taken for the first instant after the gap; one that exists twice for the first.
Local times are counted like instants, as the seconds since 1970 that a clock in UTC would have to show the same.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = 86_400
NEVER = sys.maxsize
LOOK = 6 * DAY  # since 1939 no zone has changed its clock twice within so few days
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LocalClock:
    """The clock of ``zone``, good for instants between two seconds and a year around them."""

    def __init__(self, zone: ZoneInfo, start: int, end: int) -> None:
        years = range(_year(start) - 1, _year(end) + 2)
        changes = [change for year in years for change in _changes(zone, year)]
        self._begins = [_new_year(years[0]), *(instant for instant, _ in changes)]
        self._offsets = [_offset(zone, self._begins[0]), *(offset for _, offset in changes)]
        # In order, because no zone has put its clock back by more time than lies between two changes.
        self._local_ends = [at + offset for at, offset in zip(self._begins[1:], self._offsets, strict=False)]

    def instants(self, shown: Sequence[int]) -> list[int]:
        """For each of some local times, in order, the first instant at which the clock shows it, or the first one after
        the gap that swallowed it.
        """
        found: list[int] = []
        at = 0
        for ends, offset, begins in zip([*self._local_ends, NEVER], self._offsets, self._begins, strict=True):
            until = bisect_left(shown, ends, at)
            there = bisect_left(shown, begins + offset, at, until)
            found += [begins] * (there - at) + [local - offset for local in shown[there:until]]
            at = until
        return found

    def shown(self, instant: int) -> int:
        """The latest time the clock has shown by an instant; while it repeats an hour, that is the hour's end."""
        era = max(0, bisect_right(self._begins, instant) - 1)
        now = instant + self._offsets[era]
        return max(now, self._local_ends[era - 1] - 1) if era else now


def midnight_of(day: date) -> int:
    """The local second at which a day begins."""
    return (day.toordinal() - _EPOCH.toordinal()) * DAY


def weekday_of(day: int) -> int:
    """Return the day of the week, 0 is Monday, of a day counted from 1 January 1970, a Thursday."""
    return (day + 3) % 7


def seconds_since_midnight(clock: time) -> int:
    """A time of the day in seconds."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def to_seconds(moment: datetime) -> int:
    """An instant as whole seconds since 1970."""
    since = moment - _EPOCH
    return since.days * DAY + since.seconds


@lru_cache(maxsize=16_384)  # one shift ends where the next begins, and every look sees the same ones
def to_instant(second: int) -> datetime:
    """Whole seconds since 1970 as an aware instant in UTC."""
    return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=512)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """When the clock changes within a year, and its offset from then on."""
    ends = _new_year(year + 1)
    looks = [(at, _offset(zone, at)) for at in (*range(_new_year(year), ends, LOOK), ends)]
    return tuple((_between(zone, before, after), new) for (before, old), (after, new) in pairwise(looks) if old != new)


def _between(zone: ZoneInfo, before: int, after: int) -> int:
    """The second at which the offset becomes that of ``after``, found by halving."""
    new = _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == new:
            after = middle
        else:
            before = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = zone.utcoffset(datetime.fromtimestamp(second, zone))
    return int(offset.total_seconds()) if offset else 0


def _new_year(year: int) -> int:
    return midnight_of(date(year, 1, 1))


def _year(second: int) -> int:
    return datetime.fromtimestamp(second, UTC).year
