"""The list of somebody's shifts of the week ahead, which one press confirms."""

from handlers.blocks import block_kit, my_shifts
from handlers.blocks.shift_buttons import confirm_all_button
from handlers.notifications.context import Frame
from handlers.notifications.message import Message
from models.rules.reminders.digest import week_of
from models.rules.rota.on_call import confirmation

LISTED = 30


def message(frame: Frame) -> Message | None:
    """What is still ahead of it, with *Confirm all*; None once all is confirmed."""
    scene, reader = frame.scene, frame.reader
    start, end = week_of(frame.key.rpartition("/")[2], frame.studio.settings.timezone)
    me = scene.member_of(frame.user)
    ahead = [one for one in scene.shifts if one.member == me and max(start, frame.now) <= one.start < end]
    mine = [(one, confirmation(one, scene.presses) is not None) for one in ahead if scene.is_known(one)]
    open_ = [one for one, is_confirmed in mine if not is_confirmed]
    if frame.is_outdated or not open_:
        return None
    mine.sort(key=lambda one: one[0].start)
    lines = [my_shifts.line(one, is_confirmed, reader) for one, is_confirmed in mine[:LISTED]]
    said = f"🗓️ *{frame.words('Your shifts next week')}*\n" + "\n".join(lines)
    return frame.message(said, [block_kit.actions([confirm_all_button(open_, reader)])], timed=True)
