"""What a reminder or a card of the duty looks like when it is sent. Its reason is checked again at that moment: what
does not hold any more is not said, and a later reminder speaks for those that could not be sent.
"""

from collections.abc import Callable, Mapping, Sequence

from handlers.blocks import block_kit
from handlers.blocks.schedule import zone_note
from handlers.notifications import departures, escalations, gaps, holiday_review, shifts
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.reminders import changeover
from models.rules.delivery import UNFINISHED, DeliveryState
from models.rules.reminders import subjects


def reminder(context: MessageContext) -> Message | None:
    """A reminder; a later one of the same subject to the same place, where one waits, speaks for it."""
    if context.is_outdated:
        return None
    return next((draw(context) for beginning, draw in _NAGS.items() if context.subject.startswith(beginning)), None)


def refreshed_reminder(context: MessageContext) -> Message | None:
    """In place of a reminder and its buttons: how it ended, or that a newer one is below."""
    redrawn = context.render_context.reminders.said(context.delivery.redraws or "")
    state, channel, ts = redrawn or (DeliveryState.DEAD, "", "")
    if state in UNFINISHED:
        raise NotReady
    said = next((draw(context) for beginning, draw in _OVER.items() if context.subject.startswith(beginning)), "")
    is_over = bool(said)
    is_followed = context.render_context.reminders.is_followed(context.delivery, _with(context))
    if not is_over and is_followed:
        said = f"⤵️ {_newer(context)}"
    anew = None if said else shifts.anew(context)
    if state is not DeliveryState.SENT or not (said or anew):
        return None
    if anew:
        blocks = [block_kit.section(anew[0]), zone_note(context.now, context.viewer), *context.was_late(), *anew[1]]
        return Message(block_kit.cut(anew[0], block_kit.FALLBACK // 2), blocks, channel, update_ts=ts)
    # Of an escalation and a holiday week no time is told, and none of what is told below.
    untimed = not is_over or context.subject.startswith((subjects.ESCALATION, subjects.REHEARSAL, subjects.LEFT))
    blocks = [
        block_kit.section(said),
        *([] if untimed else [zone_note(context.now, context.viewer)]),
        *context.was_late(),
    ]
    blocks += [] if is_followed or untimed else shifts.beside(context)
    return Message(block_kit.cut(said, block_kit.FALLBACK // 2), blocks, channel, update_ts=ts)


def _with(context: MessageContext) -> Sequence[str]:
    """What else a direct message about a shift or handover speaks of."""
    if not context.user or not changeover.is_of_one(context.subject, context.reminder.step):
        return ()
    return changeover.names(context.snapshot, context.subject)


def _newer(context: MessageContext) -> str:
    """That a newer reminder is below, and of what."""
    what = next((draw(context) for beginning, draw in _ABOUT.items() if context.subject.startswith(beginning)), "")
    if not what:
        return context.words("A newer reminder of this is below.")
    return context.words("A newer reminder is below: {what}", what=what)


_NAGS: Mapping[str, Callable[[MessageContext], Message | None]] = {
    subjects.GAP: gaps.nag, subjects.SHIFT: shifts.unconfirmed,
    subjects.HANDOVER: shifts.waiting, subjects.ESCALATION: escalations.nag,
    subjects.LEFT: departures.nag,
}  # fmt: skip
_ABOUT: Mapping[str, Callable[[MessageContext], str]] = {
    subjects.GAP: gaps.about, subjects.SHIFT: shifts.about,
    subjects.HANDOVER: shifts.about, subjects.ESCALATION: escalations.about,
}  # fmt: skip
_OVER: Mapping[str, Callable[[MessageContext], str]] = {
    subjects.GAP: gaps.over, subjects.SHIFT: shifts.over,
    subjects.HANDOVER: shifts.over, subjects.ESCALATION: escalations.over, subjects.REHEARSAL: holiday_review.over,
    subjects.LEFT: departures.over,
}  # fmt: skip
