"""``informed …``: the support statement, who was informed of it, and who is due; for a lead and for an auditor."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commands.listed_customer import find_customer
from bot.commands.member_names import find_names
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.rota_input import BY, content, find_members, make_fault_error, now_of, say_several
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.blocks.support_statement import letters
from handlers.i18n import labels
from handlers.i18n.case_lines import WAYS
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from models.customers import informing, record_rows
from models.customers.informing import CustomerInforming, SentStatement
from models.escalations.queries import EscalationQueries
from models.oncall import rota_store
from models.rules.customers.customer import fold
from models.rules.customers.informed import InformingDue
from models.rules.customers.record_fields import is_day, read_day
from models.rules.customers.statement import parse_statement
from models.rules.escalations.escalation import InformedBy
from models.rules.escalations.export import BOM, escape_formula
from models.rules.toml import document
from models.rules.toml.tables import InvalidFile
from models.store.database import Store

COLUMNS = (
    "customer", "statement", "informed_on", "through", "by", "evidence", "due_because", "due_by",
    "customer_id", "informed_at", "through_id", "by_id", "due_id", "mistake",
)  # fmt: skip
"""Columns of the export: a contract. First those for people, as the list tells them; then ids and UTC for programs."""
LISTED = ("customer_id", "customer", "due_because", "due_by", "informed_at")
"""What programs read of the list: a contract."""
NO_STATEMENT = N_("There is no support statement yet: csp-escalate informed statement FILE")


def statement(session: Session, file: Path | None) -> None:
    """Print the newest statement, or make a file the newest. Raises CommandError with code 2 for its faults."""
    words = session.words
    if file is None:
        with session.store() as store:
            print_out(_newest_text(store, words))
        return
    try:
        written = document.decode(content(file, document.SIZE_LIMIT, words))
        parse_statement(written)
    except InvalidFile as bad:
        raise make_fault_error(file, bad.faults, words) from None
    with session.store(begins=True) as store:
        is_new = informing.import_statement(store, written, BY, now_of(session))
    done = N_("This is the support statement now.") if is_new else N_("This is the support statement already.")
    session.out.print_lines(words(done))


def list_(session: Session, everybody: bool, form: ShowFormat = ShowFormat.TEXT) -> None:
    """List customers, those due first."""
    words, zone, now = session.words, session.config(Requirement.DATABASE).timezone, now_of(session)
    with session.store() as store:
        customers = store.read(lambda c: informing.find_informing(c, now))
    shown = [customer for customer in customers if everybody or customer.due]
    if form is ShowFormat.JSON:
        print_out(as_json(LISTED, map(_make_row, shown)))
        return
    headings = (N_("Customer"), N_("Why"), N_("By when"), N_("Last informed"))
    table = TextTable(map(words, headings), words.colon)
    for customer in shown:
        due, last = customer.due, customer.last
        by = _say_due_day(due, zone, words) or "–"
        informed = f"{last.at.astimezone(zone):%Y-%m-%d}" if last else "–"
        table.add_row(customer.name, words(labels.INFORM_REASONS[due.reason]) if due else "–", by, informed)
    if table.row_count:
        session.out.print(table)
    count = sum(customer.due is not None for customer in customers)
    says = words.plural("{n} customer must be informed.", "{n} customers must be informed.", count)
    session.out.print_lines(says)


def _say_due_day(due: InformingDue | None, zone: ZoneInfo, words: Words) -> str:
    """Return the day in the installation's zone by which a customer must be informed; empty when it need not be."""
    if due is None:
        return ""
    return f"{due.by.astimezone(zone):%Y-%m-%d}" if due.by else words("now")


def _make_row(customer: CustomerInforming) -> Row:
    due, last = customer.due, customer.last
    because, by = (due.reason, utc(due.by) if due.by else None) if due else (None, None)
    return customer.customer_id, customer.name, because, by, utc(last.at) if last else None


