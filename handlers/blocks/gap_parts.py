"""What became of a gap that was seen to after it began: what went uncovered, who is on now, what is accepted."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.blocks import block_kit
from handlers.blocks.schedule import NAME, ViewContext
from handlers.i18n import dates
from models.rules.rota.ledger_entries import LedgerInterval
from models.rules.rota.on_call import CoverageStatus

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def told(parts: Sequence[LedgerInterval], viewer: ViewContext) -> str:
    """“20:00–20:07 went uncovered; 20:07–08:00 陈静”, plain text; in each language by itself."""
    return viewer.each(lambda one: one.words.clauses(_part(part, one) for part in parts))


def _part(part: LedgerInterval, viewer: ViewContext) -> str:
    words, when = viewer.words, _when(part, viewer)
    who = words.listed(block_kit.clip(name, NAME) for name in part.people)
    if part.status == CoverageStatus.UNCOVERED:
        return (
            words("{when} went uncovered", when=when)
            if part.end <= viewer.now
            else words("{when} uncovered", when=when)
        )
    if part.status == CoverageStatus.ACCEPTED:
        return words("{when} accepted gap", when=when)
    if part.status == CoverageStatus.BELOW_REQUIREMENT:
        return words("{when} {who}, below the requirement", when=when, who=who or words("nobody"))
    return words("{when} {who}", when=when, who=who or words("nobody"))


def _when(part: LedgerInterval, viewer: ViewContext) -> str:
    """Times of the clock; with dates from a day on, with seconds below a minute."""
    start, end = (at.astimezone(viewer.zone) for at in (part.start, part.end))
    if part.end - part.start < MINUTE:
        return f"{start:%H:%M:%S}–{end:%H:%M:%S}"
    if part.end - part.start < DAY:
        return dates.hours(part.start, part.end, viewer.zone)
    return viewer.stretch(part.start, part.end)
