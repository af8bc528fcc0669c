"""Shifts and handovers as they are told unasked: to each what they can do about it, with the one button for that."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import ids
from handlers.blocks import block_kit, open_escalations
from handlers.blocks.gap_card import LISTED, counted, place_name
from handlers.blocks.schedule import ViewContext, gap_text, zone_note
from handlers.blocks.shift_buttons import (
    confirm_button,
    hand_over_button,
    handover_value,
    shift_value,
    take_over_button,
    take_over_then,
)
from handlers.i18n.durations import left
from handlers.i18n.words import Words
from models.oncall.gap_register import GapRecord
from models.rules.escalations.escalation import Escalation
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.rota.on_call import Confirmation, Handover, ShiftEvent, Slot
from models.rules.rota.shifts import Shift
from models.rules.times import first_part_end

HOUR = timedelta(hours=1)
Said = tuple[str, list[block_kit.Block]]
"""A text and the buttons below it."""


@dataclass(frozen=True)
class ShiftView:
    """A shift, how it was confirmed, and, once its card is there, the handover it begins with. ``since`` is when its
    person came to have it, if that was after its beginning.
    """

    shift: Shift
    confirmed: Confirmation | None = None
    handover: Handover | None = None
    since: datetime | None = None

    @property
    def place(self) -> Slot:
        """Where it is."""
        return Slot(self.shift.seat, self.shift.slot_number)


# Shifts ------------------------------------------------------------------------------------------------------------


def own_shift(it: ShiftView, viewer: ViewContext) -> Said:
    """What somebody is told of their own shift, and the button that is theirs now."""
    begun = viewer.now >= it.shift.start
    sign = "🔔" if it.confirmed or not begun else "🚨"
    asked = viewer.each(lambda one: _asked(it, one))
    return f"{_facts(sign, it, viewer)}\n{asked}", _own_buttons(it, viewer)


def _facts(sign: str, it: ShiftView, viewer: ViewContext, who: str = "") -> str:
    stretch = block_kit.escape(viewer.stretch(it.shift.start, it.shift.end))
    parts = [f"*{stretch}*", place_name(it.place, viewer.words), *([who] if who else [])]
    return f"{sign} {' · '.join(parts)}"


def _asked(it: ShiftView, viewer: ViewContext) -> str:
    words, handover = viewer.words, it.handover
    if handover and not handover.taken_over:
        stays = viewer.mention(handover.outgoing)
        return take_over_then(handover, stays, viewer)
    begins, at = left(it.shift.start - viewer.now, words), block_kit.escape(viewer.moment(it.shift.start))
    if viewer.now >= it.shift.start:
        if it.confirmed:
            return words("Your shift has begun. You have confirmed it.")
        return words("Your shift has begun. Please press “I'm on call”.")
    if it.confirmed:
        return words("Your shift begins in {left}, at {time}. You have confirmed it.", left=begins, time=at)
    return words("Your shift begins in {left}, at {time}. Please confirm it.", left=begins, time=at)


def _own_buttons(it: ShiftView, viewer: ViewContext) -> list[block_kit.Block]:
    if it.handover and not it.handover.taken_over:
        return [block_kit.actions([take_over_button(it.handover, viewer)])]
    return [] if it.confirmed else [block_kit.actions([confirm_button(it.shift, viewer, "primary")])]


def unconfirmed(it: ShiftView, user: str, is_lead: bool, viewer: ViewContext) -> Said:
    """What others are told of a shift nobody confirmed, and what they can do about it: call its person; step in once
    it has begun; before, a lead puts somebody else there. ``user`` is a Slack id, empty in the channel.
    """
    who = viewer.mention(it.shift.member)
    begun = viewer.now >= it.shift.start and not it.handover
    told = _facts("🚨" if begun else "⚠️", it, viewer, who)
    said = viewer.each(lambda one: "\n".join(_called(it, begun, user, is_lead, one)))
    step_in = block_kit.button(viewer.words("Step in"), ids.ROTA_STEP_IN, shift_value(it.shift), "primary")
    buttons = [step_in] if begun else [_somebody_else(it.shift, viewer)] if is_lead else []
    return f"{told}\n{said}", [block_kit.actions(buttons)] if buttons else []


def _called(it: ShiftView, begun: bool, user: str, is_lead: bool, viewer: ViewContext) -> Iterator[str]:
    words, who = viewer.words, viewer.mention(it.shift.member)
    if begun and (hours := list(_for_hours(it.since or it.shift.start, _unconfirmed_for, viewer))):
        yield from hours
        yield words("Please call {who}, or step in here.", who=who)
    elif begun:
        yield words("Nobody has confirmed this shift. Please call {who}, or step in here.", who=who)
    elif is_lead:
        yield words("Not confirmed yet. Please call {who}, or assign someone else.", who=who)
    else:
        yield words("Not confirmed yet. Please call {who}, and be ready.", who=who)
    if it.handover:
        yield _stays(it.handover, user, viewer)


def _stays(it: Handover, user: str, viewer: ViewContext) -> str:
    """Who stands there meanwhile, to themselves or to somebody else."""
    if _is(it.outgoing, user, viewer):
        return viewer.words("You remain on call until the shift is taken over.")
    return viewer.words("{who} remains on call until the shift is taken over.", who=viewer.mention(it.outgoing))


def _is(name: str, user: str, viewer: ViewContext) -> bool:
    """Whether somebody of the plan is the reader."""
    known = viewer.rota.members.get(name)
    return bool(user and known and known.slack_id == user)


def _somebody_else(shift: Shift, viewer: ViewContext) -> block_kit.Element:
    """A lead's way out when somebody does not come: the form *Cover*, filled with the rest of their shift."""
    start = max(shift.start, viewer.now)
    span = ids.SeatInterval(shift.seat, start, first_part_end(start, shift.end))
    return block_kit.button(viewer.words("Assign someone else"), ids.ROTA_COVER, str(span))


