"""The tables of the rota file that inform and change no gap: ``[policy]``, ``[[calendar]]``. Read and written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.rules.rota.rota import CalendarDay, DayKind, LoadLimits, Rota
from models.rules.rota.toml.tables import FaultKind, Table

WEEK, MONTH, MOST_OVER_MEAN, MOST_DAYS = 168, 744, 1000, 366
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class LimitKey:
    """A key of ``[policy]``: what :class:`LoadLimits` calls it, and from where to where it goes. ``unit`` is an hour,
    or 1 for what is counted otherwise.
    """

    key: str
    field: str
    least: int
    most: int
    unit: Any = _HOUR

    def of(self, limits: LoadLimits) -> int:
        """The number as it is written."""
        return int(getattr(limits, self.field) // self.unit)


LIMIT_KEYS = (
    LimitKey("average_week_hours", "average_week", 1, WEEK),
    LimitKey("week_hours", "week", 1, WEEK),
    LimitKey("usual_rest_hours", "rest", 0, WEEK),
    LimitKey("over_mean_percent", "over_mean", 0, MOST_OVER_MEAN, 1),
    LimitKey("month_overtime_hours", "month_overtime", 0, MONTH),
    LimitKey("days_in_a_row", "days_in_a_row", 1, MOST_DAYS, 1),
)
USUAL = LoadLimits()


def read_limits(top: Table) -> LoadLimits:
    """What ``[policy]`` says; what it leaves out is as usual."""
    table = top.table("policy")
    limits = build_limits({one.key: table.whole(one.key, one.least, one.most, one.of(USUAL)) for one in LIMIT_KEYS})
    table.finish()
    return limits


def build_limits(numbers: Mapping[str, int]) -> LoadLimits:
    """The limits from a number for each key."""
    return LoadLimits(**{one.field: numbers[one.key] * one.unit for one in LIMIT_KEYS})


def read_calendar(top: Table) -> tuple[CalendarDay, ...]:
    """The days of all ``[[calendar]]`` tables. A date is there once."""
    days: dict[object, CalendarDay] = {}
    for table in top.tables("calendar"):
        day = CalendarDay(table.day("date"), _kind(table), table.text("name"))
        table.finish()
        if day.date in days and table.has("date"):
            table.fault(FaultKind.TWICE, "date", name=str(day.date))
        days[day.date] = day
    return tuple(days.values())


def _kind(table: Table) -> DayKind:
    kind = table.text("kind")
    if kind and kind not in set(DayKind):
        table.unknown(FaultKind.UNKNOWN_DAY_KIND, "kind", kind, list(DayKind))
    return DayKind(kind) if kind in set(DayKind) else DayKind.HOLIDAY


def policy_values(rota: Rota) -> list[tuple[str, object]]:
    """The keys of ``[policy]``; those whose value may be nothing end in an exclamation mark."""
    return [(one.key if one.least else f"{one.key}!", one.of(rota.limits)) for one in LIMIT_KEYS]


def calendar_values(rota: Rota) -> Iterator[list[tuple[str, object]]]:
    """The keys of each ``[[calendar]]``."""
    for day in rota.calendar:
        yield [("date", day.date), ("kind", day.kind), ("name", day.name)]
