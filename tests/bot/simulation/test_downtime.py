"""What a restart of the simulated bot leaves on record, and what the time without it costs."""

import asyncio
from datetime import timedelta

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


def test_time_without_a_bot_passes_in_few_steps(live: Live) -> None:
    world = live(3, 0.1, fault_rate=0.001)
    steps: list[timedelta] = []

    async def counted(span: timedelta) -> None:
        steps.append(span)

    run = SimulationRun(world, counted, fault_rate=0.001)
    world.stop("switched off")
    asyncio.run(run.run_until(world.now + timedelta(hours=20)))

    # One step for each thing the team does meanwhile; with the ticks of a bot there would be thousands.
    assert len(steps) < 40
