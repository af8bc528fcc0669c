"""Somebody leaves the workspace: what is said of it, what the leads can press, and what nobody is told any more."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import ids
from handlers.notifications.message import Message, TopicUpdate, UserGroupUpdate
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person
from models.store.database import Store
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage as Rooms
from tests.handlers.member import A_CUSTOMER_REQUEST, Member
from tests.handlers.notifications.test_reminders import DutyWithOutbox, texts
from tests.models.reminders.conftest import HOUR, MINUTE, hasty
from tests.models.samples import LI, NOW, raised, step

BOB = Person(id="U0BOB", team_id="T0SANDBOX", name="Bob *B*")
GONE = BOB.model_copy(update={"is_deleted": True})


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """A duty in which Bob is on and owns a case."""
    made = DutyWithOutbox(hasty(store))
    made.rota()
    number = raised(made.commands).number
    made.commands.move(number, step(Move.HAND_OVER, LI, new_owner="U0BOB"), "to bob")
    made.commands.remember((BOB, NOW - HOUR))
    made.at(NOW)
    return made


def test_leads_read_what_needs_somebody_else_and_can_reassign_it(stage: DutyWithOutbox) -> None:
    stage.commands.remember((GONE, NOW + MINUTE))
    said = [(d, m) for d, m in stage.at(NOW + 2 * MINUTE) if (d.subject or "").startswith("left:")]

    ((delivery, message),) = said
    assert isinstance(message, Message)
    assert delivery.user == "U0LINA"
    buttons = [block["accessory"] for block in message.blocks if "accessory" in block]
    read = block_limits.read(message.blocks)
    assert "is not in the Slack workspace any more. Please reassign their open escalations." in read
    assert "Their upcoming shifts are gaps until somebody takes them." in read
    assert "CSP-1" in message.text
    assert [(button["text"]["text"], button["action_id"]) for button in buttons] == [
        ("Reassign", ids.move_button(Move.HAND_OVER))
    ]
    assert ids.subject_of(buttons[0]["value"]).number == 1


def test_once_it_is_reassigned_nothing_is_left_to_press(stage: DutyWithOutbox) -> None:
    stage.commands.remember((GONE, NOW + MINUTE))
    stage.at(NOW + 2 * MINUTE)
    stage.commands.move(1, step(Move.HAND_OVER, LI, new_owner="U0ANN"), "to ann")
    after = [(d, m) for d, m in stage.until(NOW + 3 * MINUTE, NOW + 20 * MINUTE) if (d.subject or "")[:5] == "left:"]

    ((_, message),) = after
    assert isinstance(message, Message)
    assert message.update_ts
    assert "no longer owns any open escalations" in message.text
    assert not [block for block in message.blocks if block["type"] == "actions" or "accessory" in block]


def test_topic_group_and_duty_line_name_them_no_more_and_again_once_they_are_back(stage: DutyWithOutbox) -> None:
    stage.commands.remember((GONE, NOW + MINUTE))
    away = list(stage.until(NOW + 2 * MINUTE, NOW + 4 * MINUTE))
    stage.commands.remember((BOB, NOW + HOUR))
    back = list(stage.until(NOW + HOUR, NOW + HOUR + 2 * MINUTE))

    def topic_and_group(said: list[Any]) -> tuple[str, tuple[str, ...]]:
        (topic,) = [m for _, m in said if isinstance(m, TopicUpdate)]
        (group,) = [m for _, m in said if isinstance(m, UserGroupUpdate)]
        return topic.compose(""), tuple(group.users)

    assert topic_and_group(away) == ("⟦On call: primary: uncovered, cid⟧", ("U0CID",))
    assert "bob" not in texts(away, MessageKind.ON_NOW)[0].splitlines()[0]
    assert topic_and_group(back) == ("⟦On call: bob, cid⟧", ("U0BOB", "U0CID"))


def test_what_slack_tells_of_somebody_is_heard(rooms: Rooms) -> None:
    body = payloads.event("U0EMMA", "user_change")
    body["event"]["user"] = {"id": "U0EMMA", "deleted": True}

    heard = rooms.deliver(body)

    assert heard.status == 200
    assert rooms.people.heard == ["U0EMMA"]


@pytest.fixture
def rooms(store: Store) -> Rooms:
    """The Bolt app with its handlers."""
    return Rooms(store)


def test_a_form_is_submitted_by_facts_of_a_minute_and_looked_at_by_those_of_ten(rooms: Rooms) -> None:
    emma = Member(rooms, "U0EMMA")
    emma.command()
    looked = rooms.people.asked[-1]
    emma.fill(**A_CUSTOMER_REQUEST)
    emma.submit()

    assert looked == ("U0EMMA", timedelta(minutes=10))
    assert rooms.people.asked[-1] == ("U0EMMA", timedelta(minutes=1))
