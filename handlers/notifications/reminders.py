"""What a reminder or a card of the duty looks like when it is sent. Its reason is checked again at that moment: what
does not hold any more is not said, and a later reminder speaks for those that could not be sent."""

from collections.abc import Callable, Mapping, Sequence

from handlers.blocks import block_kit
from handlers.blocks.schedule import zone_note
from handlers.notifications import (
    calls,
    departures,
    escalations,
    gaps,
    holiday_review,
    on_call,
    rota_chart,
    shifts,
    week_ahead,
)
from handlers.notifications.context import Frame, Studio
from handlers.notifications.message import Message, NotYet, Sending
from models.reminders import changeover
from models.rules.delivery import UNFINISHED, Delivery, State, What
from models.rules.reminders import subjects


def render(delivery: Delivery, studio: Studio) -> Sending | None:
    """Draw a delivery of the duty; None when there is nothing to say any more. Raises NotYet while its card is under
    way."""
    draw = _WAYS.get(delivery.what)
    return draw(Frame(delivery, studio)) if draw else None


def _nag(frame: Frame) -> Message | None:
    """A reminder; a later one of the same subject to the same place, where one waits, speaks for it."""
    if frame.is_outdated:
        return None
    return next((draw(frame) for beginning, draw in _NAGS.items() if frame.subject.startswith(beginning)), None)


def _over(frame: Frame) -> Message | None:
    """In place of a reminder and its buttons: how it ended, or that a newer one is below."""
    state, channel, ts = frame.studio.reminders.said(frame.key) or (State.DEAD, "", "")
    if state in UNFINISHED:
        raise NotYet
    said = next((draw(frame) for beginning, draw in _OVER.items() if frame.subject.startswith(beginning)), "")
    is_over = bool(said)
    is_followed = frame.studio.reminders.is_followed(frame.key, frame.delivery, _with(frame))
    if not is_over and is_followed:
        said = f"⤵️ {_newer(frame)}"
    anew = None if said else shifts.anew(frame)
    if state is not State.SENT or not (said or anew):
        return None
    if anew:
        blocks = [block_kit.section(anew[0]), zone_note(frame.now, frame.reader), *frame.was_late(), *anew[1]]
        return Message(block_kit.cut(anew[0], block_kit.FALLBACK // 2), blocks, channel, update_ts=ts)
    # Of an escalation and a holiday week no time is told, and none of what is told below.
    untimed = not is_over or frame.subject.startswith((subjects.ESCALATION, subjects.REHEARSAL, subjects.LEFT))
    blocks = [block_kit.section(said), *([] if untimed else [zone_note(frame.now, frame.reader)]), *frame.was_late()]
    blocks += [] if is_followed or untimed else shifts.beside(frame)
    return Message(block_kit.cut(said, block_kit.FALLBACK // 2), blocks, channel, update_ts=ts)


def _with(frame: Frame) -> Sequence[str]:
    """What else a direct message about a shift or handover speaks of."""
    if not frame.user or not changeover.is_of_one(frame.subject, frame.key):
        return ()
    return changeover.names(frame.scene, frame.subject)


def _newer(frame: Frame) -> str:
    """That a newer reminder is below, and of what."""
    what = next((draw(frame) for beginning, draw in _ABOUT.items() if frame.subject.startswith(beginning)), "")
    if not what:
        return frame.words("A newer reminder of this is below.")
    return frame.words("A newer reminder is below: {what}", what=what)


def _picture(frame: Frame) -> Message | None:
    if frame.is_outdated:
        return None
    return rota_chart.message(frame.scene, frame.now, frame.words, frame.delivery.channel, frame.delivery.user)


_WAYS: Mapping[What, Callable[[Frame], Sending | None]] = {
    What.CALL: calls.ask, What.CALL_REFRESH: calls.anew,
    What.GAP: gaps.card, What.GAP_REFRESH: gaps.card, What.GAPS: gaps.far_ahead,
    What.NAG: _nag, What.NAG_REFRESH: _over, What.SHIFT: shifts.reminder,
    What.HANDOVER: shifts.card, What.HANDOVER_REFRESH: shifts.card,
    What.ON_NOW: on_call.on_now, What.TOPIC: on_call.topic, What.GROUP: on_call.group,
    What.DIGEST: escalations.digest, What.WEEK: week_ahead.message, What.PICTURE: _picture,
    What.REHEARSAL: holiday_review.card, What.REHEARSAL_REFRESH: holiday_review.card,
}  # fmt: skip
_NAGS: Mapping[str, Callable[[Frame], Message | None]] = {
    subjects.GAP: gaps.nag, subjects.SHIFT: shifts.unconfirmed,
    subjects.HANDOVER: shifts.waiting, subjects.ESCALATION: escalations.nag,
    subjects.LEFT: departures.nag,
}  # fmt: skip
_ABOUT: Mapping[str, Callable[[Frame], str]] = {
    subjects.GAP: gaps.about, subjects.SHIFT: shifts.about,
    subjects.HANDOVER: shifts.about, subjects.ESCALATION: escalations.about,
}  # fmt: skip
_OVER: Mapping[str, Callable[[Frame], str]] = {
    subjects.GAP: gaps.over, subjects.SHIFT: shifts.over,
    subjects.HANDOVER: shifts.over, subjects.ESCALATION: escalations.over, subjects.REHEARSAL: holiday_review.over,
    subjects.LEFT: departures.over,
}  # fmt: skip
