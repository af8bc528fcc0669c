"""When Slack is back: late messages name the true reason, and what has lost its reason is not sent."""

from datetime import timedelta

import pytest

from handlers import ids
from handlers.notifications.message import Message
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendResult
from models.rules.people import Actor, Person
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.rota.on_call import ShiftEventKind
from models.store import heartbeat_rows
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.reach_duty import BOB, FILE, LINA, ReachDuty
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE
from tests.models.samples import NOW, TEAM, step

SHIFT = BOBS + 4 * DAY
"""The start of a shift that bob did not confirm; ann is on call before it."""


@pytest.fixture
def reach(store: Store) -> ReachDuty:
    return ReachDuty(store, parse_reach(FILE, CHINA))


def read(messages: list[Message], user: str | None = BOB) -> str:
    return "\n".join(block_limits.read(message.blocks) for message in messages if message.user == user)


def stop(reach: ReachDuty, after: timedelta, lasts: timedelta) -> None:
    times = [(NOW + after, NOW + after + lasts)]
    reach.store.write(lambda connection: heartbeat_rows.add_downtimes(connection, times))


@pytest.mark.parametrize(
    ("locale", "says"), [("en-GB", "Slack took no messages from "), ("zh-CN", "起 Slack 无法使用")]
)
def test_a_late_message_says_that_slack_took_none_and_nothing_of_a_restart_meanwhile(
    reach: ReachDuty, locale: str, says: str
) -> None:
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale), NOW))
    reach.clock.at = NOW + 10 * MINUTE
    reach.raised("B", Actor(BOB, TEAM))
    reach.slack_refuses_all()
    stop(reach, 12 * MINUTE, timedelta(seconds=40))
    stop(reach, 15 * MINUTE, 3 * MINUTE)
    reach.clock.at = NOW + 81 * MINUTE

    late = read(reach.slack_is_back()).split("🕰️")[1]

    assert says in late
    assert "the bot was down" not in late
    assert "停止运行" not in late


def test_a_reminder_to_confirm_is_not_sent_once_the_shift_is_confirmed_by_link(reach: ReachDuty) -> None:
    reach.clock.at = SHIFT - DAY
    reach.later(timedelta(minutes=6))
    assert reach.said(what=[MessageKind.SHIFT])
    reach.press(ShiftEventKind.CONFIRM, "bob", SHIFT, reach.clock.at)
    reach.clock.at += HOUR

    assert "You have confirmed it" not in read(reach.slack_is_back())


def test_a_reminder_that_slack_takes_before_anybody_confirms_asks(reach: ReachDuty) -> None:
    reach.clock.at = SHIFT - DAY
    reach.later(timedelta(minutes=6))

    assert "Please confirm it" in read(reach.slack_is_back())


def test_a_reminder_of_a_case_is_not_sent_to_who_handed_it_over_and_is_off(reach: ReachDuty) -> None:
    bob = Actor(BOB, TEAM)
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, bob, NOW + MINUTE), "click-1")
    reach.slack_sends_all()
    reach.clock.at = NOW + HOUR
    reach.later(timedelta())  # no number yet
    handed_at = BOBS + DAY
    reach.clock.at = handed_at - MINUTE
    reach.later(timedelta())  # reminds bob again
    for kind, who in ((ShiftEventKind.HAND_OVER, "bob"), (ShiftEventKind.TAKE_OVER, "cid")):
        reach.press(kind, who, handed_at, handed_at)
    reach.clock.at = handed_at + MINUTE
    reach.later(timedelta())
    case = reach.repositories.queries.escalation(1)

    told = read(reach.slack_is_back())

    assert case
    assert case.owner != BOB
    assert "no number of 21Vianet" not in told


def list_places_with_buttons(reach: ReachDuty) -> list[str]:
    """Where a message asks for a press of the handover: the channel or a person, once for each message."""
    buttons = (ids.ROTA_HAND_OVER, ids.ROTA_TAKE_OVER)
    asking = [each for each in reach.in_slack.values() if any(button in str(each.blocks) for button in buttons)]
    return sorted(str(message.channel or message.user) for message in asking)


def let_the_handover_pass(reach: ReachDuty, silent_from: timedelta, result: SendResult) -> None:
    """Nobody confirms or takes over the shift; Slack is silent from some time before its start."""
    reach.confirmed(SHIFT - DAY, 1)
    for minutes in range(-20, 35, 5):
        reach.clock.at = SHIFT + minutes * MINUTE
        reach.later(timedelta())
        if minutes * MINUTE < -silent_from:
            reach.slack_is_back()
        else:
            reach.slack_refuses_all(result)
    reach.clock.at = SHIFT + 40 * MINUTE
    reach.slack_is_back()


@pytest.mark.parametrize(
    ("silent_from", "result"),
    [(20 * MINUTE, SendResult.UNKNOWN), (5 * MINUTE, SendResult.NOT_ACCEPTED), (timedelta(), SendResult.UNKNOWN)],
)
def test_of_a_handover_each_person_has_one_message_with_buttons(
    reach: ReachDuty, silent_from: timedelta, result: SendResult
) -> None:
    let_the_handover_pass(reach, silent_from, result)

    assert list_places_with_buttons(reach) == ["C0ONCALL", "U0ANN", BOB, LINA]


def test_of_a_handover_that_slack_took_nothing_of_each_person_gets_one_message(reach: ReachDuty) -> None:
    before = len(reach.in_slack)
    let_the_handover_pass(reach, 20 * MINUTE, SendResult.UNKNOWN)

    late = list(reach.in_slack.values())[before:]
    assert len([message for message in late if message.user == BOB]) == 1
