"""Open escalations in reminders, in the daily list and in handover notes.

A reader may be in no other channel than the on-call channel. So of a customer only the name and a short title are
shown. Nothing a person typed is parsed. People are named, not mentioned: mentions stand apart.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit, case_row, deadline_words, own_zone
from handlers.blocks.deadline_words import NO_CONTACT, TIMED, UTC_ZONE, VendorContact
from handlers.blocks.turn_line import describe_due
from handlers.i18n import labels
from handlers.i18n.durations import MINUTE, span
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep, Deadline, is_snoozed
from models.rules.escalations.escalation import ENDED, Escalation, Move, Status, Turn

LISTED = 20
"""Escalations a list shows; the others are counted."""
OFFERED: Mapping[AwaitedStep, Sequence[Move | Turn]] = {
    AwaitedStep.ACKNOWLEDGEMENT: (Move.ACKNOWLEDGE,),
    AwaitedStep.SOLUTION: (Move.RESOLVE, Move.ASK_LEAD, Move.NOTE, Move.SNOOZE),
    AwaitedStep.SENT_BACK: (Move.ASK_LEAD, Move.RESOLVE, Move.WITHDRAW, Move.SNOOZE),
    AwaitedStep.NUMBER: (Move.RECORD, Move.NOTE, Move.SNOOZE),
    AwaitedStep.FIRST_ANSWER: (Move.CONTACT, Move.NOTE, Move.SNOOZE),
    AwaitedStep.ANSWER: (Turn.OURS, Move.NOTE, Move.SNOOZE),
    AwaitedStep.OURS: (Turn.VENDOR, Turn.CUSTOMER, Move.NOTE, Move.SNOOZE),
    AwaitedStep.CUSTOMER: (Turn.OURS, Move.NOTE, Move.SNOOZE),
    AwaitedStep.PROMISE: (Move.TELL, Move.NOTE, Move.SNOOZE),
    AwaitedStep.INFORMING: (Move.TELL, Move.NOTE, Move.SNOOZE),
    AwaitedStep.CLOSING: (Move.CLOSE, Move.NOTE, Move.SNOOZE),
}
"""What a reminder offers: the awaited step, or another way to show progress."""
RAISED = N_("raised {lasts} ago"), N_("raised just now")
CLOSED = N_("closed {lasts} ago"), N_("closed just now")
WITHDRAWN = N_("withdrawn {lasts} ago"), N_("withdrawn just now")
"""How long ago it was; the second text is for the first minute."""
SNOOZED = N_("snoozed for {lasts} more")
_PRIMARY = frozenset({Move.ACKNOWLEDGE, Move.RECORD, Move.CORRECT, Move.CONTACT, Move.TELL, Move.CLOSE, Turn.VENDOR})


@dataclass(frozen=True)
class EscalationLine:
    """An escalation as one line of a list."""

    case: Escalation  # not ended
    turn: str = ""  # names of who must act next; empty for nobody
    url: str = ""  # the address of its card; empty while there is none
    deadline: Deadline | None = None  # what it waits for; None when it has ended
    contact: VendorContact = NO_CONTACT
    zone: ZoneInfo = UTC_ZONE  # of the reader
    lead: str = ""  # the name of the lead who sent it back
    is_turn_of_reader: bool = False
    is_private: bool = False  # whether one person reads it, in a direct message

    @property
    def is_timed(self) -> bool:
        """Whether its sentence may show a time of the day."""
        return self.deadline is not None and self.deadline.step in TIMED


def sentence(line: EscalationLine, words: Words, now: datetime, *, linked: bool = True) -> str:
    """Return the sentence of a reminder, escaped: what it waits for, since or until when."""
    case, deadline = line.case, line.deadline
    if deadline is None:
        return case.name
    name = f"*<{line.url}|{case.name}>*" if line.url and linked else case.name
    waiting = deadline_words.WaitingCase(case, deadline, name, block_kit.escape(line.lead))
    return f"{labels.SEVERITY_SIGN[case.current_severity]} " + words.line_per_language(
        lambda reader: deadline_words.describe(waiting, line.contact, line.zone, reader, now)
    )


def current_state(line: EscalationLine, owner: str, words: Words, now: datetime) -> str:
    """Return the line, escaped, that replaces a reminder which asks for nothing more.

    It is not redrawn at each later move: what may change is said with its time.
    """
    case = line.case
    state = words(labels.STATUS[case.status])
    if case.status is Status.ACKNOWLEDGED and owner:
        state = words("Acknowledged by {name}", name=block_kit.clip(owner, 60))
    facts = [block_kit.escape(state)]
    if is_snoozed(case, now):
        facts.append(f"💤 {words('Snoozed')}")
    if case.status not in ENDED:
        facts.append(words("as of {at}", at=own_zone.in_sentence(now, words)))
    return f"{labels.STATUS_SIGN[case.status]} {_one_line(line, facts, words)}"


def _one_line(line: EscalationLine, facts: Sequence[str], words: Words) -> str:
    """Return its name, the customer and more ``facts``, escaped."""
    name = f"*<{line.url}|{line.case.name}>*" if line.url else line.case.name
    return " · ".join([name, block_kit.escape(customer(line.case, words)), *facts])


def fallback(line: EscalationLine, words: Words, now: datetime) -> str:
    """Return the reminder in two short lines for notifications, escaped."""
    about = f"{labels.describe_severity(line.case, words)} · {_about(line.case, words)}"
    return f"{sentence(line, words, now, linked=False)}\n{block_kit.escape(about)}"


def reminder(line: EscalationLine, words: Words) -> block_kit.Block:
    """Return the details below the sentence: the customer, the title, the severity and the next action."""
    rows = block_kit.facts([_severity(line.case, words), _next_action_row(line, words)], words.colon)
    return block_kit.rich(block_kit.line(block_kit.run(_about(line.case, words))), rows)


def reassign_line(line: EscalationLine, words: Words) -> block_kit.Block:
    """Return one line for an escalation whose owner has left, with the button to reassign it."""
    value = str(ids.EscalationSubject(line.case.number, line.case.version))
    return block_kit.section(
        _one_line(line, [block_kit.escape(block_kit.clip(line.case.title, 80))], words),
        block_kit.button(words("Reassign"), ids.move_button(Move.HAND_OVER), value),
    )


def thread_reminder(line: EscalationLine, words: Words) -> block_kit.Block:
    """Return the details below the sentence in the thread of a card, which shows the others."""
    return block_kit.rich(block_kit.facts([_next_action_row(line, words)], words.colon))


def buttons(line: EscalationLine, possible: Collection[Move], words: Words) -> list[block_kit.Block]:
    """Return the buttons of a reminder, of the moves that are possible."""
    value = str(ids.EscalationSubject(line.case.number, line.case.version))
    elements = [
        block_kit.button(words(label), action_id, value, "primary" if offered in _PRIMARY else None)
        for offered in _offer(line)
        for label, action_id, move in [_describe_button(offered)]
        if move in possible
    ]
    return [block_kit.actions(elements)] if elements else []


def _offer(line: EscalationLine) -> Sequence[Move | Turn]:
    """Return what a reminder offers; missing answers come before the number."""
    if line.deadline is None:
        return ()
    offered = OFFERED[line.deadline.step]
    if line.deadline.step is AwaitedStep.OURS and line.case.returned_on:
        offered = (Move.RESOLVE, *offered)
    return [Move.CORRECT if move is Move.RECORD and line.contact.missing else move for move in offered]


def _describe_button(offered: Move | Turn) -> tuple[str, str, Move]:
    """Return label, action id and move of a button."""
    if offered is Move.CORRECT:  # offered for missing answers only
        return labels.ADD_DETAILS, ids.move_button(offered), offered
    if isinstance(offered, Turn):
        return labels.TURN[offered], ids.turn_button(offered), Move.TURN
    return labels.MOVE[offered], ids.move_button(offered), offered


def hotline_script(line: EscalationLine, words: Words, now: datetime) -> list[block_kit.Block]:
    """Return what to read out on 21Vianet's hotline; empty when no call is due."""
    return deadline_words.hotline_script(line.case, line.deadline, words, now) if line.deadline else []


