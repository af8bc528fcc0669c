"""``coverage report | who | correct``: who was on call at each past minute, and what proves it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.output import OutputFormat, ShowFormat, print_out
from bot.commands.output_rows import Row, as_csv, as_json, utc
from bot.commands.rota_input import find_seat, no_rota, now_of, unknown_member
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.commands.typed_instant import parse_instant
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.erased_words import in_words
from handlers.i18n.errors import REFUSALS
from handlers.i18n.rota_labels import EVIDENCE, VERDICT, seat_name
from handlers.i18n.words import N_, Words
from handlers.oncall import time_parser
from models.escalations.queries import EscalationQueries
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import AHEAD, BOT, CoverageLedger
from models.oncall.rota_store import RotaStore
from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.rota.ledger_entries import LedgerEntry
from models.rules.rota.on_call import CoverageStatus, Slot
from models.rules.rota.rota import BEIJING
from models.store.database import Store

COLUMNS = ("start", "end", "verdict", "seat", "person", "evidence", "by", "why")
OPERATOR = Actor("cli", "", is_lead=True)
HOUR = timedelta(hours=1)
LONGEST_LIST = timedelta(days=32)
"""The longest period of which a terminal shows every interval."""


def report(session: Session, start: str, end: str, seat: str | None, form: OutputFormat) -> None:
    """Print who was on call at each minute of a period."""
    with session.store() as store:
        now, zone = now_of(session), _zone(store, now_of(session))
        period = _period(start, end, zone, session.words)
        report = _coverage(store).report(*period, now)
        names = _deciders(store, report)
    entries = [entry for entry in report if seat in {None, entry.slot.name}]
    if not entries:
        seats = session.words.join_items(dict.fromkeys(entry.slot.name for entry in report))
        says = N_("There is no seat “{name}”. Seats: {seats}")
        raise CommandError(session.words(says, name=seat, seats=seats), code=2)
    if form is OutputFormat.TEXT:
        _show(session, [replace(entry, by=names.get(entry.by, entry.by)) for entry in entries], period, zone, now)
    else:
        rows = map(_row, entries)
        print_out(as_json(COLUMNS, rows) if form is OutputFormat.JSON else as_csv(COLUMNS, rows))


def who(session: Session, at: str, form: ShowFormat) -> None:
    """Print who was, is or will be on call at a moment."""
    words = session.words
    with session.store() as store:
        now, zone = now_of(session), _zone(store, now_of(session))
        moment = _read_moment(at, zone, now, words) if at else now
        entries = _coverage(store).at(moment, now)
        names = _deciders(store, entries)
    if form is ShowFormat.JSON:
        print_out(as_json(COLUMNS, map(_row, entries)))
        return
    session.out.print_lines(f"{numeric_moment(moment, zone)} ({short_zone_name(zone, session.words)})", style="bold")
    if not entries:
        raise CommandError(words(N_("There was no rota then.")), code=2)
    for entry in (replace(ledger_entry, by=names.get(ledger_entry.by, ledger_entry.by)) for ledger_entry in entries):
        facts = words.join_items([_verdict(entry, words), _evidence(entry, words), *_decided(entry, words)])
        line = f"{_place(entry.slot, words)}{words.colon}{_name(entry, words)}{words.in_brackets(facts)}"
        session.out.print_lines(line)


def correct(session: Session, times: tuple[str, str], slot: tuple[str, int], person: str, why: str) -> None:
    """Record a correction of a past period; an empty ``person`` means that nobody was on call."""
    words = session.words
    with session.store() as store:
        now, zone = now_of(session), _zone(store, now_of(session))
        period = _period(*times, zone, words)
        _check_known(store, period[0], now, Slot(*slot), person, words)
        verdict = CoverageStatus.CONFIRMED if person else CoverageStatus.UNCOVERED
        entry = LedgerEntry(Slot(*slot), *period, verdict, person, "")
        try:
            is_new = _coverage(store).correct(entry, why, OPERATOR, now)
        except Refused as refused:
            reasons = [words(REFUSALS[refusal.reason], **refusal.values) for refusal in refused.refusals]
            raise CommandError("\n".join(reasons), code=2) from None
    done = (
        N_("Corrected. What was there before stays on record.")
        if is_new
        else N_("This correction is on record already.")
    )
    session.out.print_lines(words(done))


# What was typed ----------------------------------------------------------------------------------------------------


def _coverage(store: Store) -> CoverageLedger:
    rota_store = RotaStore(store)
    return CoverageLedger(store, rota_store, Confirmations(store, rota_store))


def _zone(store: Store, now: datetime) -> ZoneInfo:
    rota = RotaStore(store).rota(now)
    return rota.zone if rota else BEIJING


def _period(start: str, end: str, zone: ZoneInfo, words: Words) -> tuple[datetime, datetime]:
    begins, ends = parse_instant(start, zone, words), parse_instant(end, zone, words)
    if begins >= ends:
        raise CommandError(words(N_("The end must be after the beginning.")), code=2)
    return begins, ends


def _check_known(store: Store, then: datetime, now: datetime, place: Slot, person: str, words: Words) -> None:
    """Check a slot and a person, because a slip would stay on record for ever.

    Raises CommandError when there is no rota. Seat, slot and person must be known to the rota of then or that of now.
    """
    plans = [rota for at in (then, now) if (rota := RotaStore(store).rota(at))]
    if not plans:
        raise no_rota(words)
    people = [seat.people for rota in plans for seat in rota.seats if seat.name == place.seat]
    if not people:
        find_seat(place.seat, plans[-1], words)
    elif place.number > max(people):
        says = words.plural(
            "The seat {seat} takes {n} person.", "The seat {seat} takes {n} people.", max(people), seat=place.seat
        )
        raise CommandError(says, code=2)
    if person and not any(person in rota.members for rota in plans):
        raise unknown_member(person, plans[-1], words)


def _read_moment(typed: str, zone: ZoneInfo, now: datetime, words: Words) -> datetime:
    """Read an instant as a program writes it, or as people write it in Slack."""
    with suppress(Refused):
        return time_parser.read(typed, zone, now)
    return parse_instant(typed, zone, words)


def _deciders(store: Store, entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """Return the names of those who accepted a gap or corrected the record, by Slack id."""
    queries = EscalationQueries(store)
    return {by: queries.name_of(by) for by in {entry.by for entry in entries} - {"", OPERATOR.id}}


# What is told ------------------------------------------------------------------------------------------------------


def _row(entry: LedgerEntry) -> Row:
    """Return an entry under ``COLUMNS``; a contract, like the export of escalations."""
    start, end, verdict = utc(entry.start), utc(entry.end), str(entry.status)
    return (start, end, verdict, entry.slot.name, entry.person, entry.evidence, entry.by, entry.why)


def _show(
    session: Session, entries: Sequence[LedgerEntry], period: tuple[datetime, datetime], zone: ZoneInfo, now: datetime
) -> None:
    """Print the hours by seat and status, past and future apart, each time that was not fully covered, then all."""
    words, out = session.words, session.out
    start, end = (numeric_moment(moment, zone) for moment in period)
    zone_name = short_zone_name(zone, words)
    out.print_lines(words(N_("From {start} to {end} ({zone})"), start=start, end=end, zone=zone_name))
    out.print(_hours(entries, words, now))
    for verdict in (CoverageStatus.UNCOVERED, CoverageStatus.BELOW_REQUIREMENT, CoverageStatus.ACCEPTED):
        with_status = [entry for entry in entries if entry.status == verdict and entry.slot != BOT]
        if with_status:
            out.print_lines(words(VERDICT[verdict]), style="bold")
            out.print(_intervals(with_status, zone, words))
    if period[1] - period[0] > LONGEST_LIST:
        out.print_lines(words(N_("Who, and what proves it: --format csv")))
        return
    out.print_lines(words(N_("Who, and what proves it")), style="bold")
    out.print(_intervals(entries, zone, words, with_status=True))


def _hours(entries: Iterable[LedgerEntry], words: Words, now: datetime) -> TextTable:
    table = TextTable(map(words, (N_("Seat"), N_("Coverage status"), N_("Hours"))), words.colon)
    totals: dict[tuple[str, str], timedelta] = defaultdict(timedelta)
    for entry in entries:
        said = _verdict(entry, words)
        ahead = said if entry.status == AHEAD else words(N_("{verdict} (ahead)"), verdict=said)
        passed = min(max(entry.start, now), entry.end)
        totals[_place(entry.slot, words), said] += passed - entry.start
        totals[_place(entry.slot, words), ahead] += entry.end - passed
    for (seat, verdict), total in totals.items():
        if total:
            table.add_row(seat, verdict, f"{total / HOUR:,.2f}")
    return table


def _intervals(entries: Iterable[LedgerEntry], zone: ZoneInfo, words: Words, *, with_status: bool = False) -> TextTable:
    status = [N_("Coverage status")] if with_status else []
    headings = (N_("Seat"), N_("From"), N_("To"), N_("Person"), *status, N_("Evidence"))
    table = TextTable(map(words, headings), words.colon)
    for entry in entries:
        times = (numeric_moment(entry.start, zone), numeric_moment(entry.end, zone))
        evidence = words.join_items([_evidence(entry, words), *_decided(entry, words)])
        said = [_verdict(entry, words)] if with_status else []
        table.add_row(_place(entry.slot, words), *times, entry.person, *said, evidence)
    return table


def _place(place: Slot, words: Words) -> str:
    """Return the seat's name as in Slack, with the place where the seat takes several people."""
    name = words(N_("the bot")) if place == BOT else seat_name(place.seat, words)
    return name if place.number == 1 else f"{name} {place.number}"


def _evidence(entry: LedgerEntry, words: Words) -> str:
    """Return what proves an entry: in words, or a record by its id."""
    return words(EVIDENCE[entry.evidence]) if entry.evidence in EVIDENCE else entry.evidence


def _decided(entry: LedgerEntry, words: Words) -> list[str]:
    """Return who accepted a gap or corrected an entry, and why; nothing where nobody did."""
    by = entry.by or words(EVIDENCE["rota"])
    return [in_words(words(N_("{who}: {why}"), who=by, why=entry.why), words)] if entry.why else []


def _verdict(entry: LedgerEntry, words: Words) -> str:
    return words(VERDICT[str(entry.status)])


def _name(entry: LedgerEntry, words: Words) -> str:
    return entry.person or words(N_("nobody"))
