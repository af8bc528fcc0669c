"""One measured figure beside its target, and the arithmetic of medians and percentiles. Measures nothing itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any, Protocol


class Workshop(Protocol):
    """What every measurement gets: a folder of its own, and a way to say how far it is."""

    folder: Path

    def say(self, text: str) -> None:
        """Show what is being measured now."""


@dataclass(frozen=True)
class Figure:
    """``ours`` and ``bare`` are in ``unit``; ``met`` is None for a figure that is told and not judged."""

    what: str
    target: str
    ours: float
    unit: str
    met: bool | None
    bare: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the bare app's."""
        return self.ours / self.bare if self.bare else None

    def as_json(self) -> dict[str, Any]:
        """The figure with its ratio."""
        return {**asdict(self), "ratio": self.ratio}


def at_most(what: str, limit: float, ours: float, unit: str, bare: float | None = None, note: str = "") -> Figure:
    """A figure that must not pass a limit."""
    return Figure(what, f"< {limit:g} {unit}", ours, unit, ours < limit, bare, note)


def told(what: str, ours: float, unit: str, bare: float | None = None, note: str = "") -> Figure:
    """A figure worth knowing that has no target."""
    return Figure(what, "", ours, unit, None, bare, note)


def ratio_at_most(what: str, limit: float, ours: float, unit: str, bare: float, note: str = "") -> Figure:
    """A figure that may be at most so many times the bare app's."""
    return Figure(what, f"≤ {limit:g} × bare", ours, unit, ours <= limit * bare, bare, note)


def ratio_at_least(what: str, limit: float, ours: float, unit: str, bare: float, note: str = "") -> Figure:
    """A figure that must be at least so many times the bare loop's."""
    return Figure(what, f"≥ {limit:g} × bare", ours, unit, ours >= limit * bare, bare, note)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of the values do not pass."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def p99(values: Sequence[float]) -> float:
    """The value that one in a hundred passes."""
    return percentile(values, 0.99)


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))


def in_turn(rounds: int) -> Iterator[tuple[int, str]]:
    """A B, B A, A B, …: so that a machine that slows down or speeds up favours nobody."""
    for number in range(rounds):
        for side in ("ours", "bare") if number % 2 == 0 else ("bare", "ours"):
            yield number, side


@contextmanager
def closing_all(*things: Any) -> Iterator[None]:
    """Stop everything that was started, whatever happened."""
    try:
        yield
    finally:
        for thing in things:
            thing.stop()