def digest(lines: Sequence[EscalationLine], total: int, words: Words, now: datetime) -> list[block_kit.Block]:
    """Return the daily list of open escalations, oldest first, or that there are none."""
    if not lines:
        return [block_kit.section("🌤️ " + words("No escalations are open. Good morning."))]
    title = words.plural("{n} escalation is open, oldest first", "{n} escalations are open, oldest first", total)
    blocks = [block_kit.list_title(f"🗒️ {title}")]
    blocks += [block_kit.rich(_draw_line(line, words, now)) for line in lines]
    if total > len(lines):
        more = words("… and {n} more. `/csp-escalate list` lists them.", n=total - len(lines))
        blocks.append(block_kit.context(more))
    return blocks


def _draw_line(line: EscalationLine, words: Words, now: datetime) -> block_kit.Element:
    """Return two short lines: which escalation, how long it has been open, and who must act next."""
    case = line.case
    name = block_kit.link(line.url, case.name) if line.url else block_kit.run(case.name, "bold")
    facts = [
        labels.describe_severity(case, words),
        *ages(case, words, now),
        _next_action(line, words) if line.deadline else case_row.follows(case, words),
    ]
    about = f" · {_about(case, words)}\n{' · '.join(filter(None, facts))}"
    return block_kit.line(block_kit.run(f"{labels.SEVERITY_SIGN[case.current_severity]} "), name, block_kit.run(about))


