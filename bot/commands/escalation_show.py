"""``escalations show``: one escalation, its clocks and its history, for people or for programs."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from bot.commands.member_names import find_names
from bot.commands.output import ShowFormat, print_json
from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.blocks import card, case_history, turn_line, vendor_text
from handlers.blocks.customer_record import ANSWERS
from handlers.i18n import entry_words, labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.erased_words import in_words
from handlers.i18n.reach_labels import WAS_TOLD
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.escalations.similar_cases import SimilarCases
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.rota_store import RotaStore
from models.outbox.pages import Pages, ToldPerson
from models.rules.customers.record_fields import NO, YES
from models.rules.escalations.clocks import compute_clocks
from models.rules.escalations.deadlines import find_deadline_from_history
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, ReviewState, Status
from models.rules.escalations.export import build_object, clock_facts
from models.rules.escalations.reviews import BY_LEAD, find_lead_note
from models.rules.people import PROGRAM
from models.rules.policy.vendor import VendorPolicy
from models.rules.reminders import subjects
from models.store.database import Store

_NAME = re.compile(r"(?:csp-?)?0*([1-9][0-9]{0,8})", re.IGNORECASE)
_STOPS = "。．.，,；;：:、 "
"""Signs that are copied with the name of a case from the end of a sentence."""


def show(session: Session, name: str, form: ShowFormat) -> None:
    """Print one escalation, its clocks and its history."""
    config = session.config(Requirement.DATABASE)
    words, zone = session.words, config.timezone
    number = find_case_number(name, words)
    with session.store() as store:
        queries = EscalationQueries(store)
        escalation = queries.escalation(number)
        if escalation is None:
            raise CommandError(
                words(N_("There is no {name}. See: csp-escalate escalations list --all"), name=name), code=2
            )
        name_of, now = find_names(store, now_of(session)), now_of(session)
        policies = VendorPolicies(store, config.pages)
        if form is ShowFormat.JSON:
            print_json(build_case(store, escalation, policies, now))
            return
        case, is_workday = queries.timeline(number), RotaStore(store).workday_test(now)
        uses = SimilarCases(store).count_uses([number]).get(number, 0)
        judged_by = policies.of_version(escalation.policy_version)
        people = Pages(store).find_told(subjects.escalation(number), escalation.raised_at)
        line = turn_line.describe(escalation, case, judged_by, is_workday, words, zone, now)
        session.out.print_lines(in_words(f"{escalation.name} · {escalation.title}", words), style="bold")
        if line:
            session.out.print_lines(line)
        if uses:
            session.out.print_lines(f"{words(N_('Its fix'))}{words.colon}{card.count_uses(uses, words)}")
        note = find_lead_note(escalation, queries.whole_history)
        facts_table = _facts_table(escalation, name_of, zone, words, policies.newest, note)
        history = _history_table(_whole_history(queries, number), people, name_of, zone, words, policies.newest)
        session.out.print(facts_table, "", history, sep="\n")


def build_case(store: Store, escalation: Escalation, policies: VendorPolicies, now: datetime) -> dict[str, Any]:
    """Return one escalation for programs: all that is recorded of it, its clocks, and who was told outside Slack."""
    queries, number, judged_by = (
        EscalationQueries(store), escalation.number, policies.of_version(escalation.policy_version),
    )  # fmt: skip
    case, is_workday = queries.timeline(number), RotaStore(store).workday_test(now)
    people = Pages(store).find_told(subjects.escalation(number), escalation.raised_at)
    shown = build_object(escalation, _whole_history(queries, number), find_names(store, now))
    deadline = find_deadline_from_history(escalation, case, judged_by, is_workday)
    clocks = compute_clocks(case, judged_by, is_workday, now, deadline.due_at if deadline else None)
    uses = SimilarCases(store).count_uses([number]).get(number, 0)
    return {**shown, **clock_facts(escalation, clocks), "uses": uses, "told_outside": _list_told(people)}


def find_case_number(name: str, words: Words) -> int:
    """Return the number in the name of a case. Raises CommandError with code 2 for any other text."""
    match = _NAME.fullmatch(name.strip().rstrip(_STOPS))
    if match is None:
        raise CommandError(words(N_("“{name}” is not the name of an escalation, such as CSP-12."), name=name), code=2)
    return int(match[1])


def _facts_table(
    e: Escalation, name_of: Callable[[str], str], zone: ZoneInfo, words: Words, policy: VendorPolicy, lead_note: str
) -> TextTable:
    """Label and value of everything that is known; ``lead_note`` is what the lead wrote who sent it back."""
    table = TextTable()
    review = _describe_review(e, name_of, zone, words, lead_note)
    for label, value in [*_facts(e, name_of, zone, words, policy), *review, *_answers(e, zone, words)]:
        if value:
            table.add_row(Text(label, "dim"), in_words(value, words))
    return table


def _facts(
    e: Escalation, name_of: Callable[[str], str], zone: ZoneInfo, words: Words, policy: VendorPolicy
) -> Iterator[tuple[str, str | None]]:
    service = policy.service(e.service)
    said = {
        "kind": words(labels.KIND[e.kind]), "status": words(labels.STATUS[e.status]),
        "severity": labels.describe_severity(e, words), "owner": name_of(e.owner) if e.owner else "–",
        "customer_name": e.customer_name, "tenant_id": e.tenant_id, "domain": e.domain,
        "service": words.pick(service.en, service.zh) if e.service else "", "request_number": e.request_number,
        "fix": e.fix, "solved_from": card.solved_as(e),
        "original": f"CSP-{e.duplicate_of}" if e.duplicate_of else "", "parent": f"CSP-{e.parent}" if e.parent else "",
    }  # fmt: skip
    yield from ((words(labels.FIELD[field]), value) for field, value in said.items())
    if e.snoozed_until:
        yield words(N_("Snoozed until")), f"{numeric_moment(e.snoozed_until, zone)} · {e.snooze_reason}"
    if e.status in {Status.WITHDRAWN, Status.REOPENED}:
        yield words(labels.FIELD["reason"]), e.status_reason
    yield words(N_("Went to 21Vianet")), words(ANSWERS[YES if e.is_escalated else NO])
    if e.returned_on:
        yield words(N_("Returned as inappropriate")), card.finding(e)


def _describe_review(
    e: Escalation, name_of: Callable[[str], str], zone: ZoneInfo, words: Words, lead_note: str
) -> Iterator[tuple[str, str]]:
    """Yield how far a lead looked at it: until when, or who decided when, with what the lead wrote."""
    if e.review is None:
        return
    at = e.review_until if e.review is ReviewState.PENDING else e.reviewed_at
    by = name_of(e.reviewed_by) if e.reviewed_by and e.review in BY_LEAD else ""
    parts = (words(labels.REVIEW[e.review]), by, numeric_moment(at, zone) if at else "")
    yield words(N_("Review")), " · ".join(filter(None, parts)) + (f"\n{lead_note}" if lead_note else "")


def _answers(e: Escalation, zone: ZoneInfo, words: Words) -> Iterator[tuple[str, str | None]]:
    """Yield what the form asked for."""
    for field in ("details", *e.answers):
        if field in labels.FIELD:
            yield words(labels.FIELD[field]), vendor_text.answer(e, field, words, zone)


def _list_told(people: Iterable[ToldPerson]) -> list[dict[str, str]]:
    return [{"at": each.at.isoformat(), "person": each.person, "channel": each.channel} for each in people]


def _history_table(
    entries: Iterable[HistoryEntry], people: Iterable[ToldPerson], name_of: Callable[[str], str], zone: ZoneInfo,
    words: Words, policy: VendorPolicy,
) -> TextTable:  # fmt: skip
    when = words(N_("When")) + words.in_brackets(short_zone_name(zone, words))
    table = TextTable(("#", when, words(N_("Who")), words(N_("What"))), words.colon)
    rows = []
    for entry in entries:
        what = "\n".join(describe_entry(entry, name_of, zone, words, policy))
        rows.append((entry.at, str(entry.seq), entry.by, what))
    for person in people:
        rows.append((person.at, "", PROGRAM, words(WAS_TOLD[person.channel], name=name_of(person.person))))
    for at, seq, by, what in sorted(rows, key=lambda row: row[0]):
        table.add_row(seq, numeric_moment(at, zone), in_words(name_of(by), words), in_words(what, words))
    return table


def describe_entry(
    entry: HistoryEntry, name_of: Callable[[str], str], zone: ZoneInfo, words: Words, policy: VendorPolicy
) -> Iterator[str]:
    """Yield what a history entry says: the move, the change of status, the person's words, the corrections."""
    to = f" {name_of(str(entry.changes['owner'][1]))}" if entry.move is Move.HAND_OVER else ""
    if until := case_history.snoozed_until(entry):
        to = f" {numeric_moment(until, zone)}"
    path = ""
    if entry.status_from and entry.status_from != entry.status_to:
        path = words.in_brackets(f"{words(labels.STATUS[entry.status_from])} → {words(labels.STATUS[entry.status_to])}")
    yield f"{entry_words.done_with_facts(entry, words, partial(numeric_moment, zone=zone))}{to}{path}"
    if entry.erased_at:
        yield words(N_("Text erased {at}"), at=numeric_moment(entry.erased_at, zone))
    elif entry.text:
        yield entry.text
    if link := entry_words.attached_link(entry):
        yield link
    yield from case_history.changes(entry, words, policy)


def _whole_history(queries: EscalationQueries, number: int) -> Iterator[HistoryEntry]:
    offset = 0
    while page := queries.history(number, offset=offset):
        yield from page
        offset += len(page)
