"""What every answer of Slack's, and every silence, means for the message that was sent."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackClientError

from bot.clock import Clock
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings as Quick
from bot.slack.client import SlackClient
from bot.slack.error_codes import read_retry_after
from bot.slack.messages import EVENT_TYPE, SlackMessages
from models.rules.outbox.send_outcome import SendResult
from tests.bot.stubs import MANIFEST, Control, until
from tests.http_stub import HttpAnswer, http_server

HOUR_AGO = timedelta(hours=1)


def post_to(api_url: str, token: str = "xoxb-test", timeout: int = 10) -> SlackMessages:
    return SlackMessages(SlackClient(token, api_url, Transport(Clock(), api_url), timeout))


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """One local Slack for this file: each test leaves it as it found it, or begins with an empty channel."""
    with Sandbox(SandboxOptions(manifest=MANIFEST, settings=Quick(rate_scale=0.0))) as sandbox:
        yield sandbox


@pytest.fixture
def control(shared: Sandbox) -> Iterator[Control]:
    """The hand that moves the shared sandbox, which has no faults afterwards."""
    control = Control(shared.base_url)
    yield control
    control.clear_faults()


@pytest.fixture
def post(shared: Sandbox) -> SlackMessages:
    return post_to(shared.api_url, shared.bot_token)


@pytest.fixture
def hasty(shared: Sandbox) -> SlackMessages:
    """One who waits a second for an answer."""
    return post_to(shared.api_url, shared.bot_token, timeout=1)


@pytest.fixture
def mark() -> str:
    """An id no other test has."""
    return uuid.uuid4().hex


def seen(control: Control, mark: str) -> list[dict[str, Any]]:
    """The messages that carry an id."""
    return [message for message in control.messages() if message.get("client_msg_id") == mark]


def calls(control: Control, mark: str) -> int:
    """How often a message was sent, whatever became of it."""
    return sum(mark in json.dumps(call["request"]) for call in control.calls("chat.postMessage"))


def now() -> datetime:
    return datetime.now(UTC)


def test_a_post_comes_back_with_its_place(post: SlackMessages, control: Control, mark: str) -> None:
    answer = post.post(mark, "C0ESCAL", "早", [])
    assert (answer.result, answer.channel) == (SendResult.SENT, "C0ESCAL")
    (message,) = seen(control, mark)
    assert message["ts"] == answer.ts
    assert message["metadata"]["event_payload"] == {"id": mark}


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("ratelimited", SendResult.NOT_ACCEPTED),
        ("message_limit_exceeded", SendResult.NOT_ACCEPTED),
        ("internal_error", SendResult.UNKNOWN),
        ("fatal_error", SendResult.UNKNOWN),
        ("service_unavailable", SendResult.UNKNOWN),
        ("duplicate_message_not_found", SendResult.UNKNOWN),
        ("invalid_auth", SendResult.WORKSPACE_BROKEN),
        ("token_revoked", SendResult.WORKSPACE_BROKEN),
        ("missing_scope", SendResult.WORKSPACE_BROKEN),
        ("channel_not_found", SendResult.TARGET_BROKEN),
        ("is_archived", SendResult.TARGET_BROKEN),
        ("restricted_action_read_only_channel", SendResult.TARGET_BROKEN),
        ("invalid_blocks", SendResult.CONTENT_BROKEN),
        ("msg_blocks_too_long", SendResult.CONTENT_BROKEN),
        ("a_code_of_next_year", SendResult.CONTENT_BROKEN),
    ],
)
def test_a_refusal_of_slack_is_sorted(
    post: SlackMessages, control: Control, error: str, verdict: SendResult, mark: str
) -> None:
    control.post("fault", method="chat.postMessage", mode="ok_false", error=error)
    answer = post.post(mark, "C0ESCAL", "x", [])
    assert (answer.result, answer.error) == (verdict, error)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "http_500"},
        {"mode": "http_503", "accepted": True},
        {"mode": "drop_before"},
        {"mode": "drop_after"},
        {"mode": "drop_after", "reset": True},
        {"mode": "hang", "seconds": 1.2},
        {"mode": "truncated"},
        {"mode": "html"},
        {"mode": "empty"},
        {"mode": "redirect"},
    ],
    ids=str,
)
def test_an_outcome_nobody_knows_is_unknown_and_is_never_sent_twice(
    hasty: SlackMessages, control: Control, fault: dict[str, Any], mark: str
) -> None:
    control.post("fault", method="chat.postMessage", **fault)
    assert hasty.post(mark, "C0ESCAL", "x", []).result is SendResult.UNKNOWN
    until(lambda: calls(control, mark))
    assert calls(control, mark) == 1
    assert control.get("surprises")["entries"] == []


def test_an_answer_that_drips_is_not_waited_for_without_end(hasty: SlackMessages, control: Control, mark: str) -> None:
    control.post("fault", method="chat.postMessage", mode="drip", seconds=0.5)
    assert hasty.post(mark, "C0ESCAL", "x", []).result is SendResult.UNKNOWN
    assert len(seen(control, mark)) == 1


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        ({"mode": "http_500"}, True),
        ({"mode": "ok_false", "error": "internal_error"}, True),
        ({"mode": "ok_false", "error": "fatal_error"}, True),
        ({"mode": "http_503"}, False),
        ({"mode": "http_504"}, False),
        ({"mode": "drop_after"}, False),
    ],
    ids=str,
)
def test_a_failure_that_slack_reported_is_told_from_silence(
    post: SlackMessages, control: Control, fault: dict[str, Any], answered: bool, mark: str
) -> None:
    control.post("fault", method="chat.postMessage", **fault)

    answer = post.post(mark, "C0ESCAL", "x", [])

    assert (answer.result, answer.answered) == (SendResult.UNKNOWN, answered)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (30, 30),
        (2, 2),
        ("missing", 30),
        ("date", 30),
        (0, 1),
        (-5, 1),
        ("1e9", 600),
        ("soon", 30),
        ("nan", 30),
    ],
)
def test_too_many_requests_says_how_long_to_wait(
    post: SlackMessages, control: Control, header: object, seconds: float, mark: str
) -> None:
    control.post("fault", method="chat.postMessage", mode="ratelimited", retry_after=header)
    answer = post.post(mark, "C0ESCAL", "x", [])
    assert (answer.result, answer.retry_after) == (SendResult.NOT_ACCEPTED, seconds)


def test_a_wait_is_a_number_between_a_second_and_ten_minutes() -> None:
    assert [read_retry_after(header) for header in (None, "", "inf", "7.5")] == [30, 30, 600, 7.5]


def test_nobody_listening_means_surely_not_sent(mark: str) -> None:
    assert post_to("http://127.0.0.1:9/api/").post(mark, "C1", "x", []).result is SendResult.NOT_ACCEPTED


def test_a_name_nobody_knows_means_surely_not_sent(mark: str) -> None:
    answer = post_to("http://slack.invalid/api/").post(mark, "C1", "x", [])
    assert answer.result is SendResult.NOT_ACCEPTED


def test_a_lost_answer_is_found_by_its_id(post: SlackMessages, control: Control, mark: str) -> None:
    control.post("fault", method="chat.postMessage", mode="drop_after")
    began = now()
    assert post.post(mark, "C0ESCAL", "x", []).result is SendResult.UNKNOWN
    found = post.search(mark, "C0ESCAL", None, began - HOUR_AGO)
    assert found.copies == (seen(control, mark)[0]["ts"],)
    assert post.search("id-2", "C0ESCAL", None, began - HOUR_AGO).outcome.result is SendResult.ABSENT


def test_a_mark_that_somebody_copied_is_no_message_of_ours(post: SlackMessages, control: Control, mark: str) -> None:
    began = now()
    control.post("act", user="U0LINA", do="post", channel="C0ESCAL", text="mine")
    forged = Marked(post._client, mark)

    found = SlackMessages(forged).search(mark, "C0ESCAL", None, began - HOUR_AGO)  # type: ignore[arg-type]

    assert (found.copies, found.outcome.result) == ((), SendResult.ABSENT)


class Marked:
    """A Slack in which what Li Na writes carries our mark."""

    def __init__(self, client: Any, mark: str) -> None:
        self._client, self._mark = client, mark

    def api_call(self, method: str, **more: Any) -> Any:
        page = self._client.api_call(method, **more).data
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": self._mark}}
        messages = [{**one, "metadata": metadata} if one["user"] == "U0LINA" else one for one in page["messages"]]
        return {**page, "messages": messages}

    def auth_test(self) -> Any:
        return self._client.auth_test()


def test_a_reply_is_found_in_its_thread(post: SlackMessages, mark: str) -> None:
    parent = post.post(mark, "C0ESCAL", "x", [])
    reply = post.post("id-2", "C0ESCAL", "y", [], thread_ts=parent.ts)
    assert post.search("id-2", "C0ESCAL", parent.ts, now() - HOUR_AGO).copies == (reply.ts,)


def test_a_message_behind_many_others_is_found_on_a_later_page(
    control: Control, post: SlackMessages, mark: str
) -> None:
    first = post.post(mark, "C0ESCAL", "x", [])
    for n in range(210):
        control.post("act", user="U0LINA", do="post", channel="C0ESCAL", text=str(n))
    assert post.search(mark, "C0ESCAL", None, now() - HOUR_AGO).copies == (first.ts,)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("missing_scope", SendResult.ABSENT),
        ("thread_not_found", SendResult.ABSENT),
        ("invalid_cursor", SendResult.UNKNOWN),
        ("internal_error", SendResult.UNKNOWN),
        ("token_revoked", SendResult.WORKSPACE_BROKEN),
    ],
)
def test_a_failed_look_never_condemns_the_message(
    post: SlackMessages, control: Control, error: str, verdict: SendResult, mark: str
) -> None:
    control.post("fault", method="conversations.history", mode="ok_false", error=error)
    assert post.search(mark, "C0ESCAL", None, now()).outcome.result is verdict


def test_a_card_somebody_deleted_is_gone(post: SlackMessages, mark: str) -> None:
    sent = post.post(mark, "C0ESCAL", "x", [])
    assert sent.ts
    assert post.delete("C0ESCAL", sent.ts).result is SendResult.SENT
    assert post.update("C0ESCAL", sent.ts, "y", []).result is SendResult.GONE
    assert post.delete("C0ESCAL", sent.ts).result is SendResult.SENT


def test_a_person_is_reached_in_direct_messages(post: SlackMessages) -> None:
    assert str(post.open_direct_channel("U0EMMA").channel).startswith("D")
    assert post.open_direct_channel("U0NOBODY").channel is None


def test_an_answer_that_is_a_list_or_no_unicode_is_unknown(mark: str) -> None:
    for body in (b"[1, 2]", b"\xff\xfe", b"null", b'{"ok": true}', b'{"ok": true, "channel": "C1"}'):
        with answering(body) as url:
            assert post_to(url).post(mark, "C1", "x", []).result is SendResult.UNKNOWN


def test_the_client_raises_only_what_handlers_catch() -> None:
    for body in (b"[1, 2]", b"\xff\xfe", b"", b"<html>"):
        with answering(body) as url, pytest.raises(SlackClientError):
            SlackClient("xoxb-1", url, Transport(Clock(), url), 1).users_info(user="U1")


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """A server that gives every call the same 200."""
    with http_server(lambda *_request: HttpAnswer(body=body)) as port:
        yield f"http://127.0.0.1:{port}/api/"
