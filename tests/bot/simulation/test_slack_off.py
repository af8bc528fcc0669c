"""Slack is switched off for a day, and for an hour at a change of shift: people are told by other ways.

Nothing is lost, nothing comes twice without saying so, and nothing that was done is asked for again."""

from collections.abc import Callable, Mapping

import pytest

from bot.http_client.transport import HttpResponse, NoResponse
from bot.simulation.escalations import EscalationEvents
from bot.simulation.outbound import Outbound
from bot.simulation.phone_outbound import PhoneOutbound
from bot.simulation.world import World, example_rota
from tests.bot.simulation.conftest import Live, broken, told

HOUR = 60.0
CHANGE_OF_SHIFT = 12 * HOUR
"""20:00 in China, in minutes after the start."""


def slack_off(at: float, minutes: float, cases: int, replicas: int = 1, kills: int = 0) -> Callable[[World], None]:
    """Switch Slack off after so many minutes; meanwhile cases are raised at the terminal, and bots are killed."""

    def prepare(world: World) -> None:
        world.give_phones()
        world.replicas = replicas
        world.schedule_after(at, lambda: world.switch_slack_off(minutes))
        terminal = EscalationEvents(world, "terminal")
        for number in range(cases):
            world.schedule_after(at + minutes * (number + 0.3) / cases, terminal.raise_escalation)
        for number in range(kills):
            world.schedule_after(at + minutes * number / kills, lambda n=number: world.crash_points.arm(n % 7))  # type: ignore[misc]

    return prepare


class DeafPhones(PhoneOutbound):
    """Channels that say they took every page, and show none."""

    def _call(self, channel: str, query: dict[str, str], body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        if channel.endswith("token"):
            return super()._call(channel, query, body, headers)
        return HttpResponse(200, {}, b'{"errcode": 0, "code": 0}')


class ForgetfulPhones(PhoneOutbound):
    """Channels that show every page and never say so."""

    def _call(self, channel: str, query: dict[str, str], body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        shown = len(self._slack.phone.messages)
        answer = super()._call(channel, query, body, headers)
        if len(self._slack.phone.messages) == shown:  # a token, or the refusal of one that has ended
            return answer
        raise NoResponse("TimeoutError")


def with_phones(kind: type[PhoneOutbound]) -> type[Outbound]:
    """Make a line whose phones are of another kind."""

    class Line(Outbound):
        def __init__(self, *parts: object) -> None:
            super().__init__(*parts)  # type: ignore[arg-type]
            self.phones = kind(*parts)  # type: ignore[arg-type]

    return Line


def promises(world: World) -> set[str]:
    return {violation.promise for violation in broken(world)}


def test_a_day_without_slack_breaks_no_promise(live: Live) -> None:
    world = live(3, 1.1, example_rota(), prepare=slack_off(HOUR, 24 * HOUR, cases=2))

    found = broken(world)
    assert not found, told(world, found)
    assert len(world.pages_seen) > 20
    assert world.event_log.counts["link"] > 3


@pytest.mark.parametrize(("replicas", "kills"), [(1, 30), (2, 30)], ids=["killed", "one-of-two-killed"])
def test_an_hour_without_slack_at_a_change_of_shift_breaks_no_promise(live: Live, replicas: int, kills: int) -> None:
    off = slack_off(CHANGE_OF_SHIFT - 30, HOUR, cases=3, replicas=replicas, kills=kills)

    world = live(5, 0.56, example_rota(), fault_rate=2.0, prepare=off)

    found = broken(world)
    assert not found, told(world, found)
    assert world.pages_seen
    assert world.event_log.counts["down"] > 5


def test_pages_that_nobody_sees_are_noticed(live: Live) -> None:
    off = slack_off(HOUR, 3 * HOUR, cases=1)
    world = live(3, 0.2, outbound=with_phones(DeafPhones), fault_rate=0.01, prepare=off)

    assert "nobody was told by another way" in promises(world)


def test_pages_whose_answers_are_lost_are_repeated_marked_and_set_aside(live: Live) -> None:
    off = slack_off(HOUR, 3 * HOUR, cases=1)
    world = live(3, 0.2, outbound=with_phones(ForgetfulPhones), fault_rate=0.01, prepare=off)

    assert promises(world) == {"a page was not sent"}
    assert any("(again)" in page["text"] or "（重发）" in page["text"] for page in world.pages_seen)
