"""What leads read of a request that they should look at, what they can press, and what its raiser hears."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import ids
from handlers.blocks import review_outcome
from handlers.i18n.words import Words
from handlers.notifications.message import Message
from models.escalations import erasing
from models.escalations.commands import SentForm
from models.escalations.queries import EscalationQueries
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.reviews import ReviewPolicy
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person
from models.rules.policy import reader
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.test_reminders import DutyWithOutbox
from tests.models.reminders.conftest import HOUR, MINUTE, hasty
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, step

POLICY = ReviewPolicy(reader.load_packaged().review, reader.load_packaged().reminder_times.review)
QUARTER = 15 * MINUTE


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """A duty in which Wang raised a case that a lead should look at."""
    made = DutyWithOutbox(hasty(store))
    made.commands.remember(*((Person(id=one, team_id="T0SANDBOX", name=one), NOW) for one in (LI.id, WANG.id)))
    request = customer_request(answers={"area": "how_to", "admin_center": "not_tried"})
    made.commands.raise_escalation(request, CHANNEL, WANG, NOW, "view", SentForm(review=POLICY))
    return made


def about_review(said: list[tuple[Delivery, Any]], user: str) -> list[Message]:
    return [m for d, m in said if (d.subject or "") == "review:1" and m.user == user and not m.update_ts]


def test_after_an_erasure_a_lead_still_decides_and_reads_no_erased_text(stage: DutyWithOutbox) -> None:
    (asked,) = about_review(stage.at(NOW + MINUTE), LI.id)

    erasing.erase(stage.store, ErasureRequest(user=WANG.id), "cli", "left", NOW + 2 * MINUTE)
    redrawn = redrawn_reviews(stage.at(NOW + 2 * MINUTE))

    assert "All mail to contoso.cn bounces" in block_limits.read(asked.blocks)
    (message,) = redrawn
    assert "contoso.cn" not in f"{block_limits.read(message.blocks)} {message.text}"
    assert "（已删除）" in message.text
    assert buttons(message) == buttons(asked)


def test_after_an_erasure_how_a_review_ended_names_no_title(stage: DutyWithOutbox) -> None:
    title = customer_request().title
    stage.at(NOW + MINUTE)
    stage.commands.move(1, step(Move.APPROVE, LI, NOW + 2 * MINUTE), "approve")
    before = stage.at(NOW + 2 * MINUTE)

    erasing.erase(stage.store, ErasureRequest(user=WANG.id), "cli", "left", NOW + 3 * MINUTE)
    redrawn = redrawn_reviews(stage.at(NOW + 3 * MINUTE))

    assert any(title in str(m) for d, m in before if d.subject == "review:1")
    assert len(redrawn) == 2  # the lead's question, and what the raiser heard
    assert not any(title in f"{block_limits.read(m.blocks)} {m.text}" for m in redrawn)


def redrawn_reviews(said: list[tuple[Delivery, Any]]) -> list[Message]:
    return [m for d, m in said if (d.subject or "") == "review:1" and m.update_ts]


def buttons(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["action_id"] for row in rows for button in row]


def test_a_lead_reads_the_points_with_their_sources_and_can_decide(stage: DutyWithOutbox) -> None:
    (message,) = about_review(stage.at(NOW + MINUTE), LI.id)

    read = block_limits.read(message.blocks)
    assert "15:45" in message.text
    assert "该领域由经销商自行支持" in read
    assert "将客户问题呈报给世纪互联" in str(message.blocks)
    assert "All mail to contoso.cn bounces" in read
    assert buttons(message) == [ids.move_button(Move.APPROVE), ids.move_button(Move.SEND_BACK)]


@pytest.mark.parametrize(
    ("language", "heading"),
    [("en", "customer-support › Escalate a customer issue to 21Vianet"), ("zh_CN", "将客户问题呈报给世纪互联")],
)
def test_a_source_is_named_by_the_heading_in_the_language_of_the_reader(
    stage: DutyWithOutbox, language: str, heading: str
) -> None:
    case = EscalationQueries(stage.store).escalation(1)
    assert case

    drawn = review_outcome.in_private(case, reader.load_packaged().review, Words.of(language))

    assert heading in str(drawn)


def test_its_raiser_hears_of_an_approval_and_the_question_loses_its_buttons(stage: DutyWithOutbox) -> None:
    stage.at(NOW + MINUTE)
    stage.commands.move(1, step(Move.APPROVE, LI, NOW + 2 * MINUTE), "approve")
    said = stage.at(NOW + 2 * MINUTE)

    (told,) = about_review(said, WANG.id)
    assert "U0LINA 已批准 CSP-1" in told.text
    assert buttons(told) == [ids.move_button(Move.RECORD)]
    (redrawn,) = [m for d, m in said if d.redraws and (d.subject or "") == "review:1" and isinstance(m, Message)]
    assert "U0LINA 已批准 CSP-1" in redrawn.text
    assert buttons(redrawn) == []


def test_its_raiser_reads_why_it_was_sent_back_and_what_to_do(stage: DutyWithOutbox) -> None:
    stage.at(NOW + MINUTE)
    stage.commands.move(1, step(Move.SEND_BACK, LI, NOW + 2 * MINUTE), "back")
    said = stage.at(NOW + 2 * MINUTE)
    (told,) = about_review(said, WANG.id)

    (receipt,) = [m for d, m in said if d.what is MessageKind.RECEIPT_REFRESH and isinstance(m, Message)]
    read = block_limits.read(receipt.blocks)
    assert "请组长审核" in read
    assert "复制" not in read
    assert "Which steps were tried?" in block_limits.read(told.blocks)
    wanted = (Move.CORRECT, Move.ASK_LEAD, Move.RESOLVE, Move.WITHDRAW)
    assert buttons(told) == [ids.move_button(move) for move in wanted]


def test_without_a_lead_both_hear_that_it_may_go_and_the_lead_may_still_decide(stage: DutyWithOutbox) -> None:
    stage.at(NOW + MINUTE)
    said = stage.at(NOW + QUARTER)

    (to_lead,), (to_raiser,) = about_review(said, LI.id), about_review(said, WANG.id)
    assert "现在可以提交世纪互联" in to_lead.text
    assert ids.move_button(Move.APPROVE) in buttons(to_lead)
    assert buttons(to_raiser) == [ids.move_button(Move.RECORD)]


def test_a_question_that_was_answered_before_it_was_sent_is_not_sent(stage: DutyWithOutbox) -> None:
    stage.tick(NOW)
    stage.commands.move(1, step(Move.RESOLVE, WANG, NOW + timedelta(seconds=1)), "resolve")

    assert about_review(stage.at(NOW + MINUTE), LI.id) == []


def test_once_its_number_is_recorded_only_the_lead_is_asked_to_look_afterwards(stage: DutyWithOutbox) -> None:
    stage.commands.move(1, step(Move.RECORD, WANG, NOW + QUARTER), "record")
    said = stage.at(NOW + QUARTER)

    (to_lead,) = about_review(said, LI.id)
    assert "未经组长审核，已提交世纪互联" in to_lead.text
    assert buttons(to_lead) == [ids.move_button(Move.APPROVE)]
    assert about_review(said, WANG.id) == []


def test_the_card_has_the_note_and_the_reminder_says_who_sent_it_back_and_why(stage: DutyWithOutbox) -> None:
    stage.commands.move(1, step(Move.ACKNOWLEDGE, WANG, NOW), "take")
    stage.commands.move(1, step(Move.SEND_BACK, LI, NOW + MINUTE), "back")
    card, *_ = [m for d, m in stage.at(NOW + 2 * MINUTE) if d.what is MessageKind.REFRESH and isinstance(m, Message)]

    said = stage.at(NOW + 2 * HOUR)

    (told,) = [m for d, m in said if d.user == WANG.id and d.what is MessageKind.REMINDER and isinstance(m, Message)]
    assert "Which steps were tried?" in block_limits.read(card.blocks)
    assert "U0LINA 已退回" in told.text
    assert "请补充所缺内容后再次请组长审核" in told.text
    assert "Which steps were tried?" in block_limits.read(told.blocks)
    wanted = (Move.ASK_LEAD, Move.RESOLVE, Move.WITHDRAW, Move.SNOOZE)
    assert buttons(told) == [ids.move_button(move) for move in wanted]


def test_a_lead_reads_who_asks_and_why_and_the_raiser_who_sent_it_back(stage: DutyWithOutbox) -> None:
    stage.at(NOW + MINUTE)
    stage.commands.move(1, step(Move.SEND_BACK, LI, NOW + 2 * MINUTE), "back")
    said = stage.at(NOW + 2 * MINUTE)
    (receipt,) = [m for d, m in said if d.what is MessageKind.RECEIPT_REFRESH and isinstance(m, Message)]
    (own,) = [m for d, m in said if d.redraws and (d.subject or "") == "review:1" and isinstance(m, Message)]
    asking = step(Move.ASK_LEAD, WANG, NOW + 3 * MINUTE, text="已补测试结果", review=POLICY)
    stage.commands.move(1, asking, "ask")
    (question,) = about_review(stage.at(NOW + 4 * MINUTE), LI.id)

    assert "U0WANG\n已补测试结果" in block_limits.read(question.blocks)
    assert "Which steps were tried?" in block_limits.read(receipt.blocks)
    assert LI.id in str(receipt.blocks)
    assert "已通知负责人" in own.text
    assert "请补充" not in own.text


def test_a_case_that_21vianet_returned_asks_no_lead_any_more(stage: DutyWithOutbox) -> None:
    stage.commands.move(1, step(Move.RECORD, WANG, NOW + QUARTER), "record")
    stage.at(NOW + QUARTER)
    day = NOW.date()
    stage.commands.move(
        1, step(Move.RETURNED, WANG, NOW + HOUR, finding=ReturnFinding(day, "", day), text="no"), "returned"
    )
    said = stage.at(NOW + HOUR + MINUTE)

    (own,) = [m for d, m in said if d.redraws and (d.subject or "") == "review:1" and isinstance(m, Message)]
    assert buttons(own) == []
