"""Lines that are typed to the bot in its direct message: what they mean, where they are answered, what they refuse."""

from typing import Any

import pytest
from sqlalchemy import insert

from models.outbox.messages import NEW
from models.rules.escalations.escalation import InformedBy, Move, Status, Turn
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.tables import OUTBOX
from tests.handlers import payloads
from tests.handlers.block_limits import read
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member

Json = dict[str, Any]


def sent(stage: Stage, user: str, ts: str, *numbers: int, what: MessageKind = MessageKind.REMINDER) -> None:
    """A message of the bot about some cases, in somebody's direct message."""

    def row(number: int) -> Json:
        first = f"id{ts}{numbers[0]}"
        is_first = number == numbers[0]
        return {
            "id": first if is_first else f"id{ts}{number}", "dedupe_key": f"{ts}:{number}", "what": what,
            "number": number, "subject": "case", "user": user, "lane": user, "scope": user,
            "listed_in": None if is_first else first,
            "slack_channel": f"D{user[1:]}" if is_first else None, "slack_ts": ts if is_first else None,
            "state": DeliveryState.SENT, "created_at": NOW, "due_at": NOW,
        }  # fmt: skip

    rows = [{**NEW, **row(number)} for number in numbers]
    stage.store.write(lambda connection: connection.execute(insert(OUTBOX), rows))


def moves(stage: Stage, number: int = 1) -> list[Move]:
    return [entry.move for entry in stage.queries.history(number)]


def buttons(answer: Json | None) -> list[tuple[str, str]]:
    """Action id and value of the buttons of an answer."""
    assert answer
    rows = [[*block.get("elements", ()), block.get("accessory") or {}] for block in answer["blocks"]]
    return [(one["action_id"], one.get("value", "")) for row in rows for one in row if one.get("type") == "button"]


def words_of(answer: Json | None) -> str:
    assert answer
    return read(answer["blocks"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CSP-1 SR 625112200012345", {"status": Status.SUBMITTED, "request_number": "625112200012345"}),
        ("csp-1 等客户", {"turn": Turn.CUSTOMER}),
        ("CSP-1 告知 电话", {"told_through": InformedBy.PHONE, "told_by": "U0EMMA"}),
        ("CSP-1 ack", {"status": Status.ACKNOWLEDGED, "owner": "U0EMMA"}),
        ("ack CSP-1", {"status": Status.ACKNOWLEDGED, "owner": "U0EMMA"}),
        ("认领CSP-1", {"status": Status.ACKNOWLEDGED, "owner": "U0EMMA"}),
    ],
)
def test_a_line_does_what_it_does_after_the_command(
    stage: Stage, emma: Member, line: str, expected: dict[str, object]
) -> None:
    emma.raise_one()

    answer = emma.type(line)

    assert {name: getattr(stage.escalation(), name) for name in expected} == expected
    assert "Mail is down" in words_of(answer)


