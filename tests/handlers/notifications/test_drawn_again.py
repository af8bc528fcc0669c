"""A message that is drawn again keeps what it said when it was first sent: how late it was, and who was told."""

import re
from datetime import timedelta

import pytest

from handlers.notifications.message import Message
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor, Person
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.rota.on_call import ShiftEventKind
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.reach_duty import BOB, FILE, SECOND, ReachDuty
from tests.handlers.notifications.test_reminders import DutyWithOutbox
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, hasty
from tests.models.samples import NOW, TEAM, step

SHIFT = BOBS + 4 * DAY
"""The start of a shift of bob's; ann is on call before it."""
LOCALES = pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])


def list_notes(message: Message) -> list[str]:
    """The lines on lateness and on other ways, as a person reads them."""
    return re.findall(r"(?:🕰️|📱).+", block_limits.read(message.blocks))


def meet_bob(reach: ReachDuty, locale: str) -> None:
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale), NOW))


def find_late(reach: ReachDuty) -> list[str]:
    """Let Slack be back, and return the places of the late messages to bob; some are redrawn at once."""
    before = set(reach.in_slack)
    reach.slack_is_back()
    new = {ts: message for ts, message in reach.in_slack.items() if ts not in before}
    return [ts for ts, message in new.items() if message.user == BOB or message.channel == "D1"]


@LOCALES
@pytest.mark.parametrize(("is_confirmed", "back"), [(False, 21), (True, 8)])
def test_a_late_request_to_take_over_keeps_its_notes_when_it_is_done(
    store: Store, locale: str, back: int, *, is_confirmed: bool
) -> None:
    reach = ReachDuty(hasty(store), parse_reach(FILE, CHINA))
    meet_bob(reach, locale)
    reach.wait_for_handover(SHIFT, back, is_confirmed=is_confirmed)
    places = find_late(reach)
    first = {ts: list_notes(reach.in_slack[ts]) for ts in places}
    assert any("📱" in note for notes in first.values() for note in notes)
    assert any("🕰️" in note for notes in first.values() for note in notes)

    for kind, who in ((ShiftEventKind.HAND_OVER, "ann"), (ShiftEventKind.TAKE_OVER, "bob")):
        reach.press(kind, who, SHIFT, SHIFT + 30 * MINUTE)
    reach.clock.at = SHIFT + 31 * MINUTE
    reach.later(timedelta())
    redrawn = [message.update_ts for message in reach.slack_is_back() if message.update_ts in places]

    assert redrawn
    assert {ts: list_notes(reach.in_slack[ts]) for ts in places} == first


@LOCALES
def test_a_late_reminder_counts_from_the_oldest_that_was_not_sent_also_when_it_is_drawn_again(
    store: Store, locale: str
) -> None:
    reach = ReachDuty(hasty(store), parse_reach(FILE, CHINA))
    meet_bob(reach, locale)
    reach.raised("A")
    for minutes in range(70):
        reach.clock.at = NOW + minutes * MINUTE
        if minutes == 12:
            reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), reach.clock.at), "click")
        reach.later(timedelta())
    (place,) = find_late(reach)
    first = list_notes(reach.in_slack[place])
    assert "15:57" in first[0]
    assert len(first) > 1

    reach.clock.at += 25 * MINUTE
    reach.commands.move(1, step(Move.NOTE, Actor(BOB, TEAM), reach.clock.at, text="Called them"), "click-2")
    reach.later(MINUTE)
    reach.slack_is_back()

    assert reach.in_slack[place].update_ts == place
    assert list_notes(reach.in_slack[place]) == first


@LOCALES
def test_a_late_call_keeps_who_was_told_after_the_case_is_acknowledged(store: Store, locale: str) -> None:
    reach = ReachDuty(hasty(store), parse_reach(FILE, CHINA))
    meet_bob(reach, locale)
    reach.raised("A")
    reach.later(SECOND)
    (place,) = find_late(reach)
    first = list_notes(reach.in_slack[place])
    assert len(first) == 2

    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), reach.clock.at), "click")
    reach.later(MINUTE)
    reach.slack_is_back()

    assert reach.in_slack[place].update_ts == place
    assert list_notes(reach.in_slack[place]) == first


def test_replies_in_the_thread_of_a_handover_say_that_it_is_done_once_both_have_pressed(store: Store) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota()
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = list(stage.until(BOBS + DAY - HOUR, BOBS + DAY + 31 * MINUTE))
    replies = [d for d, m in said if isinstance(m, Message) and m.thread_ts and d.what is MessageKind.REMINDER]
    assert len(replies) == 3
    stage.press(ShiftEventKind.HAND_OVER, "bob", BOBS + DAY, BOBS + DAY + 32 * MINUTE)
    stage.press(ShiftEventKind.TAKE_OVER, "ann", BOBS + DAY, BOBS + DAY + 33 * MINUTE)

    after = {m.update_ts: m for _, m in stage.at(BOBS + DAY + 34 * MINUTE) if isinstance(m, Message)}

    for reply in replies:
        text = block_limits.read(after[f"{reply.position}.0001"].blocks)
        assert "has been on call since 08:33." in text
        assert "please call" not in text


def test_replies_in_the_thread_of_a_handover_that_nobody_finished_say_that_it_is_over(store: Store) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota()
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    said = list(stage.until(BOBS + DAY - HOUR, BOBS + DAY + 11 * MINUTE))
    (reply,) = (d for d, m in said if isinstance(m, Message) and m.thread_ts and d.what is MessageKind.REMINDER)

    stage.leave("ann", BOBS + DAY, BOBS + 2 * DAY, BOBS + DAY + 12 * MINUTE)
    after = {m.update_ts: m for _, m in stage.at(BOBS + DAY + 13 * MINUTE) if isinstance(m, Message)}

    assert "over or cancelled" in block_limits.read(after[f"{reply.position}.0001"].blocks)
