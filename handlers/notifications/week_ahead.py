"""The list of somebody's shifts of the week ahead, which one press confirms."""

from handlers.blocks import block_kit, my_shifts
from handlers.blocks.shift_buttons import confirm_all_button
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.reminders.digest import week_after
from models.rules.rota.on_call import find_confirmation

LISTED = 30


def message(context: MessageContext) -> Message | None:
    """What is still ahead of it, with *Confirm all*; None once all is confirmed."""
    snapshot, viewer = context.snapshot, context.viewer
    due_at = context.reminder.due_at
    if due_at is None:
        return None
    start, end = week_after(due_at, context.render_context.settings.timezone)
    me = snapshot.member_of(context.user)
    ahead = [shift for shift in snapshot.shifts if shift.member == me and max(start, context.now) <= shift.start < end]
    mine = [(one, find_confirmation(one, snapshot.presses) is not None) for one in ahead if snapshot.is_known(one)]
    open_ = [one for one, is_confirmed in mine if not is_confirmed]
    if context.is_outdated or not open_:
        return None
    mine.sort(key=lambda one: one[0].start)
    lines = [my_shifts.line(one, is_confirmed, viewer) for one, is_confirmed in mine[:LISTED]]
    said = f"🗓️ *{context.words('Your shifts next week')}*\n" + "\n".join(lines)
    return context.message(said, [block_kit.actions([confirm_all_button(open_, viewer)])], timed=True)
