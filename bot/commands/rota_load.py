"""``rota load``: how hours are shared out, and what of it is worth a warning. Never a verdict."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.output import OutputFormat, print_out
from bot.commands.output_rows import Row, as_csv, as_json, utc
from bot.commands.rota_input import now_of, period, rota_now
from bot.commands.session import Session
from bot.commands.text_table import TextTable
from handlers.blocks.workload import sentence
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.rota_labels import NOT_LEGAL_ADVICE
from handlers.i18n.words import N_, Words
from models.oncall import rota_store
from models.rules.rota import holidays
from models.rules.rota.overrides import Override
from models.rules.rota.rota import Rota
from models.rules.rota.workload import LoadWarning, WorkloadShare, compute_shares
from models.rules.rota.workload import find_load_warnings as warnings_of
from models.store.database import Store

COLUMNS = ("who", "hours", "week", "longest_week", "shortest_rest", "nights", "weekends", "holidays", "warnings")
WARNED = ("kind", "who", "seat", "found", "limit", "start", "times")
Period = tuple[datetime, datetime]


def load(session: Session, first: str | None, days: int, form: OutputFormat) -> None:
    """Print each person's hours, rest, nights, weekends and holidays, and the warnings."""
    with session.store() as store:
        now = now_of(session)
        rota = rota_now(store, now, session.words)
        window = period(first, days, now, rota.zone, session.words)
        changes = rota_store.RotaStore(store).changes(now)
    people, warned = compute_shares(rota, changes, *window, _off(rota, window)), warnings(rota, changes, window)
    if form is OutputFormat.TEXT:
        _show(session, people, warned, window, rota.zone)
    elif form is OutputFormat.CSV:
        print_out(as_csv(COLUMNS, _rows(people, warned)))
    else:
        each, hints = as_json(COLUMNS, _rows(people, warned)), as_json(WARNED, map(_warning, warned))
        print_out(f'{{"people": {each.rstrip()},\n"warnings": {hints.rstrip()}}}\n')


def warnings(rota: Rota, changes: Sequence[Override], window: Period) -> list[LoadWarning]:
    """Return what is worth a warning in a period."""
    return warnings_of(rota, changes, *window, _off(rota, window))


def hint(session: Session, store: Store, rota: Rota, now: datetime, typed: tuple[str | None, int]) -> None:
    """Beside the gaps, where a person reads them: how many warnings there are, and the command that shows them."""
    words = session.words
    load_warnings = warnings(rota, rota_store.RotaStore(store).changes(now), period(*typed, now, rota.zone, words))
    if load_warnings:
        first, days = typed
        command = "csp-escalate rota load" + (f" --from {first}" if first else "") + f" --days {days}"
        said = words.plural(
            "{n} hint about hours: {command}", "{n} hints about hours: {command}", len(load_warnings), command=command
        )
        session.err.print_lines(said)


def _off(rota: Rota, window: Period) -> frozenset[date]:
    first, last = (moment.astimezone(rota.zone).date() for moment in window)
    return holidays.find_holiday_dates(first, last + timedelta(days=1), rota.calendar)


def _rows(people: Sequence[WorkloadShare], warned: Sequence[LoadWarning]) -> list[Row]:
    """Return the row of each person under ``COLUMNS``."""
    kinds = {
        who: [str(warning.kind) for warning in warned if warning.person == who]
        for who in {warning.person for warning in warned}
    }
    return [
        (
            person.person,
            person.hours,
            person.week,
            person.longest_week,
            person.rest,
            person.nights,
            person.weekends,
            person.holidays,
            kinds.get(person.person, []),
        )
        for person in people
    ]


def _warning(warning: LoadWarning) -> Row:
    return (
        str(warning.kind),
        warning.person,
        warning.seat,
        warning.value,
        warning.limit,
        utc(warning.start) if warning.start else "",
        warning.count,
    )


def _show(
    session: Session, people: Sequence[WorkloadShare], warned: Sequence[LoadWarning], window: Period, zone: ZoneInfo
) -> None:
    words, out = session.words, session.out
    start, end = (numeric_moment(moment, zone) for moment in window)
    zone_name = short_zone_name(zone, words)
    out.print_lines(words(N_("From {start} to {end} ({zone})"), start=start, end=end, zone=zone_name))
    if people:
        out.print(_table(people, words))
    for warning in warned:
        began = f"{warning.start.astimezone(zone):%Y-%m-%d}" if warning.start else ""
        out.print_lines(f"• {sentence(warning, words, began)}")
    if not warned:
        out.print_lines(words("No warnings."))
    out.print_lines(words(NOT_LEGAL_ADVICE), style="italic")


def _table(people: Sequence[WorkloadShare], words: Words) -> TextTable:
    headings = (
        N_("Who"), N_("h a week"), N_("longest week"), N_("shortest rest"), N_("nights"), N_("weekends"),
        N_("holidays"),
    )  # fmt: skip
    table = TextTable(map(words, headings), words.colon)
    for person in people:
        rest = "–" if person.rest is None else f"{person.rest:g}"
        counts = (f"{person.nights}", f"{person.weekends}", f"{person.holidays}")
        table.add_row(person.person, f"{person.week:g}", f"{person.longest_week:g}", rest, *counts)
    return table