def shift_gone(name: ShiftName, viewer: ViewContext) -> str:
    """What stands in place of a call about a shift that is over, or not planned any more."""
    start, place = block_kit.escape(viewer.moment(name.start)), place_name(name.place, viewer.words)
    said = viewer.words("This shift is over or cancelled. There is nothing more to do.")
    return f"⚪ *{start}* · {place} · {viewer.mention(name.person)}\n{said}"


def handover_gone(name: HandoverName, viewer: ViewContext) -> str:
    """What stands in place of a call about a handover that is over, or not due any more."""
    start, place = block_kit.escape(viewer.moment(name.at)), place_name(name.place, viewer.words)
    people = f"{viewer.mention(name.outgoing)} → {viewer.mention(name.incoming)}"
    said = viewer.words("This handover is over or cancelled. There is nothing more to do.")
    return f"⚪ *{viewer.words('Handover')}* · {place} · {start}\n{people}\n{said}"


def answered(it: ShiftView, viewer: ViewContext) -> str:
    """What stands in place of that once it was confirmed."""
    said = viewer.words("Confirmed")
    at = f" {viewer.moment(it.confirmed.at)}" if it.confirmed else ""
    return f"{_facts('✅', it, viewer, viewer.mention(it.shift.member))}\n{said}{at}"


# Handovers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HandoverView:
    """A handover with all its card shows: the open cases with their owners, the gaps of the coming shift, and what the
    outgoing person added.
    """

    handover: Handover
    cases: Sequence[Escalation] = ()
    gaps: Sequence[GapRecord] = ()
    notes: Sequence[str] = ()


def handover_card(it: HandoverView, viewer: ViewContext) -> list[block_kit.Block]:
    """The card with the note and its two buttons."""
    text = block_kit.section(f"{_title(it.handover, viewer)}\n{_presses(it.handover, viewer)}")
    shown = [text, block_kit.rich(*_note(it, viewer)), zone_note(it.handover.at, viewer)]
    handover, words = it.handover, viewer.words
    if handover.done_at:
        return shown
    hand = [] if handover.handed_over else [hand_over_button(handover, viewer)]
    take = [] if handover.taken_over else [take_over_button(handover, viewer)]
    add = block_kit.button(words("Add to the note"), ids.ROTA_NOTE, handover_value(handover, handover.outgoing))
    return [*shown, block_kit.actions([*hand, *take, add])]


def _title(it: Handover, viewer: ViewContext, sign: str = "🤝") -> str:
    place, at = place_name(it.slot, viewer.words), block_kit.escape(viewer.moment(it.at))
    people = f"{viewer.mention(it.outgoing)} → {viewer.mention(it.incoming.member)}"
    return f"{sign} *{viewer.words('Handover')}* · {place} · {at}\n{people}"


def _presses(it: Handover, viewer: ViewContext) -> str:
    words = viewer.words
    rows = [(words("Handed over"), it.handed_over), (words("Taken over"), it.taken_over)]
    lines = [f"{name}{words.colon}{_pressed(press, viewer)}" for name, press in rows]
    if not it.done_at:
        lines.append(
            viewer.each(lambda one: one.words("Until both have pressed, the outgoing person remains on call."))
        )
    return "\n".join(lines)


def _pressed(press: ShiftEvent | None, viewer: ViewContext) -> str:
    return f"✅ {viewer.moment(press.at)}" if press else f"☐ {viewer.words('not pressed yet')}"


def _note(it: HandoverView, viewer: ViewContext) -> list[block_kit.Element]:
    """The note: open cases with their state and whose turn it is, gaps of the coming shift, and words of their own."""
    words = viewer.words
    lines = [
        block_kit.line(block_kit.run(words("Handover note"), "bold"), block_kit.run(f" · {counted(it.cases, words)}"))
    ]
    lines += [open_escalations.line(case, words) for case in it.cases[:LISTED]]
    lines += [
        block_kit.line(block_kit.run(f"⚠️ {viewer.stretch(gap.start, gap.end)} {gap_text(gap.gap, words)}"))
        for gap in it.gaps[:LISTED]
    ]
    return [*lines, *(block_kit.quote(block_kit.clip(note, 1000)) for note in it.notes[:5])]


