"""From a plan to who is meant to stand: whose turn it is in each layer of a seat, and what was imported.

Lengths are wall time, so that a turn across a clock change is an hour shorter or longer and handoffs keep their time.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, cycle, islice
from typing import NamedTuple

from models.rules.rota.local_clock import DAY, LocalClock, midnight_of, seconds_since_midnight, to_seconds, weekday_of
from models.rules.rota.rota import FixedShift, Layer, Rota
from models.rules.rota.timeline import Timeline, Window, sample


class Assignment(NamedTuple):
    """Somebody in a seat. ``source`` is the layer's name, ``change:ID`` or ``calendar``; ``absent`` is why they do not
    stand there after all, empty when they do; ``accepted`` is when they chose it themselves, by a change of theirs.
    """

    member: str
    source: str
    absent: str = ""
    accepted: datetime | None = None


SlotTimeline = Timeline[Assignment | None]
"""Who is in one place at each second."""
SlotColumn = list[Assignment | None]
"""Who is in one place in each stretch of time."""


class RotationTrack(NamedTuple):
    """Whose turn it is, and the hours at which that counts; without hours it always does."""

    turns: SlotTimeline
    hours: Timeline[bool | None] | None = None

    def column(self, edges: Sequence[int]) -> SlotColumn:
        """Who stands there in each stretch. The edges must hold those of turns and hours."""
        posts = sample(self.turns, edges)
        if self.hours is None:
            return posts
        return [post if counts else None for post, counts in zip(posts, sample(self.hours, edges), strict=True)]


def build_tracks(rota: Rota, seat: str, window: Window) -> list[RotationTrack]:
    """All that is planned for a seat, uppermost first: imported shifts stand above all layers, a later layer above an
    earlier one. Good for a window.
    """
    imported = _imported([shift for shift in rota.fixed_shifts if shift.seat == seat])
    layers = (layer for layer in reversed(rota.layers) if layer.seat == seat and layer.members and layer.days)
    return [*imported, *(_rotation(layer, window) for layer in layers)]


def _rotation(layer: Layer, window: Window) -> RotationTrack:
    wall = LocalClock(layer.zone, *window)
    always = len(layer.days) == 7 and layer.opens == layer.closes
    return RotationTrack(_turns(layer, wall, window), None if always else _hours(layer, wall, window))


def _turns(layer: Layer, wall: LocalClock, window: Window) -> SlotTimeline:
    """The turns that touch the window."""
    counted = DayRotation(layer)
    first, last = (counted.turn_at(wall.shown(at)) for at in window)
    turns = range(max(0, first), last + 1)
    begins = wall.instants([counted.start_of(turn) for turn in range(turns.start, turns.stop)])
    people = [Assignment(member, layer.name) for member in layer.members]
    return dict(zip(begins, islice(cycle(people), turns.start % len(people), None), strict=False))


class DayRotation:
    """A layer's turns, one after another on the days that count; a day goes from handoff to handoff. Times are local
    seconds, turns are counted from 0.
    """

    def __init__(self, layer: Layer) -> None:
        first = midnight_of(layer.starts) // DAY
        self._zero = midnight_of(layer.starts) + seconds_since_midnight(layer.handoff)
        self._length = int(layer.length.total_seconds())
        self._days = [n for n in range(7) if not layer.skips_days or weekday_of(first + n) in layer.days]

    def turn_at(self, shown: int) -> int:
        """Return whose turn it is at a local time; on a day that does not count it is still the one before."""
        day, since = divmod(shown - self._zero, DAY)
        weeks, rest = divmod(day, 7)
        begun = weeks * len(self._days) + bisect_right(self._days, rest)
        return ((begun - 1) * DAY + (since if rest in self._days else DAY - 1)) // self._length

    def start_of(self, turn: int) -> int:
        """Return the local time at which a turn begins."""
        day, since = divmod(turn * self._length, DAY)
        weeks, nth = divmod(day, len(self._days))
        return self._zero + (weeks * 7 + self._days[nth]) * DAY + since


def _hours(layer: Layer, wall: LocalClock, window: Window) -> Timeline[bool | None]:
    """The layer's hours, day by day, from the day before the window begins; some may be empty."""
    opens, closes = seconds_since_midnight(layer.opens), seconds_since_midnight(layer.closes)
    closes += DAY if closes <= opens else 0
    first, last = (wall.shown(at) // DAY for at in window)
    days: Sequence[int] = range((first - 1) * DAY, (last + 1) * DAY, DAY)
    if len(layer.days) < 7:
        days = [day for day in days if weekday_of(day // DAY) in layer.days]
    begins, ends = (wall.instants([day + clock for day in days]) for clock in (opens, closes))
    return dict(zip(chain.from_iterable(zip(begins, ends, strict=True)), cycle((True, None)), strict=False))


def _imported(shifts: Sequence[FixedShift]) -> list[RotationTrack]:
    """Shifts, which may overlap, as tracks in which they don't: each goes into the first that has room."""
    lines: list[SlotTimeline] = []
    ends: list[int] = []
    for start, end, member in sorted(
        (to_seconds(shift.start), to_seconds(shift.end), shift.member) for shift in shifts
    ):
        free = next((number for number, until in enumerate(ends) if until <= start), len(ends))
        if free == len(ends):
            lines.append({})
            ends.append(end)
        lines[free].update({start: Assignment(member, "calendar"), end: None})
        ends[free] = end
    return [RotationTrack(line) for line in lines]
