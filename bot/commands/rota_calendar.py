"""``rota calendar``: public holidays and make-up workdays as the rota counts them. They change no shift."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.text import Text

from bot.commands.rota_input import MOST_DAYS, now_of, period, print_out, rota_now
from bot.commands.rota_output import OutputFormat, as_csv, as_json
from bot.commands.session import Session
from handlers.blocks.workload import run_name
from handlers.i18n.words import N_, Words
from models.rules.rota import holidays
from models.rules.rota.holidays import HolidayDay
from models.rules.rota.rota import DayKind

COLUMNS = ("date", "kind", "name_en", "name_zh", "provisional")
KIND = {DayKind.HOLIDAY: N_("day off"), DayKind.WORKDAY: N_("workday")}


def calendar(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; today if left out. / 起始日期，默认今天。"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days. / 天数。")] = 365,
    form: Annotated[OutputFormat, typer.Option("--format", help="text, json or csv. / 输出格式。")] = OutputFormat.TEXT,
) -> None:
    """List public holidays and make-up workdays. / 列出法定节假日与调休上班日。

    Corrections stand as [[calendar]] in the rota file. / 更正写在值班表文件的 [[calendar]] 中。
    """
    session: Session = context.obj
    with session.store() as store:
        now = now_of(session)
        rota = rota_now(store, now, session.words)
    begins = period(first, 1, now, rota.zone, session.words)[0].astimezone(rota.zone).date()
    told = holidays.find_days(begins, begins + timedelta(days=days), rota.calendar)
    if form is OutputFormat.TEXT:
        _show(session, told)
    else:
        rows = [(one.date.isoformat(), str(one.kind), one.name_en, one.name_zh, one.provisional) for one in told]
        print_out(as_json(COLUMNS, rows) if form is OutputFormat.JSON else as_csv(COLUMNS, rows))


def _show(session: Session, told: Sequence[HolidayDay]) -> None:
    words, out = session.words, session.out
    for run in holidays.group_into_runs(told):
        days = f"{run.first}" if run.first == run.last else f"{run.first} – {run.last}"
        line = f"{days:<25}  {_kind(run.kind, words)}  {run_name(run, words)}{'†' if run.provisional else ''}"
        out.print(Text(line), soft_wrap=True)
    if not told:
        out.print(Text(words(N_("There is none in this time."))), soft_wrap=True)
    if any(one.provisional for one in told):
        out.print(Text(words(N_("† provisional, until the State Council announces it"))), soft_wrap=True)
    out.print(Text(words(N_("Corrections stand as [[calendar]] in the rota file."))), soft_wrap=True)


def _kind(kind: DayKind, words: Words) -> str:
    return words(KIND[kind])