def record(session: Session, typed: Sequence[str], by: str, through: str, evidence: str, due: bool, on: str) -> None:
    """Record that customers were informed, ``on`` a day or now: all or none. Raises CommandError with code 2."""
    words, now = session.words, now_of(session)
    at, way = _read_day(on, session, now), _read_way(through, words)
    if not by.strip():
        raise CommandError(words(N_("Say who informed them: --by NAME")), code=2)
    with session.store() as store:
        queries = EscalationQueries(store)
        person = _find_person(by.strip(), store, session)
        ids = [find_customer(queries, name, words).id for name in typed]
        if due:
            ids += [
                customer.customer_id
                for customer in store.read(lambda c: informing.find_informing(c, now))
                if customer.due
            ]
        number = informing.version_at(store.read(informing.find_versions), at)
        sent = [SentStatement(customer, number, at, way, person, evidence) for customer in dict.fromkeys(ids)]
        if sent and not number:
            says = words(N_("No support statement counted on that day: the record names none. See: {command}"),
                         command="csp-escalate informed statement FILE")  # fmt: skip
            session.err.print_lines(f"⚠️ {says}")
        if sent:
            informing.record_sent(store, sent)
    says = words.plural("{n} customer recorded as informed.", "{n} customers recorded as informed.", len(sent))
    session.out.print_lines(says)


def mistake(session: Session, typed: str, by: str, why: str, on: str) -> None:
    """Record that a customer was not informed as the last record, or that of a day, says. It stays on record.

    Raises CommandError with code 2.
    """
    words, zone, now = session.words, session.config(Requirement.DATABASE).timezone, now_of(session)
    if not by.strip() or not why.strip():
        raise CommandError(words(N_("Say who corrects it and why: --by NAME --why TEXT")), code=2)
    wanted = _read_day(on, session, now).astimezone(zone).date() if on else None
    with session.store() as store:
        customer, person = (
            find_customer(EscalationQueries(store), typed, words),
            _find_person(by.strip(), store, session),
        )
        counting = store.read(lambda c: informing.find_counting(c, customer.id))
        meant = [record for record in counting if wanted in {None, record.at.astimezone(zone).date()}]
        if not meant:
            says = N_("No such record of {customer}. See: csp-escalate informed export")
            raise CommandError(words(says, customer=customer.name), code=2)
        last = meant[-1]
        store.write(lambda c: informing.add_mistake(c, last, person, why.strip(), now))
        due = store.read(lambda c: informing.find_informing_of(c, customer.id, customer.name, now)).due
    day = f"{last.at.astimezone(zone):%Y-%m-%d}"
    says = words(N_("{customer}: the record of {day} stays, marked as a mistake, and counts no more."),
                 customer=customer.name, day=day)  # fmt: skip
    session.out.print_lines(says)
    if due:
        reason = words(labels.INFORM_REASONS[due.reason])
        says = words(N_("It must be informed by {day}: {reason}."), day=_say_due_day(due, zone, words), reason=reason)
        session.out.print_lines(says)


def _read_way(through: str, words: Words) -> InformedBy:
    """Return the channel that a word of Slack or an id names. Raises CommandError with code 2 for any other."""
    way = WAYS.get(" ".join(through.lower().replace("_", " ").split()))
    if way is None:
        says = N_("“{through}” is no channel. Possible are: {possible}")
        possible = words.join_items([str(choice) for choice in InformedBy])
        raise CommandError(words(says, through=through, possible=possible), code=2)
    return way


def _find_person(name: str, store: Store, session: Session) -> str:
    """Return the Slack id of a member of the rota or of somebody met in Slack, so that a person has one name.

    Somebody whom neither knows is kept as typed, with a warning: a colleague of another team may have done it.
    Raises CommandError with code 2 for a name that fits several members.
    """
    rota, names = rota_store.rota_at(store, now_of(session)), EscalationQueries(store).names_of_team()
    if met := [user for user, called in names.items() if name == user or fold(name) == fold(called)]:
        return met[0] if len(met) == 1 else name
    if rota is None:
        return name
    fitting = find_members(name, rota, names)
    if len(fitting) > 1:
        raise say_several(name, fitting, session.words)
    if fitting:
        return rota.members[fitting[0]].slack_id or fitting[0]
    says = session.words(N_("Nobody on the rota or met in Slack is called “{name}”; recorded as typed."), name=name)
    session.err.print_lines(f"⚠️ {says}")
    return name


