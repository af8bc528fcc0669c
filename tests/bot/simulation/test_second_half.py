"""The second half of a year of a team, with leave, swaps, escalations, outages, restarts and kills: no promise breaks.
Each half is in a file of its own, so that both run at once."""

from datetime import UTC, datetime

from tests.bot.simulation import half
from tests.bot.simulation.conftest import Live

START = datetime(2026, 7, 6, tzinfo=UTC)


def test_in_the_second_half_of_the_year_nothing_is_lost_or_sent_twice_and_no_gap_unspoken_of(live: Live) -> None:
    world = live(2027, half.DAYS, start=START)

    half.judge(world, START)
