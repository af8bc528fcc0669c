"""The buttons of a card: the next steps stand out, everything else and the views are in a menu."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import is_snoozed
from models.rules.escalations.escalation import Escalation, Move, ReviewState, Status, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.reviews import TO_BE_SOLVED
from models.rules.escalations.similarity import is_solution
from models.rules.escalations.transitions import list_moves, missing_before_filing

MOST_BUTTONS = 3
"""On a phone each button takes a line of its own."""
Action = tuple[str, str]
"""What can be pressed: its label as a key of the catalogue, and its action id."""
ADD_ANSWERS: Action = labels.ADD_DETAILS, ids.move_button(Move.CORRECT)
"""What asks for the missing answers: the form that corrects a request has all of its fields."""
INFORM_ALL: Action = N_("Inform all customers"), ids.INFORM_CHILDREN
"""What informs every customer of an incident with one text."""


def buttons(
    escalation: Escalation, words: Words, now: datetime, *, informs_all: bool = False
) -> list[block_kit.Element]:
    """Return what may be done now: the next steps as buttons, everything else and the views in a menu.

    ``informs_all`` says that customers of attached cases can be informed with its own: one button does so for all.
    """
    value = str(ids.EscalationSubject(escalation.number, escalation.version))
    possible = [move for move in list_moves(escalation) if move is not Move.WAKE or is_snoozed(escalation, now)]
    offered = _list_actions(escalation, possible)
    steps = [action for action in _next_steps(escalation) if action in offered]
    main = (_with_all_customers(steps) if informs_all else steps)[: MOST_BUTTONS - 1]
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
    of_incident = [
        (words(label), f"{action_id} {value}")
        for label, action_id in _list_incident_actions(escalation)
        if (label, action_id) not in main
    ]
    if escalation.kind is RequestKind.CUSTOMER:
        lookups.insert(1, (words("Text for the customer"), f"{ids.CUSTOMER_TEXT} {value}"))
    if is_solution(escalation):
        lookups.insert(0, (words("Keep as article"), f"{ids.ARTICLE_KEEP} {value}"))
    return [*shown, block_kit.menu(ids.CARD_MORE, words("More actions"), [*of_incident, *rest, *lookups])]


def _list_incident_actions(escalation: Escalation) -> Iterator[Action]:
    """Yield what is done for all customers of an incident at once; nothing for other cases."""
    if escalation.incident_id and not escalation.parent:
        yield INFORM_ALL
        if escalation.fix and escalation.status in {Status.RESOLVED, Status.CLOSED}:
            yield N_("Resolve attached cases"), ids.RESOLVE_CHILDREN


def _with_all_customers(steps: Sequence[Action]) -> list[Action]:
    """Return the next steps of a case to which others are attached: its customer is informed with theirs."""
    shown = [INFORM_ALL if step == _action(Move.TELL) else step for step in steps]
    return shown if INFORM_ALL in shown[: MOST_BUTTONS - 1] else [*shown[:1], INFORM_ALL]


def _list_actions(escalation: Escalation, possible: Sequence[Move]) -> list[Action]:
    """Return everything that can be done: each move, and the turns that it can have instead of the current one."""
    others = [
        turn for turn in Turn if turn is not escalation.turn and (turn is not Turn.VENDOR or escalation.is_with_vendor)
    ]
    turns = [_turn(turn) for turn in others] if Move.TURN in possible else []
    moves = [move for move in possible if move is not Move.TURN]
    return [*turns, *(ADD_ANSWERS if move is _adding(escalation) else _action(move) for move in moves)]


def _adding(escalation: Escalation) -> Move | None:
    """Return the move by which missing answers are given; None when none is missing."""
    return Move.CORRECT if missing_before_filing(escalation) and not escalation.is_filed_elsewhere else None


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
    if escalation.is_filed_elsewhere:
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
    frozenset({labels.ADD_DETAILS, INFORM_ALL[0]})
    | frozenset(
        labels.MOVE[move] for move in (Move.ACKNOWLEDGE, Move.RECORD, Move.CONTACT, Move.RESOLVE, Move.TELL, Move.CLOSE)
    )
    | frozenset(labels.TURN.values())
)
"""Labels that stand out as the first button: the step the case waits for."""
