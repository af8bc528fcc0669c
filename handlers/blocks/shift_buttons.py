"""The buttons of shifts and handovers, the answers to who pressed them, and the forms they open."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.override_form import OverrideRequest
from handlers.blocks.schedule import ViewContext, reminder_times
from handlers.i18n import dates
from handlers.i18n.rota_labels import seat_name
from models.rules.rota.on_call import Handover, Slot
from models.rules.rota.shifts import Shift

START_WITHIN = timedelta(hours=1)
"""From so long before its start, confirming a shift means being on call."""
NOTE_LIMIT = 1500
"""Characters of an addition to the handover note."""
REMINDER_CHOICES = (7 * 24 * 60, 3 * 24 * 60, 24 * 60, 12 * 60, 4 * 60, 60, 30, 10)
"""When somebody can be reminded, in minutes before a shift."""


def confirm_button(shift: Shift, viewer: ViewContext, style: str | None) -> block_kit.Element:
    """Return “Confirm”, or “I'm on call” within an hour of the start of the shift."""
    label = viewer.words("I'm on call") if shift.start - viewer.now <= START_WITHIN else viewer.words("Confirm")
    return block_kit.button(label, ids.ROTA_CONFIRM, shift_value(shift), style)


def confirm_all_button(shifts: Sequence[Shift], viewer: ViewContext) -> block_kit.Element:
    """Return “Confirm all” for at least one shift of the reader's own."""
    starts = [shift.start.astimezone(UTC) for shift in shifts]
    value = ids.SeatInterval("", min(starts), max(starts) + timedelta(seconds=1))
    return block_kit.button(viewer.words("Confirm all"), ids.ROTA_CONFIRM_ALL, str(value), "primary")


def shift_value(shift: Shift) -> str:
    """Return the value that a button of a shift carries."""
    return str(ids.ShiftSubject(Slot(shift.seat, shift.slot_number), shift.start.astimezone(UTC), shift.member))


def hand_over_button(handover: Handover, viewer: ViewContext) -> block_kit.Element:
    """Return “I hand over”."""
    return block_kit.button(
        viewer.words("I hand over"), ids.ROTA_HAND_OVER, handover_value(handover, handover.outgoing), "primary"
    )


def take_over_button(handover: Handover, viewer: ViewContext) -> block_kit.Element:
    """Return “I take over”."""
    return block_kit.button(
        viewer.words("I take over"), ids.ROTA_TAKE_OVER, handover_value(handover, handover.incoming.member), "primary"
    )


def handover_value(handover: Handover, person: str) -> str:
    """Return the value that a button of a handover carries: the person whose press it asks for."""
    return str(ids.ShiftSubject(handover.slot, handover.at, person))


def gap_taken(
    request: OverrideRequest, viewer: ViewContext, gap_start: datetime | None = None, handover: Handover | None = None
) -> str:
    """Return the answer to who took a gap.

    The time since ``gap_start`` went uncovered. ``handover`` is the one the new shift begins with, if it is still to be
    taken over.
    """
    when, seat = viewer.interval(request.starts, request.ends), seat_name(request.seat, viewer.words)
    text = "✅ " + viewer.words("Assigned to you: {when}, {seat}.", when=when, seat=seat)
    if handover:
        text += "\n" + take_over_hint(handover, block_kit.clip(handover.outgoing, 60), viewer)
    if gap_start is None or request.starts - gap_start < timedelta(minutes=1):
        return text
    uncovered = viewer.words("{when} went uncovered", when=dates.hours(gap_start, request.starts, viewer.zone))
    return f"{text}\n⚫ {uncovered}"


def shift_confirmed(shift: Shift, handover: Handover | None, viewer: ViewContext) -> str:
    """Return the answer to who confirmed a shift; where a handover is due, it asks to take over."""
    when, seat = viewer.interval(shift.start, shift.end), viewer.slot_name(Slot(shift.seat, shift.slot_number))
    if handover is None:
        return "✅ " + viewer.words("You are on call: {when}, {seat}.", when=when, seat=seat)
    confirmed = viewer.words("Confirmed: {when}, {seat}.", when=when, seat=seat)
    return f"✅ {confirmed}\n" + take_over_hint(handover, block_kit.clip(handover.outgoing, 60), viewer)


