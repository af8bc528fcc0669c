"""The tables of the rota file that inform and change no gap: ``[policy]``, ``[[calendar]]``. Read and written."""

from collections.abc import Iterator
from datetime import timedelta

from models.rota.plan import CalendarDay, DayKind, LoadLimits, Plan
from models.rota.reading import FaultKind, Table

WEEK, MONTH, MOST_OVER_MEAN, MOST_DAYS = 168, 744, 1000, 366
_HOUR = timedelta(hours=1)


def read_limits(top: Table) -> LoadLimits:
    """What ``[policy]`` says; what it leaves out is as usual."""
    table, usual = top.table("policy"), LoadLimits()
    limits = LoadLimits(
        average_week=table.whole("average_week_hours", 1, WEEK, usual.average_week // _HOUR) * _HOUR,
        week=table.whole("week_hours", 1, WEEK, usual.week // _HOUR) * _HOUR,
        rest=table.whole("usual_rest_hours", 0, WEEK, usual.rest // _HOUR) * _HOUR,
        over_mean=table.whole("over_mean_percent", 0, MOST_OVER_MEAN, usual.over_mean),
        month_overtime=table.whole("month_overtime_hours", 0, MONTH, usual.month_overtime // _HOUR) * _HOUR,
        days_in_a_row=table.whole("days_in_a_row", 1, MOST_DAYS, usual.days_in_a_row),
    )
    table.finish()
    return limits


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


def policy_facts(plan: Plan) -> list[tuple[str, object]]:
    """The keys of ``[policy]``; those whose value may be nothing end in an exclamation mark."""
    limits = plan.limits
    return [
        ("average_week_hours", limits.average_week // _HOUR), ("week_hours", limits.week // _HOUR),
        ("usual_rest_hours!", limits.rest // _HOUR), ("over_mean_percent!", limits.over_mean),
        ("month_overtime_hours!", limits.month_overtime // _HOUR), ("days_in_a_row", limits.days_in_a_row),
    ]  # fmt: skip


def calendar_facts(plan: Plan) -> Iterator[list[tuple[str, object]]]:
    """The keys of each ``[[calendar]]``."""
    for day in plan.calendar:
        yield [("date", day.date), ("kind", day.kind), ("name", day.name)]
