"""The wall clock of one time zone, in whole seconds: conversion between local times and instants. Pure.

A local time that a clock change skips means the first instant after it; a repeated one means the first of the two.
Local times are counted like instants: as the seconds since 1970 that a UTC clock showing the same would have.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = 86_400
"""Seconds."""
NEVER = sys.maxsize
PROBE_STEP = 6 * DAY  # since 1939 no zone has changed its clock twice within so few days
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LocalClock:
    """The wall clock of a zone, valid for instants between two seconds and a year around them."""

    def __init__(self, zone: ZoneInfo, start: int, end: int) -> None:
        years = range(_year(start) - 1, _year(end) + 2)
        changes = [change for year in years for change in _changes(zone, year)]
        self._begins = [_new_year(years[0]), *(instant for instant, _ in changes)]
        self._offsets = [_offset(zone, self._begins[0]), *(offset for _, offset in changes)]
        # In order, because no zone has put its clock back by more time than lies between two changes.
        self._local_ends = [at + offset for at, offset in zip(self._begins[1:], self._offsets, strict=False)]

    def to_instants(self, local_times: Sequence[int]) -> list[int]:
        """Return for each local time, in order, the first instant (seconds) at which the clock shows it.

        A local time that a clock change skips gives the first instant after the change.
        """
        instants: list[int] = []
        position = 0
        for local_end, offset, era_start in zip([*self._local_ends, NEVER], self._offsets, self._begins, strict=True):
            until = bisect_left(local_times, local_end, position)
            first_shown = bisect_left(local_times, era_start + offset, position, until)
            instants += [era_start] * (first_shown - position) + [
                local - offset for local in local_times[first_shown:until]
            ]
            position = until
        return instants

    def to_local(self, instant: int) -> int:
        """Return the latest local time the clock has shown by an instant.

        While an hour repeats, that is the hour's end.
        """
        era = max(0, bisect_right(self._begins, instant) - 1)
        local_time = instant + self._offsets[era]
        return max(local_time, self._local_ends[era - 1] - 1) if era else local_time


def midnight_of(day: date) -> int:
    """Return the local second at which a day begins."""
    return (day.toordinal() - _EPOCH.toordinal()) * DAY


def weekday_of(day: int) -> int:
    """Return the weekday (0 is Monday) of a day counted from 1 January 1970, a Thursday."""
    return (day + 3) % 7


def seconds_since_midnight(clock: time) -> int:
    """Return a time of day in seconds."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def to_seconds(moment: datetime) -> int:
    """Return an instant as whole seconds since 1970."""
    since = moment - _EPOCH
    return since.days * DAY + since.seconds


@lru_cache(maxsize=16_384)  # one shift ends where the next begins, and every tick sees the same ones
def to_instant(second: int) -> datetime:
    """Return whole seconds since 1970 as an aware instant in UTC."""
    return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=512)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Return when the clock changes within a year, with its offset (seconds) from then on."""
    year_end = _new_year(year + 1)
    samples = [(at, _offset(zone, at)) for at in (*range(_new_year(year), year_end, PROBE_STEP), year_end)]
    return tuple(
        (_find_change_second(zone, before, after), new_offset)
        for (before, old_offset), (after, new_offset) in pairwise(samples)
        if old_offset != new_offset
    )


def _find_change_second(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the second at which the offset becomes that of ``after``, by bisection."""
    new_offset = _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == new_offset:
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
