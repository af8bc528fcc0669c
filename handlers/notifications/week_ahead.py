"""Renders the list of somebody's shifts of the week ahead, which one press confirms."""

from handlers.blocks import block_kit, my_shifts
from handlers.blocks.shift_buttons import confirm_all_button
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.reminders.digest import week_after

LISTED = 30
"""Shifts the list shows; more are left out."""


def render_week(context: MessageContext) -> Message | None:
    """Return the rest of the week, with *Confirm all*; None once everything is confirmed."""
    snapshot, viewer, due_at = context.snapshot, context.viewer, context.reminder.due_at
    if due_at is None or context.is_outdated:
        return None
    start, end = week_after(due_at, context.render_context.settings.timezone)
    me = snapshot.member_of(context.user)
    ahead = [shift for shift in snapshot.shifts if shift.member == me and max(start, context.now) <= shift.start < end]
    own = [(shift, snapshot.confirmation_of(shift) is not None) for shift in ahead if snapshot.is_planned(shift)]
    unconfirmed = [shift for shift, is_confirmed in own if not is_confirmed]
    if not unconfirmed:
        return None
    own.sort(key=lambda pair: pair[0].start)
    lines = [my_shifts.line(shift, is_confirmed, viewer) for shift, is_confirmed in own[:LISTED]]
    text = f"🗓️ *{context.words('Your shifts next week')}*\n" + "\n".join(lines)
    return context.build_message(text, [block_kit.actions([confirm_all_button(unconfirmed, viewer)])], timed=True)
