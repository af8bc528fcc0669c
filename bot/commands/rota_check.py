"""``rota check``: finds every minute that is not covered."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from bot.commands import rota_load
from bot.commands.output import OutputFormat, print_out
from bot.commands.output_rows import Row, as_csv, as_json, utc
from bot.commands.rota_input import find_seat, now_of, period, rota_now
from bot.commands.rota_output import oddities, reason_of
from bot.commands.session import Session
from bot.commands.text_table import TextTable
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from models.oncall import rota_store
from models.rules.rota.coverage_totals import sum_of_kind
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.rota import Rota

COLUMNS = ("start", "end", "seat", "reason", "who", "what", "kind")


def check(session: Session, first: str | None, days: int, seat: str | None, form: OutputFormat) -> None:
    """Print each gap of a period. Exits with 1 where there is one."""
    words = session.words
    with session.store() as store:
        now = now_of(session)
        rota = rota_now(store, now, words)
        start, end = period(first, days, now, rota.zone, words)
        wanted = find_seat(seat, rota, words)
        gaps = [gap for gap in rota_store.RotaStore(store).gaps(now, start, end) if wanted in {None, gap.seat}]
        if form is OutputFormat.TEXT:
            _show(session, rota, gaps, (start, end), wanted)
            session.err.print_lines(*oddities(rota, words))
            rota_load.hint(session, store, rota, now, (first, days))
    if form is not OutputFormat.TEXT:
        rows = map(_row, gaps)
        print_out(as_json(COLUMNS, rows) if form is OutputFormat.JSON else as_csv(COLUMNS, rows))
    if gaps:
        raise typer.Exit(1)


# What is told --------------------------------------------------------------------------------------------------


def _row(gap: Gap) -> Row:
    """Return a gap under ``COLUMNS``; a contract, like the export of escalations."""
    return (utc(gap.start), utc(gap.end), gap.seat, str(gap.reason), list(gap.people), list(gap.missing), str(gap.kind))


def _show(
    session: Session, rota: Rota, gaps: Sequence[Gap], period: tuple[datetime, datetime], wanted: str | None
) -> None:
    words, zone = session.words, rota.zone
    start, end = (numeric_moment(moment, zone) for moment in period)
    says = N_("From {start} to {end} ({zone})")
    session.out.print_lines(words(says, start=start, end=end, zone=short_zone_name(zone, session.words)))
    for seat in rota.seats:
        if wanted in {None, seat.name}:
            seat_gaps = [gap for gap in gaps if gap.seat == seat.name]
            total = f"{seat_name(seat.name, words)}{words.colon}{describe_total(seat_gaps, words)}"
            session.out.print_lines(total, style="bold")
            if seat_gaps:
                session.out.print(_table(seat_gaps, zone, words))


def describe_total(gaps: Sequence[Gap], words: Words) -> str:
    """Return how many gaps there are, and for how long nobody or too few are on call."""
    if not gaps:
        return words(N_("no gaps"))
    counted = words.plural("{n} gap", "{n} gaps", len(gaps))
    return words(N_("{gaps}, {lengths}"), gaps=counted, lengths=words.join_items(_lengths(gaps, words)))


def _lengths(gaps: Sequence[Gap], words: Words) -> Iterator[str]:
    """“12 h uncovered”, and how long it is below the requirement; a minute with two reasons counts once."""
    for kind, says in (
        (GapKind.UNCOVERED, N_("{length} uncovered")),
        (GapKind.BELOW_REQUIREMENT, N_("{length} below the requirement")),
    ):
        if length := sum_of_kind(gaps, kind):
            yield words(says, length=_length(length, words))


def _table(gaps: Iterable[Gap], zone: ZoneInfo, words: Words) -> TextTable:
    table = TextTable(map(words, (N_("From"), N_("To"), N_("Length"), N_("Reason"))), words.colon)
    for gap in gaps:
        length = _length(gap.end - gap.start, words)
        table.add_row(numeric_moment(gap.start, zone), numeric_moment(gap.end, zone), length, reason_of(gap, words))
    return table


def _length(length: timedelta, words: Words) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes % 60 == 0:
        return words(N_("{hours} h"), hours=minutes // 60)
    return words(N_("{hours} h {minutes} min"), hours=minutes // 60, minutes=minutes % 60)
