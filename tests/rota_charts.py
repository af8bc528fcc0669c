"""Draws the pictures of the rota for the documents: the example's team in November, with leave and what it leaves.

Run by ``make pictures``, or alone: ``python -m tests.rota_charts``. No test: the pictures are looked at by people.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from handlers.chart.days import list_days
from handlers.chart.month import MonthChart, draw_four_weeks
from handlers.chart.painter import paint
from handlers.i18n.words import Words
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import find_gaps
from models.rules.rota.shifts import resolve_shifts
from models.rules.rota.toml import reader

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
FIRST = date(2026, 11, 2)
PLAN = reader.read_rota(reader.example())


def _local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}:00").replace(tzinfo=PLAN.zone).astimezone(UTC)


def _change(number: int, kind: OverrideKind, start: str, end: str, member: str = "", seat: str = "") -> Override:
    return Override(number, _local("01T09:00"), "U0LINA", kind, _local(start), _local(end), member, seat)


CHANGES = (
    _change(1, OverrideKind.TIME_OFF, "06T18:00", "09T08:00", "王伟"),
    _change(2, OverrideKind.OVERRIDE, "08T08:00", "08T14:00", "李娜", "primary"),
    _change(3, OverrideKind.TIME_OFF, "13T00:00", "14T00:00", "陈静"),
    _change(4, OverrideKind.OVERRIDE, "18T20:00", "19T02:00", "赵磊", "primary"),
    _change(5, OverrideKind.TIME_OFF, "25T19:45", "27T08:00", "李娜"),
    _change(6, OverrideKind.TIME_OFF, "21T14:00", "21T14:30", "李娜"),
    _change(7, OverrideKind.ACCEPT_GAP, "28T20:00", "29T08:00", seat="backup"),
    _change(8, OverrideKind.TIME_OFF, "28T20:00", "29T08:00", "王伟"),
)


def main() -> None:
    """One picture in each language."""
    days = list(list_days(FIRST, 28, PLAN.zone))
    start, end = days[0].start, days[-1].end
    found = find_gaps(PLAN, CHANGES, start, end)
    rota = MonthChart(PLAN, resolve_shifts(PLAN, CHANGES, start, end), found, FIRST, _local("03T09:12"))
    for language, name in (("en", "rota-phone-en"), ("zh_CN", "rota-phone-zh")):
        picture = paint(draw_four_weeks(rota, Words.of(language)))
        (PICTURES / f"{name}.png").write_bytes(picture)
        sys.stdout.write(f"docs/pictures/{name}.png  {len(picture) // 1000} kB\n")


if __name__ == "__main__":
    main()
