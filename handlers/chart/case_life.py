"""The life of one escalation as a drawing: three bars that show whose turn it was, and below them what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.chart import colours
from handlers.chart.days import moment_name
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.chart.layout import MARGIN, RIGHT, ChartLayout, split_languages
from handlers.i18n import labels
from handlers.i18n.dates import zone_name
from handlers.i18n.durations import exact_span
from handlers.i18n.entry_words import attached_link, done, facts
from handlers.i18n.words import Words
from models.rules.escalations.clocks import CaseTimeline, Interval
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Turn

LEFT, LABEL, BETWEEN = MARGIN + 280, 36, 26  # pixels: where bars begin, a line beside them, the space below each
NUMBER = 44  # pixels: width of the number of an event
MOST_EVENTS = 14
"""Events that are listed; notes and snoozes give way first."""
LINE = 54
FILLS = {Turn.OURS: "#A9CDF6", Turn.VENDOR: "#F4BFDF", Turn.CUSTOMER: "#DAD5A8"}
TURNS = (Turn.OURS, Turn.VENDOR, Turn.CUSTOMER)
MINOR = frozenset({Move.NOTE, Move.SNOOZE, Move.WAKE, Move.CORRECT, Move.DISCARD, Move.RETRY})
"""Moves that are left out when there are many; a note with an attached message stays."""


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
    _draw_axis(sheet, life, events, _bar_height(words))
    for turn in TURNS:
        _draw_bar(sheet, life, turn, words)
    sheet.y += 8
    for number, entry in enumerate(events, 1):
        before = events[number - 2].at if number > 1 else None
        _draw_event(sheet, life, number, entry, before, words)
    hidden = len(life.entries) - len(events)
    if hidden > 0:
        more = words.plural("and {n} more", "and {n} more", hidden)
        sheet.line(more, 32, LINE, ink=colours.QUIET)
    return sheet.finish()


def describe(life: CaseLife, words: Words) -> list[str]:
    """Return the drawing in words: how long it was whose turn. A side whose turn it never was is left out."""
    totals = {turn: total_time(life, turn) for turn in TURNS}
    return [
        f"{words(labels.TURN[turn])}{words.colon}{exact_span(totals[turn], words)}" for turn in TURNS if totals[turn]
    ]


def total_time(life: CaseLife, turn: Turn) -> timedelta:
    """Return how long it was a side's turn in all."""
    return sum(((end or life.end) - start for start, end in life.timeline.turns.get(turn, ())), timedelta())


