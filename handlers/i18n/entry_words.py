"""What an entry of the history says, in words that follow the name of who did it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from handlers.i18n import labels
from handlers.i18n.fix_words import names_origin
from handlers.i18n.message_kinds import MESSAGE_KINDS
from handlers.i18n.words import N_, Words
from models.rules.escalations.escalation import HistoryEntry, Move, ParentBond
from models.rules.escalations.transitions import CAME_BY, DISCARDED, FOLLOWS, LINK, MESSAGE, OPERATOR, RETRIED
from models.rules.outbox.message_kinds import MessageKind
from models.rules.times import parse_utc

GOES_ON_ALONE = N_("resolved or withdrew {name}, so this case no longer follows it")
FOLLOWS_AGAIN = N_("reopened {name}, so this case follows it again")

_DECIDED = {
    DISCARDED: (
        N_("does not send a message ({what}): {who} decided so at the terminal"),
        N_("does not send message {n} ({what}): {who} decided so at the terminal"),
    ),
    RETRIED: (
        N_("sends a discarded message after all ({what}): {who} decided so at the terminal"),
        N_("sends discarded message {n} after all ({what}): {who} decided so at the terminal"),
    ),
}
"""What an operator decided about a message of the outbox; the program is the author. Older entries have no number."""


def done(entry: HistoryEntry, words: Words) -> str:
    """Return what somebody did."""
    if attached_link(entry):
        return words("attached a message")
    if decision := next((name for name in _DECIDED if name in entry.changes), ""):
        return _describe_decided_message(entry, decision, words)
    if entry.move is Move.DUPLICATE and (original := entry.changes["duplicate_of"][1]):
        return words("marked it as a duplicate of {name}", name=f"CSP-{original}")
    if entry.move is Move.PARENT:
        return _changed_parent(entry, words)
    if entry.move is Move.RETURNED and takes_finding_back(entry):
        return words("recorded that 21Vianet did not return it after all")
    return words("added missing answers") if adds_answers(entry) else words(labels.DONE[entry.move])


def _changed_parent(entry: HistoryEntry, words: Words) -> str:
    """Return to which incident's case it was attached, or that it goes on alone or follows again."""
    parent, bond = (entry.changes.get(name, [None, None])[1] for name in ("parent", "parent_bond"))
    if FOLLOWS in entry.changes:
        says = GOES_ON_ALONE if bond == ParentBond.OVER else FOLLOWS_AGAIN
        return words(says, name=entry.changes[FOLLOWS][1])
    return words("attached it to {name}", name=f"CSP-{parent}") if parent else words(labels.DONE[entry.move])


def takes_finding_back(entry: HistoryEntry) -> bool:
    """Return whether an entry says that 21Vianet did not find the case inappropriate after all."""
    return "returned_on" in entry.changes and entry.changes["returned_on"][1] is None


def adds_answers(entry: HistoryEntry) -> bool:
    """Return whether a correction only answers what was not answered before."""
    befores = [values[0] for values in entry.changes.values() if isinstance(values, list)]
    return entry.move is Move.CORRECT and not any(befores)


def _describe_decided_message(entry: HistoryEntry, decision: str, words: Words) -> str:
    """Return what which operator decided about which message. The operator is a typed name, which may be erased."""
    number = entry.changes.get(MESSAGE, [None, 0])[1]
    without_number, with_number = _DECIDED[decision]
    kind = words(MESSAGE_KINDS[MessageKind(entry.changes[decision][1])])
    says = with_number if number else without_number
    return words(says, n=number, what=kind, who=find_operator(entry))


def find_operator(entry: HistoryEntry) -> str:
    """Return the typed name of the operator who decided about a message; older entries have it as their author."""
    return str(entry.changes.get(OPERATOR, [None, entry.by])[1])


def done_with_facts(entry: HistoryEntry, words: Words, write_time: Callable[[datetime], str]) -> str:
    """Return what somebody did, with all that the entry says of it, as one text. ``write_time`` writes an instant."""
    said_facts = (f"{text} {write_time(at)}" if at else text for text, at in facts(entry, words))
    return done(entry, words) + "".join(said_facts)


def attached_link(entry: HistoryEntry) -> str:
    """Return the address of the message that an entry keeps; empty when it keeps none."""
    return str(entry.changes[LINK][1]) if entry.move is Move.NOTE and LINK in entry.changes else ""


def facts(entry: HistoryEntry, words: Words) -> Iterator[tuple[str, datetime | None]]:
    """Yield what an entry says besides what was done, and how the move came where it was not made in Slack.

    The parts are those of :func:`_facts`.
    """
    yield from _facts(entry, words)
    if CAME_BY in entry.changes:
        yield labels.name_way(entry.changes[CAME_BY][1], words), None


def _facts(entry: HistoryEntry, words: Words) -> Iterator[tuple[str, datetime | None]]:
    """Yield what an entry says of the turn, the severity 21Vianet gave, and what the customer was promised.

    Each begins with what separates it from the words before. An instant (UTC) that belongs to it comes beside it.
    """
    after = {name: values[1] for name, values in entry.changes.items() if isinstance(values, list)}
    if FOLLOWS in after and entry.move is not Move.PARENT:
        yield f" · {words('with its original {name}', name=after[FOLLOWS])}", None
    if entry.move is Move.REOPEN and "duplicate_of" in after:
        original = f"CSP-{entry.changes['duplicate_of'][0]}"
        yield f" · {words('no longer a duplicate of {name}', name=original)}", None
    solved_as = _name_solution(after)
    if solved_as and not names_origin(entry.text, solved_as):
        yield f" · {words('in the same way as {name}', name=solved_as)}", None
    if entry.move is Move.TURN:
        yield f"{words.colon}{words(labels.TURN[after['turn']])}", None
    if entry.move is Move.RECORD and after.get("severity_given"):
        yield f" · {words('severity given: {severity}', severity=after['severity_given'])}", None
    if entry.move is Move.RETURNED:
        yield from ((f" · {after[name]}", None) for name in ("returned_on", "returned_number") if after.get(name))
    if entry.move in {Move.TELL, Move.TELL_DETAILS}:
        if through := after.get("told_through"):
            yield f" · {words(labels.INFORMED_BY[through])}", None
        if promised := after.get("promised_at"):
            yield f" · {words('next update')}", parse_utc(promised)


def _name_solution(after: Mapping[str, Any]) -> str:
    """Return the name of the case or article by which an entry says that a case was solved; empty for none."""
    if article := after.get("solved_by_article"):
        return f"KB-{article}"
    return f"CSP-{after['solved_from']}" if after.get("solved_from") else ""
