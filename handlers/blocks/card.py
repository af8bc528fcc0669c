"""The card in the escalation channel: what everybody must see at a glance, and what may be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.blocks import block_kit, card_buttons, case_row, review_outcome, turn_line
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.deadlines import acknowledge_by, is_snoozed
from models.rules.escalations.escalation import ENDED, Escalation, ReviewState, Status
from models.rules.escalations.request import RequestKind
from models.rules.escalations.reviews import BY_LEAD
from models.rules.escalations.transitions import missing_before_filing
from models.rules.policy.vendor import VendorPolicy

Row = tuple[str, Sequence[block_kit.Element]]
"""A label and its value."""


@dataclass(frozen=True)
class CardDetails:
    """What a card shows besides the facts of the escalation itself."""

    turn_line: str = ""  # whose turn it is and until when.
    rows: Sequence[Row] = ()  # below the other facts.
    lead_note: str = ""  # what the lead wrote who sent it back.
    informs_all: bool = False  # whether customers of attached cases can be informed with its own.


NO_DETAILS = CardDetails()


def blocks(
    escalation: Escalation,
    words: Words,
    policy: VendorPolicy,
    raiser: str,
    now: datetime,
    details: CardDetails = NO_DETAILS,
) -> list[block_kit.Block]:
    """Return the whole card as it is ``now``; ``raiser`` is a name."""
    heading = f"{labels.SEVERITY_SIGN[escalation.current_severity]} {escalation.name} · {escalation.title}"
    turn = [(words("Whose turn"), turn_line.draw(details.turn_line))] if details.turn_line else []
    own_facts = facts(escalation, words, policy, now, details.lead_note)
    return [
        block_kit.header(heading),
        block_kit.rich(
            block_kit.facts([*turn, *own_facts, *details.rows], words.colon),
            block_id=f"card:{escalation.name}",
        ),
        block_kit.actions(card_buttons.buttons(escalation, words, now, informs_all=details.informs_all)),
        _foot(escalation, words, raiser),
    ]


def called(mentions: Sequence[block_kit.Element], words: Words) -> list[Row]:
    """Return who is called, by mentions; nothing when nobody is."""
    spaced = [part for element in mentions for part in (element, block_kit.run(" "))]
    return [(f"📟 {words('Called')}", spaced)] if mentions else []


def related(
    escalation: Escalation, duplicates: Sequence[int], urls: Mapping[int, str], words: Words, uses: int = 0,
    children: Sequence[int] = (),
) -> list[Row]:  # fmt: skip
    """Return the escalation that this one repeats, and those that repeat it; the one by whose fix it was solved.

    Also its parent, the case of a listed incident, and its ``children``.

    ``urls`` are addresses of their cards. ``uses`` counts the cases that its own fix solved.
    """

    def name(number: int) -> block_kit.Element:
        url = urls.get(number, "")
        return block_kit.link(url, f"CSP-{number}") if url else block_kit.run(f"CSP-{number}")

    original = escalation.duplicate_of
    rows: list[Row] = [(words(labels.FIELD["original"]), [name(original)])] if original else []
    if escalation.parent:
        rows.append((f"🧩 {words(labels.FIELD['parent'])}", [name(escalation.parent)]))
    if children:
        attached = [part for number in children for part in (name(number), block_kit.run(" "))]
        rows.append((f"🧩 {words('Attached cases')}", attached))
    if duplicates:
        listed = [part for number in duplicates for part in (name(number), block_kit.run(" "))]
        rows.append((words("Duplicates"), listed))
    if escalation.solved_from and (
        urls.get(escalation.solved_from) or solved_as(escalation) not in (escalation.fix or "")
    ):
        rows.append((words(labels.FIELD["solved_from"]), [name(escalation.solved_from)]))
    if escalation.solved_by_article and f"KB-{escalation.solved_by_article}" not in (escalation.fix or ""):
        rows.append((words(labels.FIELD["solved_from"]), [block_kit.run(f"KB-{escalation.solved_by_article}")]))
    if uses:
        rows.append((words("Its fix"), [block_kit.run(count_uses(uses, words))]))
    return rows


def solved_as(escalation: Escalation) -> str:
    """Return the name of the case or article by which a case was solved; empty for none."""
    if escalation.solved_by_article:
        return f"KB-{escalation.solved_by_article}"
    return f"CSP-{escalation.solved_from}" if escalation.solved_from else ""


def count_uses(uses: int, words: Words) -> str:
    """Return how many other cases the fix of a case solved."""
    return words.plural("solved {n} more case", "solved {n} more cases", uses)


def facts(
    escalation: Escalation, words: Words, policy: VendorPolicy, now: datetime, lead_note: str = ""
) -> list[tuple[str, Sequence[block_kit.Element]]]:
    """Return label and value of what the card shows; ``lead_note`` is what the lead wrote who sent it back."""
    e, field = escalation, labels.FIELD
    rows: list[tuple[str, Sequence[block_kit.Element]]] = [
        (words(field["status"]), [block_kit.run(status(e, words), "bold")])
    ]
    rows += _waiting(e, words, policy, now)
    rows += [(words(field["severity"]), [block_kit.run(labels.describe_severity(e, words))])]
    rows += [(label, [block_kit.run(value)]) for label, value in subject(e, words, policy)]
    rows += _review(e, words, policy, lead_note)
    if missing := () if e.is_filed_elsewhere else missing_before_filing(e):
        rows.append((f"❓ {words('Still missing')}", [block_kit.run(labels.list_fields(missing, words))]))
    rows += [
        (
            words(field["owner"]),
            [block_kit.person(e.owner)] if e.owner else [block_kit.run(words("nobody yet"), "italic")],
        )
    ]
    if e.request_number:
        rows.append((words(field["request_number"]), [block_kit.run(e.request_number, "code")]))
    if e.kind is RequestKind.CUSTOMER:
        informed = (
            [block_kit.person(e.told_by), block_kit.run(" "), block_kit.when(e.told_at)]
            if e.told_by and e.told_at
            else None
        )
        not_informed = words("not informed") if e.status is Status.CLOSED else words("not yet")
        rows.append((words("Customer informed"), informed or [block_kit.run(not_informed)]))
    return [*rows, *_past(e, words)]


def _review(e: Escalation, words: Words, policy: VendorPolicy, lead_note: str) -> list[Row]:
    """Return what it was looked at for, until it goes to 21Vianet or ends."""
    is_past = e.request_number or e.is_filed_elsewhere or e.status in {Status.RESOLVED, *ENDED}
    return [] if is_past else [*review_outcome.facts(e, policy.review, words), *review_state(e, words, lead_note)]


def review_state(e: Escalation, words: Words, lead_note: str) -> list[Row]:
    """Return until when a lead looks at it, or how that ended, with what the lead wrote."""
    if e.review is ReviewState.PENDING and e.review_until:
        return [(words("A lead looks at it until"), [block_kit.when(e.review_until)])]
    if not e.review or not e.reviewed_by or not e.reviewed_at:
        return []
    by, at = block_kit.person(e.reviewed_by), block_kit.when(e.reviewed_at)
    said = [by, block_kit.run(" ")] if e.review in BY_LEAD else []
    note = [block_kit.run(f"\n{block_kit.clip(lead_note, 300)}")] if lead_note else []
    return [(words(labels.REVIEW[e.review]), [*said, at, *note])]


def _waiting(
    e: Escalation, words: Words, policy: VendorPolicy, now: datetime
) -> list[tuple[str, Sequence[block_kit.Element]]]:
    """Return until when somebody must acknowledge it, and until when it is snoozed, by whom and why."""
    by = acknowledge_by(e, policy.reminder_times)
    rows: list[tuple[str, Sequence[block_kit.Element]]] = (
        [(words("Acknowledge by"), [block_kit.when(by)])] if by else []
    )
    if e.snoozed_until and e.snoozed_by and is_snoozed(e, now):
        because = block_kit.run(f"{words.colon}{block_kit.clip(e.snooze_reason or '', 300)}")
        until = [block_kit.when(e.snoozed_until), block_kit.run(" · "), block_kit.person(e.snoozed_by), because]
        rows.append((f"💤 {words('Snoozed until')}", until))
    return rows


def _past(e: Escalation, words: Words) -> list[tuple[str, Sequence[block_kit.Element]]]:
    """Return how it ended, or ended before; a reopened case does not show it as current."""
    rows: list[tuple[str, Sequence[block_kit.Element]]] = []
    if e.returned_on:
        rows.append((f"📮 {words('Returned as inappropriate')}", [block_kit.run(finding(e))]))
    if e.fix:
        holds = e.status in {Status.RESOLVED, Status.CLOSED}
        label = words(labels.FIELD["fix"]) if holds else words("Previous resolution")
        rows.append((label, [block_kit.run(block_kit.clip(e.fix, 300))]))
    if e.closed_by and e.closed_at:
        label = words("Closed") if e.status is Status.CLOSED else words("Previously closed")
        rows.append((label, [block_kit.person(e.closed_by), block_kit.run(" "), block_kit.when(e.closed_at)]))
    if e.withdrawn_by and e.withdrawn_at and e.status is Status.WITHDRAWN:
        rows.append(
            (words("Withdrawn"), [block_kit.person(e.withdrawn_by), block_kit.run(" "), block_kit.when(e.withdrawn_at)])
        )
    if e.status_reason:
        label = words("Reason") if e.status is Status.WITHDRAWN else words("Why it was reopened")
        rows.append((label, [block_kit.run(block_kit.clip(e.status_reason, 300))]))
    return rows


def finding(e: Escalation) -> str:
    """Return 21Vianet's finding: the day, their number, and their words."""
    given = (e.returned_on.isoformat() if e.returned_on else "", e.returned_number, e.returned_words)
    return " · ".join(block_kit.clip(text, 300) for text in given if text)


