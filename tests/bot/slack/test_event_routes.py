"""Signed HTTP: believed before it is read; everything else is refused without a trace."""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from slack_bolt import BoltResponse

from bot.slack.event_routes import EVENTS_PATH
from tests.bot.signed_requests import BODY, post, signed, visit
from tests.bot.stubs import Broken, Listener


def test_a_signed_request_reaches_the_listener_and_its_answer_reaches_slack() -> None:
    listener = Listener(
        BoltResponse(status=200, body=json.dumps({"text": "早"}), headers={"content-type": ["application/json"]})
    )
    status, text = post(listener, BODY, signed(BODY))
    assert (status, json.loads(text)) == (200, {"text": "早"})
    assert listener.heard[0]["text"] == "body-canary"


def headers_of(**changes: str) -> dict[str, str]:
    return signed(BODY) | {key.replace("_", "-"): value for key, value in changes.items()}


BAD: dict[str, Callable[[], dict[str, str]]] = {  # made when used: a signature grows old
    "no headers at all": lambda: {},
    "wrong secret": lambda: signed(BODY, secret="another"),
    "wrong version": lambda: signed(BODY, version="v1"),
    "five minutes and more old": lambda: signed(BODY, age=302),
    "two minutes ahead": lambda: signed(BODY, age=-120),
    "timestamp in letters": lambda: headers_of(X_Slack_Request_Timestamp="abc"),
    "timestamp of 400 digits": lambda: headers_of(X_Slack_Request_Timestamp="1" * 400),
    "timestamp in other digits": lambda: headers_of(X_Slack_Request_Timestamp=quote("１２３")),
    "negative timestamp": lambda: headers_of(X_Slack_Request_Timestamp="-5"),
    "empty signature": lambda: headers_of(X_Slack_Signature=""),
    "signature beyond ASCII": lambda: headers_of(X_Slack_Signature="v0=é"),
    "signature cut short": lambda: headers_of(X_Slack_Signature=signed(BODY)["X-Slack-Signature"][:-1]),
    "signature in capitals": lambda: headers_of(X_Slack_Signature=signed(BODY)["X-Slack-Signature"].upper()),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD.keys())
def test_a_bad_signature_is_refused_without_a_trace_of_the_request(
    output: io.StringIO, headers: Callable[[], dict[str, str]]
) -> None:
    listener = Listener()
    status, text = post(listener, BODY, headers())
    assert (status, text) == (401, "")
    assert listener.heard == []
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()
    assert "v0=" not in output.getvalue()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe canary", b"{" * 100_000, b"payload=notjson-canary", b"[1, 2]", b'"canary"', b"null"]
)
def test_unsigned_nonsense_is_never_parsed(output: io.StringIO, body: bytes) -> None:
    assert post(Listener(), body, signed(b"something else")) == (401, "")
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe canary", b'{"a":' * 100_000, b"payload=notjson-canary", b"[1, 2]", b'"canary"']
)
def test_signed_nonsense_is_a_bad_request_and_no_crash(output: io.StringIO, body: bytes) -> None:
    headers = signed(body)
    if body[:1] in b'{["':
        headers["Content-Type"] = "application/json"
    status, _ = post(Listener(), body, headers)
    assert status == 400
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()


SOMEBODY = {"user": {"id": "U0LINA"}, "team": {"id": "T0SANDBOX"}}
NOT_WHOLE: list[dict[str, Any]] = [
    {"type": "block_actions", "actions": [], **SOMEBODY},
    {"type": "block_actions", "actions": [None], **SOMEBODY},
    {"type": "block_actions", "actions": {"0": {}}, **SOMEBODY},
    {"type": "block_actions", "actions": [{"action_id": "card.more"}], "user": None},
    {"type": "block_suggestion", **SOMEBODY},
    {"type": "event_callback", "event": None, "team_id": "T0SANDBOX"},
    {"type": "event_callback", "event": {}, "team_id": "T0SANDBOX"},
    {"type": "event_callback", "event": [1], "team_id": "T0SANDBOX"},
    {"type": "view_submission", "view": {}, **SOMEBODY},
    {"type": "view_submission", "view": None, **SOMEBODY},
    {"type": "view_submission", "view": {"id": 1, "callback_id": "form"}, **SOMEBODY},
    {"type": "view_closed", "view": {"id": "V1"}, **SOMEBODY},
    {"type": "shortcut", **SOMEBODY},
    {"type": "message_action", "callback_id": "escalate_message", "message": "x", **SOMEBODY},
]


@pytest.mark.parametrize("body", NOT_WHOLE, ids=json.dumps)
def test_a_signed_body_that_is_not_whole_is_a_bad_request_and_no_crash(
    output: io.StringIO, body: dict[str, Any]
) -> None:
    told = json.dumps(body).encode()
    as_json = body["type"] == "event_callback"
    sent = told if as_json else b"payload=" + quote(told).encode()
    headers = signed(sent) | ({"Content-Type": "application/json"} if as_json else {})
    listener = Listener()

    assert post(listener, sent, headers) == (400, "")
    assert listener.heard == []
    assert "Traceback" not in output.getvalue()


def test_a_replay_of_a_good_request_is_refused() -> None:
    async def twice(session: aiohttp.ClientSession, url: str) -> list[int]:
        headers = signed(BODY)
        return [(await session.post(url + EVENTS_PATH, data=BODY, headers=headers)).status for _ in range(2)]

    listener = Listener()
    assert visit(listener, twice) == [200, 401]
    assert len(listener.heard) == 1


def test_a_body_over_one_mebibyte_is_refused() -> None:
    body = b"x" * (1024 * 1024 + 1)
    listener = Listener()
    assert post(listener, body, signed(body))[0] == 413
    assert listener.heard == []


def test_a_submission_nobody_answered_is_not_acknowledged() -> None:
    body = (
        b"payload="
        + quote(
            json.dumps({"type": "view_submission", "view": {"id": "V1", "callback_id": "form"}, **SOMEBODY})
        ).encode()
    )
    assert post(Listener(BoltResponse(status=404, body="")), body, signed(body))[0] == 500


def test_a_command_nobody_answered_says_sorry() -> None:
    status, text = post(Listener(BoltResponse(status=404, body="")), BODY, signed(BODY))
    assert (status, json.loads(text)["text"]) == (200, "sorry")


def test_a_listener_that_breaks_is_logged_and_shows_nothing_to_the_caller(output: io.StringIO) -> None:
    listener = Broken()
    assert post(listener, BODY, signed(BODY)) == (500, "")
    assert "could not be served" in output.getvalue()