def test_a_line_is_answered_below_itself_and_a_reply_in_its_thread(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    first = emma.type("CSP-1 note Restarted", ts="1795000001.000100")
    second = emma.type("CSP-1 ours", thread="1795000000.000100")
    assert first
    assert second
    assert (first["channel"], first["thread_ts"]) == ("D0EMMA", "1795000001.000100")
    assert second["thread_ts"] == "1795000000.000100"


def test_a_name_alone_shows_the_case_and_changes_nothing(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    assert "Mail is down" in words_of(emma.type("CSP-1"))
    assert "Mail is down" in words_of(emma.type("查看CSP-1"))
    assert moves(stage) == [Move.RAISE]


def test_a_reply_to_a_reminder_means_its_case(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.raise_one()
    sent(stage, "U0EMMA", "1.1", 2)

    emma.type("备注 重启了", thread="1.1")
    emma.type("等客户", thread="1.1")
    emma.type("CSP-1 ack", thread="1.1")

    assert moves(stage, 2)[1:] == [Move.NOTE, Move.TURN]
    assert moves(stage, 1)[1:] == [Move.ACKNOWLEDGE]


def test_digits_alone_in_a_reply_are_offered_as_the_request_number(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    sent(stage, "U0EMMA", "1.1", 1)

    answer = emma.type("625112200012345", thread="1.1")

    assert ("line", "CSP-1 SR 625112200012345") in buttons(answer)
    assert moves(stage) == [Move.RAISE]


def test_a_reply_to_a_call_about_several_cases_asks_which_one(stage: Stage, emma: Member) -> None:
    for _ in range(3):
        emma.raise_one()
    sent(stage, "U0EMMA", "1.1", 2, 3, what=MessageKind.CALL)

    answer = emma.type("note Restarted", thread="1.1")

    assert buttons(answer) == [("line", "CSP-2 note Restarted"), ("line", "CSP-3 note Restarted")]
    emma.button(*buttons(answer)[1])
    assert [moves(stage, number)[1:] for number in (1, 2, 3)] == [[], [], [Move.NOTE]]


def test_a_press_on_the_question_puts_the_case_in_its_place(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    press = payloads.click("U0EMMA", emma.trigger, payloads.button("line", "CSP-1 ours"), emma.team)
    direct = {**press, "channel": {"id": "D0EMMA", "name": "directmessage"}}
    emma.type("CSP-1 customer")

    heard = stage.deliver(direct)

    assert heard.told[0]["replace_original"] is True
    assert stage.escalation().turn is Turn.OURS


def test_a_line_without_a_case_outside_a_thread_asks_which_of_ones_own(
    stage: Stage, emma: Member, wang: Member
) -> None:
    emma.raise_one()
    wang.raise_one()

    assert buttons(emma.type("note Restarted")) == [("line", "CSP-1 note Restarted")]
    assert stage.everything()[0][1] == 1


def test_the_thread_of_another_persons_message_tells_nothing(stage: Stage, emma: Member, wang: Member) -> None:
    wang.raise_one()
    sent(stage, "U0WANG", "1.1", 1)
    answer = emma.type("ack", thread="1.1")
    assert buttons(answer) == []
    assert moves(stage) == [Move.RAISE]


@pytest.mark.parametrize("text", ["thanks", "请问进展如何？", "<!channel> & <@U0WANG>", "list", "*bold* CSP-1"])
def test_what_is_no_line_of_ours_is_shown_back_and_changes_nothing(stage: Stage, emma: Member, text: str) -> None:
    emma.raise_one()

    answer = emma.type(text)

    assert "nothing was changed" in words_of(answer)
    assert moves(stage) == [Move.RAISE]
    assert answer
    assert "<!channel>" not in answer["text"]


def test_a_misspelt_line_is_shown_back_with_the_nearest_to_press(stage: Stage, wang: Member) -> None:
    wang.raise_one()
    answer = wang.type("CSP-1 custmer")
    assert "未做任何更改" in words_of(answer)
    assert buttons(answer)[0] == ("line", "CSP-1 customer")
    assert moves(stage) == [Move.RAISE]


def test_help_lists_the_commands(emma: Member) -> None:
    assert "/csp-escalate" in words_of(emma.type("帮助"))


def test_a_line_that_needs_a_form_offers_the_button_that_opens_it(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    answer = emma.type("CSP-1 note")
    ((action, value),) = buttons(answer)
    emma.button(action, value)
    assert emma.modal["callback_id"] == "sheet.note"
    assert moves(stage) == [Move.RAISE]


def test_a_line_too_long_for_a_button_is_asked_to_name_its_case(emma: Member) -> None:
    emma.raise_one()
    answer = emma.type(f"note {'长' * 1950}")
    assert "Begin with its name" in words_of(answer)
    assert buttons(answer) == []


def test_the_same_event_twice_is_done_and_answered_once(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for text in ("CSP-1 note Restarted", "thanks", "CSP-9 ack"):
        event = payloads.direct_message("U0EMMA", text)
        before = len(stage.slack.posted)
        stage.deliver(event)
        stage.deliver({**event, "event_id": "EvAgain"})
        assert len(stage.slack.posted) == before + 1
    assert moves(stage) == [Move.RAISE, Move.NOTE]


def test_the_same_line_typed_twice_is_done_twice(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.type("CSP-1 note Restarted")
    emma.type("CSP-1 note Restarted")
    assert moves(stage) == [Move.RAISE, Move.NOTE, Move.NOTE]


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0BOT"},
        {"subtype": "message_changed", "message": {"text": "CSP-1 ack"}},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"channel_type": "channel"},
        {"channel_type": "mpim"},
    ],
)
def test_bots_edits_and_other_places_are_ignored(stage: Stage, emma: Member, more: Json) -> None:
    emma.raise_one()
    asked = len(stage.people.asked)
    assert emma.type("CSP-1 ack", **more) is None
    assert moves(stage) == [Move.RAISE]
    assert len(stage.people.asked) == asked


def test_who_may_not_is_refused_in_the_thread_in_their_language(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    answer = Member(stage, "U0TOM").type("CSP-1 ack", ts="5.5")
    assert answer
    assert "Guests can't use this app" in answer["text"]
    assert answer["thread_ts"] == "5.5"
    assert moves(stage) == [Move.RAISE]


def test_a_case_that_does_not_exist_and_a_move_that_does_not_follow_are_refused(
    stage: Stage, emma: Member, wang: Member
) -> None:
    emma.raise_one()
    assert "CSP-9" in words_of(wang.type("CSP-9 认领"))
    assert "请先点“标为已解决”，再关闭" in words_of(wang.type("CSP-1 关闭"))
    assert moves(stage) == [Move.RAISE]


def test_a_number_that_is_typed_again_is_told_to_be_there(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.type("CSP-1 SR 625112200012345")
    answer = emma.type("CSP-1 SR 625112200012345")
    assert "CSP-1 already has the number 625112200012345" in words_of(answer)
    assert moves(stage) == [Move.RAISE, Move.RECORD]


def test_while_slack_does_not_say_who_it_is_the_line_can_be_typed_again(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    stage.people.away = True
    answer = emma.type("CSP-1 ack")
    assert answer
    assert "again" in answer["text"]
    assert moves(stage) == [Move.RAISE]
    stage.people.away = False
    emma.type("CSP-1 ack")
    assert moves(stage) == [Move.RAISE, Move.ACKNOWLEDGE]


def test_a_number_that_another_case_has_is_pointed_out(emma: Member) -> None:
    emma.raise_one()
    emma.raise_one()
    emma.type("CSP-1 SR 625112200012345")
    answer = emma.type("CSP-2 SR 625112200012345")
    assert "CSP-1" in words_of(answer)
    assert "card.duplicate" in [action for action, _ in buttons(answer)]
