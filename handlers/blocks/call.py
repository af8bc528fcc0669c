"""Calls: what is read by somebody who is asked at once to acknowledge, and what the raiser reads of who was called.

Nothing a person typed is ever parsed, and people are named, not mentioned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers import ids
from handlers.blocks import block_kit, card, open_escalations
from handlers.i18n import labels
from handlers.i18n.durations import span
from handlers.i18n.words import Words
from models.rules.escalations.calls import CallTargets, OnCallPeople
from models.rules.escalations.deadlines import AwaitedStep, find_awaited_step
from models.rules.escalations.escalation import Escalation, Move
from models.rules.policy import VendorPolicy

LISTED = 20
"""So many cases of one message have a button of their own; the rest is counted."""


class CallState(StrEnum):
    """How a call stands: it ``ASKS``; a later reminder asks for the same; or there is nothing to be asked any more."""

    ASKS = "asks"
    REMINDED = "reminded"
    OVER = "over"


@dataclass(frozen=True)
class CalledCase:
    """One case somebody is called about: the ``move`` that called, ``by`` whom (a name), what its ``owner`` is called
    and whether that is the reader (``yours``), until when to acknowledge, and the address of its card, empty while
    there is none.
    """

    case: Escalation
    move: Move | None
    by: str = ""
    owner: str = ""
    due: datetime | None = None
    url: str = ""
    yours: bool = False
    stands: CallState = CallState.ASKS

    @property
    def name(self) -> str:
        """Its name, leading to its card; Slack parses it."""
        return f"*<{self.url}|{self.case.name}>*" if self.url else f"*{self.case.name}*"


def blocks(
    called: Sequence[CalledCase], why: str, words: Words, policy: VendorPolicy, now: datetime
) -> list[block_kit.Block]:
    """One message for all of these; ``why`` says why its reader is called."""
    if len(called) == 1:
        return _one(called[0], why, words, policy, now)
    shown = [_listed(it, words, now) for it in called[:LISTED]]
    more = len(called) - len(shown)
    said = words("… and {n} more. `/csp-escalate list` lists them.", n=more)
    return [block_kit.section(_heading(called, why, words)), *shown, *([block_kit.context(said)] if more else [])]


def fallback(called: Sequence[CalledCase], why: str, words: Words, local: str) -> str:
    """The same in short, for notifications and screen readers; ``local`` is the time until which the first is to be
    acknowledged. Slack parses it, so it is escaped.
    """
    if len(called) > 1:
        names = words.listed(it.case.name for it in called[:LISTED])
        return block_kit.clip(f"{_heading(called, why, words)}\n{names}", block_kit.FALLBACK // 6)
    case = called[0].case
    facts = [case.name, words(labels.SEVERITY[case.severity]), open_escalations.customer(case, words), case.title]
    by = f"{words('Acknowledge by')}{words.colon}{local}"
    return block_kit.entities(block_kit.clip(f"📟 {' · '.join([*facts, by])}", block_kit.FALLBACK // 6))


def _heading(called: Sequence[CalledCase], why: str, words: Words) -> str:
    n = sum(it.stands is CallState.ASKS for it in called)
    said = words.plural(
        "{n} escalation is waiting for acknowledgement.", "{n} escalations are waiting for acknowledgement.", n
    )
    return "\n".join(filter(None, [f"📟 {said}", why if n else ""]))


def _one(it: CalledCase, why: str, words: Words, policy: VendorPolicy, now: datetime) -> list[block_kit.Block]:
    if it.stands is not CallState.ASKS:
        return [block_kit.section(_ended(it, words, now))]
    asked = words("Please acknowledge it by {time}.", time=block_kit.moment(it.due)) if it.due else ""
    said = "\n".join(filter(None, [f"📟 {_what_happened(it, words)}", why, asked]))
    rows = [(words(labels.FIELD["severity"]), [block_kit.run(words(labels.SEVERITY[it.case.severity]))])]
    rows += [(label, [block_kit.run(value)]) for label, value in card.subject(it.case, words, policy)]
    title = block_kit.line(block_kit.run(f"{labels.SEVERITY_SIGN[it.case.severity]} {it.case.title}", "bold"))
    return [
        block_kit.section(said),
        block_kit.rich(title, block_kit.facts(rows, words.colon)),
        block_kit.actions([_button(it, words)]),
    ]


def _what_happened(it: CalledCase, words: Words) -> str:
    who, owner = block_kit.escape(it.by), block_kit.escape(it.owner)
    if it.move is Move.HAND_OVER and it.yours:
        return words("{who} reassigned {name} to you.", who=who, name=it.name)
    if it.move is Move.HAND_OVER:
        return words("{who} reassigned {name} to {owner}.", who=who, name=it.name, owner=owner)
    if it.move is Move.REOPEN:
        return words("{who} reopened {name}.", who=who, name=it.name)
    return words("{who} raised {name}.", who=who, name=it.name)


def _listed(it: CalledCase, words: Words, now: datetime) -> block_kit.Block:
    """One of several: two lines and its button."""
    if it.stands is not CallState.ASKS:
        return block_kit.section(_ended(it, words, now))
    about = block_kit.escape(f"{open_escalations.customer(it.case, words)} · {block_kit.clip(it.case.title, 80)}")
    by = f"{words('Acknowledge by')}{words.colon}{block_kit.moment(it.due)}" if it.due else ""
    facts = [block_kit.escape(words(labels.SEVERITY[it.case.severity])), block_kit.escape(it.by), by]
    sign = labels.SEVERITY_SIGN[it.case.severity]
    return block_kit.section(f"{sign} {it.name} · {about}\n{' · '.join(filter(None, facts))}", _button(it, words))


def _ended(it: CalledCase, words: Words, now: datetime) -> str:
    if it.stands is CallState.REMINDED:
        return f"⤵️ {it.name} · {words('A newer reminder of this is below.')}"
    return open_escalations.over(open_escalations.EscalationLine(it.case, url=it.url), it.owner, words, now)


def _button(it: CalledCase, words: Words) -> block_kit.Element:
    value = str(ids.EscalationSubject(it.case.number, it.case.version))
    return block_kit.button(words(labels.MOVE[Move.ACKNOWLEDGE]), ids.card(Move.ACKNOWLEDGE), value, "primary")


# What others read of it ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CallOutcome:
    """Who was called, by name; whether that was because ``nobody`` is on call; and who is called next, by name, after
    how long: the ``backup``, or the ``leads``.
    """

    names: Sequence[str]
    nobody: bool = False
    backup: Sequence[str] = ()
    leads: Sequence[str] = ()
    wait: timedelta = timedelta()


def outcome_of(case: Escalation, called: CallTargets, duty: OnCallPeople, name_of: Callable[[str], str]) -> CallOutcome:
    """Who was called about a case, and who is next while nobody took it."""
    names = [name_of(user) for user in called.people]
    wait = duty.reminder_times.acknowledge[case.severity]
    if find_awaited_step(case) is not AwaitedStep.ACKNOWLEDGEMENT or not wait:
        return CallOutcome(names, bool(called.channel))
    backup = [name_of(user) for user in duty.backup if user not in called.people]
    leads = [] if duty.backup else [name_of(user) for user in duty.leads if user not in called.people]
    return CallOutcome(names, bool(called.channel), backup, leads, wait)


def outcome(called: CallOutcome, words: Words) -> str:
    """“王博 has been called. Unless somebody acknowledges within 5 min, the backup is called: 王伟.”; empty when nobody
    was called.
    """
    return words.each(lambda one: _outcome(called, one)) if called.names or called.nobody else ""


def _outcome(called: CallOutcome, words: Words) -> str:
    who, n, lasts = words.listed(called.names), len(called.names), span(called.wait, words)
    if called.nobody and not n:
        return words("Nobody is on call. The on-call channel has been called.")
    if called.nobody:
        return words("Nobody is on call. {who} and the on-call channel have been called.", who=who)
    next_ = words.listed(called.backup or called.leads)
    if called.backup:
        return words.plural(
            "{who} has been called. Unless somebody acknowledges within {lasts}, the backup is called: {next}.",
            "{who} have been called. Unless somebody acknowledges within {lasts}, the backup is called: {next}.", n,
            who=who, lasts=lasts, next=next_,
        )  # fmt: skip
    if called.leads:
        return words.plural(
            "{who} has been called. Unless somebody acknowledges within {lasts}, the leads are called: {next}.",
            "{who} have been called. Unless somebody acknowledges within {lasts}, the leads are called: {next}.", n,
            who=who, lasts=lasts, next=next_,
        )  # fmt: skip
    return words.plural("{who} has been called.", "{who} have been called.", n, who=who)
