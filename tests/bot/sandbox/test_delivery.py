"""Socket Mode and signed HTTP as Slack does them: one connection for each envelope, acks, redelivery, refreshes."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast

import aiohttp
import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import Sandbox, SandboxOptions
from tests.bot.sandbox.conftest import MANIFEST, Json
from tests.slack_driver import PATIENCE, SlackDriver

Socket = aiohttp.ClientWebSocketResponse


def with_sockets(sandbox: Sandbox, count: int, story: Callable[..., Awaitable[None]]) -> None:
    """Runs a story with that many bare websocket connections, past their hello."""

    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            sockets = []
            for number in range(count):
                sockets.append(await session.ws_connect(address(sandbox), autoping=False))
                hello = await sockets[-1].receive_json(timeout=PATIENCE)
                assert (hello["type"], hello["num_connections"]) == ("hello", number + 1)
            await story(*sockets)

    asyncio.run(run())


def address(sandbox: Sandbox) -> str:
    return str(WebClient(base_url=sandbox.api_url).apps_connections_open(app_token=sandbox.app_token)["url"])


async def said(emma_says: Callable[..., Any], *args: Any) -> Json:
    answer: Json = await asyncio.to_thread(emma_says, *args)
    return answer


async def take(socket: Socket, payload: Any = None) -> Json:
    """The next envelope, acked."""
    envelope: Json = await socket.receive_json(timeout=PATIENCE)
    await socket.send_json({"envelope_id": envelope["envelope_id"], **({"payload": payload} if payload else {})})
    return envelope


def test_an_envelope_goes_to_one_connection_and_its_ack_counts(sandbox: Sandbox, slack: SlackDriver) -> None:
    emma = slack.as_user("U0EMMA")

    async def story(*sockets: Socket) -> None:
        for _ in range(4):
            acting = asyncio.create_task(said(emma.command, "/small"))
            reading = {asyncio.create_task(socket.receive_json()): socket for socket in sockets}
            done, waiting = await asyncio.wait(reading, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            assert len(done) == 1
            first = done.pop()
            envelope = first.result()
            assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
            await reading[first].send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})
            assert (await acting)["ok"]
            for task in waiting:
                task.cancel()

    with_sockets(sandbox, 2, story)
    assert [ephemeral["text"] for ephemeral in slack.ephemerals()] == ["hi"] * 4


def test_ten_connections_are_the_most(sandbox: Sandbox) -> None:
    async def story(*_: Socket) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(address(sandbox)) as eleventh:
            assert (await eleventh.receive_json(timeout=PATIENCE))["reason"] == "too_many_websockets"

    with_sockets(sandbox, 10, story)


def test_a_ticket_opens_one_socket(sandbox: Sandbox) -> None:
    async def twice() -> None:
        url = address(sandbox)
        async with aiohttp.ClientSession() as session, session.ws_connect(url):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)

    asyncio.run(twice())


def test_an_event_is_delivered_again_until_it_is_taken(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.settings(ack_seconds=0.05)
    emma = slack.as_user("U0EMMA")

    async def story(socket: Socket) -> None:
        await asyncio.to_thread(emma.post, "hello")
        got = [await socket.receive_json(timeout=PATIENCE), await socket.receive_json(timeout=PATIENCE)]
        await asyncio.to_thread(slack.wait_for, lambda: len(slack.traffic(name="message")) == 2)
        await asyncio.to_thread(slack.settings, ack_seconds=PATIENCE)
        await asyncio.to_thread(slack.advance_clock, 60)
        got.append(await take(socket))
        await asyncio.to_thread(slack.wait_for, lambda: len(slack.traffic(name="message")) == 3)
        await asyncio.to_thread(slack.advance_clock, 600)
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.1)
        tries = [(one["retry_attempt"], one["retry_reason"]) for one in got]
        assert tries == [(0, ""), (1, "timeout"), (2, "timeout")]
        assert len({one["payload"]["event_id"] for one in got}) == 1

    with_sockets(sandbox, 1, story)


def test_an_event_nobody_takes_is_given_up_after_three_retries(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.as_user("U0EMMA").post("hello")
    slack.wait_for(lambda: len(slack.traffic(name="message")) == 2, what="the retry at once")
    slack.advance_clock(61)
    slack.wait_for(lambda: len(slack.traffic(name="message")) == 3, what="the retry after a minute")
    slack.advance_clock(301)

    slack.wait_for(slack.surprises, what="the end")
    assert [one["attempt"] for one in slack.traffic(name="message")] == [0, 1, 2, 3]


def test_an_interaction_is_never_delivered_again(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.settings(ack_seconds=0.05)

    async def story(socket: Socket) -> None:
        assert (await said(slack.as_user("U0EMMA").command, "/small"))["error"] == "operation_timeout"
        envelope = await socket.receive_json(timeout=PATIENCE)
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.1)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})

    with_sockets(sandbox, 1, story)
    slack.wait_for(
        lambda: [surprise["kind"] for surprise in slack.surprises()] == ["not_acked", "late_ack"], what="the late ack"
    )


@pytest.mark.parametrize(("do", "reason"), [("refresh", "refresh_requested"), ("link_disabled", "link_disabled")])
def test_a_refreshed_connection_is_told_and_then_closed(
    do: str, reason: str, sandbox: Sandbox, slack: SlackDriver
) -> None:
    async def story(socket: Socket) -> None:
        await asyncio.to_thread(slack.socket, do)
        goodbye = await socket.receive_json(timeout=PATIENCE)
        assert (goodbye["type"], goodbye["reason"]) == ("disconnect", reason)
        assert (await socket.receive(timeout=PATIENCE)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}

    with_sockets(sandbox, 1, story)


def test_after_a_refresh_the_new_connection_is_preferred_though_the_old_stays_open(
    sandbox: Sandbox, slack: SlackDriver
) -> None:
    async def story(old: Socket) -> None:
        await asyncio.to_thread(slack.socket, "refresh", leave_old_open=True)
        await old.receive_json(timeout=PATIENCE)
        acting = asyncio.create_task(said(slack.as_user("U0EMMA").command, "/small"))
        await take(old)  # nobody else is there yet
        assert (await acting)["ok"]
        async with aiohttp.ClientSession() as session, session.ws_connect(address(sandbox)) as new:
            await new.receive_json(timeout=PATIENCE)
            for _ in range(3):
                acting = asyncio.create_task(said(slack.as_user("U0EMMA").command, "/small"))
                await take(new)
                assert (await acting)["ok"]

    with_sockets(sandbox, 1, story)


def test_a_silent_connection_answers_no_ping_and_swallows_envelopes(sandbox: Sandbox, slack: SlackDriver) -> None:
    slack.settings(ack_seconds=0.05)

    async def story(socket: Socket) -> None:
        await socket.ping(b"1")
        assert (await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.PONG
        await asyncio.to_thread(slack.socket, "silence")
        await socket.ping(b"2")
        assert (await said(slack.as_user("U0EMMA").command, "/small"))["error"] == "operation_timeout"
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.1)
        await asyncio.to_thread(slack.socket, "resume")
        await socket.ping(b"3")
        assert (await socket.receive(timeout=PATIENCE)).data == b"3"

    with_sockets(sandbox, 1, story)


def test_a_dropped_connection_is_gone_without_a_word(sandbox: Sandbox, slack: SlackDriver) -> None:
    async def story(socket: Socket) -> None:
        await asyncio.to_thread(slack.socket, "drop")
        assert (await socket.receive(timeout=PATIENCE)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}

    with_sockets(sandbox, 1, story)
    slack.wait_for(lambda: slack.state("delivery")["delivery"]["connections"] == 0, what="the end of it")


def test_a_real_bolt_app_survives_a_refresh(socket_mode: App, slack: SlackDriver) -> None:
    socket_mode.command("/small")(lambda ack: ack("here"))
    assert slack.as_user("U0EMMA").command("/small")["ok"]

    slack.socket("refresh")
    slack.wait_for(lambda: len(slack.traffic(name="hello")) >= 2, what="the new connection")

    slack.wait_for(lambda: slack.as_user("U0EMMA").command("/small")["ok"], what="an answer")


def test_a_sandbox_may_refresh_by_itself() -> None:
    with Sandbox(SandboxOptions(manifest=MANIFEST, refresh_seconds=0.05)) as sandbox:

        async def story(socket: Socket) -> None:
            assert (await socket.receive_json(timeout=PATIENCE))["reason"] == "refresh_requested"

        with_sockets(sandbox, 1, story)


class _Recorder(BaseHTTPRequestHandler):
    """A bot that keeps what it gets, checks signatures with Slack's own library, and answers as it is told."""

    def do_POST(self) -> None:
        server = cast("_RecorderServer", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        valid = SignatureVerifier(server.secret).is_valid_request(body, {k.lower(): v for k, v in self.headers.items()})
        server.got.append({"body": body, "headers": dict(self.headers), "valid": valid})
        status, headers, answer = server.answers.pop(0) if server.answers else (200, {}, "")
        if "url_verification" in body:
            answer = json.loads(body)["challenge"]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _RecorderServer(ThreadingHTTPServer):
    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.secret = secret
        self.got: list[Json] = []
        self.answers: list[tuple[int, dict[str, str], str]] = []


@pytest.fixture
def recorder(sandbox: Sandbox, slack: SlackDriver) -> Iterator[_RecorderServer]:
    server = _RecorderServer(sandbox.signing_secret)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    slack.post("delivery", mode="http", url=f"http://127.0.0.1:{server.server_port}/slack/events")
    server.got.clear()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("follows", "ahead"), [(False, 0), (True, 3600)])
