"""What must be true of half a simulated year."""

import os
from datetime import datetime

from bot.simulation.summary import sum_up
from bot.simulation.world import World
from tests.simulation.conftest import told

WHOLE = bool(os.environ.get("CSP_SIMULATE_YEAR"))
"""Whether all of the half year is lived through: minutes of work, on a slow machine more than a few."""
DAYS = 183 if WHOLE else 14
EXPECTED = ("leave", "sickness", "offer", "outage", "hiccup", "clock", "raised", "press")


def judge(world: World, start: datetime) -> None:
    """No promise was broken, though all that was to happen did."""
    summary = sum_up(world, start)
    assert not summary.violations, told(world, summary.violations)
    assert summary.adds_up
    assert summary.reminders > 0
    assert summary.gaps > 0
    if WHOLE:
        assert [one for one in EXPECTED if not summary.happenings.get(one)] == []
        assert summary.gaps > summary.gaps_closed > 0
        assert summary.uncovered > 0
