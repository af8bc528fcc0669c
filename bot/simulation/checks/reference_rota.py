"""Work out who is planned in each seat at each minute, by the simplest arithmetic.

Each seat has an array of minutes, on which the changes are laid in order. It shares only values with
``models.rules.rota``, so that it can judge it. Seats with more than one slot are not supported, nor zones with daylight
saving time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from bot.simulation.checks.audit_names import format_span
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import BACKUP, PRIMARY, Layer, Rota

MINUTE = timedelta(minutes=1)


class PlannedMinute(NamedTuple):
    """Who is planned at a minute and by which layer or change; ``absent`` while they are on leave."""

    member: str
    source: str
    absent: bool = False


@dataclass(frozen=True)
class ReferenceInterval:
    """Minutes of one seat at which the same is true, ``start`` to ``end``; known since ``since``."""

    seat: str
    start: datetime
    end: datetime
    cell: PlannedMinute | None
    since: datetime

    def __str__(self) -> str:
        return f"{self.seat}, {self.cell.member if self.cell else '–'}, {format_span(self.start, self.end)}"


class ReferenceRota:
    """The minutes from ``start`` to ``end``, as they were known when each of them came."""

    def __init__(self, rota: Rota, changes: Sequence[Override], start: datetime, end: datetime) -> None:
        self._plan, self._start = rota, start
        self._count = int((end - start) / MINUTE)
        seats = [seat.name for seat in rota.seats]
        self._base = {seat: self._planned(seat) for seat in seats}
        self._now = {seat: list(cells) for seat, cells in self._base.items()}
        self._since = {seat: [start] * self._count for seat in seats}
        self.history: dict[str, list[PlannedMinute | None]] = {seat: [] for seat in seats}
        self._history_since: dict[str, list[datetime]] = {seat: [] for seat in seats}
        self._apply(sorted(changes, key=lambda change: (change.at, change.id)))

    # The plan ------------------------------------------------------------------------------------------------------

    def _planned(self, seat: str) -> list[PlannedMinute | None]:
        cells: list[PlannedMinute | None] = [None] * self._count
        for layer in self._plan.layers:
            if layer.seat == seat:
                for start, end, cell in self._turns(layer):
                    first, last = self._window(start, end)
                    cells[first:last] = [cell] * (last - first)
        return cells

    def _turns(self, layer: Layer) -> Iterator[tuple[datetime, datetime, PlannedMinute]]:
        if layer.opens == layer.closes:
            yield from self._whole_turns(layer)
            return
        first = self._start.astimezone(layer.zone).date() - timedelta(days=2)
        for ahead in range(self._count // 1440 + 5):
            day = first + timedelta(days=ahead)
            if day >= layer.starts and day.weekday() in layer.days:
                opens, closes = self._hours(layer, day)
                yield opens, closes, PlannedMinute(self._turn(layer, opens), f"{layer.name} {day}")

    def _whole_turns(self, layer: Layer) -> Iterator[tuple[datetime, datetime, PlannedMinute]]:
        """Yield the turns of a layer that runs around the clock: each is one shift."""
        begin = datetime.combine(layer.starts, layer.handoff, layer.zone).astimezone(UTC)
        while begin < self.at(self._count):
            yield begin, begin + layer.length, PlannedMinute(self._turn(layer, begin), f"{layer.name} {begin}")
            begin += layer.length

    @staticmethod
    def _hours(layer: Layer, day: date) -> tuple[datetime, datetime]:
        past_midnight = timedelta(days=1) if layer.closes <= layer.opens else timedelta()
        opens = datetime.combine(day, layer.opens, layer.zone)
        return opens.astimezone(UTC), (datetime.combine(day, layer.closes, layer.zone) + past_midnight).astimezone(UTC)

    @staticmethod
    def _turn(layer: Layer, at: datetime) -> str:
        begun = datetime.combine(layer.starts, layer.handoff, layer.zone)
        return layer.members[(at - begun) // layer.length % len(layer.members)]

    # Changes -------------------------------------------------------------------------------------------------------

    def _apply(self, changes: Sequence[Override]) -> None:
        active: list[Override] = []
        cancelled: set[int | None] = set()
        for change in changes:
            self._advance_to(self._minute(change.at))
            active.append(change)
            if change.kind is OverrideKind.CANCEL:
                cancelled.add(change.of)
                if gone := next(
                    (override for override in active if override.id == change.of), None
                ):  # unless it was before
                    active.remove(gone)
                    self._undo(gone, active, change.at)
            elif change.id not in cancelled:  # a clock that was set back may tell of the end first
                self._lay(change, self._minute(change.start), self._minute(change.end), change.at)
        self._advance_to(self._count)

    def _advance_to(self, minute: int) -> None:
        for seat, cells in self._now.items():
            begin = len(self.history[seat])
            self.history[seat] += cells[begin:minute]
            self._history_since[seat] += self._since[seat][begin:minute]

    def _lay(self, change: Override, first: int, last: int, at: datetime) -> None:
        for seat, cells in self._now.items():
            if change.seat in {"", seat}:
                for minute in range(first, last):
                    self._put(seat, minute, _changed(cells[minute], change), at)

    def _undo(self, gone: Override, active: Iterable[Override], at: datetime) -> None:
        first, last = self._minute(gone.start), self._minute(gone.end)
        before = {seat: cells[first:last] for seat, cells in self._now.items()}
        since = {seat: list(self._since[seat][first:last]) for seat in self._now}
        for seat, cells in self._now.items():
            cells[first:last] = self._base[seat][first:last]
        for change in active:
            if change.kind is not OverrideKind.CANCEL:
                self._lay(change, max(first, self._minute(change.start)), min(last, self._minute(change.end)), at)
        for seat, cells in self._now.items():
            same = (now == then for now, then in zip(cells[first:last], before[seat], strict=True))
            self._since[seat][first:last] = [old if kept else at for kept, old in zip(same, since[seat], strict=True)]

    def _put(self, seat: str, minute: int, cell: PlannedMinute | None, at: datetime) -> None:
        if self._now[seat][minute] != cell:
            self._now[seat][minute], self._since[seat][minute] = cell, at

    # The history ---------------------------------------------------------------------------------------------------

    def shifts(self, seat: str) -> list[ReferenceInterval]:
        """Return each interval at which the same person was planned for the same reason, absences included."""
        return list(self._runs(seat, self.history[seat]))

    def gaps(self, seat: str) -> list[ReferenceInterval]:
        """Return each interval without cover: nobody in a seat, or the backup is primary too.

        Accepted gaps are left out.
        """
        lacking: list[PlannedMinute | None] = [
            PlannedMinute("", "") if self.is_empty(seat, m) or self._is_doubled(seat, m) else None
            for m in range(len(self.history[seat]))
        ]
        return [run for run in self._runs(seat, lacking) if run.cell]

    def is_empty(self, seat: str, minute: int) -> bool:
        """Whether nobody was on call in a seat at a minute, and that was not accepted."""
        cell = self.history[seat][minute]
        return (cell is None or cell.absent) and not self._is_accepted(seat, minute)

    def _is_doubled(self, seat: str, minute: int) -> bool:
        """Whether the backup at a minute is primary too."""
        cell, first = self.history[seat][minute], self.history[PRIMARY][minute]
        both = seat == BACKUP and cell is not None and first is not None and cell.member == first.member
        return both and not (cell.absent or first.absent) and not self._is_accepted(seat, minute)  # type: ignore[union-attr]  # both are there

    def _is_accepted(self, seat: str, minute: int) -> bool:
        at = self._start + minute * MINUTE
        return any(gap.start <= at < gap.end and gap.seat in {"", seat} for gap in self._plan.accepted_gaps)

    def _runs(self, seat: str, cells: Sequence[PlannedMinute | None]) -> Iterator[ReferenceInterval]:
        begin = 0
        for minute in range(1, len(cells) + 1):
            if minute == len(cells) or cells[minute] != cells[begin]:
                since = self._history_since[seat][begin]
                yield ReferenceInterval(seat, self.at(begin), self.at(minute), cells[begin], since)
                begin = minute

    def at(self, minute: int) -> datetime:
        """Return the instant of a minute."""
        return self._start + minute * MINUTE

    def _minute(self, at: datetime) -> int:
        """Return the index of the first minute that is not before an instant. Parts of a second are ignored."""
        return min(self._count, max(0, -((self._start - at.replace(microsecond=0)) // MINUTE)))

    def _window(self, start: datetime, end: datetime) -> tuple[int, int]:
        return self._minute(start), self._minute(end)


def _changed(cell: PlannedMinute | None, change: Override) -> PlannedMinute | None:
    """Return what one change makes of one minute."""
    if change.kind is OverrideKind.TIME_OFF:
        gone = cell is not None and cell.member == change.member
        return cell._replace(absent=True) if gone and cell else cell
    if change.kind is not OverrideKind.OVERRIDE or (change.instead_of and (cell and cell.member) != change.instead_of):
        return cell
    if not change.instead_of and cell and cell.member == change.member and not cell.absent:
        return cell  # who is on call already stays
    return PlannedMinute(change.member, f"change:{change.id}")
