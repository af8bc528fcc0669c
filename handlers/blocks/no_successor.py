"""Reminders that a shift ends and nobody follows."""

from datetime import datetime, timedelta

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.gap_card import slot_name
from handlers.blocks.schedule import ViewContext
from handlers.blocks.shift_buttons import shift_value
from handlers.blocks.shift_reminders import ReminderBody
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import Slot
from models.rules.rota.shifts import Shift

LONGEST_EXTENSION = timedelta(hours=12)
"""How long somebody is asked to remain on call at most."""


def outgoing_reminder(shift: Shift, gap: Gap, is_lead: bool, viewer: ViewContext) -> ReminderBody:
    """Return the reminder to the person on call: remain on call, or say that somebody else must take over."""
    words, value = viewer.words, str(_time_to_cover(shift, gap))
    remain = block_kit.button(words("Stay on until …"), ids.ROTA_STAY, value, "primary")
    action = (ids.ROTA_COVER, value) if is_lead else (ids.ROTA_CANNOT_STAY, shift_value(shift))
    text = viewer.line_per_language(
        lambda view: f"{_nobody_follows(shift, gap, view)}\n{view.words('Can you stay on?')}"
    )
    return f"{_title(shift, viewer)}\n{text}", [
        block_kit.actions([remain, block_kit.button(words("Assign someone else"), *action)])
    ]


def others_reminder(shift: Shift, gap: Gap, user: str, viewer: ViewContext) -> ReminderBody:
    """Return the notice to leads, or to the channel when `user` is empty, once the person on call can't remain."""
    words, value, who = viewer.words, str(_time_to_cover(shift, gap)), viewer.mention(shift.member)
    text = viewer.line_per_language(
        lambda view: (
            f"{_nobody_follows(shift, gap, view)}\n{view.words('{who} can’t stay on. Please find somebody.', who=who)}"
        )
    )
    assign = block_kit.button(words("Assign someone else"), ids.ROTA_COVER, value)
    take = block_kit.button(words("Take it"), ids.ROTA_TAKE_LISTED, value, "primary")
    return f"{_title(shift, viewer)}\n{text}", [block_kit.actions([assign] if user else [take])]


def gap_covered(shift: Shift, successor: str, viewer: ViewContext) -> str:
    """Return the text that replaces both once a member (a rota name) follows, or nobody needs to."""
    at, who = block_kit.escape(viewer.moment(shift.end)), viewer.mention(successor) if successor else ""
    text = (
        viewer.words("{who} is on call from {at}.", who=who, at=at)
        if successor
        else viewer.words("Nobody needs to follow.")
    )
    return f"{_title(shift, viewer, '✅')}\n{text}"


def _title(shift: Shift, viewer: ViewContext, sign: str = "🚨") -> str:
    place = slot_name(Slot(shift.seat, shift.slot_number), viewer.words)
    return f"{sign} *{block_kit.escape(viewer.moment(shift.end))}* · {place}"


def _nobody_follows(shift: Shift, gap: Gap, viewer: ViewContext) -> str:
    at, until = (
        block_kit.escape(written) for written in (viewer.moment_in_sentence(shift.end), viewer.moment(gap.end))
    )
    return viewer.words("The shift ends at {at}, and nobody follows until {until}.", at=at, until=until)


def _time_to_cover(shift: Shift, gap: Gap) -> ids.SeatInterval:
    end: datetime = min(gap.end, shift.end + LONGEST_EXTENSION)
    return ids.SeatInterval(shift.seat, shift.end, end)
