"""The card that rehearses a holiday week."""

from handlers.blocks import rehearsal
from handlers.duty.frame import Frame
from handlers.sending import Message
from models.delivery import What


def card(frame: Frame) -> Message | None:
    """A card of its own each time it is spoken of: once for certain, then while something is thin."""
    known, studio = frame.scene.situation, frame.studio
    found = studio.rehearsals.of(frame.subject, known, frame.now) if known else None
    is_new = frame.delivery.what is What.REHEARSAL
    if found is None or (is_new and frame.is_outdated):
        return None
    if is_new and not found.staffing.is_thin and studio.reminders.place(frame.subject, What.REHEARSAL):
        return None
    said = rehearsal.title(found, frame.words, frame.today)
    blocks = rehearsal.card(found, frame.words, frame.today, frame.calls)
    return frame.placed(said, [*blocks, *(frame.lateness() if is_new else ())])
