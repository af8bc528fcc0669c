"""How hours are shared out: who has how much, and warnings about weeks, months, rest, nights, holidays and too few
people. Never a verdict or a gap.

Computed on final shifts. Whoever stands in two seats at once is counted once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from statistics import fmean

from models.rules.rota.local_clock import DAY, LocalClock, to_instant, to_seconds, weekday_of
from models.rules.rota.overrides import Override
from models.rules.rota.rota import LoadLimits, Rota
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.timeline import Window, measure_overlap, merge_windows

HOUR, WEEK = 3600, 7 * DAY
NIGHT_ENDS = 6 * HOUR
DEFAULT_PERIOD = timedelta(days=91)
"""So long a time is looked at where nobody says otherwise: two whole months are always in it."""
SATURDAY = 5
FEW = 2  # one night more than the others is chance
_MONDAY = 4 * DAY  # 5 January 1970
Times = Mapping[str, Sequence[Window]]
"""By person when they stand, in order and joined."""


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
    """``found`` is more, or in rest and people less, than ``limit``: hours, days, nights, holidays or people; of nights
    and holidays ``limit`` is the mean. ``who`` is the person, ``seat`` the seat it is about. Of several weeks, months
    or rests it is the worst, which began at ``start`` (UTC), and ``times`` how many there are.
    """

    kind: WarningKind
    value: float
    limit: float
    person: str = ""
    seat: str = ""
    start: datetime | None = None
    count: int = 1


@dataclass(frozen=True)
class WorkloadShare:
    """What one person has of a period: hours in all, on average a week and in the longest week; the shortest rest in
    hours, None for who never stands twice; how many nights, weekends and public holidays.
    """

    person: str
    hours: float
    week: float
    longest_week: float
    rest: float | None
    nights: int
    weekends: int
    holidays: int


def compute_shares(
    rota: Rota, changes: Iterable[Override], start: datetime, end: datetime, holidays: Collection[date] = ()
) -> list[WorkloadShare]:
    """What everybody has of a period, in the order of the file; those who are in no layer and never stand are left
    out.
    """
    window = (to_seconds(start), to_seconds(end))
    if window[0] >= window[1]:
        return []
    times = _times(rota, [shift for shift in resolve_shifts(rota, changes, start, end) if not shift.absent])
    days = _Days(rota, window)
    nights, weekends, off, weeks = days.nights(times), days.weekends(times), days.of(times, holidays), days.weeks()
    order = [*(name for name in rota.members if name in times), *(name for name in times if name not in rota.members)]
    return [
        _share(who, times[who], window, weeks, (nights[who], weekends[who], off[who])) for who in order
    ]  # fmt: skip


def _share(
    who: str, mine: Sequence[Window], window: Window, weeks: Sequence[int], counts: tuple[int, int, int]
) -> WorkloadShare:
    hours = sum(end - start for start, end in mine) / HOUR
    a_week = hours / max(1.0, (window[1] - window[0]) / WEEK)
    rests = [(after[0] - before[1]) / HOUR for before, after in pairwise(mine)]
    longest = max(measure_overlap(mine, weeks), default=0) / HOUR
    rest = round(min(rests), 1) if rests else None
    return WorkloadShare(who, round(hours, 1), round(a_week, 1), round(longest, 1), rest, *counts)


def find_load_warnings(
    rota: Rota,
    changes: Iterable[Override],
    start: datetime,
    end: datetime,
    holidays: Collection[date] = (),
    limits: LoadLimits | None = None,
) -> list[LoadWarning]:
    """All warnings about a period, by kind. ``holidays`` are dates of the plan's zone; ``limits`` are the plan's own
    unless given. A week or rest that reaches out of the period counts with what lies within.
    """
    limits = limits or rota.limits
    shifts = [shift for shift in resolve_shifts(rota, changes, start, end) if not shift.absent]
    times = _times(rota, shifts)
    window = (to_seconds(start), to_seconds(end))
    if window[0] >= window[1]:
        return []
    days = _Days(rota, window)
    return [
        *_average(times, window, limits), *_weeks(times, days.weeks(), limits),
        *_months(times, days.months(), limits), *_days_in_a_row(times, limits), *_rests(times, limits),
        *_unfair(WarningKind.MANY_NIGHTS, days.nights(times), limits),
        *_unfair(WarningKind.MANY_WEEKENDS, days.weekends(times), limits),
        *_unfair(WarningKind.MANY_HOLIDAYS, days.of(times, holidays), limits),
        *_few(rota, shifts, limits),
    ]  # fmt: skip


def _times(rota: Rota, shifts: Iterable[Shift]) -> Times:
    """Of everybody who is in a layer or stands at least once."""
    times: dict[str, list[Window]] = {name: [] for layer in rota.layers for name in layer.members}
    for shift in shifts:
        times.setdefault(shift.member, []).append((to_seconds(shift.start), to_seconds(shift.end)))
    return {who: merge_windows(mine) for who, mine in times.items()}


class _Days:
    """The days, nights and weeks of a period on the plan's clock."""

    def __init__(self, rota: Rota, window: Window) -> None:
        self._window = window
        self._wall = LocalClock(rota.zone, *window)
        first, last = (self._wall.shown(at) // DAY for at in window)
        self._days = range(first, last + 2)

    def weeks(self) -> list[int]:
        """The edges of its weeks, from Monday; the first and last may be cut off."""
        mondays = self._wall.instants([day * DAY for day in self._days if (day * DAY - _MONDAY) % WEEK == 0])
        start, end = self._window
        return [start, *(at for at in mondays if start < at < end), end]

    def months(self) -> list[int]:
        """The edges of the calendar months that lie within it whole, and the end of the last."""
        firsts = [day * DAY for day in self._days if to_instant(day * DAY).astimezone(UTC).day == 1]
        return [at for at in self._wall.instants(firsts) if self._window[0] <= at <= self._window[1]]

    def nights(self, times: Times) -> Mapping[str, int]:
        """In how many nights everybody stands, for however short."""
        edges = self._wall.instants([day * DAY + clock for day in self._days for clock in (0, NIGHT_ENDS)])
        return {who: sum(map(bool, measure_overlap(mine, edges)[::2])) for who, mine in times.items()}

    def weekends(self, times: Times) -> Mapping[str, int]:
        """On how many weekends everybody stands, for however short between Saturday and Monday, both at midnight."""
        before = range(self._days.start - 1, self._days.stop + 1)  # it may begin on a Sunday
        saturdays = [day for day in before if weekday_of(day) == SATURDAY]
        edges = self._wall.instants([day * DAY for saturday in saturdays for day in (saturday, saturday + 2)])
        return {who: sum(map(bool, measure_overlap(mine, edges)[::2])) for who, mine in times.items()}

    def of(self, times: Times, dates: Collection[date]) -> Mapping[str, int]:
        """On how many of some dates everybody stands, for however short."""
        edges = self._wall.instants([day * DAY for day in self._days])
        meant = [to_instant(day * DAY).astimezone(UTC).date() in dates for day in self._days]
        return {
            who: sum(1 for took, counts in zip(measure_overlap(mine, edges), meant, strict=False) if took and counts)
            for who, mine in times.items()
        }


def _average(times: Times, window: Window, limits: LoadLimits) -> Iterator[LoadWarning]:
    weeks = (window[1] - window[0]) / WEEK
    for who, mine in times.items():
        hours = sum(end - start for start, end in mine) / HOUR / weeks
        if weeks >= 1 and hours > _hours(limits.average_week):
            yield LoadWarning(WarningKind.AVERAGE_WEEK, round(hours, 1), _hours(limits.average_week), who)


def _weeks(times: Times, edges: Sequence[int], limits: LoadLimits) -> Iterator[LoadWarning]:
    for who, mine in times.items():
        long = [
            (took, -at)
            for took, at in zip(measure_overlap(mine, edges), edges, strict=False)
            if took > _seconds(limits.week)
        ]
        if long:
            took, at = max(long)
            yield LoadWarning(
                WarningKind.LONG_WEEK, round(took / HOUR, 1), _hours(limits.week), who,
                start=to_instant(-at), count=len(long),
            )  # fmt: skip


def _months(times: Times, edges: Sequence[int], limits: LoadLimits) -> Iterator[LoadWarning]:
    """What is more than the standard hours of a month's days."""
    standard = [_seconds(limits.average_week) * (end - start) / WEEK for start, end in pairwise(edges)]
    for who, mine in times.items():
        over = [took - usual for took, usual in zip(measure_overlap(mine, edges), standard, strict=False)]
        long = [(more, -at) for more, at in zip(over, edges, strict=False) if more > _seconds(limits.month_overtime)]
        if long:
            more, at = max(long)
            yield LoadWarning(
                WarningKind.MONTH_OVERTIME, round(more / HOUR, 1), _hours(limits.month_overtime), who,
                start=to_instant(-at), count=len(long),
            )  # fmt: skip


def _days_in_a_row(times: Times, limits: LoadLimits) -> Iterator[LoadWarning]:
    """Who stands on and on without 24 hours off in between: so long, and a day, some seven days have no day off."""
    for who, mine in times.items():
        runs: list[Window] = []
        for start, end in mine:
            runs[-1:] = [(runs[-1][0], end)] if runs and start - runs[-1][1] < DAY else [*runs[-1:], (start, end)]
        long = [(end - start, -start) for start, end in runs if end - start > limits.days_in_a_row * DAY]
        if long:
            took, at = max(long)
            yield LoadWarning(
                WarningKind.NO_DAY_OFF, round(took / DAY, 1), limits.days_in_a_row, who, start=to_instant(-at),
                count=len(long),
            )  # fmt: skip


def _rests(times: Times, limits: LoadLimits) -> Iterator[LoadWarning]:
    for who, mine in times.items():
        rests = [(after[0] - before[1], before[1]) for before, after in pairwise(mine)]
        short = [rest for rest in rests if rest[0] < _seconds(limits.rest)]
        if short:
            took, at = min(short)
            yield LoadWarning(
                WarningKind.SHORT_REST, round(took / HOUR, 1), _hours(limits.rest), who,
                start=to_instant(at), count=len(short),
            )  # fmt: skip


def _unfair(kind: WarningKind, counts: Mapping[str, int], limits: LoadLimits) -> Iterator[LoadWarning]:
    """Who has many more than the mean."""
    mean = fmean(counts.values()) if counts else 0
    for who, count in counts.items():
        if count * 100 > mean * (100 + limits.over_mean) and count >= mean + FEW:
            yield LoadWarning(kind, count, round(mean, 1), who)


def _few(rota: Rota, shifts: Iterable[Shift], limits: LoadLimits) -> Iterator[LoadWarning]:
    """Seats that fewer people share than their hours need at the average allowed."""
    people: dict[str, set[str]] = defaultdict(set)
    for layer in rota.layers:
        people[layer.seat].update(layer.members)
    for shift in shifts:
        people[shift.seat].add(shift.member)
    for seat in rota.seats:
        if len(people[seat.name]) < (need := _needed(seat.people, limits)):
            yield LoadWarning(WarningKind.FEW_PEOPLE, len(people[seat.name]), need, seat=seat.name)
    everybody, need = set[str]().union(*people.values()), _needed(sum(seat.people for seat in rota.seats), limits)
    if len(rota.seats) > 1 and len(everybody) < need:
        yield LoadWarning(WarningKind.FEW_IN_ALL, len(everybody), need)


def _needed(places: int, limits: LoadLimits) -> int:
    return ceil(places * WEEK / _seconds(limits.average_week))


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _hours(length: timedelta) -> float:
    return length.total_seconds() / HOUR
