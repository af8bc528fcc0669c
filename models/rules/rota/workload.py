"""How on-call hours are shared out: totals by person, and warnings. Never a gap.

Warnings are about weeks, months, rest, nights, holidays and staffing. Computed on final shifts. A person in two seats
at once is counted once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from statistics import fmean

from models.rules.rota.intervals import Window, measure_overlap, merge_windows
from models.rules.rota.local_clock import DAY, LocalClock, to_instant, to_seconds, weekday_of
from models.rules.rota.overrides import Override
from models.rules.rota.rota import LoadLimits, Rota
from models.rules.rota.shifts import Shift, resolve_shifts

HOUR, WEEK = 3600, 7 * DAY
NIGHT_ENDS = 6 * HOUR
"""Seconds. A night is from midnight to 06:00 local time."""
DEFAULT_PERIOD = timedelta(days=91)
"""The period when none is given: it always includes two whole months."""
SATURDAY = 5
MIN_EXCESS = 2  # nights or holidays above the mean; one more than the others is chance
_MONDAY = 4 * DAY  # 5 January 1970
Times = Mapping[str, Sequence[Window]]
"""By person when they are on call, in seconds since 1970, in order and merged."""


class WarningKind(StrEnum):
    """What a warning is about; its sentence is in ``handlers.i18n.rota_labels``."""

    AVERAGE_WEEK = "average_week"
    LONG_WEEK = "long_week"
    MONTH_OVERTIME = "month_overtime"
    NO_DAY_OFF = "no_day_off"
    SHORT_REST = "short_rest"
    MANY_NIGHTS = "many_nights"
    MANY_WEEKENDS = "many_weekends"
    MANY_HOLIDAYS = "many_holidays"
    FEW_PEOPLE = "few_people"
    FEW_IN_ALL = "few_in_all"


@dataclass(frozen=True)
class LoadWarning:
    """One warning. ``value`` exceeds ``limit``; for rest and people it falls short of it."""

    kind: WarningKind
    value: float  # hours, days, nights, holidays or people.
    limit: float  # for nights, weekends and holidays the mean.
    person: str = ""  # whom it is about, if anyone.
    seat: str = ""  # which seat it is about, if any.
    start: datetime | None = None  # when the worst of several weeks, months or rests began (UTC).
    count: int = 1  # how many such weeks, months or rests there are.


@dataclass(frozen=True)
class WorkloadShare:
    """The on-call load of one person in a period."""

    person: str
    hours: float  # in total
    week: float  # average hours a week
    longest_week: float  # hours
    rest: float | None  # the shortest, in hours; None when on call only once
    nights: int
    weekends: int
    holidays: int


def compute_shares(
    rota: Rota, overrides: Iterable[Override], start: datetime, end: datetime, holidays: Collection[date] = ()
) -> list[WorkloadShare]:
    """Return the load of everybody in a period, in the order of the file.

    People who are in no layer and have no shift are left out.
    """
    window = (to_seconds(start), to_seconds(end))
    if window[0] >= window[1]:
        return []
    times = _merge_times(rota, [shift for shift in resolve_shifts(rota, overrides, start, end) if not shift.absent])
    days = _Days(rota, window)
    nights, weekends, weeks = days.nights(times), days.weekends(times), days.weeks()
    days_off = days.of(times, holidays)
    order = [*(name for name in rota.members if name in times), *(name for name in times if name not in rota.members)]
    counts = {person: (nights[person], weekends[person], days_off[person]) for person in order}
    return [_build_share(person, times[person], window, weeks, counts[person]) for person in order]


def _build_share(
    person: str, windows: Sequence[Window], window: Window, weeks: Sequence[int], counts: tuple[int, int, int]
) -> WorkloadShare:
    hours = sum(end - start for start, end in windows) / HOUR
    weekly = hours / max(1.0, (window[1] - window[0]) / WEEK)
    rests = [(after[0] - before[1]) / HOUR for before, after in pairwise(windows)]
    longest = max(measure_overlap(windows, weeks), default=0) / HOUR
    rest = round(min(rests), 1) if rests else None
    return WorkloadShare(person, round(hours, 1), round(weekly, 1), round(longest, 1), rest, *counts)


def find_load_warnings(
    rota: Rota,
    overrides: Iterable[Override],
    start: datetime,
    end: datetime,
    holidays: Collection[date] = (),
    limits: LoadLimits | None = None,
) -> list[LoadWarning]:
    """Return all warnings on a period, by kind.

    ``holidays`` are dates in the rota's zone. ``limits`` replace those of the rota. A week or rest that reaches out of
    the period counts with the part inside.
    """
    limits = limits or rota.limits
    shifts = [shift for shift in resolve_shifts(rota, overrides, start, end) if not shift.absent]
    times = _merge_times(rota, shifts)
    window = (to_seconds(start), to_seconds(end))
    if window[0] >= window[1]:
        return []
    days = _Days(rota, window)
    return [
        *_check_average(times, window, limits), *_check_weeks(times, days.weeks(), limits),
        *_check_months(times, days.months(), limits), *_check_days_in_a_row(times, limits),
        *_check_rests(times, limits),
        *_check_fairness(WarningKind.MANY_NIGHTS, days.nights(times), limits),
        *_check_fairness(WarningKind.MANY_WEEKENDS, days.weekends(times), limits),
        *_check_fairness(WarningKind.MANY_HOLIDAYS, days.of(times, holidays), limits),
        *_check_staffing(rota, shifts, limits),
    ]  # fmt: skip


def _merge_times(rota: Rota, shifts: Iterable[Shift]) -> Times:
    """Return the times of everybody who is in a layer or has a shift."""
    times: dict[str, list[Window]] = {name: [] for layer in rota.layers for name in layer.members}
    for shift in shifts:
        times.setdefault(shift.member, []).append((to_seconds(shift.start), to_seconds(shift.end)))
    return {person: merge_windows(windows) for person, windows in times.items()}


class _Days:
    """The days, nights and weeks of a period by the rota's clock."""

    def __init__(self, rota: Rota, window: Window) -> None:
        self._window = window
        self._clock = LocalClock(rota.zone, *window)
        first_day, last_day = (self._clock.to_local(at) // DAY for at in window)
        self._days = range(first_day, last_day + 2)

    def weeks(self) -> list[int]:
        """Return the edges of the weeks, which begin on Monday; the first and last may be cut off."""
        mondays = self._clock.to_instants([day * DAY for day in self._days if (day * DAY - _MONDAY) % WEEK == 0])
        start, end = self._window
        return [start, *(at for at in mondays if start < at < end), end]

    def months(self) -> list[int]:
        """Return the edges of the calendar months that lie inside as a whole, and the end of the last."""
        firsts = [day * DAY for day in self._days if to_instant(day * DAY).astimezone(UTC).day == 1]
        return [at for at in self._clock.to_instants(firsts) if self._window[0] <= at <= self._window[1]]

    def nights(self, times: Times) -> Mapping[str, int]:
        """Return in how many nights everybody is on call, however briefly."""
        edges = self._clock.to_instants(
            [day * DAY + since_midnight for day in self._days for since_midnight in (0, NIGHT_ENDS)]
        )
        return {person: sum(map(bool, measure_overlap(windows, edges)[::2])) for person, windows in times.items()}

    def weekends(self, times: Times) -> Mapping[str, int]:
        """Return on how many weekends everybody is on call, however briefly, from Saturday to Monday at midnight."""
        days = range(self._days.start - 1, self._days.stop + 1)  # it may begin on a Sunday
        saturdays = [day for day in days if weekday_of(day) == SATURDAY]
        edges = self._clock.to_instants([day * DAY for saturday in saturdays for day in (saturday, saturday + 2)])
        return {person: sum(map(bool, measure_overlap(windows, edges)[::2])) for person, windows in times.items()}

    def of(self, times: Times, dates: Collection[date]) -> Mapping[str, int]:
        """Return on how many of some dates everybody is on call, however briefly."""
        edges = self._clock.to_instants([day * DAY for day in self._days])
        is_counted = [to_instant(day * DAY).astimezone(UTC).date() in dates for day in self._days]
        return {
            person: sum(
                1
                for overlap, counts in zip(measure_overlap(windows, edges), is_counted, strict=False)
                if overlap and counts
            )
            for person, windows in times.items()
        }


def _check_average(times: Times, window: Window, limits: LoadLimits) -> Iterator[LoadWarning]:
    weeks = (window[1] - window[0]) / WEEK
    for person, windows in times.items():
        hours = sum(end - start for start, end in windows) / HOUR / weeks
        if weeks >= 1 and hours > _hours(limits.average_week):
            yield LoadWarning(WarningKind.AVERAGE_WEEK, round(hours, 1), _hours(limits.average_week), person)


def _check_weeks(times: Times, edges: Sequence[int], limits: LoadLimits) -> Iterator[LoadWarning]:
    for person, windows in times.items():
        too_long = [
            (seconds_on_call, -at)
            for seconds_on_call, at in zip(measure_overlap(windows, edges), edges, strict=False)
            if seconds_on_call > _seconds(limits.week)
        ]
        if too_long:
            seconds_on_call, at = max(too_long)
            yield LoadWarning(
                WarningKind.LONG_WEEK, round(seconds_on_call / HOUR, 1), _hours(limits.week), person,
                start=to_instant(-at), count=len(too_long),
            )  # fmt: skip


def _check_months(times: Times, edges: Sequence[int], limits: LoadLimits) -> Iterator[LoadWarning]:
    """Warn of months beyond the standard hours plus the overtime allowed (Labour Law, article 41)."""
    standard = [_seconds(limits.average_week) * (end - start) / WEEK for start, end in pairwise(edges)]
    for person, windows in times.items():
        excesses = [
            seconds_on_call - usual
            for seconds_on_call, usual in zip(measure_overlap(windows, edges), standard, strict=False)
        ]
        too_long = [
            (excess, -at)
            for excess, at in zip(excesses, edges, strict=False)
            if excess > _seconds(limits.month_overtime)
        ]
        if too_long:
            excess, at = max(too_long)
            yield LoadWarning(
                WarningKind.MONTH_OVERTIME, round(excess / HOUR, 1), _hours(limits.month_overtime), person,
                start=to_instant(-at), count=len(too_long),
            )  # fmt: skip


def _check_days_in_a_row(times: Times, limits: LoadLimits) -> Iterator[LoadWarning]:
    """Warn of people on call for long without 24 hours off (Labour Law, article 38: one day off in seven)."""
    for person, windows in times.items():
        runs: list[Window] = []
        for start, end in windows:
            runs[-1:] = [(runs[-1][0], end)] if runs and start - runs[-1][1] < DAY else [*runs[-1:], (start, end)]
        too_long = [(end - start, -start) for start, end in runs if end - start > limits.days_in_a_row * DAY]
        if too_long:
            duration, at = max(too_long)
            yield LoadWarning(
                WarningKind.NO_DAY_OFF, round(duration / DAY, 1), limits.days_in_a_row, person, start=to_instant(-at),
                count=len(too_long),
            )  # fmt: skip


def _check_rests(times: Times, limits: LoadLimits) -> Iterator[LoadWarning]:
    for person, windows in times.items():
        rests = [(after[0] - before[1], before[1]) for before, after in pairwise(windows)]
        too_short = [rest for rest in rests if rest[0] < _seconds(limits.rest)]
        if too_short:
            duration, at = min(too_short)
            yield LoadWarning(
                WarningKind.SHORT_REST, round(duration / HOUR, 1), _hours(limits.rest), person,
                start=to_instant(at), count=len(too_short),
            )  # fmt: skip


def _check_fairness(kind: WarningKind, counts: Mapping[str, int], limits: LoadLimits) -> Iterator[LoadWarning]:
    """Warn of people with many more than the mean."""
    mean = fmean(counts.values()) if counts else 0
    for person, count in counts.items():
        if count * 100 > mean * (100 + limits.over_mean) and count >= mean + MIN_EXCESS:
            yield LoadWarning(kind, count, round(mean, 1), person)


def _check_staffing(rota: Rota, shifts: Iterable[Shift], limits: LoadLimits) -> Iterator[LoadWarning]:
    """Warn of seats shared by fewer people than their hours need at the average allowed."""
    people: dict[str, set[str]] = defaultdict(set)
    for layer in rota.layers:
        people[layer.seat].update(layer.members)
    for shift in shifts:
        people[shift.seat].add(shift.member)
    for seat in rota.seats:
        if len(people[seat.name]) < (needed := _people_needed(seat.people, limits)):
            yield LoadWarning(WarningKind.FEW_PEOPLE, len(people[seat.name]), needed, seat=seat.name)
    everybody, needed = (
        set[str]().union(*people.values()),
        _people_needed(sum(seat.people for seat in rota.seats), limits),
    )
    if len(rota.seats) > 1 and len(everybody) < needed:
        yield LoadWarning(WarningKind.FEW_IN_ALL, len(everybody), needed)


def _people_needed(slots: int, limits: LoadLimits) -> int:
    return ceil(slots * WEEK / _seconds(limits.average_week))


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _hours(length: timedelta) -> float:
    return length.total_seconds() / HOUR
