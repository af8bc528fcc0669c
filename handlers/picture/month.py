"""The next four weeks of the rota as a scene: one row a day, one lane a place, for a phone held upright."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from handlers.picture import colours, patches
from handlers.picture.days import days_from, moment_name, period, zone_name
from handlers.picture.lanes import Lane, Piece, State, lanes, together
from handlers.picture.patches import People
from handlers.picture.rows import AFTER, AXIS, Rows, axis
from handlers.picture.scene import Label, Scene
from handlers.picture.sheet import MARGIN, RIGHT, SAMPLE, Sheet, hours, less, tongues
from handlers.words import N_, Words
from handlers.words.rota import REASON, SHORT_REASON, seat_name
from models.rota.gaps import Gap
from models.rota.plan import Plan
from models.rota.shifts import Shift

MOST_LANES = 8  # of a day; nobody reads a picture with more
LISTED, LIST_LINE = 6, 44
WHEN, WHY = MARGIN + 44, MARGIN + 470
MONDAY = 0
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Rota:
    """What is drawn: ``days`` days from ``first`` on, in the zone of the plan. ``shifts`` are final ones, absences
    marked; ``holidays`` names days off; on ``workdays`` people work although it is a weekend."""

    plan: Plan
    shifts: Sequence[Shift]
    gaps: Sequence[Gap]
    first: date
    now: datetime
    days: int = 28
    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: Collection[date] = ()


def four_weeks(rota: Rota, words: Words) -> Scene:
    """The picture of these days."""
    plan, sheet = rota.plan, Sheet()
    days = list(days_from(rota.first, rota.days, plan.zone))
    window, found = _found(rota)
    all_lanes = lanes(plan, rota.shifts, found, window)
    _head(sheet, rota, words)
    _sums(sheet, found, window, words)
    _legend(sheet, plan, all_lanes, words)
    people = People(list(plan.members))
    rows = Rows(all_lanes[:MOST_LANES], people, plan.zone, rota.now, words, rota.holidays, rota.workdays)
    for day in days:
        if day is days[0] or day.date.weekday() == MONDAY:
            sheet.add(*axis(sheet.y))
            sheet.y += AXIS
        sheet.add(*rows.day(day, sheet.y, names_month=day is days[0] or day.date.day == 1))
        sheet.y += rows.height + AFTER
    _next_gaps(sheet, rota, [gap for gap in found if gap.end > rota.now], all_lanes, words)
    return sheet.scene()


def told(rota: Rota, words: Words) -> tuple[str, str]:
    """What the picture says, for whom it is not shown: of when, and how many gaps there are for how long."""
    window, found = _found(rota)
    first, *_, last = days_from(rota.first, rota.days, rota.plan.zone)
    return period(first.date, last.date, words), _counted(found, window, words)


def coming(rota: Rota, words: Words) -> list[str]:
    """The next gaps in words, as many as the picture lists."""
    _, found = _found(rota)
    ahead = [gap for gap in found if gap.end > rota.now]
    lines = [f"{_when(gap, rota, words)} {_why(gap, words)[0]}" for gap in ahead[:LISTED]]
    more = len(ahead) - LISTED
    return [*lines, words.plural("and {n} more", "and {n} more", more)] if more > 0 else lines


def _found(rota: Rota) -> tuple[Window, list[Gap]]:
    """From when to when it is, and the gaps in it."""
    days = list(days_from(rota.first, rota.days, rota.plan.zone))
    start, end = days[0].start, days[-1].end
    return (start, end), [gap for gap in rota.gaps if gap.start < end and gap.end > start]


def _counted(found: Sequence[Gap], window: Window, words: Words) -> str:
    """How many gaps, and how long in all; a minute with two reasons counts once."""
    if not found:
        return words(N_("No gaps: every hour is covered."))
    pieces = [Piece(max(gap.start, window[0]), min(gap.end, window[1]), State.EMPTY) for gap in found]
    uncovered = hours(together(pieces, State.EMPTY))
    return words.plural("{n} gap, {hours} h uncovered", "{n} gaps, {hours} h uncovered", len(found), hours=uncovered)


def _head(sheet: Sheet, rota: Rota, words: Words) -> None:
    """What it is, of when, where, and how old."""
    first, *_, last = days_from(rota.first, max(2, rota.days), rota.plan.zone)
    last = last if rota.days > 1 else first
    sheet.line(words(N_("Rota")), 58, 74, bold=True)
    sheet.line(period(first.date, last.date, words), 38, 52, bold=True)
    drawn = f"{words(N_('As of'))}{words.colon}{moment_name(rota.now, rota.plan.zone, words)}"
    sheet.add(Label(MARGIN, sheet.y, RIGHT, sheet.y + 42, (drawn,), 27, colours.QUIET, align="right"))
    sheet.line(zone_name(first.start, rota.plan.zone), 27, 42, ink=colours.QUIET)
    sheet.y += 10


def _sums(sheet: Sheet, found: Sequence[Gap], window: Window, words: Words) -> None:
    """The same as :func:`told`, in each language on a line of its own."""
    ink = colours.EMPTY_INK if found else colours.COVERED_INK
    for tongue in tongues(words):
        sheet.line(f"{'' if found else '✓ '}{_counted(found, window, tongue)}", 40, 54, ink=ink, bold=True)


def _legend(sheet: Sheet, plan: Plan, all_lanes: Sequence[Lane], words: Words) -> None:
    """Each kind of block that is there, with how long it is in all; and which lane is whose."""
    pieces = [piece for lane in all_lanes for piece in lane.pieces]
    empty = together(pieces, State.EMPTY)
    thin = less(together(pieces, State.THIN), empty)
    for state, says, times in (
        (State.EMPTY, N_("empty: {hours} h"), empty),
        (State.THIN, N_("thin: {hours} h"), thin),
        (State.MEANT, N_("on purpose: {hours} h"), together(pieces, State.MEANT)),
    ):
        if times:
            area = (MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42)
            sheet.sample(patches.box(state, area), words(says, hours=hours(times)))
    sheet.y += 4
    for tongue in tongues(words):
        seats = ("、" if tongue.is_chinese else ", ").join(seat_name(seat.name, tongue) for seat in plan.seats)
        sheet.line(tongue(N_("Each day from top to bottom: {seats}"), seats=seats), 28, 40)
    hidden = len(all_lanes) - MOST_LANES
    if hidden > 0:
        sheet.line(words.plural("{n} place is not shown", "{n} places are not shown", hidden), 28, 40)


# The gaps in words ----------------------------------------------------------------------------------------------


def _next_gaps(sheet: Sheet, rota: Rota, coming: Sequence[Gap], all_lanes: Sequence[Lane], words: Words) -> None:
    """Each in a line, so that one of a few minutes can be read too."""
    if not coming:
        return
    sheet.y += 14
    sheet.line(words(N_("The next gaps")), 34, 54, bold=True)
    for gap in coming[:LISTED]:
        state = State.EMPTY if _leaves_empty(gap, all_lanes) else State.THIN
        sheet.add(
            patches.box(state, (MARGIN, sheet.y + 7, MARGIN + 30, sheet.y + 37)),
            Label(WHEN, sheet.y, WHY - 8, sheet.y + LIST_LINE, (_when(gap, rota, words),), 28, colours.INK, bold=True),
            Label(WHY, sheet.y, RIGHT, sheet.y + LIST_LINE, _why(gap, words), 28, colours.INK),
        )
        sheet.y += LIST_LINE
    if more := len(coming) - min(len(coming), LISTED):
        sheet.line(words.plural("and {n} more", "and {n} more", more), 28, LIST_LINE, ink=colours.QUIET)


def _when(gap: Gap, rota: Rota, words: Words) -> str:
    zone = rota.plan.zone
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    until = f"{end:%H:%M}" if start.date() == end.date() else moment_name(gap.end, zone, words)
    return f"{moment_name(gap.start, zone, words)} – {until}"


def _why(gap: Gap, words: Words) -> tuple[str, ...]:
    """Where, why and about whom; the reason in full where there is room."""
    about = words.listed((*gap.who, *gap.what))
    reasons = (REASON[gap.reason], SHORT_REASON[gap.reason])
    told = [f"{seat_name(gap.seat, words)}{words.colon}{words(reason)}" for reason in reasons]
    if not about:
        return tuple(told)
    return tuple(f"{line}（{about}）" if words.is_chinese else f"{line} ({about})" for line in told)


def _leaves_empty(gap: Gap, all_lanes: Sequence[Lane]) -> bool:
    return any(
        piece.state is State.EMPTY and piece.start < gap.end and piece.end > gap.start
        for lane in all_lanes
        if lane.seat == gap.seat
        for piece in lane.pieces
    )
