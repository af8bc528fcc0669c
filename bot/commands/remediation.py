"""``remediation …``: remediation records and the packet for the meeting, for a lead at the terminal."""

import re
from functools import cache
from pathlib import Path

from rich.text import Text

from bot.commands.output import ShowFormat, print_json
from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.commands.whole_file import whole_file
from bot.config import Requirement
from handlers.blocks import remediation
from handlers.blocks.remediation_forms import LABELS
from handlers.i18n import labels
from handlers.i18n.dates import numeric_moment
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import LANGUAGES, N_, Words
from handlers.printable.page import render_page
from handlers.printable.remediation_packet import PacketReader, build_packet, read_packet_facts
from models.escalations.queries import EscalationQueries
from models.escalations.returned_cases import ReturnedCases
from models.escalations.vendor_policies import VendorPolicies
from models.remediation.records import RemediationRecords
from models.rules.remediation.record import ACTION_FIELDS, FIELDS, INSTANTS, Remediation, write_value
from models.store.database import Store

_NAME = re.compile(r"(?:r-?)?0*([1-9][0-9]{0,8})", re.IGNORECASE)


def list_(session: Session, form: ShowFormat) -> None:
    """List the records, open ones first."""
    words, zone = session.words, session.config(Requirement.DATABASE).timezone
    today = now_of(session).astimezone(zone).date()
    with session.store() as store:
        records = RemediationRecords(store).find_of_team()
    if form is ShowFormat.JSON:
        print_json([_facts(record) for record in records])
        return
    if not records:
        nothing = N_("There are no remediation plans yet. They are recorded in Slack: /csp-escalate remediation")
        session.out.print_lines(words(nothing))
        return
    headings = (N_("No."), labels.FIELD["status"], LABELS["requested_on"], N_("Actions done"), N_("Overdue"))
    table = TextTable(map(words, headings), words.colon)
    for record in records:
        open_actions = record.open_actions
        done = f"{len(record.actions) - len(open_actions)} / {len(record.actions)}"
        state = words(N_("Not closed")) if record.is_open else words(N_("Closed"))
        overdue = sum(action.due < today for action in open_actions)
        table.add_row(record.name, state, str(record.requested_on), done, str(overdue or "–"))
    session.out.print(table)


def show(session: Session, name: str, form: ShowFormat) -> None:
    """Print one record with its actions. Raises CommandError with code 2."""
    words, zone = session.words, session.config(Requirement.DATABASE).timezone
    today = now_of(session).astimezone(zone).date()
    with session.store() as store:
        record, name_of = _find(store, name, words), cache(EscalationQueries(store).name_of)
        if form is ShowFormat.JSON:
            print_json(_facts(record))
            return
        facts = TextTable()
        for field in FIELDS:
            if value := getattr(record, field):
                said = numeric_moment(value, zone) if field in INSTANTS else str(value)
                facts.add_row(Text(words(LABELS[field]), "dim"), in_words(said, words))
        headings = (LABELS["text"], LABELS["owner"], LABELS["due"], labels.FIELD["status"])
        actions = TextTable(map(words, headings), words.colon)
        for action in record.actions:
            state = remediation.describe_state(action, words, today)
            text, owner = in_words(action.text, words), in_words(name_of(action.owner), words)
            actions.add_row(text, owner, str(action.due), state)
        session.out.print_lines(words("Remediation plan {name}", name=record.name), style="bold")
        session.out.print(facts)
        if actions.row_count:
            session.out.print("", actions, sep="\n")


def packet(session: Session, name: str, output: Path, language: str) -> None:
    """Write the packet of one record. Raises CommandError with code 2."""
    words, config = session.words, session.config(Requirement.DATABASE)
    wanted = language or ("zh_CN" if words.is_chinese else "en")
    if wanted not in LANGUAGES:
        says = words(N_("There is no language “{typed}”. Choose zh_CN or en."), typed=language)
        raise CommandError(says, code=2)
    with session.store() as store:
        record, queries = _find(store, name, words), EscalationQueries(store)
        policy = VendorPolicies(store, config.pages).newest
        reader = PacketReader(wanted, config.timezone, policy, cache(queries.name_of))
        facts = read_packet_facts(record, ReturnedCases(store), queries, config.timezone)
        page = render_page(build_packet(facts, reader, now_of(session)))
    with whole_file(output, words) as target:
        target.write(page.encode())
    session.out.print_lines(words(N_("Packet written to {file}."), file=output))


def _facts(record: Remediation) -> dict[str, object]:
    """Return a record for programs: a contract. Days and instants are written as in ISO 8601."""
    fields = {name: write_value(getattr(record, name)) or None for name in FIELDS}
    actions = [
        {
            "number": action.number, **{name: write_value(getattr(action, name)) for name in ACTION_FIELDS},
            "done_at": write_value(action.done_at), "done_by": action.done_by or None,
        }
        for action in record.actions
    ]  # fmt: skip
    closed = {"closed_at": write_value(record.closed_at), "closed_by": record.closed_by or None}
    return {"name": record.name, "open": record.is_open, **fields, **closed, "actions": actions}


def _find(store: Store, typed: str, words: Words) -> Remediation:
    match = _NAME.fullmatch(typed.strip())
    record = RemediationRecords(store).find(int(match[1])) if match else None
    if record is None:
        says = words(N_("There is no remediation plan “{typed}”. See: csp-escalate remediation list"), typed=typed)
        raise CommandError(says, code=2)
    return record
