"""What is said when a shift ends and nobody follows."""

from handlers.blocks import no_successor
from handlers.blocks.shift_reminders import shift_gone
from handlers.notifications.context import Frame
from handlers.notifications.message import Message
from models.reminders.no_successor import RECENT, gap_after
from models.rules.reminders import subjects
from models.rules.rota.gaps import Gap
from models.rules.rota.shifts import Shift


def to_outgoing(frame: Frame) -> Message | None:
    """To whoever is on; None when somebody follows by now."""
    found = _ending(frame)
    if found is None or frame.is_outdated:
        return None
    is_lead = frame.user in frame.studio.settings.leads
    return frame.message(*no_successor.to_outgoing(*found, is_lead, frame.reader), timed=True)


def to_others(frame: Frame) -> Message | None:
    """To a lead, or to the on-call channel, once whoever is on has said that they can't stay."""
    found = _ending(frame)
    if found is None:
        return None
    said = no_successor.to_others(*found, frame.user, frame.reader)
    return frame.message(*said, timed=True) if frame.user else frame.called(*said, timed=True)


def over(frame: Frame) -> str:
    """What stands in place of both once somebody follows, or the shift is over; empty while nobody does."""
    name = subjects.shift_of(frame.subject)
    shift = frame.scene.shift(name.place, name.start, name.person)
    gap = gap_after(frame.scene, shift) if shift else None
    if shift is None or (gap and frame.now >= min(gap.end, shift.end + RECENT)):
        return shift_gone(name, frame.reader)
    if gap:
        return ""
    there = (
        one for one in frame.scene.shifts if (one.start, one.seat, one.place) == (shift.end, shift.seat, shift.place)
    )
    return no_successor.over(shift, next((one.member for one in there if not one.absent), ""), frame.reader)


def _ending(frame: Frame) -> tuple[Shift, Gap] | None:
    """The shift with the gap after it; None when there is none, or it is over."""
    name = subjects.shift_of(frame.subject)
    shift = frame.scene.shift(name.place, name.start, name.person)
    gap = gap_after(frame.scene, shift) if shift else None
    return (shift, gap) if shift and gap and frame.now < gap.end else None
