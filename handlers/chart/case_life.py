"""The life of one escalation as a drawing: three bars that show whose turn it was, and below them what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.chart import colours
from handlers.chart.days import moment_name
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.chart.layout import MARGIN, RIGHT, ChartLayout
from handlers.i18n import labels
from handlers.i18n.dates import zone_name
from handlers.i18n.durations import span
from handlers.i18n.words import Words
from models.rules.escalations.clocks import CaseTimeline, Interval
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Turn

LEFT, BAR, BETWEEN = MARGIN + 250, 64, 26  # pixels: where bars begin, their height, and the space below each
NUMBER = 40  # pixels: width of the number of an event
MOST_EVENTS = 14
"""Events that are listed; notes and snoozes give way first."""
LINE = 46
FILLS = {Turn.OURS: "#A9CDF6", Turn.VENDOR: "#F4BFDF", Turn.CUSTOMER: "#DAD5A8"}
TURNS = (Turn.OURS, Turn.VENDOR, Turn.CUSTOMER)
MINOR = frozenset({Move.NOTE, Move.SNOOZE, Move.WAKE, Move.CORRECT, Move.TELL_DETAILS})


@dataclass(frozen=True)
class CaseLife:
    """What is drawn. Times are shown in ``zone``; an escalation that is still open is drawn until ``now``."""

    escalation: Escalation
    timeline: CaseTimeline
    entries: Sequence[HistoryEntry]  # the whole history, oldest first
    names: Mapping[str, str]  # by Slack id
    zone: ZoneInfo
    now: datetime

    @property
    def start(self) -> datetime:
        """When it was raised."""
        return self.entries[0].at

    @property
    def end(self) -> datetime:
        """When it ended last; now, while it is open."""
        is_open = any(intervals and intervals[-1][1] is None for intervals in self.timeline.turns.values())
        return self.now if is_open else max(self.entries[-1].at, self.start + timedelta(minutes=1))


def draw(life: CaseLife, words: Words) -> Drawing:
    """Return the drawing."""
    sheet = ChartLayout()
    _draw_head(sheet, life, words)
    events = list_events(life)
    _draw_axis(sheet, life, events)
    for turn in TURNS:
        _draw_bar(sheet, life, turn, words)
    sheet.y += 8
    for number, entry in enumerate(events, 1):
        _draw_event(sheet, life, number, entry, words)
    hidden = len(life.entries) - len(events)
    if hidden > 0:
        more = words.plural("and {n} more", "and {n} more", hidden)
        sheet.line(more, 28, LINE, ink=colours.QUIET)
    return sheet.finish()


def describe(life: CaseLife, words: Words) -> list[str]:
    """Return the drawing in words: how long it was whose turn."""
    return [f"{words(labels.TURN[turn])}{words.colon}{span(total_time(life, turn), words)}" for turn in TURNS]


def total_time(life: CaseLife, turn: Turn) -> timedelta:
    """Return how long it was a side's turn in all."""
    return sum(((end or life.end) - start for start, end in life.timeline.turns.get(turn, ())), timedelta())


def list_events(life: CaseLife) -> list[HistoryEntry]:
    """Return the entries that are listed, in order: all of them, or those that changed most."""
    if len(life.entries) <= MOST_EVENTS:
        return list(life.entries)
    major = [entry for entry in life.entries if entry.move not in MINOR]
    return [*major[: MOST_EVENTS // 2], *major[MOST_EVENTS // 2 :][-(MOST_EVENTS - MOST_EVENTS // 2) :]]


def _draw_head(sheet: ChartLayout, life: CaseLife, words: Words) -> None:
    escalation = life.escalation
    sheet.line(f"{escalation.name} · {words(labels.STATUS[escalation.status])}", 52, 70, bold=True)
    sheet.line(escalation.title, 34, 50)
    period = f"{moment_name(life.start, life.zone, words)} – {moment_name(life.end, life.zone, words)}"
    sheet.line(f"{period} · {zone_name(life.start, life.zone, words)}", 27, 44, ink=colours.QUIET)
    sheet.y += 12


def _draw_axis(sheet: ChartLayout, life: CaseLife, events: Sequence[HistoryEntry]) -> None:
    """Draw the numbers of the events above the bars, each where it happened; one that has no room is left out."""
    bottom = sheet.y + LINE + 3 * (BAR + BETWEEN) - BETWEEN
    last = 0
    for number, entry in enumerate(events, 1):
        x = _place(life, entry.at)
        if x - last < NUMBER:
            continue
        last = x
        begin, end = x - NUMBER // 2, x + NUMBER // 2
        text = TextLabel(begin, sheet.y, end, sheet.y + LINE - 6, (str(number),), 26, colours.INK, align="centre")
        sheet.add(Box(x - 1, sheet.y + LINE - 6, x + 1, bottom, colours.GRID), text)
    sheet.y += LINE


def _draw_bar(sheet: ChartLayout, life: CaseLife, turn: Turn, words: Words) -> None:
    """Draw whose turn it is on the left with the total time, and a box for each time it was."""
    total, middle = total_time(life, turn), sheet.y + BAR // 2
    sheet.add(
        TextLabel(MARGIN, sheet.y, LEFT - 12, middle, (words(labels.TURN[turn]),), 30, colours.INK, bold=True),
        TextLabel(MARGIN, middle, LEFT - 12, sheet.y + BAR, (span(total, words),), 27, colours.QUIET),
        Box(LEFT, sheet.y, RIGHT, sheet.y + BAR, colours.FREE_DAY),
        *(_box(life, interval, sheet.y, FILLS[turn]) for interval in life.timeline.turns.get(turn, ())),
    )
    sheet.y += BAR + BETWEEN


def _box(life: CaseLife, interval: Interval, y: int, fill: str) -> Box:
    """Return the box of a time; however short it is, it can be seen."""
    start, end = interval
    x0 = _place(life, start)
    return Box(x0, y, max(x0 + 4, _place(life, end or life.end)), y + BAR, fill, outline=colours.QUIET)


def _place(life: CaseLife, at: datetime) -> int:
    """Return where an instant is on the bars, in pixels from the left."""
    share = (at - life.start) / (life.end - life.start) if life.end > life.start else 0.0
    return LEFT + round(min(1.0, max(0.0, share)) * (RIGHT - LEFT - 4))


def _draw_event(sheet: ChartLayout, life: CaseLife, number: int, entry: HistoryEntry, words: Words) -> None:
    """Draw the number, the time and what happened."""
    when = moment_name(entry.at, life.zone, words)
    who = life.names.get(entry.by, entry.by)
    what = words.colon.join(_tell(entry, words))
    sheet.add(
        TextLabel(MARGIN, sheet.y, MARGIN + NUMBER, sheet.y + LINE, (str(number),), 28, colours.INK, bold=True),
        TextLabel(MARGIN + NUMBER, sheet.y, LEFT + 20, sheet.y + LINE, (when,), 26, colours.QUIET),
        TextLabel(LEFT + 30, sheet.y, RIGHT, sheet.y + LINE, (f"{who} {what}", what), 28, colours.INK),
    )
    sheet.y += LINE


def _tell(entry: HistoryEntry, words: Words) -> Iterator[str]:
    """Yield what an entry says: the move, and the side whose turn it is now."""
    yield words(labels.DONE[entry.move])
    turn = entry.changes.get("turn")
    if entry.move is Move.TURN and turn:
        yield words(labels.TURN[Turn(turn[1])])
