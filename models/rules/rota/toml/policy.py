"""The tables of the rota file that inform and change no gap, ``[policy]`` and ``[[calendar]]``: read and written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.rules.rota.rota import CalendarDay, DayKind, LoadLimits, Rota
from models.rules.toml.tables import FaultKind, Table

WEEK, MONTH, MOST_OVER_MEAN, MOST_DAYS = 168, 744, 1000, 366  # hours, hours, percent, days
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class LimitKey:
    """A key of ``[policy]``."""

    key: str
    field: str  # the field of :class:`LoadLimits`
    least: int
    most: int
    unit: Any = _HOUR  # an hour, or 1 for what is counted otherwise

    def of(self, limits: LoadLimits) -> int:
        """Return the number as it is written in the file."""
        return int(getattr(limits, self.field) // self.unit)


LIMIT_KEYS = (
    LimitKey("average_week_hours", "average_week", 1, WEEK),
    LimitKey("week_hours", "week", 1, WEEK),
    LimitKey("usual_rest_hours", "rest", 0, WEEK),
    LimitKey("over_mean_percent", "over_mean", 0, MOST_OVER_MEAN, 1),
    LimitKey("month_overtime_hours", "month_overtime", 0, MONTH),
    LimitKey("days_in_a_row", "days_in_a_row", 1, MOST_DAYS, 1),
)
DEFAULT_LIMITS = LoadLimits()


def read_limits(top: Table) -> LoadLimits:
    """Return the limits of ``[policy]``; what it leaves out has its default."""
    table = top.table("policy")
    limits = build_limits(
        {key.key: table.whole(key.key, key.least, key.most, key.of(DEFAULT_LIMITS)) for key in LIMIT_KEYS}
    )
    table.finish()
    return limits


def build_limits(numbers: Mapping[str, int]) -> LoadLimits:
    """Return the limits from a number for each key."""
    return LoadLimits(**{key.field: numbers[key.key] * key.unit for key in LIMIT_KEYS})


def read_calendar(top: Table) -> tuple[CalendarDay, ...]:
    """Return the days of all ``[[calendar]]`` tables. Each date may occur once."""
    days: dict[object, CalendarDay] = {}
    seen: dict[str, int] = {}
    for table in top.tables("calendar"):
        day = CalendarDay(table.day("date"), _read_kind(table), table.text("name"))
        table.finish()
        if table.has("date"):
            table.note_repeat("date", str(day.date), seen)
        days[day.date] = day
    return tuple(days.values())


def _read_kind(table: Table) -> DayKind:
    kind = table.text("kind")
    if kind and kind not in set(DayKind):
        table.unknown(FaultKind.UNKNOWN_DAY_KIND, "kind", kind, list(DayKind))
    return DayKind(kind) if kind in set(DayKind) else DayKind.HOLIDAY


def policy_values(rota: Rota) -> list[tuple[str, object]]:
    """Return the keys of ``[policy]``; those whose value may be 0 end in an exclamation mark."""
    return [(key.key if key.least else f"{key.key}!", key.of(rota.limits)) for key in LIMIT_KEYS]


def calendar_values(rota: Rota) -> Iterator[list[tuple[str, object]]]:
    """Return the keys of each ``[[calendar]]``."""
    for day in rota.calendar:
        yield [("date", day.date), ("kind", day.kind), ("name", day.name)]
