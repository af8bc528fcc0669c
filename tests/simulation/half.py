"""What must be true of half a simulated year."""

from datetime import datetime

from bot.simulation.summary import sum_up
from bot.simulation.world import World
from tests.simulation.conftest import told

DAYS = 183
EXPECTED = ("leave", "sickness", "offer", "swap", "outage", "hiccup", "clock", "down", "raised", "press")


def judge(world: World, start: datetime) -> None:
    """No promise was broken, though all that was to happen did."""
    summary = sum_up(world, start)
    assert not summary.violations, told(world, summary.violations)
    assert summary.adds_up
    assert summary.reminders > 0
    assert summary.gaps >= summary.gaps_closed > 0
    assert summary.uncovered > 0
    assert [one for one in EXPECTED if not summary.happenings.get(one)] == []
