"""The next four weeks of the rota as a drawing: one row a day, one lane a slot, for a phone held upright."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from handlers.chart import cells, colours
from handlers.chart.cells import MemberColours
from handlers.chart.day_row import AFTER, AXIS, DayRows, draw_axis
from handlers.chart.days import list_days, moment_name, period_name
from handlers.chart.drawing import Drawing, TextLabel
from handlers.chart.lanes import Lane, LaneState, build_lanes, merge_times
from handlers.chart.layout import MARGIN, RIGHT, SAMPLE, ChartLayout, hours_text, split_languages
from handlers.chart.layout import total_hours as total
from handlers.i18n.dates import zone_name
from handlers.i18n.rota_labels import REASON, SHORT_REASON, reason_name, seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.coverage_totals import sum_of_kind
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift

MOST_LANES = 8  # of a day; a chart with more is unreadable
LISTED, LIST_LINE = 6, 44
WHEN, WHY = MARGIN + 44, MARGIN + 470
MONDAY = 0
UNCOVERED, BELOW = N_("{hours} h uncovered"), N_("{hours} h below the requirement")
ACCEPTED = N_("accepted: {hours} h")
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class MonthChart:
    """What is drawn: ``days`` days from ``first`` on, in the zone of the rota."""

    rota: Rota
    shifts: Sequence[Shift]  # final ones, absences marked
    gaps: Sequence[Gap]
    first: date
    now: datetime
    days: int = 28
    holidays: Mapping[date, str] = field(default_factory=dict)  # names of days off
    workdays: Collection[date] = ()  # weekend days that are worked
    viewer: str = ""  # the member whose shifts stand out


def draw_four_weeks(chart: MonthChart, words: Words) -> Drawing:
    """Return the drawing of these days."""
    rota, sheet = chart.rota, ChartLayout()
    days = list(list_days(chart.first, chart.days, rota.zone))
    window, gaps = _find_window_and_gaps(chart)
    all_lanes = build_lanes(rota, chart.shifts, gaps, window)
    _draw_head(sheet, chart, words)
    _draw_totals(sheet, gaps, window, words)
    _draw_legend(sheet, chart, all_lanes, gaps, window, words)
    people = MemberColours(list(rota.members), chart.viewer)
    rows = DayRows(all_lanes[:MOST_LANES], people, rota.zone, chart.now, words, chart.holidays, chart.workdays)
    for day in days:
        if day is days[0] or day.date.weekday() == MONDAY:
            sheet.add(*draw_axis(sheet.y))
            sheet.y += AXIS
        sheet.add(*rows.day(day, sheet.y, names_month=day is days[0] or day.date.day == 1))
        sheet.y += rows.height + AFTER
    _draw_next_gaps(sheet, chart, [gap for gap in gaps if gap.end > chart.now], words)
    return sheet.finish()


def describe(chart: MonthChart, words: Words) -> tuple[str, str]:
    """Return the chart in words, for those who can't see it: the period, and the gaps with their hours."""
    window, gaps = _find_window_and_gaps(chart)
    first, *_, last = list_days(chart.first, chart.days, chart.rota.zone)
    return period_name(first.date, last.date, words), _count_gaps(gaps, window, words)


def find_coming_gaps(chart: MonthChart, words: Words) -> list[str]:
    """Return the next gaps in words, as many as the chart lists."""
    _, gaps = _find_window_and_gaps(chart)
    ahead = [gap for gap in gaps if gap.end > chart.now]
    lines = [f"{_write_times(gap, chart, words)} {_write_reasons(gap, words)[0]}" for gap in ahead[:LISTED]]
    more = len(ahead) - LISTED
    return [*lines, words.plural("and {n} more", "and {n} more", more)] if more > 0 else lines


def _find_window_and_gaps(chart: MonthChart) -> tuple[Window, list[Gap]]:
    """Return the period of the chart, and the gaps in it."""
    days = list(list_days(chart.first, chart.days, chart.rota.zone))
    start, end = days[0].start, days[-1].end
    return (start, end), [gap for gap in chart.gaps if gap.start < end and gap.end > start]


def _count_gaps(gaps: Sequence[Gap], window: Window, words: Words) -> str:
    """Return how many gaps there are, and how long in total, as ``rota check`` does."""
    if not gaps:
        return words(N_("No gaps: every hour is covered."))
    count = words.plural("{n} gap", "{n} gaps", len(gaps))
    lengths = [words(text, hours=hours_text(length)) for text, length in _measure_gaps(gaps, window)]
    return words("{gaps}, {lengths}", gaps=count, lengths=words.join_items(lengths))


def _measure_gaps(gaps: Iterable[Gap], window: Window) -> Iterator[tuple[str, timedelta]]:
    """Return how long all seats together are uncovered and below the requirement, where they are."""
    inside = [gap._replace(start=max(gap.start, window[0]), end=min(gap.end, window[1])) for gap in gaps]
    for kind, text in ((GapKind.UNCOVERED, UNCOVERED), (GapKind.BELOW_REQUIREMENT, BELOW)):
        if length := sum_of_kind(inside, kind):
            yield text, length


