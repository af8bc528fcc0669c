"""Days that once were judged wrongly, by their seed and their beginning; and that these two name the days exactly."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.simulation.checks.evidence import Evidence
from bot.simulation.checks.recurring_messages import check_unconfirmed_shifts
from bot.simulation.clock import SimulatedClock
from bot.simulation.run import Pause, SimulationRun, no_pause
from bot.simulation.world import World, example_rota, local_slack, make_world
from models.rules.reminders import subjects
from tests.bot.simulation.conftest import broken, living, told

EVENING = datetime(2026, 11, 28, 20, tzinfo=UTC)
HOURS = 7.5


@pytest.fixture(scope="module")
def switched_off_at_midnight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that is off from 22:16 to 02:26, when a shift begins that nobody confirmed."""
    with living(tmp_path_factory.mktemp("seeds")) as live:
        yield live(1, HOURS / 24, example_rota(), start=EVENING, prepare=World.give_phones)


def test_a_bot_that_comes_back_after_a_handover_was_due_speaks_of_the_handover(
    switched_off_at_midnight: World,
) -> None:
    found = broken(switched_off_at_midnight, EVENING)

    assert not found, told(switched_off_at_midnight, found)
    assert switched_off_at_midnight.event_log.counts["down"] == 1


def test_a_shift_that_began_while_no_bot_ran_and_nobody_speaks_of_is_noticed(switched_off_at_midnight: World) -> None:
    evidence = Evidence(switched_off_at_midnight, EVENING)
    evidence.messages = [
        one
        for one in evidence.messages
        if not (one.subject.startswith(subjects.HANDOVER) and one.kind == "nag" and '"primary"' in one.subject)
    ]

    # Nor does the phone, by which its person was called and pressed.
    evidence.first_presses = {
        press: at for press, at in evidence.first_presses.items() if press[0] != "primary" or press[2] != "confirmed"
    }

    found = [str(one) for one in check_unconfirmed_shifts(evidence)]

    assert found == ["2026-11-28 23:50 an unconfirmed shift was not reported: primary, 刘洋, 2026-11-29 00:00 → 03:30"]


def test_the_same_seed_lives_the_same_days_at_any_port_and_however_one_watches(tmp_path: Path) -> None:
    async def look(world: World, span: timedelta) -> None:
        for part in (0.2, 0.7):
            world.clock.show(world.now + span * part)

    def lived(port: int, *, is_watched: bool) -> list[str]:
        folder = tmp_path / str(port)
        folder.mkdir()
        sandbox = local_slack()
        sandbox.slack.base_url = f"http://127.0.0.1:{port}"
        world = make_world(5, EVENING, folder, sandbox, example_rota())
        world.give_phones()
        world.schedule_after(15, lambda: world.switch_slack_off(120))
        pause: Pause = (lambda span: look(world, span)) if is_watched else no_pause

        async def live() -> None:
            await SimulationRun(world, pause, fault_rate=5.0).run_until(EVENING + timedelta(hours=2.5))

        asyncio.run(live())
        seen = _history(world)
        world.close()
        return seen

    assert lived(8401, is_watched=False) == lived(18402, is_watched=True)


def test_a_look_at_the_clock_on_its_way_costs_the_bot_no_running_time() -> None:
    seen, unseen = SimulatedClock(EVENING), SimulatedClock(EVENING)

    for seconds in (100, 2000, 3599):
        seen.show(EVENING + timedelta(seconds=seconds))
    for clock in (seen, unseen):
        clock.move_to(EVENING + timedelta(hours=1))

    assert seen.monotonic() == unseen.monotonic()
    assert seen.true == unseen.true


def _history(world: World) -> list[str]:
    """All that happened and could be seen. The random part of a link is left out."""
    events = [f"{at} {re.sub('^link [^ ]+', 'link', event)}" for at, event in world.event_log.entries]
    messages = [f"{one.at} {one.channel} {one.key}" for one in Evidence(world, EVENING).messages]
    return [*events, *messages, *(f"{page['at']} {page['channel']} {page['to']}" for page in world.pages_seen)]
