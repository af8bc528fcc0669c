"""What is said of gaps: one card for each that is near, a list of those far ahead, and reminders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.blocks import block_kit, gap_card
from handlers.blocks.schedule import gap_text
from handlers.notifications.context import Frame
from handlers.notifications.message import Message
from models.oncall.gap_register import CLOSED, INTENDED, Kept, ending, meant
from models.reminders.routing import WITH_THE_CARD
from models.rules.delivery import What
from models.rules.reminders import subjects
from models.rules.reminders.gap import CARD_WITHIN
from models.rules.rota.ledger_entries import Part, parts

LOOKED_AHEAD = timedelta(days=14)
"""How far ahead it is looked who covers the rest of a gap."""


def card(frame: Frame) -> Message | None:
    """One gap, as it stands."""
    gap = _kept(frame)
    if gap is None:
        return None
    why, became = _why(gap, frame), _became(gap, frame)
    said = f"🕳️ {gap_card.gap_line(gap, frame.reader, why, became=became)}"
    return frame.placed(said, gap_card.gap_card(gap, frame.reader, why, became))


def far_ahead(frame: Frame) -> Message | None:
    """All that were found at once and are far ahead, and those that a new version of the rota ended."""
    made = frame.studio.reminders.one(frame.key)
    if made is None:
        return None
    numbers = [subjects.number_of(name) for name in (made.subject, *made.also)]
    gaps = frame.studio.gaps.some(numbers)
    open_ = [gap for gap in gaps if gap.ended_at is None and gap.start - frame.now > CARD_WITHIN]
    # Whoever ended one by a change was named with it in this channel.
    ended = [gap for gap in gaps if gap.ended_at is not None and not gap_card.closer(gap)]
    said = gap_card.gap_list(open_, ended, frame.reader)
    return frame.message(said, [], timed=bool(open_)) if said else None


def nag(frame: Frame) -> Message | None:
    """To who could take it, or in the thread of its card; that it ended, once."""
    gap = _kept(frame)
    over = frame.key.endswith("/ended")
    if gap is None or (gap.ended_at is not None) is not over:
        return None
    said = gap_card.gap_line(gap, frame.reader, _why(gap, frame), frame.user, _became(gap, frame))
    if frame.user and not over:
        asked = frame.words("You could take it.")
        return frame.message(f"{said}\n{asked}", [gap_card.gap_buttons(gap, frame.words)], timed=True)
    thread = frame.thread(What.GAP)
    if frame.key.rpartition("/")[2].partition("@")[0] in WITH_THE_CARD:
        return frame.called(frame.words("Please see to it that somebody takes it."), [], thread)
    return frame.called(said, [], thread, timed=True)


def over(frame: Frame) -> str:
    """How it ended; empty while it has not."""
    gap = _kept(frame)
    if gap is None or not gap.ended_at:
        return ""
    return gap_card.gap_line(gap, frame.reader, _why(gap, frame), frame.user, _became(gap, frame))


def about(frame: Frame) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    gap, reader = _kept(frame), frame.reader
    return block_kit.escape(f"{reader.stretch(gap.start, gap.end)} · {gap_text(gap.gap, reader.words)}") if gap else ""


def _became(gap: Kept, frame: Frame) -> Sequence[Part]:
    """What the ledger tells of its time, where somebody saw to it after it began; else nothing, for it is told in a
    word."""
    if gap.ended_at is None or gap.ended_how not in {CLOSED, INTENDED} or gap.ended_at <= gap.start:
        return ()
    end = min(gap.end, gap.ended_at + LOOKED_AHEAD)
    found = parts(frame.studio.coverage.report(gap.start, end, frame.now), gap.seat)
    return [*found[:-1], replace(found[-1], end=gap.end)] if found else ()


def _why(gap: Kept, frame: Frame) -> str:
    """Why it is intended; empty when it is not."""
    situation = frame.scene.situation
    if situation is None or gap.ended_how != INTENDED or gap.ended_at is None:
        return ""
    by = ending(gap, situation.changes) if gap.ended_by else meant(gap, situation.plan, gap.ended_at)
    return by.why if by else ""


def _kept(frame: Frame) -> Kept | None:
    return frame.studio.gaps.one(subjects.number_of(frame.subject))
