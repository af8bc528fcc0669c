"""What must be true of half a simulated year."""

from datetime import datetime

from bot.simulation.summary import summarize
from bot.simulation.world import World
from tests.bot.simulation.conftest import told

DAYS = 183
EXPECTED = ("leave", "sickness", "offer", "swap", "outage", "hiccup", "down", "raised", "press")


def judge(world: World, start: datetime, *rare: str) -> None:
    """No promise was broken, though all that was to happen did, and the ``rare`` things of the year in this half."""
    summary = summarize(world, start)
    assert not summary.violations, told(world, summary.violations)
    assert summary.is_complete
    assert summary.reminders > 0
    assert summary.gaps >= summary.gaps_closed > 0
    assert summary.uncovered > 0
    missing = [one for one in (*EXPECTED, *rare) if not summary.events.get(one)]
    assert missing == [], str(summary.events)