def waiting(it: Handover, user: str, is_lead: bool, viewer: ViewContext) -> Said:
    """What somebody is told of a handover that lacks a press: each of the two their own, others who is waited for.
    ``user`` is a Slack id, empty in the channel; a lead can hand over for who can't.
    """
    if _is(it.outgoing, user, viewer):
        buttons = [] if it.handed_over else [hand_over_button(it, viewer)]
        buttons.append(
            block_kit.button(viewer.words("Add to the note"), ids.ROTA_NOTE, handover_value(it, it.outgoing))
        )
        return _asking(it, _of_the_outgoing, buttons, viewer)
    if _is(it.incoming.member, user, viewer):
        return _asking(it, _of_the_incoming, [] if it.taken_over else [take_over_button(it, viewer)], viewer)
    instead = block_kit.button(viewer.words("Hand over for them"), ids.ROTA_HAND_OVER, handover_value(it, it.outgoing))
    buttons = [
        *([] if it.handed_over else [instead]),
        *([] if it.taken_over else [_somebody_else(it.incoming, viewer)]),
    ]
    return _asking(it, _of_both, buttons if is_lead else [], viewer)


def _for_hours(since: datetime, say: Callable[[int, Words], str], viewer: ViewContext) -> Iterator[str]:
    """From an hour on: for how long a press has been missing."""
    hours = (viewer.now - since) // HOUR
    if hours > 0:
        yield f"*{say(hours, viewer.words)}*"


def _unconfirmed_for(n: int, words: Words) -> str:
    return words.plural(
        "For {n} hour nobody has confirmed this shift.", "For {n} hours nobody has confirmed this shift.", n
    )


def _not_taken_for(n: int, words: Words) -> str:
    return words.plural("For {n} hour nobody has taken over.", "For {n} hours nobody has taken over.", n)


def _not_handed_for(n: int, words: Words) -> str:
    return words.plural("For {n} hour nobody has handed over.", "For {n} hours nobody has handed over.", n)


def _asking(
    it: Handover, say: Callable[[Handover, ViewContext], str], buttons: Sequence[block_kit.Element], viewer: ViewContext
) -> Said:
    missing = _not_handed_for if it.taken_over else _not_taken_for
    said = viewer.each(lambda one: "\n".join([*_for_hours(it.at, missing, one), say(it, one)]))
    sign = "🚨" if viewer.now - it.at >= HOUR else "🤝"
    return f"{_title(it, viewer, sign)}\n{said}", [block_kit.actions(buttons)] if buttons else []


def _of_the_outgoing(it: Handover, viewer: ViewContext) -> str:
    if it.handed_over:
        who = viewer.mention(it.incoming.member)
        return viewer.words(
            "You have handed over, but remain on call until {who} takes over. Please contact them.", who=who
        )
    return viewer.words("Please press “I hand over”. You remain on call until both of you have pressed.")


def _of_the_incoming(it: Handover, viewer: ViewContext) -> str:
    who = viewer.mention(it.outgoing)
    if it.taken_over:
        return viewer.words(
            "You have taken over. {who} remains on call until they hand over. Please contact them.", who=who
        )
    return viewer.words("Please press “I take over”. {who} remains on call until both of you have pressed.", who=who)


def _of_both(it: Handover, viewer: ViewContext) -> str:
    lacking = [*([] if it.handed_over else [it.outgoing]), *([] if it.taken_over else [it.incoming.member])]
    people = viewer.words.listed(viewer.mention(name) for name in lacking)
    stays = viewer.mention(it.outgoing)
    return viewer.words("Handover not complete: please call {people}. {who} remains on call.", people=people, who=stays)


def shift_title(it: ShiftView, viewer: ViewContext) -> str:
    """What a shift is called in a sentence: when, where, whose."""
    who = block_kit.escape(block_kit.clip(it.shift.member, 60))
    when = block_kit.escape(viewer.stretch(it.shift.start, it.shift.end))
    return f"{when} · {place_name(it.place, viewer.words)} · {who}"


def handover_title(it: Handover, viewer: ViewContext) -> str:
    """What a handover is called in a sentence: when, where, between whom."""
    who = [block_kit.escape(block_kit.clip(name, 60)) for name in (it.outgoing, it.incoming.member)]
    return f"{block_kit.escape(viewer.moment(it.at))} · {place_name(it.slot, viewer.words)} · {' → '.join(who)}"


def handed_over(it: Handover, user: str, viewer: ViewContext) -> str:
    """What stands in place of that once both have pressed."""
    at = block_kit.escape(viewer.moment(it.done_at)) if it.done_at else ""
    who = viewer.mention(it.incoming.member)
    said = viewer.words("{who} has been on call since {when}.", who=who, when=at)
    if _is(it.incoming.member, user, viewer):
        said = viewer.words("You have been on call since {when}.", when=at)
    return f"{_title(it, viewer, '✅')}\n{said}"
