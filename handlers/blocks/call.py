"""Calls: the message that asks somebody to acknowledge at once, and the note about who was called.

Nothing a person typed is parsed, and people are named, not mentioned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers import ids
from handlers.blocks import block_kit, card, open_escalations, own_zone
from handlers.i18n import labels
from handlers.i18n.durations import span
from handlers.i18n.words import Words
from models.rules.escalations.acknowledgement_calls import CallTargets, OnCallPeople
from models.rules.escalations.deadlines import awaits_acknowledgement
from models.rules.escalations.escalation import Escalation, Move
from models.rules.policy.vendor import VendorPolicy

LISTED = 20
"""Escalations of one message with a button of their own; the others are counted."""


class CallState(StrEnum):
    """Whether a call still asks for something."""

    ASKS = "asks"  # waits for an acknowledgement
    REMINDED = "reminded"  # a later reminder asks for the same
    OVER = "over"  # nothing is asked any more


@dataclass(frozen=True)
class CalledCase:
    """One escalation somebody is called about."""

    case: Escalation
    move: Move | None  # the move that called
    by: str = ""  # the name of who made that move
    owner: str = ""  # the name of the owner
    due: datetime | None = None  # UTC; until when to acknowledge
    url: str = ""  # the address of its card; empty while there is none
    is_yours: bool = False  # whether the reader owns it
    state: CallState = CallState.ASKS
    called_at: datetime | None = None  # UTC; when that move was made

    @property
    def name(self) -> str:
        """Its name as a link to its card, escaped."""
        return f"*<{self.url}|{self.case.name}>*" if self.url else f"*{self.case.name}*"


def blocks(
    called: Sequence[CalledCase], why: str, words: Words, policy: VendorPolicy, now: datetime
) -> list[block_kit.Block]:
    """Return one message for all these escalations. ``why`` says why the reader is called."""
    if len(called) == 1:
        return _single(called[0], why, words, policy, now)
    shown = [_draw_listed(case, words, now) for case in called[:LISTED]]
    more = len(called) - len(shown)
    text = words("… and {n} more. `/csp-escalate list` lists them.", n=more)
    return [block_kit.section(_heading(called, why, words)), *shown, *([block_kit.context(text)] if more else [])]


def fallback(called: Sequence[CalledCase], why: str, words: Words, local: str, now: datetime) -> str:
    """Return the same in short, escaped, for notifications and screen readers.

    ``local`` is the local time until which the first one is to be acknowledged.
    """
    if len(called) > 1:
        names = words.join_items(listed.case.name for listed in called[:LISTED])
        return block_kit.clip(f"{_heading(called, why, words)}\n{names}", block_kit.FALLBACK // 6)
    if called[0].state is not CallState.ASKS:
        return block_kit.cut(_ended(called[0], words, now), block_kit.FALLBACK // 6)
    case = called[0].case
    facts = [case.name, labels.describe_severity(case, words), open_escalations.customer(case, words), case.title]
    by = f"{words('Acknowledge by')}{words.colon}{local}"
    return block_kit.entities(block_kit.clip(f"📟 {' · '.join([*facts, by])}", block_kit.FALLBACK // 6))


def _heading(called: Sequence[CalledCase], why: str, words: Words) -> str:
    n = sum(case.state is CallState.ASKS for case in called)
    text = words.plural(
        "{n} escalation is waiting for acknowledgement.", "{n} escalations are waiting for acknowledgement.", n
    )
    return "\n".join(filter(None, [f"📟 {text}", why if n else ""]))


def _single(called: CalledCase, why: str, words: Words, policy: VendorPolicy, now: datetime) -> list[block_kit.Block]:
    if called.state is not CallState.ASKS:
        return [block_kit.section(_ended(called, words, now))]
    due = own_zone.in_sentence(called.due, words) if called.due else ""
    request = words("Please acknowledge it by {time}.", time=due) if due else ""
    text = "\n".join(filter(None, [f"📟 {_what_happened(called, words)}", why, request]))
    rows = [(words(labels.FIELD["severity"]), [block_kit.run(labels.describe_severity(called.case, words))])]
    rows += [(label, [block_kit.run(value)]) for label, value in card.subject(called.case, words, policy)]
    title = block_kit.line(
        block_kit.run(f"{labels.SEVERITY_SIGN[called.case.current_severity]} {called.case.title}", "bold")
    )
    return [
        block_kit.section(text),
        block_kit.rich(title, block_kit.facts(rows, words.colon)),
        block_kit.actions([_button(called, words)]),
    ]


def _what_happened(called: CalledCase, words: Words) -> str:
    who, owner = block_kit.escape(called.by), block_kit.escape(called.owner)
    if called.move is Move.HAND_OVER and called.is_yours:
        return words("{who} reassigned {name} to you.", who=who, name=called.name)
    if called.move is Move.HAND_OVER:
        return words("{who} reassigned {name} to {owner}.", who=who, name=called.name, owner=owner)
    if called.move is Move.REOPEN:
        return words("{who} reopened {name}.", who=who, name=called.name)
    return words("{who} raised {name}.", who=who, name=called.name)


def _draw_listed(called: CalledCase, words: Words, now: datetime) -> block_kit.Block:
    """Return one of several: two lines and its button."""
    if called.state is not CallState.ASKS:
        return block_kit.section(_ended(called, words, now))
    about = block_kit.escape(
        f"{open_escalations.customer(called.case, words)} · {block_kit.clip(called.case.title, 80)}"
    )
    shape = block_kit.NUMERIC if words.is_both else block_kit.WORDED
    by = f"{words('Acknowledge by')}{words.colon}{block_kit.moment(called.due, shape)}" if called.due else ""
    facts = [block_kit.escape(labels.describe_severity(called.case, words)), block_kit.escape(called.by), by]
    sign = labels.SEVERITY_SIGN[called.case.current_severity]
    return block_kit.section(
        f"{sign} {called.name} · {about}\n{' · '.join(filter(None, facts))}", _button(called, words)
    )


def _ended(called: CalledCase, words: Words, now: datetime) -> str:
    if called.state is CallState.REMINDED:
        about = f"{called.name} · {block_kit.escape(block_kit.clip(called.case.title, 60))}"
        return f"⤵️ {words('A newer reminder is below: {what}', what=about)}"
    return open_escalations.current_state(
        open_escalations.EscalationLine(called.case, url=called.url), called.owner, words, now
    )


def _button(called: CalledCase, words: Words) -> block_kit.Element:
    value = str(ids.EscalationSubject(called.case.number, called.case.version))
    return block_kit.button(words(labels.MOVE[Move.ACKNOWLEDGE]), ids.move_button(Move.ACKNOWLEDGE), value, "primary")


@dataclass(frozen=True)
class CallOutcome:
    """Who was called about an escalation, and who is called next while nobody acknowledges."""

    names: Sequence[str]  # Who was called.
    channel: bool = False  # Whether the on-call channel was called: nobody is on call.
    backup: Sequence[str] = ()  # Who is called next.
    leads: Sequence[str] = ()  # Who is called next where there is no backup.
    wait: timedelta = timedelta()  # Until the next are called.


def find_outcome(
    case: Escalation, called: CallTargets, on_call: OnCallPeople, name_of: Callable[[str], str]
) -> CallOutcome:
    """Return who was called about an escalation, and who is next. ``name_of`` turns a Slack id into a name."""
    names = [name_of(user) for user in called.people]
    wait = on_call.reminder_times.acknowledge[case.severity]
    if not awaits_acknowledgement(case) or not wait:
        return CallOutcome(names, bool(called.channel))
    backup = [name_of(user) for user in on_call.backup if user not in called.people]
    leads = [] if on_call.backup else [name_of(user) for user in on_call.leads if user not in called.people]
    return CallOutcome(names, bool(called.channel), backup, leads, wait)


def describe_outcome(outcome: CallOutcome, words: Words) -> str:
    """Return “王博 has been called. Unless somebody acknowledges within 3 min, …”; empty when nobody was called."""
    return (
        words.line_per_language(lambda reader: _describe_outcome(outcome, reader))
        if outcome.names or outcome.channel
        else ""
    )


def _describe_outcome(outcome: CallOutcome, words: Words) -> str:
    who, n, wait = words.join_items(outcome.names), len(outcome.names), span(outcome.wait, words)
    if outcome.channel and not n:
        return words("Nobody is on call. The on-call channel has been called.")
    if outcome.channel:
        return words("Nobody is on call. {who} and the on-call channel have been called.", who=who)
    next_names = words.join_items(outcome.backup or outcome.leads)
    if outcome.backup:
        return words.plural(
            "{who} has been called. Unless somebody acknowledges within {lasts}, the backup is called: {next}.",
            "{who} have been called. Unless somebody acknowledges within {lasts}, the backup is called: {next}.", n,
            who=who, lasts=wait, next=next_names,
        )  # fmt: skip
    if outcome.leads:
        return words.plural(
            "{who} has been called. Unless somebody acknowledges within {lasts}, the leads are called: {next}.",
            "{who} have been called. Unless somebody acknowledges within {lasts}, the leads are called: {next}.", n,
            who=who, lasts=wait, next=next_names,
        )  # fmt: skip
    return words.plural("{who} has been called.", "{who} have been called.", n, who=who)