def _draw_head(sheet: ChartLayout, chart: MonthChart, words: Words) -> None:
    """Draw the title: what, when, where, and as of when."""
    first, *_, last = list_days(chart.first, max(2, chart.days), chart.rota.zone)
    last = last if chart.days > 1 else first
    sheet.line(words(N_("Rota")), 58, 74, bold=True)
    sheet.line(period_name(first.date, last.date, words), 38, 52, bold=True)
    drawn = f"{words(N_('As of'))}{words.colon}{moment_name(chart.now, chart.rota.zone, words)}"
    sheet.add(TextLabel(MARGIN, sheet.y, RIGHT, sheet.y + 42, (drawn,), 27, colours.QUIET, align="right"))
    sheet.line(zone_name(first.start, chart.rota.zone, words), 27, 42, ink=colours.QUIET)
    sheet.y += 10


def _draw_totals(sheet: ChartLayout, gaps: Sequence[Gap], window: Window, words: Words) -> None:
    """Draw the same as :func:`describe`, each language on its own line."""
    ink = colours.UNCOVERED_INK if gaps else colours.COVERED_INK
    for language in split_languages(words):
        sheet.line(f"{'' if gaps else '✓ '}{_count_gaps(gaps, window, language)}", 40, 54, ink=ink, bold=True)


def _draw_legend(
    sheet: ChartLayout, chart: MonthChart, all_lanes: Sequence[Lane], gaps: Sequence[Gap], window: Window, words: Words
) -> None:
    """Draw each kind of box that occurs, with its total time, and which lane is whose."""
    rota, viewer = chart.rota, chart.viewer
    segments = (segment for lane in all_lanes for segment in lane.segments)
    accepted = total(merge_times(segments, LaneState.ACCEPTED))
    states = {UNCOVERED: LaneState.UNCOVERED, BELOW: LaneState.BELOW_REQUIREMENT}
    lengths = [*_measure_gaps(gaps, window), *([(ACCEPTED, accepted)] if accepted else [])]
    for text, length in lengths:
        area = (MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42)
        sheet.sample(cells.build_box(states.get(text, LaneState.ACCEPTED), area), words(text, hours=hours_text(length)))
    if any(segment.member == viewer and segment.is_filled for lane in all_lanes for segment in lane.segments):
        area = (MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42)
        sheet.sample(
            cells.mark_own(cells.build_box(LaneState.COVERED, area, colours.PAPER)), words(N_("★ your shifts"))
        )
    sheet.y += 4
    for language in split_languages(words):
        seats = ("、" if language.is_chinese else ", ").join(seat_name(seat.name, language) for seat in rota.seats)
        sheet.line(language(N_("Each day from top to bottom: {seats}"), seats=seats), 28, 40)
    hidden = len(all_lanes) - MOST_LANES
    if hidden > 0:
        sheet.line(words.plural("{n} seat is not shown", "{n} seats are not shown", hidden), 28, 40)


# The gaps in words ----------------------------------------------------------------------------------------------


def _draw_next_gaps(sheet: ChartLayout, chart: MonthChart, gaps: Sequence[Gap], words: Words) -> None:
    """Draw each next gap in a line, so that one of a few minutes can be read too."""
    if not gaps:
        return
    sheet.y += 14
    sheet.line(words(N_("The next gaps")), 34, 54, bold=True)
    for gap in gaps[:LISTED]:
        state = LaneState.UNCOVERED if gap.kind is GapKind.UNCOVERED else LaneState.BELOW_REQUIREMENT
        sheet.add(
            cells.build_box(state, (MARGIN, sheet.y + 7, MARGIN + 30, sheet.y + 37)),
            TextLabel(
                WHEN,
                sheet.y,
                WHY - 8,
                sheet.y + LIST_LINE,
                (_write_times(gap, chart, words),),
                28,
                colours.INK,
                bold=True,
            ),
            TextLabel(WHY, sheet.y, RIGHT, sheet.y + LIST_LINE, _write_reasons(gap, words), 28, colours.INK),
        )
        sheet.y += LIST_LINE
    if more := len(gaps) - min(len(gaps), LISTED):
        sheet.line(words.plural("and {n} more", "and {n} more", more), 28, LIST_LINE, ink=colours.QUIET)


def _write_times(gap: Gap, chart: MonthChart, words: Words) -> str:
    zone = chart.rota.zone
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    until = f"{end:%H:%M}" if start.date() == end.date() else moment_name(gap.end, zone, words)
    return f"{moment_name(gap.start, zone, words)} – {until}"


def _write_reasons(gap: Gap, words: Words) -> tuple[str, ...]:
    """Return seat, reason and whom it is about; the full reason where there is room."""
    about = words.join_items((*gap.people, *gap.missing))
    reasons = (reason_name(gap, words), words(REASON[gap.reason]), words(SHORT_REASON[gap.reason]))
    texts = [f"{seat_name(gap.seat, words)}{words.colon}{reason}" for reason in reasons]
    if not about:
        return tuple(texts)
    return tuple(f"{line}{words.in_brackets(about)}" for line in texts)