def ages(escalation: Escalation, words: Words, now: datetime) -> list[str]:
    """Return how long ago it was raised or ended, and how long it is still snoozed."""
    e = escalation
    if e.status is Status.CLOSED and e.closed_at:
        return [_ago(CLOSED, e.closed_at, now, words)]
    if e.status is Status.WITHDRAWN and e.withdrawn_at:
        return [_ago(WITHDRAWN, e.withdrawn_at, now, words)]
    texts = [_ago(RAISED, e.raised_at, now, words)]
    if e.snoozed_until and is_snoozed(e, now):
        remaining = e.snoozed_until - now
        texts.append(f"💤 {words.on_one_line(lambda reader: reader(SNOOZED, lasts=span(remaining, reader)))}")
    return texts


def _ago(texts: tuple[str, str], at: datetime, now: datetime, words: Words) -> str:
    some_time, just_now = texts
    if now - at < MINUTE:
        return words(just_now)
    return words.on_one_line(lambda reader: reader(some_time, lasts=span(now - at, reader)))


def note_line(case: Escalation, due: Deadline | None, words: Words, zone: ZoneInfo, now: datetime) -> block_kit.Element:
    """Return one open escalation for a handover note: its title, status, owner, and what is due when in the shift."""
    state = words(labels.STATUS[case.status])
    heading = f"{labels.SEVERITY_SIGN[case.current_severity]} {case.name} · {_about(case, words)} · {state} · "
    owner = block_kit.person(case.owner) if case.owner else block_kit.run(words("nobody yet"), "italic")
    return block_kit.line(block_kit.run(heading), owner, *_due_in_shift(case, due, words, zone, now))


def _due_in_shift(
    case: Escalation, due: Deadline | None, words: Words, zone: ZoneInfo, now: datetime
) -> Iterator[block_kit.Element]:
    if due is None:
        return
    when = describe_due(due.due_at, zone, words, now)
    yield block_kit.run(f" · {when} · {words(labels.name_awaited(due.step, case))}")


def _about(case: Escalation, words: Words) -> str:
    """Return the customer, or the kind of an internal issue, and the title."""
    return f"{customer(case, words)} · {block_kit.clip(case.title, 80)}"


def customer(case: Escalation, words: Words) -> str:
    """Return the customer, or the kind of an internal issue."""
    return block_kit.clip(case.customer_name or words(labels.KIND[case.kind]), 60)


def _severity(case: Escalation, words: Words) -> tuple[str, list[block_kit.Element]]:
    return words(labels.FIELD["severity"]), [block_kit.run(labels.describe_severity(case, words))]


def _next_action_row(line: EscalationLine, words: Words) -> tuple[str, list[block_kit.Element]]:
    return words("Next action"), [block_kit.run(_ask_instead(line, words) or _next_action(line, words))]


def _ask_instead(line: EscalationLine, words: Words) -> str:
    """Return that others are asked to acknowledge because those whose turn it is have not; empty if nobody else is."""
    who, step = block_kit.clip(line.turn, 60), line.deadline.step if line.deadline else None
    if step is not AwaitedStep.ACKNOWLEDGEMENT or line.is_turn_of_reader or not who:
        return ""
    if line.is_private:
        return words("Not yet acknowledged by {who}. You are asked now: please acknowledge it.", who=who)
    return words("Not yet acknowledged by {who}. Please acknowledge it.", who=who)


def _next_action(line: EscalationLine, words: Words) -> str:
    """Return who should do what next."""
    step = line.deadline.step if line.deadline else None
    who = block_kit.clip(line.turn, 60) or words("nobody on call")
    return f"{who} · {words(labels.name_awaited(step, line.case))}" if step else who


def open_count(cases: Sequence[Escalation], words: Words) -> str:
    """Return how many escalations are open."""
    if not cases:
        return words("No escalations are open.")
    return words.plural("{n} escalation is open.", "{n} escalations are open.", len(cases))
