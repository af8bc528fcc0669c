"""What reminders of a deadline say and offer, in English and Chinese."""

from typing import Any

import pytest

from handlers.notifications.message import Message, Sending
from models.escalations.commands import SentForm
from models.rules.escalations.escalation import Move
from models.rules.escalations.request import Request, RequestKind, Severity
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person
from models.rules.rota.on_call import ShiftEventKind
from models.store.database import Store
from tests.handlers.notifications.test_reminders import DutyWithOutbox, offers, texts
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, hasty
from tests.models.samples import EMMA, NOW, customer_request, step

ANNS = BOBS + DAY


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """A duty whose outbox is carried out, with a rota."""
    made = DutyWithOutbox(hasty(store))
    made.rota()
    return made


def raise_case(stage: DutyWithOutbox, **facts: Any) -> int:
    """An escalation of Emma's that has 21Vianet's number."""
    number = stage.commands.raise_escalation(
        customer_request(service="m365", **facts), "C0ESCAL", EMMA, NOW, "v"
    ).number
    stage.commands.move(number, step(Move.RECORD, EMMA, NOW, "625112200012345"), "r")
    stage.at(NOW)
    return number


def to_owner(said: list[tuple[Delivery, Sending]]) -> list[tuple[Delivery, Sending]]:
    """The reminders that go to the owner directly."""
    return [(d, m) for d, m in said if d.user == EMMA.id and d.what is MessageKind.REMINDER and isinstance(m, Message)]


def test_an_overdue_first_answer_names_the_hotline_and_what_to_say_in_chinese(stage: DutyWithOutbox) -> None:
    raise_case(stage)

    said = to_owner(stage.at(NOW.replace(hour=16, minute=0) + DAY))

    text = texts(said)[0]
    assert "21Vianet's first answer to" in text
    assert "400-089-0365" in text
    assert "To read out on the phone" in text
    assert "编号：625112200012345" in text
    assert offers(said[0][1]) == ["21Vianet responded", "Add a note", "Snooze"]


def test_our_turn_is_announced_with_the_time_and_then_said_to_be_over(stage: DutyWithOutbox) -> None:
    number = raise_case(stage)
    stage.commands.move(number, step(Move.CONTACT, EMMA, NOW + MINUTE), "c")
    early = to_owner(stage.at(NOW + 2 * HOUR + 41 * MINUTE))
    due = to_owner(stage.at(NOW + 4 * HOUR + MINUTE))

    assert "Please answer by 19:31: after that, 21Vianet may lower the severity." in texts(early)[0]
    assert "for 4 h. Please answer now" in texts(due)[0]
    assert offers(due[0][1]) == ["With 21Vianet", "With the customer", "Add a note", "Snooze"]


def test_an_early_reminder_that_is_late_gives_way_to_the_deadline(stage: DutyWithOutbox) -> None:
    number = raise_case(stage)
    stage.commands.move(number, step(Move.CONTACT, EMMA, NOW), "c")
    stage.now = NOW + 2 * HOUR + 41 * MINUTE
    stage.tick(stage.now)
    stage.now = NOW + 4 * HOUR

    assert to_owner(stage.deliver()) == []


def test_without_a_number_the_closed_desk_is_named_in_chinese(stage: DutyWithOutbox) -> None:
    stage.commands.remember(
        (Person(id=EMMA.id, team_id=EMMA.team_id, name="Emma"), NOW),
    )
    number = stage.commands.raise_escalation(
        customer_request(service="m365"), "C0ESCAL", EMMA, NOW + 9 * HOUR, "v"
    ).number
    stage.commands.move(number, step(Move.ACKNOWLEDGE, EMMA, NOW + 9 * HOUR), "a")

    said = to_owner(stage.at(NOW + 10 * HOUR))

    assert "尚无世纪互联的服务请求编号，已有 1 小时。请现在提交；对方 09:00 开始受理。" in texts(said)[0]


@pytest.mark.parametrize(
    ("language", "expected", "buttons"),
    [
        (
            "en-US",
            "has no number of 21Vianet after 1 h. Before it can be submitted, these answers are missing: Affected",
            ["Add details", "Add a note", "Snooze"],
        ),
        (
            "zh-CN",
            "尚无世纪互联的服务请求编号，已有 1 小时。提交前还需补充：影响范围、",
            ["补充信息", "添加备注", "暂缓"],
        ),
    ],
)
def test_the_one_reminder_without_a_number_says_which_answers_are_missing(
    stage: DutyWithOutbox, language: str, expected: str, buttons: list[str]
) -> None:
    stage.commands.remember((Person(id=EMMA.id, team_id=EMMA.team_id, name="Emma", locale=language), NOW))
    request = Request(
        kind=RequestKind.CUSTOMER, customer_name="蓝天", service="m365", severity=Severity.B, title="Mail", details=""
    )
    number = stage.commands.raise_escalation(request, "C0ESCAL", EMMA, NOW, "v", SentForm(quick=True)).number
    stage.commands.move(number, step(Move.ACKNOWLEDGE, EMMA, NOW), "a")

    said = to_owner(stage.at(NOW + HOUR))

    assert len(said) == 1
    assert expected in texts(said)[0]
    assert offers(said[0][1]) == buttons


def test_the_handover_note_names_what_falls_due_in_the_shift_with_times(stage: DutyWithOutbox) -> None:
    first, second, third = (
        stage.commands.raise_escalation(customer_request(service="m365", title=title), "C0ESCAL", EMMA, NOW, title)
        for title in ("Late", "Soon", "Overdue")
    )
    stage.commands.move(third.number, step(Move.ACKNOWLEDGE, EMMA, NOW), "a")
    for case in (first, second):
        stage.commands.move(case.number, step(Move.RECORD, EMMA, NOW), f"r{case.number}")
    stage.commands.move(second.number, step(Move.TELL, EMMA, NOW, until=ANNS + 3 * HOUR), "t")
    stage.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)

    (note,) = texts(list(stage.until(NOW, ANNS - 5 * MINUTE)), MessageKind.HANDOVER)

    assert " · 1 is overdue. · 2 fall due in this shift." in note
    assert "· due 11:00 · give the customer the promised update" in note
    assert "· due Mon 23 Nov 24:00 · follow up 21Vianet's first answer" in note
    assert note.index("Soon") < note.index("Late")


@pytest.mark.parametrize(
    ("language", "uninformed", "unclosed"),
    [
        ("en-US", "its customer is not informed. The last activity was 4 h ago.", "but not closed. The last activity"),
        ("zh-CN", "已解决，但尚未告知客户。距上次操作已有 4 小时。", "已解决，但尚未关闭。距上次操作已有 3 天。"),
    ],
)
def test_a_resolved_case_says_whether_its_customer_must_be_informed_or_it_must_be_closed(
    stage: DutyWithOutbox, language: str, uninformed: str, unclosed: str
) -> None:
    stage.commands.remember((Person(id=EMMA.id, team_id=EMMA.team_id, name="Emma", locale=language), NOW))
    number = raise_case(stage)
    stage.commands.move(number, step(Move.RESOLVE, EMMA, NOW), "f")

    to_inform = to_owner(stage.at(NOW + 4 * HOUR))
    stage.commands.move(number, step(Move.TELL, EMMA, NOW + 5 * HOUR), "t")
    to_close = to_owner(stage.at(NOW + 5 * HOUR + 3 * DAY))

    assert uninformed in texts(to_inform)[0]
    assert unclosed in texts(to_close)[0]
