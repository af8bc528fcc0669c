"""A year of a team in one process on one core: leave, swaps, sickness, escalations, outages, restarts, wrong clocks."""

import time
from datetime import UTC, datetime

from bot.simulation.run import simulate
from bot.simulation.summary import summarize
from bot.simulation.world import local_slack, make_world, small_rota
from tests.bench.measurement import Figure, Workshop, at_most, told

DAYS, SEED = 365, 2026
START = datetime(2026, 1, 5, tzinfo=UTC)


def measure(workshop: Workshop) -> list[Figure]:
    """Live through it, then have it judged."""
    workshop.say(f"{DAYS} days")
    world = make_world(SEED, START, workshop.folder, local_slack(), small_rota())
    try:
        began = time.perf_counter()
        simulate(world, DAYS)
        lived = time.perf_counter()
        workshop.say("judging them")
        summary = summarize(world, START)
        judged = time.perf_counter()
    finally:
        world.close()
    return [
        at_most(f"{DAYS} simulated days, {summary.messages} messages", 120, lived - began, "s"),
        told("judging them", judged - lived, "s"),
        at_most("promises broken in them", 1, len(summary.violations), "promises"),
    ]
