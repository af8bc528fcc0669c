"""From the rota to planned assignments: the turns of each layer of a seat, and imported shifts.

The length of a turn is wall time. A turn across a clock change is an hour shorter or longer, and handoffs keep their
time of day.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, cycle, islice
from typing import NamedTuple

from models.rules.rota.intervals import Timeline, Window, sample
from models.rules.rota.local_clock import DAY, LocalClock, midnight_of, seconds_since_midnight, to_seconds, weekday_of
from models.rules.rota.rota import FixedShift, Layer, Rota


class Assignment(NamedTuple):
    """One person in a slot."""

    member: str
    source: str  # the layer's name, ``change:ID`` or ``calendar``
    absent: str = ""  # why they are not on call after all; empty when they are
    accepted: datetime | None = None  # when they chose it themselves by an override of theirs


SlotTimeline = Timeline[Assignment | None]
"""Who is in one slot from each second on."""
SlotColumn = list[Assignment | None]
"""Who is in one slot in each interval."""


class RotationTrack(NamedTuple):
    """The turns of one layer, and the hours at which they count; None means always."""

    turns: SlotTimeline
    hours: Timeline[bool | None] | None = None

    def column(self, edges: Sequence[int]) -> SlotColumn:
        """Return who is on turn in each interval. The edges must include those of turns and hours."""
        assignments = sample(self.turns, edges)
        if self.hours is None:
            return assignments
        return [
            assignment if counts else None
            for assignment, counts in zip(assignments, sample(self.hours, edges), strict=True)
        ]


def build_tracks(rota: Rota, seat: str, window: Window) -> list[RotationTrack]:
    """Return everything planned for a seat within a window, highest precedence first.

    Imported shifts come first, then the layers, the last one of the file first.
    """
    imported = _build_imported_tracks([shift for shift in rota.fixed_shifts if shift.seat == seat])
    layers = (layer for layer in reversed(rota.layers) if layer.seat == seat and layer.members and layer.days)
    return [*imported, *(_build_track(layer, window) for layer in layers)]


def _build_track(layer: Layer, window: Window) -> RotationTrack:
    clock = LocalClock(layer.zone, *window)
    always = len(layer.days) == 7 and layer.opens == layer.closes
    return RotationTrack(_find_turns(layer, clock, window), None if always else _find_hours(layer, clock, window))


def _find_turns(layer: Layer, clock: LocalClock, window: Window) -> SlotTimeline:
    """Return the turns that touch the window."""
    day_rotation = DayRotation(layer)
    first_turn, last_turn = (day_rotation.turn_at(clock.to_local(at)) for at in window)
    turns = range(max(0, first_turn), last_turn + 1)
    starts = clock.to_instants([day_rotation.start_of(turn) for turn in range(turns.start, turns.stop)])
    assignments = [Assignment(member, layer.name) for member in layer.members]
    return dict(zip(starts, islice(cycle(assignments), turns.start % len(assignments), None), strict=False))


class DayRotation:
    """The turns of a layer, one after another on the days that count; a day goes from handoff to handoff.

    Times are local seconds; turns are counted from 0.
    """

    def __init__(self, layer: Layer) -> None:
        first = midnight_of(layer.starts) // DAY
        self._zero = midnight_of(layer.starts) + seconds_since_midnight(layer.handoff)
        self._length = int(layer.length.total_seconds())
        self._days = [n for n in range(7) if not layer.skips_days or weekday_of(first + n) in layer.days]

    def turn_at(self, local_time: int) -> int:
        """Return the turn at a local time. On a day that does not count it is still the turn before."""
        day, since = divmod(local_time - self._zero, DAY)
        weeks, rest = divmod(day, 7)
        days_begun = weeks * len(self._days) + bisect_right(self._days, rest)
        return ((days_begun - 1) * DAY + (since if rest in self._days else DAY - 1)) // self._length

    def start_of(self, turn: int) -> int:
        """Return the local second at which a turn begins."""
        day, since = divmod(turn * self._length, DAY)
        weeks, nth = divmod(day, len(self._days))
        return self._zero + (weeks * 7 + self._days[nth]) * DAY + since


def _find_hours(layer: Layer, clock: LocalClock, window: Window) -> Timeline[bool | None]:
    """Return the hours of the layer, day by day from the day before the window begins. Some may be empty."""
    opens, closes = seconds_since_midnight(layer.opens), seconds_since_midnight(layer.closes)
    closes += DAY if closes <= opens else 0
    first, last = (clock.to_local(at) // DAY for at in window)
    days: Sequence[int] = range((first - 1) * DAY, (last + 1) * DAY, DAY)
    if len(layer.days) < 7:
        days = [day for day in days if weekday_of(day // DAY) in layer.days]
    begins, ends = (clock.to_instants([day + since for day in days]) for since in (opens, closes))
    return dict(zip(chain.from_iterable(zip(begins, ends, strict=True)), cycle((True, None)), strict=False))


def _build_imported_tracks(shifts: Sequence[FixedShift]) -> list[RotationTrack]:
    """Return imported shifts, which may overlap, as tracks without overlap: each goes into the first with room."""
    timelines: list[SlotTimeline] = []
    ends: list[int] = []
    for start, end, member in sorted(
        (to_seconds(shift.start), to_seconds(shift.end), shift.member) for shift in shifts
    ):
        track = next((index for index, track_end in enumerate(ends) if track_end <= start), len(ends))
        if track == len(ends):
            timelines.append({})
            ends.append(end)
        timelines[track].update({start: Assignment(member, "calendar"), end: None})
        ends[track] = end
    return [RotationTrack(line) for line in timelines]
