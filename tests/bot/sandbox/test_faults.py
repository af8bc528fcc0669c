"""Each fault does to a call what its name says: what the caller meets, and what is in the workspace afterwards."""

import http.client
import json
import urllib.error
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from tests.bot.sandbox.conftest import Json
from tests.slack_driver import Refused, SlackDriver

POST = "chat.postMessage"


def post(client: WebClient, text: str = "card", channel: str = "C0ESCAL") -> Json:
    answer = client.chat_postMessage(channel=channel, text=text)
    assert isinstance(answer.data, dict)
    return answer.data


def texts(slack: SlackDriver) -> list[str]:
    return [message["text"] for message in slack.messages("C0ESCAL")]


def raw(sandbox: Sandbox) -> tuple[int, Any, bytes]:
    """(status, headers, body) of a post without the SDK."""
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=30)
    body = json.dumps({"channel": "C0ESCAL", "text": "card"})
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.bot_token}"}
    try:
        connection.request("POST", f"/api/{POST}", body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("wanted", "header"),
    [({}, "30"), ({"retry_after": 7}, "7"), ({"retry_after": "missing"}, None), ({"retry_after": 0}, "0"),
     ({"retry_after": -5}, "-5"), ({"retry_after": 10**9}, "1000000000"), ({"retry_after": "soon"}, "soon")],
)  # fmt: skip
def test_a_429_comes_with_the_retry_after_asked_for(
    wanted: Json, header: str | None, sandbox: Sandbox, slack: SlackDriver
) -> None:
    slack.fault(POST, "ratelimited", **wanted)

    status, headers, body = raw(sandbox)

    assert (status, headers["Retry-After"], json.loads(body)["error"]) == (429, header, "ratelimited")
    assert texts(slack) == []


def test_a_retry_after_may_be_a_date(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.fault(POST, "ratelimited", retry_after="date")

    assert raw(sandbox)[1]["Retry-After"].endswith("GMT")


@pytest.mark.parametrize("mode", ["drop_before", "drop_after", "truncated"])
@pytest.mark.parametrize("reset", [False, True])
def test_a_broken_connection_has_done_its_work_or_not(
    mode: str, *, reset: bool, sandbox: Sandbox, slack: SlackDriver
) -> None:
    slack.fault(POST, mode, reset=reset)

    with pytest.raises((http.client.HTTPException, OSError)):
        raw(sandbox)

    assert texts(slack) == ([] if mode == "drop_before" else ["card"])
    assert raw(sandbox)[0] == 200


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize(
    ("mode", "status", "start"),
    [("http_500", 500, b"<html"), ("http_503", 503, b"<html"), ("html", 200, b"<!doctype"), ("empty", 200, b"")],
)
def test_a_senseless_answer_has_done_its_work_or_not(
    mode: str, status: int, start: bytes, *, accepted: bool, sandbox: Sandbox, slack: SlackDriver
) -> None:
    slack.fault(POST, mode, accepted=accepted)

    got, _, body = raw(sandbox)

    assert got == status
    assert body.startswith(start)
    assert texts(slack) == (["card"] if accepted else [])


def test_an_error_of_choice_is_answered(client: WebClient, slack: SlackDriver) -> None:
    slack.fault(POST, "ok_false", error="fatal_error", accepted=True)

    with pytest.raises(SlackApiError, match="fatal_error"):
        post(client)
    assert texts(slack) == ["card"]


def test_a_hanging_call_outlasts_its_callers_patience(sandbox: Sandbox, slack: SlackDriver) -> None:
    hasty = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=1)
    slack.fault(POST, "hang", accepted=True)

    with pytest.raises((TimeoutError, urllib.error.URLError)):
        post(hasty)
    assert texts(slack) == ["card"]


def test_a_delayed_and_a_dripping_answer_arrive_in_the_end(client: WebClient, slack: SlackDriver) -> None:
    slack.fault(POST, "delay", seconds=0.1)
    slack.fault(POST, "drip", seconds=0.0001)

    assert post(client)["ok"]
    assert post(client)["ok"]
    assert texts(slack) == ["card", "card"]


def test_a_late_commit_appears_after_the_connection_broke(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.fault(POST, "late_commit", seconds=30)
    with pytest.raises((http.client.HTTPException, OSError)):
        raw(sandbox)

    assert texts(slack) == []
    slack.advance_clock(31)
    slack.wait_for(lambda: texts(slack) == ["card"], what="the late message")


def test_who_follows_a_redirect_with_the_token_is_found_out(client: WebClient, slack: SlackDriver) -> None:
    slack.fault(POST, "redirect")

    post(client)

    assert [surprise["kind"] for surprise in slack.surprises()] == ["token_after_redirect"]
    assert texts(slack) == []


def test_a_fault_is_for_some_calls_only(client: WebClient, slack: SlackDriver) -> None:
    slack.fault("chat.*", "ok_false", error="first", channel="C0ESCAL", after_n=1)
    slack.fault("*", "ok_false", error="then", times=2, channel="C0ESCAL")

    def error(channel: str = "C0ESCAL") -> str:
        try:
            post(client, channel=channel)
        except SlackApiError as refusal:
            return str(refusal.response["error"])
        return "fine"

    assert [error("C0ONCALL"), error(), error(), error(), error()] == ["fine", "then", "first", "then", "fine"]


def test_faults_last_for_ever_until_they_are_cleared(client: WebClient, slack: SlackDriver) -> None:
    slack.fault("*", "ok_false", error="down", times=-1)
    for _ in range(3):
        with pytest.raises(SlackApiError, match="down"):
            client.auth_test()
    assert slack.state("faults")["faults"][0]["left"] == -1

    slack.clear_faults()
    assert client.auth_test()["ok"]


def test_a_fault_nobody_knows_is_refused(slack: SlackDriver) -> None:
    with pytest.raises(Refused, match="unknown_mode"):
        slack.fault(POST, "explode")


def test_latency_is_added_to_every_call(client: WebClient, slack: SlackDriver) -> None:
    slack.post("latency", seconds=0.1)
    client.auth_test()

    assert slack.traffic(name="auth.test")[0]["ms"] >= 100
