"""Reminders of a shift: what each reader can do about it, with the button for that."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.gap_card import slot_name
from handlers.blocks.schedule import ViewContext
from handlers.blocks.shift_buttons import (
    confirm_button,
    shift_value,
    take_over_button,
    take_over_hint,
)
from handlers.i18n.durations import time_left
from handlers.i18n.labels import name_way
from handlers.i18n.words import Words
from models.rules.reminders.subjects import ShiftName
from models.rules.rota.on_call import Confirmation, Handover, Slot
from models.rules.rota.shifts import Shift
from models.rules.times import first_part_end

HOUR = timedelta(hours=1)
ReminderBody = tuple[str, list[block_kit.Block]]
"""The text of a reminder and the blocks of its buttons."""


@dataclass(frozen=True)
class ShiftView:
    """A shift with what its reminders show."""

    shift: Shift
    confirmation: Confirmation | None = None
    handover: Handover | None = None  # the one it begins with, once its card is due
    assigned_at: datetime | None = None  # UTC; after the start of the shift

    @property
    def slot(self) -> Slot:
        """The slot of the shift."""
        return Slot(self.shift.seat, self.shift.slot_number)


def own_shift(view: ShiftView, viewer: ViewContext) -> ReminderBody:
    """Return the reminder to the person of a shift, with its current button."""
    has_begun = viewer.now >= view.shift.start
    sign = "🔔" if view.confirmation or not has_begun else "🚨"
    request = viewer.line_per_language(lambda reader: _request(view, reader))
    return f"{_facts(sign, view, viewer)}\n{request}", _own_buttons(view, viewer)


def _facts(sign: str, view: ShiftView, viewer: ViewContext, who: str = "") -> str:
    times = block_kit.escape(viewer.interval(view.shift.start, view.shift.end))
    parts = [f"*{times}*", slot_name(view.slot, viewer.words), *([who] if who else [])]
    return f"{sign} {' · '.join(parts)}"


def _request(view: ShiftView, viewer: ViewContext) -> str:
    words, handover = viewer.words, view.handover
    if handover and not handover.taken_over:
        stays = viewer.mention(handover.outgoing)
        return take_over_hint(handover, stays, viewer)
    starts_in = time_left(view.shift.start - viewer.now, words)
    at = block_kit.escape(viewer.moment_in_sentence(view.shift.start))
    if viewer.now >= view.shift.start:
        if view.confirmation:
            return words("Your shift has begun. You have confirmed it.")
        return words("Your shift has begun. Please press “I'm on call”.")
    if view.confirmation:
        return words("Your shift begins in {left}, at {time}. You have confirmed it.", left=starts_in, time=at)
    return words("Your shift begins in {left}, at {time}. Please confirm it.", left=starts_in, time=at)


def _own_buttons(view: ShiftView, viewer: ViewContext) -> list[block_kit.Block]:
    if view.handover and not view.handover.taken_over:
        return [block_kit.actions([take_over_button(view.handover, viewer)])]
    return [] if view.confirmation else [block_kit.actions([confirm_button(view.shift, viewer, "primary")])]


def unconfirmed_shift(view: ShiftView, user: str, is_lead: bool, viewer: ViewContext) -> ReminderBody:
    """Return the notice to others about an unconfirmed shift.

    They can call its person, take over the shift once it has begun, or, as a lead, assign someone else before.
    ``user`` is the Slack id of the reader; empty in a channel.
    """
    who = viewer.mention(view.shift.member)
    has_begun = viewer.now >= view.shift.start and not view.handover
    facts = _facts("🚨" if has_begun else "⚠️", view, viewer, who)
    request = viewer.line_per_language(
        lambda reader: "\n".join(_request_to_others(view, has_begun, user, is_lead, reader))
    )
    step_in = block_kit.button(viewer.words("Step in"), ids.ROTA_STEP_IN, shift_value(view.shift), "primary")
    buttons = [step_in] if has_begun else [assign_button(view.shift, viewer)] if is_lead else []
    return f"{facts}\n{request}", [block_kit.actions(buttons)] if buttons else []


def _request_to_others(
    view: ShiftView, has_begun: bool, user: str, is_lead: bool, viewer: ViewContext
) -> Iterator[str]:
    words, who = viewer.words, viewer.mention(view.shift.member)
    if has_begun and (hours := list(describe_hours(view.assigned_at or view.shift.start, _unconfirmed_for, viewer))):
        yield from hours
        yield words("Please call {who}, or step in here.", who=who)
    elif has_begun:
        yield words("Nobody has confirmed this shift. Please call {who}, or step in here.", who=who)
    elif is_lead:
        yield words("Not confirmed yet. Please call {who}, or assign someone else.", who=who)
    else:
        yield words("Not confirmed yet. Please call {who}, and be ready.", who=who)
    if view.handover:
        yield _remaining_person(view.handover, user, viewer)


def _remaining_person(handover: Handover, user: str, viewer: ViewContext) -> str:
    """Return who remains on call until the shift is taken over: the reader or somebody else."""
    if is_person(handover.outgoing, user, viewer):
        return viewer.words("You remain on call until the shift is taken over.")
    return viewer.words("{who} remains on call until the shift is taken over.", who=viewer.mention(handover.outgoing))


def is_person(name: str, user: str, viewer: ViewContext) -> bool:
    """Return whether a member of the rota is the reader (a Slack id)."""
    member = viewer.rota.members.get(name)
    return bool(user and member and member.slack_id == user)


def assign_button(shift: Shift, viewer: ViewContext) -> block_kit.Element:
    """Return a lead's button that opens the form to assign someone else for the rest of a shift."""
    start = max(shift.start, viewer.now)
    span = ids.SeatInterval(shift.seat, start, first_part_end(start, shift.end))
    return block_kit.button(viewer.words("Assign someone else"), ids.ROTA_COVER, str(span))


def ended_shift(name: ShiftName, viewer: ViewContext) -> str:
    """Return the text that replaces a reminder of a shift that is over or cancelled."""
    start, place = block_kit.escape(viewer.moment(name.start)), slot_name(name.place, viewer.words)
    text = viewer.words("This shift is over or cancelled. There is nothing more to do.")
    return f"⚪ *{start}* · {place} · {viewer.mention(name.person)}\n{text}"


def confirmed_shift(view: ShiftView, viewer: ViewContext, *, is_own: bool) -> str:
    """Return the text that replaces a reminder once the shift is confirmed: to its person, or to others."""
    text = viewer.words("Confirmed")
    said = view.confirmation
    at = f" {viewer.moment(said.at)}{name_way(said.came_by, viewer.words)}" if said else ""
    who = "" if is_own else viewer.mention(view.shift.member)
    return f"{_facts('✅', view, viewer, who)}\n{text}{at}"


def shift_title(view: ShiftView, viewer: ViewContext) -> str:
    """Return how a shift is named in a sentence: when, where and whose."""
    who = block_kit.escape(block_kit.clip(view.shift.member, 60))
    when = block_kit.escape(viewer.interval(view.shift.start, view.shift.end))
    return f"{when} · {slot_name(view.slot, viewer.words)} · {who}"


def describe_hours(since: datetime, say: Callable[[int, Words], str], viewer: ViewContext) -> Iterator[str]:
    """Yield for how many full hours a press has been missing; nothing within the first hour."""
    hours = (viewer.now - since) // HOUR
    if hours > 0:
        yield f"*{say(hours, viewer.words)}*"


def _unconfirmed_for(n: int, words: Words) -> str:
    return words.plural(
        "For {n} hour nobody has confirmed this shift.", "For {n} hours nobody has confirmed this shift.", n
    )
