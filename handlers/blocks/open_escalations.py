"""Escalations as they are told unasked: the reminder of one, the list of each day, a line in a handover's note.

Whoever reads it may be in no other channel than that of the duty: of a customer only the name and a short title are
shown, and nothing a person typed is ever parsed. People are named, not mentioned: who is called is said apart.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.durations import MINUTE, span
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep, find_awaited_step, is_snoozed, last_activity, waiting_since
from models.rules.escalations.escalation import Escalation, Move, Status

LISTED = 20
"""So many are named; the rest is counted."""
OFFERED = {
    AwaitedStep.ACKNOWLEDGEMENT: (Move.ACKNOWLEDGE,),
    AwaitedStep.PROGRESS: (Move.NOTE, Move.SNOOZE),
    AwaitedStep.ANSWER: (Move.NOTE, Move.SNOOZE),
    AwaitedStep.INFORMING: (Move.TELL, Move.NOTE, Move.SNOOZE),
    AwaitedStep.CLOSING: (Move.CLOSE, Move.NOTE, Move.SNOOZE),
}
"""What a reminder offers: the step that is waited for, or a word that ends the silence."""
RAISED = N_("raised {lasts} ago"), N_("raised just now")
CLOSED = N_("closed {lasts} ago"), N_("closed just now")
WITHDRAWN = N_("withdrawn {lasts} ago"), N_("withdrawn just now")
"""How long ago it was, and what is said within the first minute."""
SNOOZED = N_("snoozed for {lasts} more")
_STEPS = frozenset({Move.ACKNOWLEDGE, Move.TELL, Move.CLOSE})


@dataclass(frozen=True)
class EscalationLine:
    """An escalation that is not ended, whose turn it is (names, empty for nobody), and the address of its card, empty
    while there is none.
    """

    case: Escalation
    turn: str = ""
    url: str = ""


def sentence(it: EscalationLine, words: Words, now: datetime, *, linked: bool = True) -> str:
    """What is said of an escalation nobody took, or nobody speaks of; Slack parses it."""
    case = it.case
    name = f"*<{it.url}|{case.name}>*" if it.url and linked else case.name
    return f"{labels.SEVERITY_SIGN[case.severity]} " + words.each(lambda one: _since(case, name, one, now))


def _since(case: Escalation, name: str, words: Words, now: datetime) -> str:
    if find_awaited_step(case) is AwaitedStep.ACKNOWLEDGEMENT:
        lasts = span(now - waiting_since(case), words)
        return words("{name} has been waiting {lasts} for acknowledgement.", name=name, lasts=lasts)
    lasts = span(now - last_activity(case), words)
    return words("No activity on {name} for {lasts}.", name=name, lasts=lasts)


def over(it: EscalationLine, owner: str, words: Words, now: datetime) -> str:
    """In one line in place of a reminder that asks for nothing any more: which it is, and how it stands; Slack parses
    it.
    """
    case = it.case
    state = words(labels.STATUS[case.status])
    if case.status is Status.ACKNOWLEDGED and owner:
        state = words("Acknowledged by {name}", name=block_kit.clip(owner, 60))
    facts = [block_kit.escape(state)]
    if is_snoozed(case, now):
        facts.append(f"💤 {words('Snoozed')}")
    return f"{labels.STATUS_SIGN[case.status]} {_in_one_line(it, facts, words)}"


def _in_one_line(it: EscalationLine, facts: Sequence[str], words: Words) -> str:
    """Its name, whom it is about, and more ``facts``; Slack parses it."""
    name = f"*<{it.url}|{it.case.name}>*" if it.url else it.case.name
    return " · ".join([name, block_kit.escape(customer(it.case, words)), *facts])


def fallback(it: EscalationLine, words: Words, now: datetime) -> str:
    """The reminder in two short lines, for notifications; Slack parses it."""
    about = f"{words(labels.SEVERITY[it.case.severity])} · {_about(it.case, words)}"
    return f"{sentence(it, words, now, linked=False)}\n{block_kit.escape(about)}"


def reminder(it: EscalationLine, words: Words) -> block_kit.Block:
    """Below the sentence: whom and what it is about, how severe it is, and whose turn it is."""
    rows = block_kit.facts([_severity(it.case, words), _turn(it, words)], words.colon)
    return block_kit.rich(block_kit.line(block_kit.run(_about(it.case, words))), rows)


def to_reassign(it: EscalationLine, words: Words) -> block_kit.Block:
    """One escalation whose owner has left, in one line, with the button to give it to somebody else."""
    value = str(ids.EscalationSubject(it.case.number, it.case.version))
    return block_kit.section(
        _in_one_line(it, [block_kit.escape(block_kit.clip(it.case.title, 80))], words),
        block_kit.button(words("Reassign"), ids.card(Move.HAND_OVER), value),
    )


def in_thread(it: EscalationLine, words: Words) -> block_kit.Block:
    """Below the sentence in the thread of its card, which says all else."""
    return block_kit.rich(block_kit.facts([_turn(it, words)], words.colon))


def buttons(case: Escalation, possible: Collection[Move], words: Words) -> list[block_kit.Block]:
    """What a reminder offers, of what is possible."""
    what, value = find_awaited_step(case), str(ids.EscalationSubject(case.number, case.version))
    moves = [move for move in OFFERED[what] if move in possible] if what else []
    shown = [
        block_kit.button(words(labels.MOVE[move]), ids.card(move), value, "primary" if move in _STEPS else None)
        for move in moves
    ]
    return [block_kit.actions(shown)] if shown else []


def digest(told: Sequence[EscalationLine], total: int, words: Words, now: datetime) -> list[block_kit.Block]:
    """What is open, oldest first; or that nothing is."""
    if not told:
        return [block_kit.section("🌤️ " + words("No escalations are open. Good morning."))]
    title = words.plural("{n} escalation is open, oldest first", "{n} escalations are open, oldest first", total)
    blocks = [block_kit.rich(block_kit.line(block_kit.run(f"🗒️ {title}", "bold")))]
    blocks += [block_kit.rich(_listed(it, words, now)) for it in told]
    if total > len(told):
        more = words("… and {n} more. `/csp-escalate list` lists them.", n=total - len(told))
        blocks.append(block_kit.context(more))
    return blocks


def _listed(it: EscalationLine, words: Words, now: datetime) -> block_kit.Element:
    """Two short lines: what it is, and how long it has been open and whose turn it is."""
    case, what = it.case, find_awaited_step(it.case)
    name = block_kit.link(it.url, case.name) if it.url else block_kit.run(case.name, "bold")
    facts = [words(labels.SEVERITY[case.severity]), *ages(case, words, now), _next(it, words) if what else ""]
    about = f" · {_about(case, words)}\n{' · '.join(filter(None, facts))}"
    return block_kit.line(block_kit.run(f"{labels.SEVERITY_SIGN[case.severity]} "), name, block_kit.run(about))


def ages(escalation: Escalation, words: Words, now: datetime) -> list[str]:
    """How long ago it was raised, or ended; and how long it still sleeps."""
    e = escalation
    if e.status is Status.CLOSED and e.closed_at:
        return [_ago(CLOSED, e.closed_at, now, words)]
    if e.status is Status.WITHDRAWN and e.withdrawn_at:
        return [_ago(WITHDRAWN, e.withdrawn_at, now, words)]
    told = [_ago(RAISED, e.raised_at, now, words)]
    if e.snoozed_until and is_snoozed(e, now):
        sleeps = e.snoozed_until - now
        told.append(f"💤 {words.beside(lambda one: one(SNOOZED, lasts=span(sleeps, one)))}")
    return told


def _ago(said: tuple[str, str], at: datetime, now: datetime, words: Words) -> str:
    some_time, just_now = said
    if now - at < MINUTE:
        return words(just_now)
    return words.beside(lambda one: one(some_time, lasts=span(now - at, one)))


def line(case: Escalation, words: Words) -> block_kit.Element:
    """One open case in a handover's note: what it is, how it stands, and whose it is."""
    state = words(labels.STATUS[case.status])
    heading = f"{labels.SEVERITY_SIGN[case.severity]} {case.name} · {_about(case, words)} · {state} · "
    owner = block_kit.person(case.owner) if case.owner else block_kit.run(words("nobody yet"), "italic")
    return block_kit.line(block_kit.run(heading), owner)


def _about(case: Escalation, words: Words) -> str:
    """The customer, or the kind of our own issue, and the title."""
    return f"{customer(case, words)} · {block_kit.clip(case.title, 80)}"


def customer(case: Escalation, words: Words) -> str:
    """The customer, or the kind of our own issue."""
    return block_kit.clip(case.customer_name or words(labels.KIND[case.kind]), 60)


def _severity(case: Escalation, words: Words) -> tuple[str, list[block_kit.Element]]:
    return words(labels.FIELD["severity"]), [block_kit.run(words(labels.SEVERITY[case.severity]))]


def _turn(it: EscalationLine, words: Words) -> tuple[str, list[block_kit.Element]]:
    return words("Next action"), [block_kit.run(_next(it, words))]


def _next(it: EscalationLine, words: Words) -> str:
    """Who should do what next."""
    what = find_awaited_step(it.case)
    who = block_kit.clip(it.turn, 60) or words("nobody on call")
    return f"{who} · {words(labels.AWAITED[what])}" if what else who
