"""Simulated worlds, each in a folder of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.simulation.checks.auditor import Auditor
from bot.simulation.checks.evidence import Violation
from bot.simulation.outbound import Outbound
from bot.simulation.run import simulate
from bot.simulation.world import World, local_slack, make_world, small_rota

START = datetime(2026, 1, 5, tzinfo=UTC)
Live = Callable[..., World]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """Lets a team live through some days from a seed; the world as it is after them."""
    with living(tmp_path) as lived:
        yield lived


@contextmanager
def living(tmp_path: Path) -> Iterator[Live]:
    """The same for as long as one likes."""
    worlds: list[World] = []

    def lived(
        seed: int,
        days: float,
        rota: str = "",
        outbound: type[Outbound] = Outbound,
        start: datetime = START,
        fault_rate: float = 1.0,
        prepare: Callable[[World], None] = lambda _world: None,
    ) -> World:
        folder = tmp_path / f"{seed}-{len(worlds)}"
        folder.mkdir()
        world = make_world(seed, start, folder, local_slack(), rota or small_rota(), outbound)
        worlds.append(world)
        prepare(world)
        simulate(world, days, fault_rate=fault_rate)
        return world

    yield lived
    for world in worlds:
        world.close()


def broken(world: World, start: datetime = START) -> list[Violation]:
    """The promises that were broken."""
    return Auditor(world, start).find_violations()


def told(world: World, found: list[Violation]) -> str:
    """What to look at when one was: the seed's events before the first."""
    lines = [str(one) for one in found[:10]]
    return "\n".join([*lines, *(world.event_log.last(found[0].at) if found else [])])