def _read_day(on: str, session: Session, now: datetime) -> datetime:
    """Return the start of a day; now for today. Raises CommandError with code 2."""
    zone, words = session.config(Requirement.DATABASE).timezone, session.words
    today = now.astimezone(zone).date().isoformat()
    day = read_day(on) if on else today
    if not is_day(day) or day > today:
        raise CommandError(words(N_("“{typed}” is not a day up to today. Example: 2026-01-05."), typed=on), code=2)
    return now if day == today else informing.start_of_day(day, zone)


def text(session: Session, typed: str) -> None:
    """Print the newest statement for one customer, in its language; in both while that is not known."""
    words = session.words
    with session.store() as store:
        customer = find_customer(EscalationQueries(store), typed, words)
        language = store.read(lambda c: record_rows.find(c, customer.id)).language
        newest = parse_statement(_newest_text(store, words))
    print_out("\n".join(letters(customer.name, language, newest)))


def export(session: Session) -> None:
    """Print every informing, and each customer who was never informed, as CSV, with days as the list shows them."""
    now, zone = now_of(session), session.config(Requirement.DATABASE).timezone
    with session.store() as store:
        customers = store.read(lambda c: informing.find_informing(c, now))
        sent, name_of = store.read(informing.find_all_sent), find_names(store, now)
        names = {entry.by: name_of(entry.by) for entry in sent}
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    of_customer: dict[str, list[SentStatement]] = {}
    mistakes: dict[int | None, SentStatement] = {entry.corrects: entry for entry in sent if entry.corrects}
    for entry in (entry for entry in sent if not entry.corrects):
        of_customer.setdefault(entry.customer_id, []).append(entry)
    for customer in customers:
        for told_then in of_customer.get(customer.customer_id, (None,)):
            fix = mistakes.get(told_then.id) if told_then else None
            row = [
                *_say_row(customer, told_then, names, zone, session.words), *_list_ids(customer, told_then),
                _say_mistake(fix, names, zone, session.words) if fix else "",
            ]  # fmt: skip
            writer.writerow([escape_formula(cell) for cell in row])
    print_out(BOM + written.getvalue())


def _say_row(
    customer: CustomerInforming, sent: SentStatement | None, names: Mapping[str, str], zone: ZoneInfo, words: Words
) -> list[str]:
    """Return the cells for people: days in the installation's zone, words in their language."""
    due, informed = customer.due, [""] * 5
    if sent:
        day = f"{sent.at.astimezone(zone):%Y-%m-%d}"
        through = words(labels.INFORMED_BY[InformedBy(sent.through)]) if sent.through else ""
        by = words("from the customer file") if sent.by == informing.IMPORTED else names[sent.by]
        informed = [str(sent.statement or ""), day, through, in_words(by, words), in_words(sent.evidence, words)]
    return [
        customer.name, *informed,
        words(labels.INFORM_REASONS[due.reason]) if due else "", _say_due_day(due, zone, words),
    ]  # fmt: skip


def _say_mistake(fix: SentStatement, names: Mapping[str, str], zone: ZoneInfo, words: Words) -> str:
    """Return when somebody said that a record was a mistake, who and why."""
    day = f"{fix.at.astimezone(zone):%Y-%m-%d}"
    return in_words(" · ".join(filter(None, [day, names[fix.by], fix.evidence])), words)


def _list_ids(customer: CustomerInforming, sent: SentStatement | None) -> list[str]:
    """Return the cells for programs."""
    informed = [utc(sent.at), sent.through, sent.by] if sent else [""] * 3
    return [customer.customer_id, *informed, str(customer.due.reason) if customer.due else ""]


def _newest_text(store: Store, words: Words) -> str:
    newest = store.read(informing.find_newest)
    if newest is None:
        raise CommandError(words(NO_STATEMENT), code=2)
    return newest.text
