"""What must be true of half a simulated year."""

from datetime import datetime

from bot.simulation.summary import sum_up
from bot.simulation.world import World
from tests.simulation.conftest import told

EXPECTED = ("leave", "sickness", "offer", "outage", "hiccup", "clock", "raised", "press")


def judge(world: World, start: datetime) -> None:
    """No promise was broken, though all that was to happen did."""
    summary = sum_up(world, start)
    assert not summary.violations, told(world, summary.violations)
    assert summary.adds_up
    assert [one for one in EXPECTED if not summary.happenings.get(one)] == []
    assert summary.gaps > summary.gaps_closed > 0
    assert world.fate.kills > 5
    assert summary.uncovered > 0