def test_a_signature_bears_the_time_its_reader_goes_by(
    recorder: _RecorderServer, slack: SlackDriver, *, follows: bool, ahead: int
) -> None:
    url = f"http://127.0.0.1:{recorder.server_port}/slack/events"
    slack.post("delivery", mode="http", url=url, follows_clock=follows)
    slack.advance_clock(3600)
    slack.as_user("U0EMMA").command("/small")

    stamp = int(recorder.got[-1]["headers"]["X-Slack-Request-Timestamp"])
    assert abs(stamp - ahead - time.time()) < 60


def test_http_deliveries_are_signed_forms_and_json(recorder: _RecorderServer, slack: SlackDriver) -> None:
    slack.as_user("U0EMMA").command("/small a b")
    slack.as_user("U0EMMA").shortcut("new")
    slack.as_user("U0EMMA").post("hello")
    slack.wait_for(lambda: len(recorder.got) == 3, what="three deliveries")

    assert all(one["valid"] for one in recorder.got)
    command, shortcut, event = (one["body"] for one in recorder.got)
    assert "command=%2Fsmall&text=a+b" in command
    assert shortcut.startswith("payload=%7B")
    assert json.loads(event)["event"]["text"] == "hello"


def test_http_events_carry_retry_headers_until_the_bot_declines(recorder: _RecorderServer, slack: SlackDriver) -> None:
    recorder.answers = [(500, {}, ""), (500, {"X-Slack-No-Retry": "1"}, "")]
    slack.as_user("U0EMMA").post("hello")
    slack.wait_for(lambda: len(recorder.got) == 2, what="the retry")
    slack.advance_clock(1000)

    first, second = (one["headers"] for one in recorder.got)
    assert "X-Slack-Retry-Num" not in first
    assert (second["X-Slack-Retry-Num"], second["X-Slack-Retry-Reason"]) == ("1", "http_error")


def test_a_request_url_has_to_give_the_challenge_back(slack: SlackDriver) -> None:
    answer = slack.post("delivery", mode="http", url="http://127.0.0.1:9/slack/events")

    assert (answer["ok"], answer["error"]) == (False, "dispatch_failed")
    assert slack.state("delivery")["delivery"]["mode"] == "socket"


def test_deliveries_can_be_forged_and_repeated(recorder: _RecorderServer, slack: SlackDriver) -> None:
    slack.as_user("U0EMMA").command("/small")
    payload = slack.last_delivered("/small") | {"team_id": "T0OTHER"}

    slack.deliver("slash_commands", payload, bad_signature=True)
    slack.deliver("slash_commands", payload, timestamp_offset=-301)
    acks = slack.deliver("slash_commands", payload, times=2, together=True)

    assert [one["valid"] for one in recorder.got] == [True, False, False, True, True]
    assert [ack["ok"] for ack in acks] == [True, True]
