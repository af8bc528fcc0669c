"""The buttons by which somebody takes on duty, and what is said to who pressed them. And the note's form."""

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

NEAR = timedelta(hours=1)
"""From here on a shift is not only known of, but taken on."""
NOTE_LIMIT = 1500
CHOICES = (7 * 24 * 60, 3 * 24 * 60, 24 * 60, 12 * 60, 4 * 60, 60, 30, 10)
"""Minutes before a shift."""


def confirm_button(shift: Shift, viewer: ViewContext, style: str | None) -> block_kit.Element:
    """“Confirm”; from an hour before its start on “I'm on call”."""
    label = viewer.words("I'm on call") if shift.start - viewer.now <= NEAR else viewer.words("Confirm")
    return block_kit.button(label, ids.ROTA_WATCH, shift_value(shift), style)


def confirm_all_button(shifts: Sequence[Shift], viewer: ViewContext) -> block_kit.Element:
    """“Confirm all” of these shifts of one's own, of which there is at least one."""
    starts = [shift.start.astimezone(UTC) for shift in shifts]
    value = ids.SeatInterval("", min(starts), max(starts) + timedelta(seconds=1))
    return block_kit.button(viewer.words("Confirm all"), ids.ROTA_CONFIRM_ALL, str(value), "primary")


def shift_value(shift: Shift) -> str:
    """What a button of a shift carries."""
    return str(ids.ShiftSubject(Slot(shift.seat, shift.slot_number), shift.start.astimezone(UTC), shift.member))


def hand_over_button(it: Handover, viewer: ViewContext) -> block_kit.Element:
    """“I hand over”."""
    return block_kit.button(viewer.words("I hand over"), ids.ROTA_HAND_OVER, handover_value(it, it.outgoing), "primary")


def take_over_button(it: Handover, viewer: ViewContext) -> block_kit.Element:
    """“I take over”."""
    return block_kit.button(
        viewer.words("I take over"), ids.ROTA_TAKE_OVER, handover_value(it, it.incoming.member), "primary"
    )


def handover_value(it: Handover, person: str) -> str:
    """What a button of a handover carries: whose press it asks for."""
    return str(ids.ShiftSubject(it.slot, it.at, person))


# What came of it --------------------------------------------------------------------------------------------------


def taken(
    wish: OverrideRequest, viewer: ViewContext, began: datetime | None = None, handover: Handover | None = None
) -> str:
    """A gap is theirs, what of it went uncovered since it ``began``, and from whom it is still to be taken over."""
    when, seat = viewer.stretch(wish.starts, wish.ends), seat_name(wish.seat, viewer.words)
    said = "✅ " + viewer.words("Assigned to you: {when}, {seat}.", when=when, seat=seat)
    if handover:
        said += "\n" + take_over_then(handover, block_kit.clip(handover.outgoing, 60), viewer)
    if began is None or wish.starts - began < timedelta(minutes=1):
        return said
    lost = viewer.words("{when} went uncovered", when=dates.hours(began, wish.starts, viewer.zone))
    return f"{said}\n⚫ {lost}"


def confirmed(shift: Shift, handover: Handover | None, viewer: ViewContext) -> str:
    """A shift is confirmed; where it begins with a handover that is due, it takes one press more."""
    when, seat = viewer.stretch(shift.start, shift.end), viewer.place(Slot(shift.seat, shift.slot_number))
    if handover is None:
        return "✅ " + viewer.words("You are on call: {when}, {seat}.", when=when, seat=seat)
    return f"✅ {when} · {seat}\n" + take_over_then(handover, block_kit.clip(handover.outgoing, 60), viewer)


def confirmed_all(count: int, viewer: ViewContext) -> str:
    """Several shifts are confirmed."""
    return "✅ " + viewer.words.plural("{n} shift is confirmed.", "{n} shifts are confirmed.", count)


def take_over_then(handover: Handover, outgoing: str, viewer: ViewContext) -> str:
    """That a confirmed shift still has to be taken over: at its time, or now. ``outgoing`` is how they are named."""
    if handover.at <= viewer.now:
        return viewer.words(
            "Please press “I take over”. {who} remains on call until both of you have pressed.", who=outgoing
        )
    return viewer.words(
        "At {time} press “I take over”. {who} remains on call until both of you have pressed.",
        time=viewer.moment(handover.at),
        who=outgoing,
    )


def handed(handover: Handover, done: bool, own: bool, viewer: ViewContext) -> str:
    """The outgoing person pressed, or a lead for them."""
    name = block_kit.clip(handover.incoming.member, 60)
    if not done and not own:
        who = block_kit.clip(handover.outgoing, 60)
        return "✅ " + viewer.words("Handed over. {who} stays responsible until {name} takes over.", who=who, name=name)
    if done:
        return "✅ " + viewer.words("Handed over: {name} is on call.", name=name)
    return "✅ " + viewer.words("Handed over. You stay responsible until {name} takes over.", name=name)


def taken_over(handover: Handover, done: bool, viewer: ViewContext) -> str:
    """The incoming person pressed."""
    name = block_kit.clip(handover.outgoing, 60)
    if done:
        return "✅ " + viewer.words("Taken over: you are on call.")
    return "✅ " + viewer.words("Noted. {name} stays responsible until they hand over, too.", name=name)


def reminders_form(minutes: Sequence[int], viewer: ViewContext) -> block_kit.Block:
    """When somebody wants to be reminded before each shift."""
    words = viewer.words
    choices = {str(one): reminder_times([one], words) for one in CHOICES}
    box = block_kit.checkboxes(
        f"{ids.ROTA_REMIND}.at", choices, initial=[str(minute) for minute in minutes if minute in CHOICES]
    )
    field = block_kit.field("at", words("How long before each shift?"), box, optional=True)
    said = words("If you don't confirm ten minutes ahead, others are asked, whatever you choose here.")
    return block_kit.modal(
        ids.ROTA_REMIND, words("Reminders"), [field, block_kit.context(said)], words("Cancel"), submit=words("Save")
    )  # fmt: skip


def note_form(handover: Handover, subject: ids.ShiftSubject, viewer: ViewContext) -> block_kit.Block:
    """What the outgoing person adds to the handover note."""
    words = viewer.words
    whose = block_kit.clip(handover.incoming.member, 60)
    about = f"{viewer.place(handover.slot)} · {viewer.moment(handover.at)} · {whose}"
    box = block_kit.text_input(f"{ids.ROTA_NOTE}.text", NOTE_LIMIT, lines=True)
    field = block_kit.field("note", words("What should the next person know?"), box)
    return block_kit.modal(
        ids.ROTA_NOTE, words("Handover note"), [block_kit.aside(block_kit.plain(about)), field], words("Cancel"),
        submit=words("Save"), private_metadata=str(subject),
    )  # fmt: skip
