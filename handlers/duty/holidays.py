"""The card that rehearses a holiday week."""

from handlers.blocks import kit, rehearsal
from handlers.duty.frame import Frame
from handlers.sending import Message
from models.delivery import What
from models.nags import subjects
from models.rota import calendar


def card(frame: Frame) -> Message | None:
    """A card of its own each time it is spoken of: once for certain, then while something is thin."""
    known, studio = frame.scene.situation, frame.studio
    found = studio.rehearsals.of(frame.subject, known, frame.now) if known else None
    is_new = frame.delivery.what is What.REHEARSAL
    if found is None or (is_new and frame.is_outdated):
        return None
    if is_new and not found.staffing.is_thin and studio.reminders.place(frame.subject, What.REHEARSAL):
        return None
    said = rehearsal.title(found, frame.reader)
    blocks = rehearsal.card(found, frame.reader, frame.calls)
    return frame.placed(said, [*blocks, *(frame.lateness() if is_new else ())])


def over(frame: Frame) -> str:
    """What stands in place of a card once its days have begun, or a newer card was posted; empty while it is the one
    to look at."""
    festival, year = subjects.rehearsal_of(frame.subject)
    week = calendar.week_of(festival, year, frame.scene.plan.calendar)
    if week.start <= frame.now.astimezone(frame.studio.settings.timezone).date():
        return rehearsal.begun(week, frame.words)
    newest = frame.studio.reminders.place(frame.subject, What.REHEARSAL)
    own = frame.studio.reminders.said(frame.key)
    if newest is None or own is None or newest == own[1:]:
        return ""
    return rehearsal.followed(week, kit.permalink(frame.studio.workspace(), *newest), frame.words)