def shifts_confirmed(count: int, viewer: ViewContext) -> str:
    """Return the answer to who confirmed several shifts."""
    return "✅ " + viewer.words.plural("{n} shift is confirmed.", "{n} shifts are confirmed.", count)


def take_over_hint(handover: Handover, outgoing: str, viewer: ViewContext) -> str:
    """Ask the person of a confirmed shift to take over, at its start or now. ``outgoing`` is a name or a mention."""
    if handover.at <= viewer.now:
        return viewer.words(
            "Please press “I take over”. {who} remains on call until both of you have pressed.", who=outgoing
        )
    return viewer.words(
        "At {time} press “I take over”. {who} remains on call until both of you have pressed.",
        time=viewer.moment_in_sentence(handover.at),
        who=outgoing,
    )


def handed_over(handover: Handover, done: bool, is_own: bool, viewer: ViewContext) -> str:
    """Return the answer to who handed over: the outgoing person, or a lead for them."""
    name, who = block_kit.clip(handover.incoming.member, 60), block_kit.clip(handover.outgoing, 60)
    if done and viewer.now < handover.at:
        return "✅ " + both_pressed(handover, name, "" if is_own else who, viewer)
    if not done and not is_own:
        return "✅ " + viewer.words("Handed over. {who} stays responsible until {name} takes over.", who=who, name=name)
    if done:
        return "✅ " + viewer.words("Handed over: {name} is on call.", name=name)
    return "✅ " + viewer.words("Handed over. You stay responsible until {name} takes over.", name=name)


def taken_over(handover: Handover, done: bool, viewer: ViewContext) -> str:
    """Return the answer to who took over."""
    name = block_kit.clip(handover.outgoing, 60)
    if done and viewer.now < handover.at:
        at = viewer.moment_in_sentence(handover.at)
        text = viewer.words("You take over at {time}. Until then {name} is on call.", time=at, name=name)
        return f"✅ {text}"
    if done:
        return "✅ " + viewer.words("Taken over: you are on call.")
    return "✅ " + viewer.words("Noted. {name} stays responsible until they hand over, too.", name=name)


def both_pressed(handover: Handover, incoming: str, outgoing: str, viewer: ViewContext) -> str:
    """Return who takes over when, of a handover that both pressed before its time.

    People are names or mentions; ``outgoing`` is empty where that is the reader.
    """
    at = viewer.moment_in_sentence(handover.at)
    if not outgoing:
        return viewer.words("{name} takes over at {time}. Until then you are on call.", time=at, name=incoming)
    return viewer.words(
        "{name} takes over at {time}. Until then {who} is on call.", time=at, name=incoming, who=outgoing
    )


def reminders_form(minutes: Sequence[int], viewer: ViewContext) -> block_kit.Block:
    """Return the form in which somebody chooses when to be reminded before each shift."""
    words = viewer.words
    choices = {str(choice): reminder_times([choice], words) for choice in REMINDER_CHOICES}
    checkboxes = block_kit.checkboxes(
        f"{ids.ROTA_REMIND}.at", choices, initial=[str(minute) for minute in minutes if minute in REMINDER_CHOICES]
    )
    field = block_kit.field("at", words("How long before each shift?"), checkboxes, optional=True)
    hint = words("If you don't confirm ten minutes ahead, others are asked, whatever you choose here.")
    return block_kit.modal(
        ids.ROTA_REMIND, words("Reminders"), [field, block_kit.context(hint)], words("Cancel"), submit=words("Save")
    )  # fmt: skip


def note_form(handover: Handover, subject: ids.ShiftSubject, viewer: ViewContext) -> block_kit.Block:
    """Return the form in which the outgoing person adds to the handover note."""
    words = viewer.words
    incoming = block_kit.clip(handover.incoming.member, 60)
    about = f"{viewer.slot_name(handover.slot)} · {viewer.moment(handover.at)} · {incoming}"
    text_input = block_kit.text_input(f"{ids.ROTA_NOTE}.text", NOTE_LIMIT, lines=True)
    field = block_kit.field("note", words("What should the next person know?"), text_input)
    return block_kit.modal(
        ids.ROTA_NOTE, words("Handover note"), [block_kit.aside(block_kit.plain(about)), field], words("Cancel"),
        submit=words("Save"), private_metadata=str(subject),
    )  # fmt: skip
