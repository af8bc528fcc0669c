"""What is said of shifts and handovers: reminders to confirm, the card with its buttons, that a press is missing."""

from collections.abc import Iterator
from dataclasses import replace

from handlers.blocks import block_kit, shift_reminders
from handlers.blocks.gap_card import place_name
from handlers.blocks.shift_reminders import HandoverView, Said, ShiftView
from handlers.notifications import no_successor
from handlers.notifications.context import Frame
from handlers.notifications.message import Message
from models.reminders import changeover
from models.reminders.due import handover_name
from models.rules.delivery import What
from models.rules.reminders import subjects
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.reminders.shift import CANNOT_STAY, NOBODY_FOLLOWS, OF_ITS_END
from models.rules.rota.on_call import Handover, confirmation


def reminder(frame: Frame) -> Message | None:
    """To its person, ahead of their shift, or before its end when nobody follows."""
    if f"/{NOBODY_FOLLOWS}" in frame.key:
        return no_successor.to_outgoing(frame)
    if frame.is_outdated:
        return None
    view = _shift(frame)
    return _message(shift_reminders.own_shift(view, frame.reader) if view else None, frame)


def unconfirmed(frame: Frame) -> Message | None:
    """A shift nobody confirmed: to its person, or to whoever is called. Or one that nobody follows."""
    if frame.key.endswith(f"/{CANNOT_STAY}"):
        return no_successor.to_others(frame)
    return _message(_of_shift(frame), frame)


def _of_shift(frame: Frame) -> Said | None:
    view = _shift(frame)
    if view is None or view.confirmed:
        return None
    if _is_own(view, frame):
        return shift_reminders.own_shift(view, frame.reader)
    if view.handover and frame.now >= view.shift.start:
        return None  # it comes late, and the handover speaks
    return shift_reminders.unconfirmed(view, frame.user, _leads(frame), frame.reader)


def waiting(frame: Frame) -> Message | None:
    """A handover that lacks a press: to one of the two, to a lead, or in its thread."""
    said = _of_handover(frame)
    return _message(said, frame, frame.thread(What.HANDOVER) if said and not frame.user else None)


def _of_handover(frame: Frame) -> Said | None:
    found = _handover(frame)
    if found is None or found.done_at or frame.now >= found.incoming.end:
        return None
    return shift_reminders.waiting(found, frame.user, _leads(frame), frame.reader)


def anew(frame: Frame) -> Said | None:
    """A direct message as it would be said now, with all that changes at the same instant; None when nothing is left
    to say, and of one that is about the end of a shift."""
    if not frame.user or not changeover.is_of_one(frame.subject, frame.key):
        return None
    view = _shift(frame) if frame.subject.startswith(subjects.SHIFT) else None
    own = shift_reminders.own_shift(view, frame.reader) if view and _is_own(view, frame) else _of_any(frame)
    together = _together(own, frame)
    return together[0] if together else None


def beside(frame: Frame) -> list[block_kit.Block]:
    """What else of the same instant its reader is still called about."""
    if not frame.user or not changeover.is_of_one(frame.subject, frame.key):
        return []
    return [block for text, blocks in _others(frame) for block in (block_kit.section(text), *blocks)]


def _of_any(frame: Frame) -> Said | None:
    return _of_handover(frame) if frame.subject.startswith(subjects.HANDOVER) else _of_shift(frame)


def _others(frame: Frame) -> Iterator[Said]:
    """What is said of the other places, to a reader who is called about them too."""
    leads = frame.studio.settings.leads
    for name in changeover.beside(frame.scene, frame.subject, frame.user, leads, frame.now):
        said = _of_any(Frame(replace(frame.delivery, subject=name), frame.studio))
        if said:
            yield said


def _together(said: Said | None, frame: Frame) -> tuple[Said, str] | None:
    """One message for one person of all that changes at the same instant, and all of its text for notifications."""
    parts = [*([said] if said else []), *_others(frame)]
    if not parts:
        return None
    (text, blocks), *others = parts
    below = [block for more, buttons in others for block in (block_kit.section(more), *buttons)]
    return (text, [*blocks, *below]), "\n".join(one for one, _ in parts)


def card(frame: Frame) -> Message | None:
    """The card of a handover with its note; the outgoing person's cases come first."""
    found, words = _handover(frame), frame.words
    if found is None:
        return None
    shift, outgoing = found.incoming, frame.scene.user_of(found.outgoing)
    cases = sorted(frame.studio.board.every_escalation(), key=lambda case: (case.owner != outgoing, case.number))
    coming = [gap for gap in frame.studio.gaps.open() if gap.start < shift.end and shift.start < gap.end]
    here = [one for one in frame.scene.presses if one.place == found.place and one.shift_start == found.at]
    view = HandoverView(found, cases, coming, [one.text for one in here if one.text])
    said = f"🤝 {words('Handover')}{words.colon}{place_name(found.place, words)}"
    return frame.placed(said, shift_reminders.handover_card(view, frame.reader))


def over(frame: Frame) -> str:
    """What stands in place of a reminder once what it asked for was done; empty while it was not."""
    if frame.subject.startswith(subjects.HANDOVER):
        found = _handover(frame)
        if found and found.done_at:
            return shift_reminders.handed_over(found, frame.user, frame.reader)
        is_waited_for = found and frame.now < found.incoming.end
        return "" if is_waited_for else shift_reminders.handover_gone(subjects.handover_of(frame.subject), frame.reader)
    return no_successor.over(frame) if any(mark in frame.key for mark in OF_ITS_END) else _shift_over(frame)


def _shift_over(frame: Frame) -> str:
    view = _shift(frame)
    if view is None:
        return shift_reminders.shift_gone(subjects.shift_of(frame.subject), frame.reader)
    if not view.confirmed:
        return ""
    if not _is_own(view, frame):
        return shift_reminders.answered(view, frame.reader)
    said, buttons = shift_reminders.own_shift(view, frame.reader)
    return "" if buttons else said  # it is confirmed, and still to be taken over


def about(frame: Frame) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    if frame.subject.startswith(subjects.HANDOVER):
        found = _handover(frame)
        return shift_reminders.handover_title(found, frame.reader) if found else ""
    view = _shift(frame)
    return shift_reminders.shift_title(view, frame.reader) if view else ""


def _message(said: Said | None, frame: Frame, thread: str | None = None) -> Message | None:
    if frame.user:
        together = _together(said, frame)
        return frame.message(*together[0], short=together[1], timed=True) if together else None
    return frame.called(*said, thread, timed=True) if said else None


def _leads(frame: Frame) -> bool:
    return frame.user in frame.studio.settings.leads


def _is_own(view: ShiftView, frame: Frame) -> bool:
    return bool(frame.user) and frame.user == frame.scene.user_of(view.shift.member)


def _shift(frame: Frame) -> ShiftView | None:
    name, scene = subjects.shift_of(frame.subject), frame.scene
    found = scene.shift(name.place, name.start, name.person)
    if found is None or frame.now >= found.end:
        return None
    due = (one for one in scene.handovers if one.incoming == found and frame.now >= one.at - CARD_BEFORE)
    since = max(found.start, scene.since(found))
    return ShiftView(found, confirmation(found, scene.presses), next(due, None), since)


def _handover(frame: Frame) -> Handover | None:
    name = subjects.handover_of(frame.subject)
    return next((one for one in frame.scene.handovers if handover_name(one) == name), None)
