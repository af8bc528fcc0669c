"""What is said of shifts and handovers: reminders to confirm, the card with its buttons, that a press is missing."""

from handlers.blocks import duty_watch
from handlers.blocks.duty import place_name
from handlers.blocks.duty_watch import HandoverView, Said, ShiftView
from handlers.duty import relief
from handlers.duty.frame import Frame
from handlers.sending import Message
from models.delivery import What
from models.nags import subjects
from models.nags.handover import CARD_BEFORE
from models.nags.shift import CANNOT_STAY, NOBODY_FOLLOWS
from models.rota.duty import Handover, confirmation
from models.vigil.owing import handover_name


def reminder(frame: Frame) -> Message | None:
    """To its person, ahead of their shift, or before its end when nobody follows."""
    if f"/{NOBODY_FOLLOWS}" in frame.key:
        return relief.to_outgoing(frame)
    view = None if frame.is_outdated else _shift(frame)
    return _said(duty_watch.own_shift(view, frame.reader) if view else None, frame)


def unconfirmed(frame: Frame) -> Message | None:
    """A shift nobody confirmed: to its person, or to whoever is called. Or one that nobody follows."""
    if frame.key.endswith(f"/{CANNOT_STAY}"):
        return relief.to_others(frame)
    view = _shift(frame)
    if view is None or view.confirmed:
        return None
    if _is_own(view, frame):
        return _said(duty_watch.own_shift(view, frame.reader), frame)
    if view.handover and frame.now >= view.shift.start:
        return None  # it comes late, and the handover speaks
    return _said(duty_watch.unconfirmed(view, frame.user, _leads(frame), frame.reader), frame)


def waiting(frame: Frame) -> Message | None:
    """A handover that lacks a press: to one of the two, to a lead, or in its thread."""
    found = _handover(frame)
    if found is None or found.done_at or frame.now >= found.incoming.end:
        return None
    said = duty_watch.waiting(found, frame.user, _leads(frame), frame.reader)
    return _said(said, frame, None if frame.user else frame.thread(What.HANDOVER))


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
    return frame.placed(said, duty_watch.handover_card(view, frame.reader))


def over(frame: Frame) -> str:
    """What stands in place of a reminder once what it asked for was done; empty while it was not."""
    if frame.subject.startswith(subjects.HANDOVER):
        found = _handover(frame)
        if found and found.done_at:
            return duty_watch.handed_over(found, frame.user, frame.reader)
        is_waited_for = found and frame.now < found.incoming.end
        return "" if is_waited_for else duty_watch.handover_gone(subjects.handover_of(frame.subject), frame.reader)
    view = _shift(frame)
    if view is None:
        return duty_watch.shift_gone(subjects.shift_of(frame.subject), frame.reader)
    if not view.confirmed:
        return ""
    if not _is_own(view, frame):
        return duty_watch.answered(view, frame.reader)
    said, buttons = duty_watch.own_shift(view, frame.reader)
    return "" if buttons else said  # it is confirmed, and still to be taken over


def about(frame: Frame) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    if frame.subject.startswith(subjects.HANDOVER):
        found = _handover(frame)
        return duty_watch.handover_title(found, frame.reader) if found else ""
    view = _shift(frame)
    return duty_watch.shift_title(view, frame.reader) if view else ""


def _said(said: Said | None, frame: Frame, thread: str | None = None) -> Message | None:
    if said is None:
        return None
    return frame.message(*said, timed=True) if frame.user else frame.called(*said, thread, timed=True)


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
    return ShiftView(found, confirmation(found, scene.presses), next(due, None))


def _handover(frame: Frame) -> Handover | None:
    name = subjects.handover_of(frame.subject)
    return next((one for one in frame.scene.handovers if handover_name(one) == name), None)
