"""Weeks of the example rota, whose watch changes twice a day, in five times the usual weather: no promise is broken."""

import pytest

from bot.simulation.world import example_rota
from tests.bot.simulation.conftest import Live, broken, told


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_stormy_days_of_the_example_rota_break_no_promise(live: Live, seed: int) -> None:
    world = live(seed, 3, example_rota(), fault_rate=5.0)

    found = broken(world)
    assert not found, told(world, found)
