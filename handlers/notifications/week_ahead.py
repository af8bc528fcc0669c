"""Renders the list of somebody's shifts of the week ahead, which one press confirms."""

from datetime import datetime

from handlers.blocks import block_kit, my_shifts
from handlers.blocks.shift_buttons import confirm_all_button
from handlers.i18n import dates
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.reminders.digest import week_after
from models.rules.rota.shifts import Shift

LISTED = 30
"""Shifts the list shows; more are left out."""


def build_body(context: MessageContext) -> tuple[str, list[block_kit.Block]] | None:
    """Return what stands in the place of a list as things are now: its shifts, with *Confirm all* for those ahead."""
    if context.reminder.due_at is None:
        return None
    own, start = _list_shifts(context)
    lines = [my_shifts.line(shift, is_confirmed, context.viewer) for shift, is_confirmed in own[:LISTED]]
    if not lines:
        lines = [f"⚪ {context.words('These shifts are over or no longer planned.')}"]
    day = dates.day(start.astimezone(context.render_context.settings.timezone).date(), context.words)
    heading = context.words("Your shifts of the week from {day}", day=day)
    ahead = [shift for shift, is_confirmed in own if not is_confirmed and shift.start > context.now]
    buttons = [block_kit.actions([confirm_all_button(ahead, context.viewer)])] if ahead else []
    return "\n".join([f"🗓️ *{heading}*", *lines]), buttons


def _list_shifts(context: MessageContext) -> tuple[list[tuple[Shift, bool]], datetime]:
    """Return the shifts of the reader in the week of a list that are not over, and the start of that week."""
    snapshot, due_at = context.snapshot, context.reminder.due_at or context.now
    start, end = week_after(due_at, context.render_context.settings.timezone)
    me = snapshot.member_of(context.user)
    ahead = [shift for shift in snapshot.shifts if shift.member == me and start <= shift.start < end]
    own = [
        (shift, snapshot.confirmation_of(shift) is not None)
        for shift in ahead
        if shift.end > context.now and snapshot.is_planned(shift)
    ]
    return sorted(own, key=lambda pair: pair[0].start), start


def render_week(context: MessageContext) -> Message | None:
    """Return the rest of the week, with *Confirm all*; None once everything is confirmed."""
    viewer = context.viewer
    if context.reminder.due_at is None or context.is_outdated:
        return None
    own = [pair for pair in _list_shifts(context)[0] if pair[0].start >= context.now]
    unconfirmed = [shift for shift, is_confirmed in own if not is_confirmed]
    if not unconfirmed:
        return None
    lines = [my_shifts.line(shift, is_confirmed, viewer) for shift, is_confirmed in own[:LISTED]]
    text = f"🗓️ *{context.words('Your shifts next week')}*\n" + "\n".join(lines)
    return context.build_message(text, [block_kit.actions([confirm_all_button(unconfirmed, viewer)])], timed=True)
