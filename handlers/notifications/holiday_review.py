"""The card that rehearses a holiday week."""

from handlers.blocks import block_kit, holiday_review
from handlers.notifications.context import Frame
from handlers.notifications.message import Message
from models.rules.delivery import What
from models.rules.reminders import subjects
from models.rules.rota import holidays


def card(frame: Frame) -> Message | None:
    """A card of its own each time it is spoken of: once for certain, then while something is thin."""
    known, studio = frame.scene.situation, frame.studio
    found = studio.rehearsals.of(frame.subject, known, frame.now) if known else None
    is_new = frame.delivery.what is What.REHEARSAL
    if found is None or (is_new and frame.is_outdated):
        return None
    if is_new and not found.staffing.is_thin and studio.reminders.place(frame.subject, What.REHEARSAL):
        return None
    said = holiday_review.title(found, frame.reader)
    blocks = holiday_review.card(found, frame.reader, frame.calls)
    return frame.placed(said, [*blocks, *(frame.lateness() if is_new else ())])


def over(frame: Frame) -> str:
    """What stands in place of a card once its days have begun, or a newer card was posted; empty while it is the one
    to look at."""
    festival, year = subjects.rehearsal_of(frame.subject)
    week = holidays.week_of(festival, year, frame.scene.plan.calendar)
    if week.start <= frame.now.astimezone(frame.studio.settings.timezone).date():
        return holiday_review.begun(week, frame.words)
    newest = frame.studio.reminders.place(frame.subject, What.REHEARSAL)
    own = frame.studio.reminders.said(frame.key)
    if newest is None or own is None or newest == own[1:]:
        return ""
    return holiday_review.followed(week, block_kit.permalink(frame.studio.workspace(), *newest), frame.words)
