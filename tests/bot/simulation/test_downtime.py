"""What a restart of the simulated bot leaves on record, and what the time without it costs."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.simulation.run import SimulationRun, simulate
from models.store.oncall_tables import DOWNTIME
from tests.bot.simulation.conftest import Live


def test_hours_without_a_bot_are_on_record_after_its_next_start(live: Live) -> None:
    world = live(3, 0.2, fault_rate=0.001)
    world.stop("switched off")
    world.clock.move(timedelta(hours=3))
    simulate(world, 0.05, fault_rate=0.001)

    rows = world.store.read(lambda c: c.execute(select(DOWNTIME)).all())
    assert max(row.end - row.start for row in rows) >= timedelta(hours=3)


@pytest.mark.parametrize("seed", [2, 3, 5, 6])
def test_time_without_a_bot_passes_in_one_step_for_each_thing_the_team_does(live: Live, seed: int) -> None:
    world = live(seed, 0.1, fault_rate=0.001)
    end = world.now + timedelta(hours=20)
    reached: list[tuple[datetime, datetime]] = []

    async def note(span: timedelta) -> None:
        reached.append((world.now + span, min(world.events.next_due or end, end)))

    run = SimulationRun(world, note, fault_rate=0.001)
    world.stop("switched off")
    asyncio.run(run.run_until(end))

    # No step ends before the next action of the team, or the end.
    assert reached
    assert [step for step, planned in reached if step < planned] == []
