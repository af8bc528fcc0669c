"""How long something takes: the processor time of this process and of its database server, and the clock on the wall.

Other programs slow down the wall clock, not the processor time. A server on another system is not counted.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from models.store.database import Store
from tests.bench.measurement import Figure, at_most, p99, percentile

_BACKENDS = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
)


@dataclass(frozen=True)
class Spent:
    """Milliseconds."""

    processor: float
    wall: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.processor - other.processor, self.wall - other.wall)


class Stopwatch:
    """Reads both clocks. The server's part is that of its connections, without parallel workers of a statement."""

    def __init__(self, store: Store) -> None:
        is_server = store.engine.dialect.name == "postgresql"
        self._backends = store.read(lambda c: [int(pid) for pid in c.scalars(_BACKENDS)]) if is_server else []

    def read(self) -> Spent:
        """Return how much was spent until now."""
        ours = 1000 * time.process_time()
        return Spent(ours + sum(map(_read_backend, self._backends)), 1000 * time.perf_counter())


def judge_spent(name: str, limit: float, spent: Sequence[tuple[Spent, str]]) -> Figure:
    """Return the figure of many runs, each with what was asked: processor time, with the wall clock in the note."""
    own, wall = [one.processor for one, _ in spent], [one.wall for one, _ in spent]
    slowest = max(spent, key=lambda one: one[0].processor)
    note = (
        f"p50 {percentile(own, 0.5):.1f} ms, slowest {slowest[0].processor:.0f} ms"
        f"{f' ({slowest[1]})' if slowest[1] else ''}; wall p50 {percentile(wall, 0.5):.1f}, p99 {p99(wall):.1f} ms"
    )
    return at_most(f"{name}: processor time, p99", limit, p99(own), "ms", note=note)


def _read_backend(pid: int) -> float:
    """Return the milliseconds that a process of the server ran; 0 where they can't be read."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6
    except (OSError, ValueError):
        return 0.0
