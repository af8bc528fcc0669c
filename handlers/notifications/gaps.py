"""What is said of gaps: one card for each that is near, a list of those far ahead, and reminders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.blocks import block_kit, gap_card
from handlers.blocks.schedule import gap_text
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.oncall.gap_register import CLOSED, INTENDED, GapRecord, find_accepted, find_ending
from models.rules.delivery import MessageKind
from models.rules.reminders import subjects
from models.rules.reminders.gap import CARD_WITHIN, ENDED, WITH_CARD
from models.rules.rota.ledger_entries import LedgerInterval, build_seat_intervals

LOOKED_AHEAD = timedelta(days=14)
"""How far ahead it is looked who covers the rest of a gap."""


def card(context: MessageContext) -> Message | None:
    """One gap, as it stands."""
    gap = _kept(context)
    if gap is None:
        return None
    why, became = _why(gap, context), _became(gap, context)
    said = f"🕳️ {gap_card.gap_line(gap, context.viewer, why, intervals=became)}"
    return context.placed(said, gap_card.gap_card(gap, context.viewer, why, became))


def far_gaps(context: MessageContext) -> Message | None:
    """All that were found at once and are far ahead, and those that a new version of the rota ended."""
    made = context.render_context.reminders.one(context.reminder.key)
    if made is None:
        return None
    numbers = [subjects.number_of(name) for name in (made.subject, *made.also)]
    gaps = context.render_context.gaps.find_several(numbers)
    open_ = [gap for gap in gaps if gap.ended_at is None and gap.start - context.now > CARD_WITHIN]
    # Whoever ended one by a change was named with it in this channel.
    ended = [gap for gap in gaps if gap.ended_at is not None and not gap_card.ended_by(gap)]
    said = gap_card.gap_list(open_, ended, context.viewer)
    return context.message(said, [], timed=bool(open_)) if said else None


def nag(context: MessageContext) -> Message | None:
    """To who could take it, or in the thread of its card; that it ended, once."""
    gap = _kept(context)
    over = context.reminder.step == ENDED
    if gap is None or (gap.ended_at is not None) is not over:
        return None
    said = gap_card.gap_line(gap, context.viewer, _why(gap, context), context.user, _became(gap, context))
    if context.user and not over:
        asked = context.words("You are eligible to take it.")
        return context.message(f"{said}\n{asked}", [gap_card.gap_buttons(gap, context.words)], timed=True)
    thread = context.thread(MessageKind.GAP)
    if context.reminder.step in WITH_CARD:
        return context.called(context.words("Please make sure somebody takes it."), [], thread)
    return context.called(said, [], thread, timed=True)


def over(context: MessageContext) -> str:
    """How it ended; empty while it has not."""
    gap = _kept(context)
    if gap is None or not gap.ended_at:
        return ""
    return gap_card.gap_line(gap, context.viewer, _why(gap, context), context.user, _became(gap, context))


def about(context: MessageContext) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    gap, viewer = _kept(context), context.viewer
    return block_kit.escape(f"{viewer.interval(gap.start, gap.end)} · {gap_text(gap.gap, viewer.words)}") if gap else ""


def _became(gap: GapRecord, context: MessageContext) -> Sequence[LedgerInterval]:
    """What the ledger tells of its time, where somebody saw to it after it began; else nothing, for it is told in a
    word.
    """
    if gap.ended_at is None or gap.ended_how not in {CLOSED, INTENDED} or gap.ended_at <= gap.start:
        return ()
    end = min(gap.end, gap.ended_at + LOOKED_AHEAD)
    found = build_seat_intervals(context.render_context.coverage_ledger.report(gap.start, end, context.now), gap.seat)
    return [*found[:-1], replace(found[-1], end=gap.end)] if found else ()


def _why(gap: GapRecord, context: MessageContext) -> str:
    """Why it is intended; empty when it is not."""
    rota_state = context.snapshot.rota_state
    if rota_state is None or gap.ended_how != INTENDED or gap.ended_at is None:
        return ""
    by = find_ending(gap, rota_state.overrides) if gap.ended_by else find_accepted(gap, rota_state.rota, gap.ended_at)
    return by.why if by else ""


def _kept(context: MessageContext) -> GapRecord | None:
    return context.render_context.gaps.find(subjects.number_of(context.subject))
