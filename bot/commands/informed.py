"""``informed …``: the support statement, who was informed of it, and who is due; for a lead and for an auditor."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.rota_input import BY, content, now_of, told
from bot.commands.session import CommandError, Session
from bot.config import Requirement
from handlers.blocks.support_statement import letters
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.customers import informing, record_rows
from models.customers.informing import CustomerInforming, SentStatement
from models.escalations.queries import EscalationQueries
from models.rules.customers.customer import Customer, fold
from models.rules.customers.record_fields import is_day, read_day
from models.rules.customers.statement import parse_statement
from models.rules.escalations.escalation import InformedBy
from models.rules.escalations.export import BOM, escape_formula
from models.rules.toml import document
from models.rules.toml.tables import InvalidFile
from models.store.database import Store

COLUMNS = ("customer_id", "customer", "statement", "informed_at", "through", "by", "evidence", "due_because", "due_by")
"""Columns of the export: a contract."""
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
        raise told(file, bad.faults, words) from None
    with session.store(begins=True) as store:
        is_new = informing.import_statement(store, written, BY, now_of(session))
    done = N_("This is the support statement now.") if is_new else N_("This is the support statement already.")
    session.out.print(Text(words(done)), soft_wrap=True)


def list_(session: Session, everybody: bool, form: ShowFormat = ShowFormat.TEXT) -> None:
    """List customers, those due first."""
    words, zone, now = session.words, session.config(Requirement.DATABASE).timezone, now_of(session)
    with session.store() as store:
        customers = store.read(lambda c: informing.find_informing(c, now))
    shown = [customer for customer in customers if everybody or customer.due]
    if form is ShowFormat.JSON:
        print_out(as_json(LISTED, map(_listed, shown)))
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in (N_("Customer"), N_("Why"), N_("By when"), N_("Last informed")):
        table.add_column(words(heading), overflow="fold")
    for customer in shown:
        due, last = customer.due, customer.last
        by = f"{due.by.astimezone(zone):%Y-%m-%d}" if due and due.by else words("now") if due else "–"
        informed = f"{last.at.astimezone(zone):%Y-%m-%d}" if last else "–"
        table.add_row(Text(customer.name), words(labels.INFORM_REASONS[due.reason]) if due else "–", by, informed)
    session.out.print(table)
    count = sum(customer.due is not None for customer in customers)
    says = words.plural("{n} customer must be informed.", "{n} customers must be informed.", count)
    session.out.print(Text(says), soft_wrap=True)


def _listed(customer: CustomerInforming) -> Row:
    due, last = customer.due, customer.last
    because, by = (due.reason, utc(due.by) if due.by else None) if due else (None, None)
    return customer.customer_id, customer.name, because, by, utc(last.at) if last else None


def record(session: Session, typed: Sequence[str], by: str, through: str, evidence: str, due: bool, on: str) -> None:
    """Record that customers were informed, ``on`` a day or now: all or none. Raises CommandError with code 2."""
    words, now = session.words, now_of(session)
    at = _read_day(on, session, now)
    if through not in set(InformedBy) or not by.strip():
        raise CommandError(words(N_("Say who informed them, and how: phone, email, wecom or in_person.")), code=2)
    with session.store() as store:
        queries = EscalationQueries(store)
        ids = [find_customer(queries, name, words).id for name in typed]
        if due:
            ids += [
                customer.customer_id
                for customer in store.read(lambda c: informing.find_informing(c, now))
                if customer.due
            ]
        number = informing.version_at(store.read(informing.find_versions), at)
        sent = [SentStatement(customer, number, at, through, by, evidence) for customer in dict.fromkeys(ids)]
        if sent:
            informing.record_sent(store, sent)
    says = words.plural("{n} customer recorded as informed.", "{n} customers recorded as informed.", len(sent))
    session.out.print(Text(says), soft_wrap=True)


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
    """Print every informing, and each customer who was never informed, as CSV."""
    now = now_of(session)
    with session.store() as store:
        customers = store.read(lambda c: informing.find_informing(c, now))
        sent, name_of = store.read(informing.find_all_sent), cache(EscalationQueries(store).name_of)
        sent = [replace(entry, by=name_of(entry.by)) for entry in sent]
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for customer in customers:
        theirs = [entry for entry in sent if entry.customer_id == customer.customer_id]
        writer.writerows([_row(customer, entry) for entry in theirs] or [_row(customer, None)])
    print_out(BOM + written.getvalue())


def _row(customer: CustomerInforming, sent: SentStatement | None) -> list[str]:
    informed = [str(sent.statement), sent.at.isoformat(), sent.through, sent.by, sent.evidence] if sent else [""] * 5
    due = customer.due
    late = [str(due.reason), due.by.isoformat() if due.by else ""] if due else ["", ""]
    return [escape_formula(cell) for cell in (customer.customer_id, customer.name, *informed, *late)]


def _newest_text(store: Store, words: Words) -> str:
    newest = store.read(informing.find_newest)
    if newest is None:
        raise CommandError(words(NO_STATEMENT), code=2)
    return newest.text


def find_customer(queries: EscalationQueries, typed: str, words: Words) -> Customer:
    """Return the only customer that is meant; one with exactly this name, domain or tenant ID wins."""
    matching = queries.customers(typed, 50)
    exact = [
        customer for customer in matching if fold(typed) in {fold(customer.name), customer.domain, customer.tenant_id}
    ]
    candidates = exact or matching
    if len(candidates) != 1:
        says = (
            N_("“{typed}” is the name of no customer.")
            if not candidates
            else N_("“{typed}” may mean several customers.")
        )
        raise CommandError(words(says, typed=typed), code=2)
    return candidates[0]
