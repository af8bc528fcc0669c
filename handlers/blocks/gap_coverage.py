"""Describes who covered a gap after it began: what went uncovered, who is on call now, what was accepted."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.blocks import block_kit
from handlers.blocks.schedule import NAME, ViewContext
from handlers.i18n import dates
from models.rules.rota.ledger_entries import LedgerInterval
from models.rules.rota.on_call import CoverageStatus

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def describe(intervals: Sequence[LedgerInterval], viewer: ViewContext) -> str:
    """Return “20:00–20:07 went uncovered; 20:07–08:00 陈静” as plain text, in each language of the reader."""
    return viewer.line_per_language(
        lambda view: view.words.join_clauses(_describe_interval(interval, view) for interval in intervals)
    )


def _describe_interval(interval: LedgerInterval, viewer: ViewContext) -> str:
    words, when = viewer.words, _when(interval, viewer)
    who = words.join_items(block_kit.clip(name, NAME) for name in interval.people)
    if interval.status == CoverageStatus.UNCOVERED:
        return (
            words("{when} went uncovered", when=when)
            if interval.end <= viewer.now
            else words("{when} uncovered", when=when)
        )
    if interval.status == CoverageStatus.ACCEPTED:
        return words("{when} accepted gap", when=when)
    if interval.status == CoverageStatus.BELOW_REQUIREMENT:
        return words("{when} {who}, below the requirement", when=when, who=who or words("nobody"))
    return words("{when} {who}", when=when, who=who or words("nobody"))


def _when(interval: LedgerInterval, viewer: ViewContext) -> str:
    """Return the times of an interval: with dates from one day on, with seconds below one minute."""
    start, end = (at.astimezone(viewer.zone) for at in (interval.start, interval.end))
    if interval.end - interval.start < MINUTE:
        return f"{start:%H:%M:%S}–{end:%H:%M:%S}"
    if interval.end - interval.start < DAY:
        return dates.hours(interval.start, interval.end, viewer.zone)
    return viewer.interval(interval.start, interval.end)
