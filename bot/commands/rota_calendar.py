"""``rota calendar``: public holidays and make-up workdays as the rota counts them. They change no shift."""

from collections.abc import Sequence
from datetime import timedelta

from bot.commands.output import OutputFormat, print_out
from bot.commands.output_rows import as_csv, as_json
from bot.commands.rota_input import now_of, period, rota_now
from bot.commands.session import Session
from bot.commands.text_table import TextTable
from handlers.blocks.workload import run_name
from handlers.i18n.words import N_
from models.rules.rota import holidays
from models.rules.rota.holidays import HolidayDay
from models.rules.rota.rota import DayKind

COLUMNS = ("date", "kind", "name_en", "name_zh", "provisional")
KIND = {DayKind.HOLIDAY: N_("day off"), DayKind.WORKDAY: N_("workday")}


def calendar(session: Session, first: str | None, days: int, form: OutputFormat) -> None:
    """Print public holidays and make-up workdays of a period."""
    with session.store() as store:
        now = now_of(session)
        rota = rota_now(store, now, session.words)
    begins = period(first, 1, now, rota.zone, session.words)[0].astimezone(rota.zone).date()
    calendar_days = holidays.find_days(begins, begins + timedelta(days=days), rota.calendar)
    if form is OutputFormat.TEXT:
        _show(session, calendar_days)
    else:
        rows = [
            (day.date.isoformat(), str(day.kind), day.name_en, day.name_zh, day.provisional) for day in calendar_days
        ]
        print_out(as_json(COLUMNS, rows) if form is OutputFormat.JSON else as_csv(COLUMNS, rows))


def _show(session: Session, calendar_days: Sequence[HolidayDay]) -> None:
    words, out = session.words, session.out
    table = TextTable()
    for run in holidays.group_into_runs(calendar_days):
        days = f"{run.first}" if run.first == run.last else f"{run.first} – {run.last}"
        table.add_row(days, words(KIND[run.kind]), f"{run_name(run, words)}{'†' if run.provisional else ''}")
    out.print(table)
    if not calendar_days:
        out.print_lines(words(N_("There are none in this period.")))
    if any(day.provisional for day in calendar_days):
        out.print_lines(words(N_("† provisional, until the State Council announces it")))
    out.print_lines(words(N_("Put corrections into [[calendar]] in the rota file.")))
