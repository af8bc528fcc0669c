"""``outbox …``: an operator reads what did not reach Slack, in words, and decides about it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from handlers.i18n.message_kinds import MESSAGE_KINDS, MESSAGE_STATUSES
from handlers.i18n.words import Words
from models.escalations import person_rows
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.messages import message
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Move
from models.rules.escalations.event_line import write_event
from models.rules.escalations.moves import MoveRequest
from models.rules.outbox.delivery import DeliveryState, MessageStatus
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Person
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bot.commands.conftest import Terminal
from tests.models.samples import NOW, WANG, raised


@pytest.fixture
def receipt(store: Store) -> int:
    """The number of a receipt that Slack refused, because its reader has left."""
    raised(EscalationCommands(store))
    outbox, now, number = Outbox(store), NOW, 0
    while not number:
        delivery = outbox.claim(now, "worker")
        assert delivery
        gone = SendOutcome(SendResult.TARGET_BROKEN, error="user_disabled")
        is_receipt = delivery.what is MessageKind.RECEIPT
        outbox.settle(delivery, gone if is_receipt else SendOutcome(SendResult.SENT, channel="C1", ts="1.1"), now)
        number, now = delivery.position if is_receipt else 0, now + timedelta(seconds=2)
    return number


def test_the_list_says_what_for_whom_since_when_and_what_slack_answered(terminal: Terminal, receipt: int) -> None:
    english = terminal.type("outbox", "list", "--state", "set-aside").out
    chinese = terminal.type("outbox", "list", "--state", "set-aside", language="zh_CN.UTF-8").out

    assert {"CSP-1", "receipt", "workspace", "more."} <= {*english.split()}
    assert "1 message.\nWhat to do about one: csp-escalate outbox show" in english
    assert "距今" in chinese
    assert "1 条消息。" in chinese
    assert "CSP-1" in chinese


def add_lines(store: Store, *texts: str) -> None:
    """Raise a case, note these texts in it, and leave all its messages waiting."""
    commands = EscalationCommands(store)
    number = raised(commands).number
    for at, text in enumerate(texts):
        step = MoveRequest(Move.NOTE, WANG, NOW + timedelta(seconds=at + 1), text)
        commands.move(number, step, f"note:{at}")


def test_lines_of_a_thread_say_which_entry_they_show(terminal: Terminal, store: Store) -> None:
    long = "The customer was told by phone that the mail is back, and asked for a written report"
    add_lines(store, "备注已口头转告", long)

    listed = "".join(terminal.type("outbox", "list", language="zh_CN.UTF-8").out.split())
    rows = json.loads(terminal.type("outbox", "list", "--format", "json").out)
    number = next(row["number"] for row in reversed(rows) if row["kind"] == "line")
    shown = " ".join(terminal.type("outbox", "show", str(number)).out.split())

    assert "口头转告" in listed
    assert "呈报频道" in listed
    assert "The customer was told by phone that the mail is back, and asked for a written" in shown


def test_a_line_whose_card_was_set_aside_says_that_it_waits_for_that_card(terminal: Terminal, store: Store) -> None:
    add_lines(store, "a note")
    rows = json.loads(terminal.type("outbox", "list", "--format", "json").out)
    card, line = (next(row["number"] for row in rows if row["kind"] == kind) for kind in ("card", "line"))
    refused = (
        OUTBOX.update().where(OUTBOX.c.position == card).values(state=DeliveryState.DEAD, last_error="is_archived")
    )
    store.write(lambda connection: connection.execute(refused))

    english, chinese = (
        "".join(terminal.type("outbox", "show", str(line), language=language).out.split())
        for language in ("en_GB.UTF-8", "zh_CN.UTF-8")
    )

    assert f"forthecardofitscase,message{card},whichwassetaside" in english
    assert f"Decideaboutthecardfirst:csp-escalateoutboxshow{card}" in english
    assert f"请先处理该卡片：csp-escalateoutboxshow{card}" in chinese


def test_a_list_that_is_cut_says_of_how_many_and_begins_with_the_newest_of_what_is_done(
    terminal: Terminal, store: Store
) -> None:
    add_lines(store, "a", "b")
    outbox, now = Outbox(store), NOW + timedelta(minutes=5)
    while delivery := outbox.claim(now, "worker"):
        outbox.settle(delivery, SendOutcome(SendResult.SENT, channel="C1", ts=f"1.{delivery.position}"), now)
        now += timedelta(minutes=1)

    cut = terminal.type("outbox", "list", "--state", "已发送", "--limit", "2").out
    rows = json.loads(terminal.type("outbox", "list", "--state", "Sent", "--format", "json").out)

    numbers = [row["number"] for row in rows]
    assert f"2 of {len(rows)} messages; more with --limit.\nNewest first.\n" in cut
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en_GB.UTF-8", "“gone” is none of these: set-aside, unknown (outcome unknown)"),
        ("zh_CN.UTF-8", "set-aside（已搁置）、"),
    ],
)
def test_a_state_that_is_none_is_refused_with_all_of_them(terminal: Terminal, language: str, said: str) -> None:
    answer = terminal.type("outbox", "list", "--state", "gone", language=language)

    assert (answer.code, said in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("error", "state", "english", "chinese"),
    [
        ("RemoteDisconnected", DeliveryState.PENDING, "no answer (RemoteDisconnected)", "无应答"),
        ("ratelimited", DeliveryState.PENDING, "Nothing, while the bot runs", "Slack 要求等待"),
        (
            "is_archived", DeliveryState.PENDING,
            "Unarchive it. Then it is sent by itself. If another channel takes its place, name that one in "
            "CSP_ESCALATION_CHANNEL, and restart the bot.",
            "请取消归档。之后会自动发送。如改用其他频道，请在 CSP_ESCALATION_CHANNEL 中填写，然后重启机器人。",
        ),
        ("not_in_channel", DeliveryState.PENDING, "Invite it there: /invite @ and its name.", "应用不在频道中。"),
        ("restricted_action", DeliveryState.PENDING, "Allow it to the app, in the", "请在频道设置中允许此应用。"),
        ("token_revoked", DeliveryState.PENDING, "Install the app again, put the new", "机器人令牌已被撤销。"),
        ("missing_scope", DeliveryState.PENDING, "Update the app from csp-escalate manifest, and", "应用缺少权限。"),
        ("msg_too_long", DeliveryState.DEAD, "Then send it: csp-escalate outbox retry ", "请附此编号报告问题。"),
        ("new_code", DeliveryState.DEAD, "--why TEXT", "回答new_code"),
    ],
)  # fmt: skip
def test_each_error_of_slack_is_told_as_a_fact_and_a_next_step(
    terminal: Terminal, store: Store, error: str, state: DeliveryState, english: str, chinese: str
) -> None:
    raised(EscalationCommands(store))
    refused = update(OUTBOX).where(OUTBOX.c.what == MessageKind.CARD)
    store.write(lambda c: c.execute(refused.values(state=state, first_tried_at=NOW, last_error=error)))
    number = store.read(lambda c: c.scalar(select(OUTBOX.c.position).where(OUTBOX.c.what == MessageKind.CARD)))

    listed = terminal.type("outbox", "list").out
    shown = " ".join(terminal.type("outbox", "show", str(number)).out.split())
    translated = "".join(terminal.type("outbox", "show", str(number), language="zh_CN.UTF-8").out.split())

    assert (error in listed) == (error == "new_code")
    assert error in shown
    assert english in shown
    assert chinese.replace(" ", "") in translated


def test_one_message_says_what_to_do(terminal: Terminal, receipt: int) -> None:
    said = terminal.type("outbox", "show", str(receipt)).out
    facts = json.loads(terminal.type("outbox", "show", str(receipt), "--format", "json").out)

    assert said.startswith(f"{receipt} · receipt for who raised a case · set aside\n")
    assert (
        f"Take them off the rota, and tell them another way. Then: csp-escalate outbox discard {receipt} --why TEXT"
        in " ".join(said.split())
    )
    assert (facts["state"], facts["case"], facts["slack_error"]) == ("set-aside", "CSP-1", "user_disabled")


def test_a_discarded_message_is_in_the_history_of_its_case(terminal: Terminal, receipt: int) -> None:
    done = terminal.type("outbox", "discard", str(receipt), "--why", "told by phone", "--by", "Wei")
    history = " ".join(terminal.type("escalations", "show", "CSP-1").out.split())
    shown = " ".join(terminal.type("outbox", "show", str(receipt)).out.split())
    again = terminal.type("outbox", "discard", str(receipt), "--why", "told by phone", "--by", "Wei")

    assert done.out == f"{receipt} is discarded; the history of CSP-1 says so.\n"
    assert f"does not send message {receipt} (receipt for who raised a case): Wei decided so at" in history
    assert "told by phone" in history
    assert "See the history: csp-escalate escalations show CSP-1" in shown
    assert f"Nothing. To send it after all: csp-escalate outbox retry {receipt}" in shown
    assert (again.code, "Wei discarded it already" in again.err) == (2, True)
    assert f"csp-escalate outbox retry {receipt}" in " ".join(again.err.split())


@pytest.mark.parametrize(
    ("command", "done"),
    [
        (("retry",), "{n} is sent again now. What came of it: csp-escalate outbox show {n}\n"),
        (("discard", "--why", "told by phone"), "{n} is discarded; the history of CSP-1 says so.\n"),
    ],
)
def test_each_of_several_messages_is_answered_by_itself(
    terminal: Terminal, receipt: int, command: tuple[str, ...], done: str
) -> None:
    nothing = "There is no message 999. See: csp-escalate outbox list\n"

    mixed = terminal.type("outbox", *command, "999", str(receipt), str(receipt))
    wrong = terminal.type("outbox", *command, "999")

    assert (mixed.code, mixed.out, mixed.err) == (1, done.format(n=receipt), nothing)
    assert (wrong.code, wrong.out, wrong.err) == (2, "", nothing)


def test_a_discarded_message_is_an_event_of_its_own_and_its_operator_is_no_member(
    terminal: Terminal, receipt: int, store: Store
) -> None:
    terminal.type("outbox", "discard", str(receipt), "--why", "told by phone", "--by", "Wei")

    moves = EscalationQueries(store).events_after(0, datetime.now(UTC) + timedelta(minutes=1), 10)
    event = json.loads(write_event(*moves[-1]))

    assert (event["move"], event["by"], event["text"]) == ("discard_message", "csp-escalate", "told by phone")
    assert event["changes"] == {"discarded": [None, "receipt"], "message": [None, receipt], "operator": [None, "Wei"]}


def test_a_discarded_message_that_is_sent_after_all_is_in_the_history_too_and_an_event(
    terminal: Terminal, receipt: int, store: Store
) -> None:
    terminal.type("outbox", "discard", str(receipt), "--why", "told by phone", "--by", "Wei")

    done = terminal.type("outbox", "retry", str(receipt), "--by", "Ann")
    again = terminal.type("outbox", "retry", str(receipt), "--by", "Ann")

    moves = EscalationQueries(store).events_after(0, datetime.now(UTC) + timedelta(minutes=1), 10)
    event = json.loads(write_event(*moves[-1]))
    history = terminal.type("escalations", "show", "CSP-1", language="zh_CN.UTF-8").out
    assert (done.code, again.code) == (0, 0)
    assert [entry.move for _, entry in moves] == [Move.RAISE, Move.DISCARD, Move.RETRY]  # not waiting is retried twice
    assert event["changes"] == {"retried": [None, "receipt"], "message": [None, receipt], "operator": [None, "Ann"]}
    assert f"恢复发送已放弃的消息 {receipt}" in "".join(history.split("\n")).replace(" ", "").replace(
        f"消息{receipt}", f"消息 {receipt}"
    )


def test_a_reason_of_blanks_is_refused_with_what_is_missing(terminal: Terminal, receipt: int) -> None:
    said = terminal.type("outbox", "discard", str(receipt), "--why", " ")

    assert (said.code, "Give the reason with --why" in said.err) == (2, True)


def test_who_discards_is_called_by_the_whole_name(terminal: Terminal, receipt: int, store: Store) -> None:
    wei = Person(id="U0WEI", team_id="T1", name="王伟 Wang Wei")
    store.write(lambda connection: person_rows.save(connection, [(wei, NOW)]))

    terminal.type("outbox", "discard", str(receipt), "--why", "x", "--by", "王伟 wang wei")

    shown = json.loads(terminal.type("outbox", "show", str(receipt), "--format", "json").out)
    assert shown["discarded_by"] == "王伟 Wang Wei"


def test_who_is_not_known_is_kept_as_typed_with_a_warning(terminal: Terminal, receipt: int, store: Store) -> None:
    wei = Person(id="U0WEI", team_id="T1", name="王伟 Wang Wei")
    store.write(lambda connection: person_rows.save(connection, [(wei, NOW)]))

    said = terminal.type("outbox", "discard", str(receipt), "--why", "x", "--by", "Zoe")

    assert said.code == 0
    assert "is called “Zoe”; recorded as typed" in said.err


def test_nobody_discards_in_the_name_of_a_member_of_slack(terminal: Terminal, receipt: int) -> None:
    said = terminal.type("outbox", "discard", str(receipt), "--why", "x", "--by", "U0WANG")

    assert (said.code, said.err) == (2, "Give a name with --by, not a member ID of Slack.\n")


def test_the_help_names_every_state_in_both_languages(terminal: Terminal) -> None:
    helps = (
        terminal.type("outbox", "list", "--help", language=f"{language}.UTF-8").out for language in ("en_GB", "zh_CN")
    )
    english, chinese = ("".join(text.split()) for text in helps)

    assert all(status in english for status in MessageStatus)
    for status, name in MESSAGE_STATUSES.items():
        assert f"{status}（{''.join(Words.of('zh_CN')(name).split())}）" in chinese


def test_every_kind_and_state_has_a_name() -> None:
    assert {*MESSAGE_KINDS} == {*MessageKind}
    assert {*MESSAGE_STATUSES} == {*MessageStatus}


def test_old_messages_are_counted_first_and_then_deleted(terminal: Terminal, store: Store) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    sent = {"state": DeliveryState.SENT, "settled_at": long_ago, "lane": "topic", "channel": "C1"}
    store.write(lambda c: c.execute(insert(OUTBOX), [message(MessageKind.TOPIC, "topic:1", long_ago, **sent)]))

    counted = terminal.type("db", "prune", "--dry-run")
    deleted = terminal.type("db", "prune", "--days", "30")
    again = terminal.type("db", "prune")

    assert "topic of the channel" in counted.out
    others = "0 keys, 0 tries and 0 links of messages outside Slack"
    assert f"1 messages, {others} are older than 90 days and would be deleted." in counted.out
    assert f"1 messages, {others} older than 30 days were deleted." in deleted.out
    assert f"0 messages, {others} older than 90 days were deleted." in again.out
