"""The next four weeks of the rota as a scene: one row a day, one lane a place, for a phone held upright."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from handlers.chart import cells, colours
from handlers.chart.cells import MemberColours
from handlers.chart.day_row import AFTER, AXIS, DayRows, draw_axis
from handlers.chart.days import list_days, moment_name, period_name
from handlers.chart.drawing import Drawing, TextLabel
from handlers.chart.lanes import Lane, LaneState, build_lanes, group_simultaneous
from handlers.chart.layout import MARGIN, RIGHT, SAMPLE, ChartLayout, hours_text, list_language_names
from handlers.chart.layout import total_hours as total
from handlers.i18n.dates import zone_name
from handlers.i18n.rota_labels import REASON, SHORT_REASON, reason_name, seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.coverage_totals import sum_of_kind
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift

MOST_LANES = 8  # of a day; nobody reads a picture with more
LISTED, LIST_LINE = 6, 44
WHEN, WHY = MARGIN + 44, MARGIN + 470
MONDAY = 0
UNCOVERED, BELOW = N_("{hours} h uncovered"), N_("{hours} h below the requirement")
ON_PURPOSE = N_("accepted: {hours} h")
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class MonthChart:
    """What is drawn: ``days`` days from ``first`` on, in the zone of the plan. ``shifts`` are final ones, absences
    marked; ``holidays`` names days off; on ``workdays`` people work although it is a weekend. The shifts of
    ``reader``, a member, stand out.
    """

    rota: Rota
    shifts: Sequence[Shift]
    gaps: Sequence[Gap]
    first: date
    now: datetime
    days: int = 28
    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: Collection[date] = ()
    viewer: str = ""


def draw_four_weeks(chart: MonthChart, words: Words) -> Drawing:
    """The picture of these days."""
    rota, sheet = chart.rota, ChartLayout()
    days = list(list_days(chart.first, chart.days, rota.zone))
    window, found = _found(chart)
    all_lanes = build_lanes(rota, chart.shifts, found, window)
    _head(sheet, chart, words)
    _sums(sheet, found, window, words)
    _legend(sheet, chart, all_lanes, found, window, words)
    people = MemberColours(list(rota.members), chart.viewer)
    rows = DayRows(all_lanes[:MOST_LANES], people, rota.zone, chart.now, words, chart.holidays, chart.workdays)
    for day in days:
        if day is days[0] or day.date.weekday() == MONDAY:
            sheet.add(*draw_axis(sheet.y))
            sheet.y += AXIS
        sheet.add(*rows.day(day, sheet.y, names_month=day is days[0] or day.date.day == 1))
        sheet.y += rows.height + AFTER
    _next_gaps(sheet, chart, [gap for gap in found if gap.end > chart.now], words)
    return sheet.scene()


def describe(chart: MonthChart, words: Words) -> tuple[str, str]:
    """What the picture says, for whom it is not shown: of when, and how many gaps there are for how long."""
    window, found = _found(chart)
    first, *_, last = list_days(chart.first, chart.days, chart.rota.zone)
    return period_name(first.date, last.date, words), _counted(found, window, words)


def find_coming_gaps(chart: MonthChart, words: Words) -> list[str]:
    """The next gaps in words, as many as the picture lists."""
    _, found = _found(chart)
    ahead = [gap for gap in found if gap.end > chart.now]
    lines = [f"{_when(gap, chart, words)} {_why(gap, words)[0]}" for gap in ahead[:LISTED]]
    more = len(ahead) - LISTED
    return [*lines, words.plural("and {n} more", "and {n} more", more)] if more > 0 else lines


def _found(chart: MonthChart) -> tuple[Window, list[Gap]]:
    """From when to when it is, and the gaps in it."""
    days = list(list_days(chart.first, chart.days, chart.rota.zone))
    start, end = days[0].start, days[-1].end
    return (start, end), [gap for gap in chart.gaps if gap.start < end and gap.end > start]


def _counted(found: Sequence[Gap], window: Window, words: Words) -> str:
    """How many gaps, and how long in all, as ``rota check`` tells it."""
    if not found:
        return words(N_("No gaps: every hour is covered."))
    gaps = words.plural("{n} gap", "{n} gaps", len(found))
    lengths = [words(says, hours=hours_text(length)) for says, length in _lengths(found, window)]
    return words("{gaps}, {lengths}", gaps=gaps, lengths=words.join_items(lengths))


def _lengths(found: Iterable[Gap], window: Window) -> Iterator[tuple[str, timedelta]]:
    """How long all seats together are uncovered and below the requirement, as far as they are."""
    inside = [gap._replace(start=max(gap.start, window[0]), end=min(gap.end, window[1])) for gap in found]
    for kind, says in ((GapKind.UNCOVERED, UNCOVERED), (GapKind.BELOW_REQUIREMENT, BELOW)):
        if length := sum_of_kind(inside, kind):
            yield says, length


def _head(sheet: ChartLayout, chart: MonthChart, words: Words) -> None:
    """What it is, of when, where, and how old."""
    first, *_, last = list_days(chart.first, max(2, chart.days), chart.rota.zone)
    last = last if chart.days > 1 else first
    sheet.line(words(N_("Rota")), 58, 74, bold=True)
    sheet.line(period_name(first.date, last.date, words), 38, 52, bold=True)
    drawn = f"{words(N_('As of'))}{words.colon}{moment_name(chart.now, chart.rota.zone, words)}"
    sheet.add(TextLabel(MARGIN, sheet.y, RIGHT, sheet.y + 42, (drawn,), 27, colours.QUIET, align="right"))
    sheet.line(zone_name(first.start, chart.rota.zone, words), 27, 42, ink=colours.QUIET)
    sheet.y += 10


def _sums(sheet: ChartLayout, found: Sequence[Gap], window: Window, words: Words) -> None:
    """The same as :func:`describe`, in each language on a line of its own."""
    ink = colours.EMPTY_INK if found else colours.COVERED_INK
    for tongue in list_language_names(words):
        sheet.line(f"{'' if found else '✓ '}{_counted(found, window, tongue)}", 40, 54, ink=ink, bold=True)


def _legend(
    sheet: ChartLayout, chart: MonthChart, all_lanes: Sequence[Lane], found: Sequence[Gap], window: Window, words: Words
) -> None:
    """Each kind of block that is there, with how long it is in all; and which lane is whose."""
    rota, viewer = chart.rota, chart.viewer
    meant = (piece for lane in all_lanes for piece in lane.segments)
    on_purpose = total(group_simultaneous(meant, LaneState.ACCEPTED))
    states = {UNCOVERED: LaneState.UNCOVERED, BELOW: LaneState.BELOW_REQUIREMENT}
    lengths = [*_lengths(found, window), *([(ON_PURPOSE, on_purpose)] if on_purpose else [])]
    for says, length in lengths:
        area = (MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42)
        sheet.sample(cells.build_box(states.get(says, LaneState.ACCEPTED), area), words(says, hours=hours_text(length)))
    if any(piece.member == viewer and piece.is_filled for lane in all_lanes for piece in lane.segments):
        area = (MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42)
        sheet.sample(
            cells.is_marked(cells.build_box(LaneState.COVERED, area, colours.PAPER)), words(N_("★ your shifts"))
        )
    sheet.y += 4
    for tongue in list_language_names(words):
        seats = ("、" if tongue.is_chinese else ", ").join(seat_name(seat.name, tongue) for seat in rota.seats)
        sheet.line(tongue(N_("Each day from top to bottom: {seats}"), seats=seats), 28, 40)
    hidden = len(all_lanes) - MOST_LANES
    if hidden > 0:
        sheet.line(words.plural("{n} seat is not shown", "{n} seats are not shown", hidden), 28, 40)


# The gaps in words ----------------------------------------------------------------------------------------------


def _next_gaps(sheet: ChartLayout, chart: MonthChart, coming: Sequence[Gap], words: Words) -> None:
    """Each in a line, so that one of a few minutes can be read too."""
    if not coming:
        return
    sheet.y += 14
    sheet.line(words(N_("The next gaps")), 34, 54, bold=True)
    for gap in coming[:LISTED]:
        state = LaneState.UNCOVERED if gap.kind is GapKind.UNCOVERED else LaneState.BELOW_REQUIREMENT
        sheet.add(
            cells.build_box(state, (MARGIN, sheet.y + 7, MARGIN + 30, sheet.y + 37)),
            TextLabel(
                WHEN, sheet.y, WHY - 8, sheet.y + LIST_LINE, (_when(gap, chart, words),), 28, colours.INK, bold=True
            ),
            TextLabel(WHY, sheet.y, RIGHT, sheet.y + LIST_LINE, _why(gap, words), 28, colours.INK),
        )
        sheet.y += LIST_LINE
    if more := len(coming) - min(len(coming), LISTED):
        sheet.line(words.plural("and {n} more", "and {n} more", more), 28, LIST_LINE, ink=colours.QUIET)


def _when(gap: Gap, chart: MonthChart, words: Words) -> str:
    zone = chart.rota.zone
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    until = f"{end:%H:%M}" if start.date() == end.date() else moment_name(gap.end, zone, words)
    return f"{moment_name(gap.start, zone, words)} – {until}"


def _why(gap: Gap, words: Words) -> tuple[str, ...]:
    """Where, why and about whom; the reason in full where there is room."""
    about = words.join_items((*gap.people, *gap.missing))
    reasons = (reason_name(gap, words), words(REASON[gap.reason]), words(SHORT_REASON[gap.reason]))
    told = [f"{seat_name(gap.seat, words)}{words.colon}{reason}" for reason in reasons]
    if not about:
        return tuple(told)
    return tuple(f"{line}（{about}）" if words.is_chinese else f"{line} ({about})" for line in told)
