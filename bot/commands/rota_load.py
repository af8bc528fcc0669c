"""``rota load``: how hours are shared out, and what of it is worth a warning. Never a verdict."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands.rota_input import MOST_DAYS, now_of, period, plan_now, print_out
from bot.commands.rota_output import Format, Row, as_csv, as_json, utc
from bot.commands.session import Session
from handlers.blocks.workload import sentence
from handlers.i18n.rota_labels import NOT_LEGAL_ADVICE
from handlers.i18n.words import N_, Words
from models.oncall import rota_store
from models.rules.rota import holidays
from models.rules.rota.overrides import Change
from models.rules.rota.rota import Plan
from models.rules.rota.workload import PERIOD, LoadWarning, Share, shares
from models.rules.rota.workload import load as warnings_of
from models.store.database import Store

COLUMNS = ("who", "hours", "week", "longest_week", "shortest_rest", "nights", "weekends", "holidays", "warnings")
WARNED = ("kind", "who", "seat", "found", "limit", "start", "times")
Period = tuple[datetime, datetime]


def load(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; now if left out. / 起始日期，默认现在。"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days. / 天数。")] = PERIOD.days,
    form: Annotated[Format, typer.Option("--format", help="text, json or csv. / 输出格式。")] = Format.TEXT,
) -> None:
    """Tell how hours are shared out, as hints. / 列出工时分配情况，仅供参考。

    Each person's hours, rest, nights, weekends and public holidays, and warnings; no verdict and no legal advice. It
    always exits 0 unless the input is wrong (2). / 退出代码：0 正常，2 输入有误。
    """
    session: Session = context.obj
    with session.store() as store:
        now = now_of(session)
        plan = plan_now(store, now, session.words)
        window = period(first, days, now, plan.zone, session.words)
        changes = rota_store.Rotas(store).changes(now)
    people, warned = shares(plan, changes, *window, _off(plan, window)), warnings(plan, changes, window)
    if form is Format.TEXT:
        _show(session, people, warned, window, plan.zone)
    elif form is Format.CSV:
        print_out(as_csv(COLUMNS, _rows(people, warned)))
    else:
        each, hints = as_json(COLUMNS, _rows(people, warned)), as_json(WARNED, map(_warning, warned))
        print_out(f'{{"people": {each.rstrip()},\n"warnings": {hints.rstrip()}}}\n')


def warnings(plan: Plan, changes: Sequence[Change], window: Period) -> list[LoadWarning]:
    """What is worth a warning of a period."""
    return warnings_of(plan, changes, *window, _off(plan, window))


def hint(session: Session, store: Store, plan: Plan, now: datetime, typed: tuple[str | None, int]) -> None:
    """Beside the gaps, where a person reads them: how many warnings there are, and the command that shows them."""
    words = session.words
    found = warnings(plan, rota_store.Rotas(store).changes(now), period(*typed, now, plan.zone, words))
    if found:
        first, days = typed
        command = "csp-escalate rota load" + (f" --from {first}" if first else "") + f" --days {days}"
        said = words.plural(
            "{n} hint about hours: {command}", "{n} hints about hours: {command}", len(found), command=command
        )
        session.err.print(Text(said), soft_wrap=True)


def _off(plan: Plan, window: Period) -> frozenset[date]:
    first, last = (moment.astimezone(plan.zone).date() for moment in window)
    return holidays.holidays(first, last + timedelta(days=1), plan.calendar)


def _rows(people: Sequence[Share], warned: Sequence[LoadWarning]) -> list[Row]:
    """Each person under ``COLUMNS``."""
    kinds = {who: [str(one.kind) for one in warned if one.who == who] for who in {one.who for one in warned}}
    return [
        (
            one.who,
            one.hours,
            one.week,
            one.longest_week,
            one.rest,
            one.nights,
            one.weekends,
            one.holidays,
            kinds.get(one.who, []),
        )
        for one in people
    ]


def _warning(one: LoadWarning) -> Row:
    return (str(one.kind), one.who, one.seat, one.found, one.limit, utc(one.start) if one.start else "", one.times)


def _show(
    session: Session, people: Sequence[Share], warned: Sequence[LoadWarning], window: Period, zone: ZoneInfo
) -> None:
    words, out = session.words, session.out
    start, end = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in window)
    out.print(Text(words(N_("From {start} to {end} ({zone})"), start=start, end=end, zone=zone.key)), soft_wrap=True)
    if people:
        out.print(_table(people, words))
    for one in warned:
        began = f"{one.start.astimezone(zone):%Y-%m-%d}" if one.start else ""
        out.print(Text(f"• {sentence(one, words, began)}"), soft_wrap=True)
    if not warned:
        out.print(Text(words("Nothing to warn of.")), soft_wrap=True)
    out.print(Text(words(NOT_LEGAL_ADVICE), "italic"), soft_wrap=True)


def _table(people: Sequence[Share], words: Words) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column(words(N_("Who")))
    heads = (
        N_("h a week"), N_("longest week"), N_("shortest rest"), N_("nights"), N_("weekends"), N_("holidays"),
    )  # fmt: skip
    for head in heads:
        table.add_column(words(head), justify="right")
    for one in people:
        rest = "–" if one.rest is None else f"{one.rest:g}"
        counts = (f"{one.nights}", f"{one.weekends}", f"{one.holidays}")
        cells = (one.who, f"{one.week:g}", f"{one.longest_week:g}", rest, *counts)
        table.add_row(*map(Text, cells))
    return table
