"""Judge what was told by other ways than Slack, while Slack was switched off and after it.

Somebody was told of each duty in time. Nothing came twice without saying so. Nothing that was done meanwhile was asked
for again in Slack. The times are defined here again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.audit_names import format_span, format_time, name_subject
from bot.simulation.checks.case_deadlines import list_deadlines
from bot.simulation.checks.evidence import HOUR, Evidence, Violation, round_up_to_minute
from bot.simulation.checks.on_call import find_responsible_times
from bot.simulation.checks.outages import Outages
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from handlers.i18n.words import N_
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageStatus
from models.rules.reminders import subjects
from models.rules.reminders.subjects import HandoverName
from models.store.oncall_tables import GAP
from models.store.reach_tables import PAGE_TRY
from models.store.tables import HISTORY, OUTBOX

WITHIN = timedelta(minutes=10)
"""How soon somebody is told of a duty by another way, while Slack is off and a bot runs."""
CATCHING_UP = timedelta(minutes=2)
"""How long after its start a bot may take to tell what was due."""
OPEN_GAP = UNCONFIRMED = timedelta(minutes=15)
"""How often an open gap and an unconfirmed shift are mentioned at least."""
CALLED_BEFORE = timedelta(minutes=10)
"""How long before an unconfirmed shift others are called."""
HANDED_BEFORE, NOTICED_AFTER = timedelta(minutes=15), timedelta(minutes=9)
"""From when until when, around a change, people are told soon that Slack fell silent after it had asked them."""
HANDED = timedelta(minutes=30)
"""How often somebody is asked at least for their half of a handover."""
CALLS_AT_ONCE = 2
"""After so many calls within an hour the next ones to a phone may wait longer: five an hour are spread."""
UNACKNOWLEDGED_STEP = "unacknowledged"
MARKS = ("(again)", "（重发）")
Wait = tuple[int, str, datetime, datetime]
"""A case that waited to be acknowledged: its number, its severity, from when to when."""


@dataclass(frozen=True)
class Duty:
    """Something that somebody had to do, from when to when, and how often it is mentioned at least."""

    about: str
    subjects: frozenset[str]
    """The names by which the bot speaks of it."""
    begins: datetime
    ends: datetime
    repeat: timedelta
    person: str = ""
    """Who has to be told (a Slack id); empty where it makes no difference."""
    noticed_for: timedelta = timedelta()
    """How long after its beginning somebody is told soon that Slack fell silent."""


@dataclass(frozen=True)
class ObservedPage:
    """A message on a phone, with the delivery of which it is a copy."""

    at: datetime
    delivery: str
    subject: str
    text: str
    person: str


def check_pages(evidence: Evidence, waits: Iterable[Wait]) -> Iterator[Violation]:
    """Check all pages; ``waits`` are the times in which cases waited to be acknowledged."""
    if not evidence.world.config.reach.people:
        return
    waits = list(waits)
    pages = list(_observe(evidence))
    yield from _check_copies(evidence, pages)
    yield from _check_unsent(evidence)
    yield from _check_told(evidence, pages, [*_list_case_duties(evidence, waits), *_list_rota_duties(evidence)])
    yield from _check_asked_again(evidence, waits)


def _observe(evidence: Evidence) -> Iterator[ObservedPage]:
    """Yield what phones showed. A page is known by the try that was made at this instant for its channel and person.

    What it tells of besides has a try of the same instant that is no use of the sender.
    """
    tries: dict[tuple[str, datetime], list[Any]] = {}
    for row in evidence.rows(select(PAGE_TRY).order_by(PAGE_TRY.c.id)):
        tries.setdefault((row.channel, row.tried_at), []).append(row)
    for message in evidence.world.pages_seen:
        for row in tries.get((message["channel"], message["bot_at"]), ()):
            if row.sender and message["to"] in {row.person, ""}:
                at = datetime.fromtimestamp(message["at"], UTC)
                others = [
                    other
                    for other in tries[message["channel"], message["bot_at"]]
                    if not other.sender and (other.address, other.person) == (row.address, row.person)
                ]
                for tried in [row, *others]:
                    yield ObservedPage(at, tried.delivery, tried.subject, message["text"], tried.person)
                break


def _check_copies(evidence: Evidence, pages: Iterable[ObservedPage]) -> Iterator[Violation]:
    unknown = Counter(
        row.delivery for row in evidence.rows(select(PAGE_TRY).where(PAGE_TRY.c.outcome == PageStatus.UNKNOWN))
    )
    seen: Counter[str] = Counter()
    for page in pages:
        seen[page.delivery] += 1
        about = name_subject(page.subject)
        if seen[page.delivery] > 1 and not page.text.startswith(MARKS):
            yield Violation(N_("a repeated page did not say so"), page.at, about)
        if seen[page.delivery] > 1 + unknown[page.delivery]:
            yield Violation(N_("a page was repeated without need"), page.at, about)


def _check_unsent(evidence: Evidence) -> Iterator[Violation]:
    """Find pages that are still waiting, except those that the limit of a phone holds back."""
    calls = select(PAGE_TRY).where(PAGE_TRY.c.tried_at > evidence.end - HOUR, PAGE_TRY.c.channel == Channel.HOOK)
    called = Counter(row.sender for row in evidence.rows(calls))
    running = _bot_outages(evidence)
    for row in evidence.rows(select(OUTBOX).where(OUTBOX.c.what == MessageKind.PAGE)):
        is_held = called[(row.scope or "").removeprefix("reach:").partition(":")[0]] >= CALLS_AT_ONCE
        waits = row.state in UNFINISHED and running.measure_uptime(row.due_at, evidence.end) > WITHIN
        if row.state == DeliveryState.DEAD or (waits and not is_held):
            yield Violation(N_("a page was not sent"), row.created_at, f"{name_subject(row.subject)} ({row.state})")


def _check_told(evidence: Evidence, pages: Iterable[ObservedPage], duties: Iterable[Duty]) -> Iterator[Violation]:
    """Check that somebody heard of each duty soon, and again and again while it lasted."""
    heard: dict[str, list[ObservedPage]] = {}
    for page in pages:
        heard.setdefault(page.subject, []).append(page)
    for duty in duties:
        pages_about = (page for subject in duty.subjects for page in heard.get(subject, ()))
        times = sorted(page.at for page in pages_about if duty.person in {"", page.person})
        for off, on in evidence.world.event_log.slack_off:
            yield from _check_duty(evidence, duty, (off, min(on, duty.ends)), times)


def _check_duty(
    evidence: Evidence, duty: Duty, off: tuple[datetime, datetime], times: Iterable[datetime]
) -> Iterator[Violation]:
    """Check one duty while Slack was off. One that was there before may have been told just before."""
    at, ends = max(duty.begins, off[0]), off[1]
    most = WITHIN if duty.begins + duty.noticed_for >= off[0] else duty.repeat + WITHIN
    running = _bot_outages(evidence)
    for moment in [*(time for time in times if at <= time < ends), ends]:
        if running.measure_uptime(at, moment) > most:
            yield Violation(N_("nobody was told by another way"), at, f"{duty.about}: {format_span(at, moment)}")
        at, most = max(at, moment), duty.repeat + WITHIN


def _list_case_duties(evidence: Evidence, waits: Iterable[Wait]) -> Iterator[Duty]:
    """Yield the times in which cases waited to be acknowledged, or were due."""
    policy = evidence.world.config.pages
    on_call = _list_on_call(evidence)
    raised_by = {(row.number, row.at): row.by for row in evidence.rows(select(HISTORY))}
    for number, severity, begins, until in waits:
        repeat, by = policy.reminder_times.repeat[severity].cap, raised_by.get((number, begins))
        is_known = any(since <= begins < end and user == by for since, end, user in on_call)
        due = begins + policy.reminder_times.acknowledge[severity] if is_known else begins
        yield Duty(f"CSP-{number} ({severity})", frozenset({subjects.escalation(number)}), due, until, repeat)
    histories: dict[int, list[Any]] = {}
    for row in evidence.rows(select(HISTORY).order_by(HISTORY.c.number, HISTORY.c.seq)):
        histories.setdefault(row.number, []).append(row)
    for number, rows in histories.items():
        for deadline in list_deadlines(rows, policy, evidence.end):
            repeat, names = policy.reminder_times.repeat[deadline.severity].cap, {subjects.escalation(number)}
            yield Duty(f"CSP-{number}", frozenset(names), deadline.begins, deadline.ends, repeat)


def _list_on_call(evidence: Evidence) -> list[tuple[datetime, datetime, str]]:
    """Return who was on call from when to when, by Slack id."""
    members = evidence.world.rota.members
    return [
        (time.start, time.end, members[time.person].slack_id)
        for seat in evidence.rota.history
        for time in find_responsible_times(evidence, seat)
    ]


def _list_rota_duties(evidence: Evidence) -> Iterator[Duty]:
    """Yield open gaps, handovers, and other shifts from ten minutes before them until they are confirmed."""
    gaps, named, handovers = evidence.rows(select(GAP)), _name_shifts(evidence), _list_handovers(evidence)
    for seat in evidence.rota.history:
        for gap in evidence.rota.gaps(seat):
            names = {
                f"{subjects.GAP}{row.number}"
                for row in gaps
                if row.seat == seat and row.start < gap.end and gap.start < row.end + MINUTE
            }
            yield Duty(f"{gap}", frozenset(names), max(gap.start, gap.since), gap.end, OPEN_GAP)
        for shift in evidence.rota.shifts(seat):
            if shift.cell is None or shift.cell.absent or shift.since > shift.start - HOUR:
                continue
            confirmed_at = evidence.first_presses.get((seat, shift.start, "confirmed"), shift.end)
            names = named.get((seat, shift.cell.member, shift.start), set())
            begins, ends = shift.start - CALLED_BEFORE, min(confirmed_at, shift.end)
            if handed := handovers.get((seat, shift.start)):
                yield from _list_halves(evidence, shift, handed, _name_changes(shift.start, named, handovers))
            else:
                yield Duty(f"{shift}", frozenset(names), begins, ends, UNCONFIRMED)


def _list_halves(
    evidence: Evidence, shift: ReferenceInterval, handed: Sequence[HandoverName], names: frozenset[str]
) -> Iterator[Duty]:
    """Yield both halves of a handover, each until its press. A page about any change at the instant tells of it."""
    assert shift.cell is not None  # noqa: S101 - only such are told
    people = {name.outgoing for name in handed if name.incoming == shift.cell.member}
    if len(people) != 1:
        return  # the plan was changed meanwhile
    members, begins = evidence.world.rota.members, shift.start - HANDED_BEFORE
    for person, press in ((people.pop(), "hand_over"), (shift.cell.member, "take_over")):
        pressed_at = evidence.first_presses.get((shift.seat, shift.start, press), shift.end)
        yield Duty(
            f"{shift}: {press} {person}", names, begins, min(pressed_at, shift.end), HANDED,
            members[person].slack_id, HANDED_BEFORE + NOTICED_AFTER,
        )  # fmt: skip


def _name_changes(
    at: datetime,
    named: Mapping[tuple[str, str, datetime], set[str]],
    handovers: Mapping[tuple[str, datetime], Sequence[HandoverName]],
) -> frozenset[str]:
    """Return the names by which the bot speaks of what changes at an instant."""
    shifts = (name for (_, _, start), names in named.items() if start == at for name in names)
    handed = (str(name) for (_, changes_at), names in handovers.items() if changes_at == at for name in names)
    return frozenset([*shifts, *handed])


def _name_shifts(evidence: Evidence) -> Mapping[tuple[str, str, datetime], set[str]]:
    """Return the names by which the bot speaks of each shift."""
    named: dict[tuple[str, str, datetime], set[str]] = {}
    query = select(OUTBOX.c.subject).where(OUTBOX.c.subject.startswith(subjects.SHIFT)).distinct()
    for subject in evidence.rows(query):
        name = subjects.shift_of(subject[0])
        named.setdefault((name.place.seat, name.person, round_up_to_minute(name.start)), set()).add(subject[0])
    return named


def _list_handovers(evidence: Evidence) -> Mapping[tuple[str, datetime], Sequence[HandoverName]]:
    """Return the handovers that had a card, by seat and instant."""
    handovers: dict[tuple[str, datetime], list[HandoverName]] = {}
    query = select(OUTBOX.c.subject).where(OUTBOX.c.what == MessageKind.HANDOVER).distinct()
    for subject in evidence.rows(query):
        name = subjects.handover_of(subject[0])
        handovers.setdefault((name.place.seat, round_up_to_minute(name.at)), []).append(name)
    return handovers


def _check_asked_again(evidence: Evidence, waits: Iterable[Wait]) -> Iterator[Violation]:
    """Check that no message in Slack asks to acknowledge a case that was acknowledged before the message came."""
    waited: dict[int, list[tuple[datetime, datetime]]] = {}
    for number, _, begins, ends in waits:
        waited.setdefault(number, []).append((begins, ends + MINUTE))
    rows = {row.id: row for row in evidence.rows(select(OUTBOX))}
    listed: dict[str, set[int]] = {}
    for row in rows.values():
        listed.setdefault(row.listed_in or row.id, set()).add(row.number or 0)
    for message in evidence.messages:
        row = rows.get(message.outbox_id)
        if row is None or not message.user or not (row.what == MessageKind.CALL or row.step == UNACKNOWLEDGED_STEP):
            continue
        spans = [span for number in listed.get(message.outbox_id, ()) for span in waited.get(number, ())]
        if not any(begins <= message.at <= ends for begins, ends in spans):
            about = f"CSP-{row.number} {format_time(message.at)}"
            yield Violation(N_("asked again for what was done"), message.at, about)


def _bot_outages(evidence: Evidence) -> Outages:
    log = evidence.world.event_log
    return Outages([*log.stops, *((begins - HOUR, ends + HOUR) for begins, ends in log.clock_errors)], CATCHING_UP)
