"""A year of a team, with leave, sickness, swaps, escalations, outages, restarts and kills: no promise is broken."""

import pytest

from bot.simulation.summary import sum_up
from bot.simulation.world import example_rota
from tests.simulation.conftest import START, Live, broken, told

DAYS = 365


def test_in_a_year_no_gap_is_unspoken_of_no_duty_unsent_and_nothing_sent_twice(live: Live) -> None:
    world = live(2026, DAYS)

    found = broken(world)
    summary = sum_up(world, START)
    assert not found, told(world, found)
    assert summary.adds_up
    happened = summary.happenings
    assert min(happened.get(one, 0) for one in ("leave", "sickness", "offer", "outage", "hiccup", "clock")) > 0, (
        happened
    )
    assert summary.gaps > summary.gaps_closed > 0
    assert world.fate.kills > 10
    assert summary.uncovered > 0


@pytest.mark.parametrize("seed", [1, 7])
def test_a_stormy_week_of_the_example_rota_breaks_no_promise(live: Live, seed: int) -> None:
    world = live(seed, 7, example_rota(), often=5.0)

    found = broken(world)
    assert not found, told(world, found)