def subject(escalation: Escalation, words: Words, policy: VendorPolicy) -> list[tuple[str, str]]:
    """Return whom and what it is about: customer and service, or the kind of our own issue."""
    answers, field = escalation.answers, labels.FIELD
    if escalation.kind is RequestKind.PARTNER_CENTER:
        return [(words(labels.KIND[escalation.kind]), words(labels.CATEGORY[answers["category"]]))]
    service = policy.service(escalation.service)
    name = answers.get("workload") or ""
    workload = words.pick(name, service.workload(name).zh)
    named = " · ".join(filter(None, [words.pick(service.en, service.zh), workload]))
    scope = answers.get("scope")
    people = words.in_brackets(str(answers["affected"])) if answers.get("affected") else ""
    reach = f"{words(labels.SCOPE[scope])}{people}" if scope else ""
    rows = [
        (words(field["customer_name"]), escalation.customer_name),
        (words(field["service"]), named),
        (words(field["scope"]), reach),
    ]
    return [(label, value) for label, value in rows if value]


def status(escalation: Escalation, words: Words) -> str:
    """Return the status with its sign, and whether it was solved without 21Vianet."""
    said = f"{labels.STATUS_SIGN[escalation.status]} {words(labels.STATUS[escalation.status])}"
    ourselves = case_row.solved_by_us(escalation, words)
    return f"{said} · {ourselves}" if ourselves else said


def _foot(escalation: Escalation, words: Words, raiser: str) -> block_kit.Block:
    """Return who raised it, by name: a mention would notify the person who just pressed Submit."""
    raised = block_kit.plain(f"{words('Raised by')}{words.colon}{raiser}")
    at = block_kit.parsed(block_kit.moment(escalation.raised_at))
    hint = block_kit.plain(f"📎 {words('Screenshots and notes go into the thread.')}")
    return block_kit.aside(raised, at, *(() if escalation.status in ENDED else (hint,)))
