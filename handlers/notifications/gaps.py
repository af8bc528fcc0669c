"""Renders what is said about gaps: a card for each that is near, a list of those far ahead, and reminders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.blocks import block_kit, gap_card, told_outside
from handlers.blocks.schedule import gap_text
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.oncall.gap_register import CLOSED, INTENDED, GapRecord, find_accepted, find_ending
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.rules.reminders.gap import CARD_WITHIN, ENDED, WITH_CARD
from models.rules.reminders.subjects import GapName
from models.rules.rota.ledger_entries import LedgerInterval, build_seat_intervals

LOOK_AHEAD = timedelta(days=14)
"""How far ahead the card of an ended gap shows who covers the rest of it."""


def render_card(context: MessageContext) -> Message | None:
    """Return the card of one gap."""
    gap = _find_gap(context)
    if gap is None:
        return None
    why, intervals = _find_reason(gap, context), _find_intervals(gap, context)
    text = f"🕳️ {gap_card.gap_line(gap, context.viewer, why, intervals=intervals)}"
    people = context.render_context.pages.find_told(context.subject, gap.found_at, context.user)
    told_row = told_outside.row(
        people, context.words, context.render_context.find_name, lambda at: block_kit.run(context.viewer.moment(at))
    )
    blocks = gap_card.gap_card(gap, context.viewer, why, intervals, told_row, _find_way(gap, context))
    return context.build_card(text, blocks)


def render_far_gaps(context: MessageContext) -> Message | None:
    """Return the list of gaps that were found at once and are far ahead, and of those a new rota ended."""
    reminder = context.render_context.reminders.find(context.reminder.key)
    if reminder is None:
        return None
    names = map(subjects.read_name, (reminder.subject, *reminder.also))
    numbers = [name.number for name in names if isinstance(name, GapName)]
    gaps = context.render_context.gap_register.find_several(numbers)
    open_gaps = [gap for gap in gaps if gap.ended_at is None and gap.start - context.now > CARD_WITHIN]
    # A gap that somebody ended by an override was announced with their name in this channel.
    ended_gaps = [gap for gap in gaps if gap.ended_at is not None and not gap_card.ended_by(gap)]
    text = gap_card.gap_list(open_gaps, ended_gaps, context.viewer)
    return context.build_message(text, [], timed=bool(open_gaps)) if text else None


def render_reminder(context: MessageContext) -> Message | None:
    """Return a reminder to somebody who could take the gap, or for the thread of its card; or, once, that it ended."""
    gap, is_end = _find_gap(context), context.reminder.step == ENDED
    if gap is None or (gap.ended_at is not None) is not is_end:
        return None
    text = _describe(gap, context)
    if context.user and not is_end:
        text += f"\n{context.words('You are eligible to take it.')}"
        return context.build_message(text, [gap_card.gap_buttons(gap, context.words)], timed=True)
    thread = context.find_thread(MessageKind.GAP)
    if context.reminder.step in WITH_CARD:
        return context.build_mentioning_message(context.words("Please make sure somebody takes it."), [], thread)
    return context.build_mentioning_message(text, [], thread, timed=True)


def describe_end(context: MessageContext) -> str:
    """Return how the gap ended; empty before."""
    gap = _find_gap(context)
    return _describe(gap, context) if gap and gap.ended_at else ""


def describe(context: MessageContext) -> str:
    """Return the gap in a few words; empty when it is not on record."""
    gap, viewer = _find_gap(context), context.viewer
    return block_kit.escape(f"{viewer.interval(gap.start, gap.end)} · {gap_text(gap.gap, viewer.words)}") if gap else ""


def _describe(gap: GapRecord, context: MessageContext) -> str:
    why, intervals = _find_reason(gap, context), _find_intervals(gap, context)
    return gap_card.gap_line(gap, context.viewer, why, context.user, intervals)


def _find_intervals(gap: GapRecord, context: MessageContext) -> Sequence[LedgerInterval]:
    """Return who covered a gap that somebody ended after it began; empty otherwise, where one word says it."""
    if gap.ended_at is None or gap.ended_how not in {CLOSED, INTENDED} or gap.ended_at <= gap.start:
        return ()
    end = min(gap.end, gap.ended_at + LOOK_AHEAD)
    report = context.render_context.coverage_ledger.report(gap.start, end, context.now)
    intervals = build_seat_intervals(report, gap.seat)
    return [*intervals[:-1], replace(intervals[-1], end=gap.end)] if intervals else ()


def _find_reason(gap: GapRecord, context: MessageContext) -> str:
    """Return the reason of an accepted gap; empty for any other."""
    rota_state = context.snapshot.rota_state
    if rota_state is None or gap.ended_how != INTENDED or gap.ended_at is None:
        return ""
    by = find_ending(gap, rota_state.overrides) if gap.ended_by else find_accepted(gap, rota_state.rota, gap.ended_at)
    return by.why if by else ""


def _find_way(gap: GapRecord, context: MessageContext) -> str:
    """Return how the override came that ended a gap; empty for one that was made in Slack."""
    rota_state = context.snapshot.rota_state
    ending = find_ending(gap, rota_state.overrides) if rota_state and gap.ended_by else None
    return (ending.came_by or "") if ending else ""


def _find_gap(context: MessageContext) -> GapRecord | None:
    return context.render_context.gap_register.find(context.subject_as(GapName).number)
