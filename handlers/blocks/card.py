"""The card in the escalation channel: what everybody must see at a glance, and what may be done next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit, case_row, review_outcome
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import acknowledge_by, is_snoozed
from models.rules.escalations.escalation import ENDED, Escalation, Move, ReviewState, Status, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.reviews import BY_LEAD, TO_BE_SOLVED
from models.rules.escalations.similarity import is_solution
from models.rules.escalations.transitions import list_moves, missing_before_filing
from models.rules.policy.vendor import VendorPolicy

MOST_BUTTONS = 3
"""On a phone each button takes a line of its own."""
Action = tuple[str, str]
"""What can be pressed: its label as a key of the catalogue, and its action id."""
Row = tuple[str, Sequence[block_kit.Element]]
"""A label and its value."""
ADD_ANSWERS: Action = labels.ADD_DETAILS, ids.move_button(Move.CORRECT)
"""What asks for the missing answers: the form that corrects a request has all of its fields."""


def blocks(
    escalation: Escalation,
    words: Words,
    policy: VendorPolicy,
    raiser: str,
    now: datetime,
    turn_line: str = "",
    more: Sequence[Row] = (),
) -> list[block_kit.Block]:
    """Return the whole card as it is ``now``.

    ``raiser`` is a name; ``turn_line`` says whose turn it is and until when; ``more`` stands below the other facts.
    """
    heading = f"{labels.SEVERITY_SIGN[escalation.severity]} {escalation.name} · {escalation.title}"
    turn = [(words("Whose turn"), [block_kit.run(turn_line)])] if turn_line else []
    return [
        block_kit.header(heading),
        block_kit.rich(
            block_kit.facts([*turn, *facts(escalation, words, policy, now), *more], words.colon),
            block_id=f"card:{escalation.name}",
        ),
        block_kit.actions(buttons(escalation, words, now)),
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
    escalation: Escalation, words: Words, policy: VendorPolicy, now: datetime
) -> list[tuple[str, Sequence[block_kit.Element]]]:
    """Return label and value of what the card shows."""
    e, field = escalation, labels.FIELD
    rows: list[tuple[str, Sequence[block_kit.Element]]] = [
        (words(field["status"]), [block_kit.run(status(e, words), "bold")])
    ]
    rows += _waiting(e, words, policy, now)
    rows += [(words(field["severity"]), [block_kit.run(severity(e, words))])]
    rows += [(label, [block_kit.run(value)]) for label, value in subject(e, words, policy)]
    rows += _review(e, words, policy)
    if missing := () if e.follows_original else missing_before_filing(e):
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


def _review(e: Escalation, words: Words, policy: VendorPolicy) -> list[Row]:
    """Return what it was looked at for, until it goes to 21Vianet or ends."""
    is_past = e.request_number or e.follows_original or e.status in {Status.RESOLVED, *ENDED}
    return [] if is_past else [*review_outcome.facts(e, policy.review, words), *_review_state(e, words)]


def _review_state(e: Escalation, words: Words) -> list[Row]:
    """Return until when a lead looks at it, or how that ended."""
    if e.review is ReviewState.PENDING and e.review_until:
        return [(words("A lead looks at it until"), [block_kit.when(e.review_until)])]
    if not e.review or not e.reviewed_by or not e.reviewed_at:
        return []
    by, at = block_kit.person(e.reviewed_by), block_kit.when(e.reviewed_at)
    said = [by, block_kit.run(" ")] if e.review in BY_LEAD else []
    return [(words(labels.REVIEW[e.review]), [*said, at])]


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


def severity(escalation: Escalation, words: Words) -> str:
    """Return the severity; where 21Vianet gave another one, both."""
    asked, given = escalation.severity, escalation.severity_given
    if given is None or given is asked:
        return words(labels.SEVERITY[asked])
    return f"{words(labels.SEVERITY[given])} · {words('we asked for {asked}', asked=asked)}"


def status(escalation: Escalation, words: Words) -> str:
    """Return the status with its sign, and whether it was solved without 21Vianet."""
    said = f"{labels.STATUS_SIGN[escalation.status]} {words(labels.STATUS[escalation.status])}"
    ourselves = case_row.solved_by_us(escalation, words)
    return f"{said} · {ourselves}" if ourselves else said


def buttons(escalation: Escalation, words: Words, now: datetime) -> list[block_kit.Element]:
    """Return what may be done now: the next steps as buttons, everything else and the views in a menu."""
    value = str(ids.EscalationSubject(escalation.number, escalation.version))
    possible = [move for move in list_moves(escalation) if move is not Move.WAKE or is_snoozed(escalation, now)]
    offered = _list_actions(escalation, possible)
    main = [action for action in _next_steps(escalation) if action in offered][: MOST_BUTTONS - 1]
    main += [action for action in (_action(Move.NOTE),) if action in offered]
    shown = [
        block_kit.button(words(label), action_id, value, "primary" if n == 0 and label in PRIMARY else None)
        for n, (label, action_id) in enumerate(main)
    ]
    rest = [(words(label), f"{action_id} {value}") for label, action_id in offered if (label, action_id) not in main]
    lookups = [
        (words("Text for 21Vianet"), f"{ids.COPY} {value}"),
        (words("History"), f"{ids.HISTORY} {value}"),
        (words("Picture of its life"), f"{ids.CASE_PICTURE} {value}"),
    ]
    of_incident = [(words(label), f"{action_id} {value}") for label, action_id in _list_incident_actions(escalation)]
    if escalation.kind is RequestKind.CUSTOMER:
        lookups.insert(1, (words("Text for the customer"), f"{ids.CUSTOMER_TEXT} {value}"))
    if is_solution(escalation):
        lookups.insert(0, (words("Keep as article"), f"{ids.ARTICLE_KEEP} {value}"))
    return [*shown, block_kit.menu(ids.CARD_MORE, words("More actions"), [*of_incident, *rest, *lookups])]


def _list_incident_actions(escalation: Escalation) -> Iterator[Action]:
    """Yield what is done for all customers of an incident at once; nothing for other cases."""
    if escalation.incident_id and not escalation.parent:
        yield N_("Inform all customers"), ids.INFORM_CHILDREN
        if escalation.fix and escalation.status in {Status.RESOLVED, Status.CLOSED}:
            yield N_("Resolve attached cases"), ids.RESOLVE_CHILDREN


def _list_actions(escalation: Escalation, possible: Sequence[Move]) -> list[Action]:
    """Return everything that can be done: each move, and the two turns that are not the current one."""
    turns = [_turn(turn) for turn in Turn if turn is not escalation.turn] if Move.TURN in possible else []
    moves = [move for move in possible if move is not Move.TURN]
    return [*turns, *(ADD_ANSWERS if move is _adding(escalation) else _action(move) for move in moves)]


def _adding(escalation: Escalation) -> Move | None:
    """Return the move by which missing answers are given; None when none is missing."""
    return Move.CORRECT if missing_before_filing(escalation) and not escalation.follows_original else None


def _next_steps(escalation: Escalation) -> tuple[Action, ...]:
    """Return the likely next steps by status and turn, most likely first. Steps that are not possible may be named."""
    before = (_action(Move.ACKNOWLEDGE), _action(Move.WAKE))
    match escalation.status:
        case Status.SUBMITTED if escalation.turn is Turn.VENDOR:
            return (*before, _action(Move.CONTACT), _turn(Turn.OURS), _action(Move.TELL), _action(Move.RESOLVE))
        case Status.SUBMITTED if escalation.turn is Turn.OURS:
            return (*before, _turn(Turn.VENDOR), _action(Move.TELL), _action(Move.RESOLVE))
        case Status.SUBMITTED:
            return (*before, _turn(Turn.OURS), _action(Move.TELL), _action(Move.RESOLVE))
        case Status.RESOLVED:
            return (*before, _action(Move.TELL), _action(Move.CLOSE), _action(Move.REOPEN))
        case Status.CLOSED | Status.WITHDRAWN:
            return (_action(Move.REOPEN),)
        case _:
            return (*before, *_steps_before_filing(escalation))


def _steps_before_filing(escalation: Escalation) -> tuple[Action, ...]:
    """Return the likely next steps of a case that has no number: to record it, unless a lead looks at it first.

    A case that follows another one needs no number of its own: only its customer is its own concern.
    """
    if escalation.follows_original:
        return (_action(Move.TELL), _action(Move.RESOLVE))
    adding = (ADD_ANSWERS,) if _adding(escalation) else ()
    tell, resolve = _action(Move.TELL), _action(Move.RESOLVE)
    if escalation.severity is not Severity.A and escalation.review in TO_BE_SOLVED:
        return (*adding, resolve, _action(Move.ASK_LEAD), tell)
    if escalation.severity is not Severity.A and escalation.review is ReviewState.PENDING:
        return (*adding, tell, resolve)
    return (*adding, _action(Move.RECORD), tell, resolve)


def _action(move: Move) -> Action:
    return labels.MOVE[move], ids.move_button(move)


def _turn(turn: Turn) -> Action:
    return labels.TURN[turn], ids.turn_button(turn)


PRIMARY = (
    frozenset({labels.ADD_DETAILS})
    | frozenset(
        labels.MOVE[move] for move in (Move.ACKNOWLEDGE, Move.RECORD, Move.CONTACT, Move.RESOLVE, Move.TELL, Move.CLOSE)
    )
    | frozenset(labels.TURN.values())
)
"""Labels that stand out as the first button: the step the case waits for."""


def _foot(escalation: Escalation, words: Words, raiser: str) -> block_kit.Block:
    """Return who raised it, by name: a mention would notify the person who just pressed Submit."""
    raised = block_kit.plain(f"{words('Raised by')}{words.colon}{raiser}")
    at = block_kit.parsed(block_kit.moment(escalation.raised_at))
    hint = block_kit.plain(f"📎 {words('Screenshots and notes go into the thread.')}")
    return block_kit.aside(raised, at, *(() if escalation.status in ENDED else (hint,)))