def list_events(life: CaseLife) -> list[HistoryEntry]:
    """Return the entries that are listed, in order: all of them, or those that changed most."""
    if len(life.entries) <= MOST_EVENTS:
        return list(life.entries)
    major = [entry for entry in life.entries if entry.move not in MINOR or attached_link(entry)]
    return [*major[: MOST_EVENTS // 2], *major[MOST_EVENTS // 2 :][-(MOST_EVENTS - MOST_EVENTS // 2) :]]


def _draw_head(sheet: ChartLayout, life: CaseLife, words: Words) -> None:
    escalation = life.escalation
    sheet.line(f"{escalation.name} · {words(labels.STATUS[escalation.status])}", 52, 70, bold=True)
    sheet.line(escalation.title, 34, 50)
    period = f"{moment_name(life.start, life.zone, words)} – {moment_name(life.end, life.zone, words)}"
    sheet.line(f"{period} · {zone_name(life.start, life.zone, words)}", 30, 48, ink=colours.QUIET)
    sheet.y += 12


def _bar_height(words: Words) -> int:
    """Return the height of a bar in pixels: beside it are whose turn it is in each language, and the total time."""
    return LABEL * (len(split_languages(words)) + 1)


def _draw_axis(sheet: ChartLayout, life: CaseLife, events: Sequence[HistoryEntry], bar: int) -> None:
    """Draw the numbers of the events above the bars, each where it happened; one that has no room is left out."""
    bottom = sheet.y + LINE + 3 * (bar + BETWEEN) - BETWEEN
    last = 0
    for number, entry in enumerate(events, 1):
        x = _place(life, entry.at)
        if x - last < NUMBER:
            continue
        last = x
        begin, end = x - NUMBER // 2, x + NUMBER // 2
        text = TextLabel(begin, sheet.y, end, sheet.y + LINE - 6, (str(number),), 30, colours.INK, align="centre")
        sheet.add(Box(x - 1, sheet.y + LINE - 6, x + 1, bottom, colours.GRID), text)
    sheet.y += LINE


def _draw_bar(sheet: ChartLayout, life: CaseLife, turn: Turn, words: Words) -> None:
    """Draw whose turn it is on the left with the total time, and a box for each time it was."""
    total, height = total_time(life, turn), _bar_height(words)
    names = [(reader(labels.TURN[turn]), 32, colours.INK, True) for reader in split_languages(words)]
    lines = [*names, (exact_span(total, words) if total else "–", 30, colours.QUIET, False)]
    for n, (text, size, ink, is_bold) in enumerate(lines):
        y = sheet.y + n * LABEL
        sheet.add(TextLabel(MARGIN, y, LEFT - 12, y + LABEL, (text,), size, ink, bold=is_bold))
    sheet.add(
        Box(LEFT, sheet.y, RIGHT, sheet.y + height, colours.FREE_DAY),
        *(_box(life, interval, sheet.y, height, FILLS[turn]) for interval in life.timeline.turns.get(turn, ())),
    )
    sheet.y += height + BETWEEN


def _box(life: CaseLife, interval: Interval, y: int, height: int, fill: str) -> Box:
    """Return the box of a time; however short it is, it can be seen."""
    start, end = interval
    x0 = _place(life, start)
    return Box(x0, y, max(x0 + 4, _place(life, end or life.end)), y + height, fill, outline=colours.QUIET)


def _place(life: CaseLife, at: datetime) -> int:
    """Return where an instant is on the bars, in pixels from the left."""
    share = (at - life.start) / (life.end - life.start) if life.end > life.start else 0.0
    return LEFT + round(min(1.0, max(0.0, share)) * (RIGHT - LEFT - 4))


def _draw_event(
    sheet: ChartLayout, life: CaseLife, number: int, entry: HistoryEntry, before: datetime | None, words: Words
) -> None:
    """Draw the number, the time and what happened. The day is named only where it is not that of the event before."""
    local, earlier = entry.at.astimezone(life.zone), before.astimezone(life.zone) if before else None
    is_same_day = earlier is not None and earlier.date() == local.date()
    when = f"{local:%H:%M}" if is_same_day else moment_name(entry.at, life.zone, words)
    sheet.add(
        TextLabel(MARGIN, sheet.y, MARGIN + NUMBER, sheet.y + LINE, (str(number),), 30, colours.INK, bold=True),
        TextLabel(MARGIN + NUMBER, sheet.y, LEFT, sheet.y + LINE, (when,), 30, colours.QUIET, align="right"),
    )
    for n, reader in enumerate(split_languages(words)):
        who, what = life.names.get(entry.by, entry.by), done(entry, reader)
        sentence = what + "".join(_tell(life, entry, reader))
        texts = (sentence, what) if n else (f"{who} {sentence}", sentence, what)  # who did it is said once
        sheet.add(TextLabel(LEFT + 24, sheet.y, RIGHT, sheet.y + LINE, texts, 32, colours.QUIET if n else colours.INK))
        sheet.y += LINE


def _tell(life: CaseLife, entry: HistoryEntry, words: Words) -> Iterator[str]:
    """Yield what an entry says besides the move; an instant of the same day needs no date."""
    for text, at in facts(entry, words):
        yield text
        if at:
            is_same_day = at.astimezone(life.zone).date() == entry.at.astimezone(life.zone).date()
            yield f" {at.astimezone(life.zone):%H:%M}" if is_same_day else f" {moment_name(at, life.zone, words)}"
