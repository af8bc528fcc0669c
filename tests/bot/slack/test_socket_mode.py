"""The line to Slack, over real sockets: quick acknowledgements, also while connections come and go."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import pytest
from slack_bolt import BoltRequest, BoltResponse

from bot.clock import Clock
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from bot.slack.socket_mode import SocketMode
from tests.bot.stubs import PATIENCE, Broken, Control, Listener, until

ACTION = {"action_id": "card.acknowledge", "type": "button"}
SOMEBODY = {"user": {"id": "U0LINA"}, "action_id": "form.customer"}


class Running:
    """A line that runs in a thread of its own."""

    def __init__(self, slack: Sandbox, listener: Callable[[BoltRequest], BoltResponse], workers: int = 20) -> None:
        client = SlackClient(slack.bot_token, slack.api_url, Transport(Clock(), slack.api_url), 3)
        token = slack.app_token
        self._pool = ThreadPoolExecutor(workers)
        self._loop = asyncio.new_event_loop()
        self.line = SocketMode(
            listener,
            lambda: str(client.api_call("apps.connections.open", params={"token": token})["url"]),
            self._pool,
            Clock(),
            "sorry",
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self.line.run())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.line.stop_taking)
        self._thread.join()
        self._pool.shutdown()


@contextmanager
def running(
    slack: Sandbox, listener: Callable[[BoltRequest], BoltResponse], connected: bool = True
) -> Iterator[Running]:
    """A line that is connected, until the end of the block."""
    line = Running(slack, listener)
    try:
        if connected:
            until(lambda: line.line.connected)
        yield line
    finally:
        line.stop()


def test_a_command_is_served_and_its_answer_comes_back(slack: Sandbox, control: Control) -> None:
    answer = BoltResponse(status=200, body={"text": "早上好"})
    listener = Listener(answer)
    with running(slack, listener):
        ack = control.command("help")
    assert (ack["ok"], ack["ack"]) == (True, {"text": "早上好"})
    assert listener.heard[0]["text"] == "help"


def test_a_command_right_after_a_refresh_is_acknowledged_in_less_than_half_a_second(
    slack: Sandbox, control: Control
) -> None:
    waits = []
    with running(slack, Listener()):
        for _ in range(5):
            control.post("socket", do="refresh", leave_old_open=True)
            time.sleep(0.1)  # the story's own tenth of a second, not a wait for something
            began = time.monotonic()
            assert control.command()["ok"]
            waits.append(time.monotonic() - began)
    assert median(waits) < 0.5, waits  # a line that stands still does so each time; a busy machine does not


@pytest.mark.parametrize("what", ["warning", "refresh", "drop", "too_many"])
def test_the_line_comes_back_after_every_kind_of_goodbye(slack: Sandbox, control: Control, what: str) -> None:
    control.post("settings", ack_seconds=3)  # what goes to a line that is left is not waited for
    with running(slack, Listener()):
        control.post("socket", do=what)
        until(lambda: control.command()["ok"])


def test_a_connection_that_answers_no_ping_is_replaced(
    slack: Sandbox, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.socket_mode._HEARTBEAT", 0.2)
    control.post("settings", ack_seconds=3)  # the first connection swallows what it gets
    with running(slack, Listener()):
        control.post("socket", do="silence")
        # How long the line is without a connection is not told beforehand: the next one tells that the first was left.
        until(lambda: len(control.calls("hello")) >= 2)
        until(lambda: control.command()["ok"])


def test_slack_being_away_at_the_start_is_waited_out(slack: Sandbox, control: Control) -> None:
    control.post("fault", method="apps.connections.open", mode="http_503", times=2)
    listener = Listener()
    with running(slack, listener, connected=False) as line:
        until(lambda: line.line.connected)
        assert control.command()["ok"]


@pytest.mark.parametrize(
    ("error", "next_step"),
    [
        ("invalid_auth", "SLACK_APP_TOKEN, or create a new one"),
        ("missing_scope", "SLACK_APP_TOKEN, or create a new one"),
        ("internal_error", "the bot tries again"),
    ],
)
def test_a_refused_address_is_logged_with_the_error_of_slack_and_what_to_do(
    slack: Sandbox, control: Control, caplog: pytest.LogCaptureFixture, error: str, next_step: str
) -> None:
    control.post("fault", method="apps.connections.open", mode="ok_false", error=error, times=1)
    with running(slack, Listener()):
        pass

    (told,) = [record.message for record in caplog.records if "no address" in record.message]
    assert told.startswith(f"Slack gave no address for Socket Mode: {error}")
    assert next_step in told


def test_once_slack_is_known_to_be_back_the_line_waits_no_longer(
    slack: Sandbox, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda _low, _high: 60.0)
    control.post("settings", slack_off=True)
    with running(slack, Listener(), connected=False) as line:
        until(lambda: control.calls("apps.connections.open"))
        control.post("settings", slack_off=False)
        began = time.monotonic()

        def connected() -> bool:
            line.line.reconnect_now()  # again, where the first try was still ending
            return line.line.connected

        until(connected, pause=0.1)
    assert time.monotonic() - began < 30


def test_a_rate_limit_of_the_address_is_waited_out(slack: Sandbox, control: Control) -> None:
    control.post("fault", method="apps.connections.open", mode="ratelimited", retry_after=4)
    with running(slack, Listener(), connected=False) as line:
        until(lambda: line.line.connected)
    first, second = (call["at"] for call in control.calls("apps.connections.open"))
    assert second - first > 3.5  # the ordinary pause after a first failure is a second at most


def test_connections_that_are_not_ours_are_counted_and_told_once(
    slack: Sandbox, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    with running(slack, Listener()) as one:
        assert one.line.other_connections == 0
        with running(slack, Listener()) as other:
            assert other.line.other_connections == 1
            control.post("socket", do="refresh")
            until(lambda: len(control.calls("hello")) >= 4 and one.line.connected and other.line.connected)

    told = [record for record in caplog.records if "counts 1 connection of this app beside" in record.message]
    assert told
    assert "another program takes a share of what people press" in told[0].message


def test_events_nobody_listens_to_are_acknowledged(slack: Sandbox, control: Control) -> None:
    listener = Listener(BoltResponse(status=404, body=""))
    with running(slack, listener):
        acks = control.post("deliver", type="events_api", payload={"type": "event_callback", "event": {"type": "x"}})
    assert [ack["ok"] for ack in acks["acks"]] == [True]


def test_a_command_whose_listener_breaks_says_sorry(slack: Sandbox, control: Control) -> None:
    with running(slack, Broken()):
        ack = control.command()
    assert ack["ack"]["text"] == "sorry"


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ({"type": "block_suggestion", "value": "x", **SOMEBODY}, {"options": []}),
        ({"type": "block_actions", "actions": [ACTION], **SOMEBODY}, None),
    ],
)
def test_a_click_nobody_answered_gets_an_empty_answer(
    slack: Sandbox, control: Control, payload: dict[str, object], answer: object
) -> None:
    with running(slack, Listener(BoltResponse(status=404, body=""))):
        (ack,) = control.post("deliver", type="interactive", payload=payload)["acks"]
    assert ack["ok"]
    assert (ack.get("payload") or None) == answer


@pytest.mark.parametrize(
    "payload", [{"type": "block_actions", "actions": []}, {"type": "event_callback", "event": None}]
)
def test_a_body_that_is_not_whole_is_acknowledged_without_being_served(
    slack: Sandbox, control: Control, caplog: pytest.LogCaptureFixture, payload: dict[str, object]
) -> None:
    listener = Listener()
    with running(slack, listener):
        (ack,) = control.post("deliver", type="interactive", payload=payload)["acks"]
    assert ack["ok"]
    assert listener.heard == []
    assert not [record for record in caplog.records if record.exc_info]


def test_a_form_that_was_not_saved_is_not_acknowledged(slack: Sandbox, control: Control) -> None:
    control.post("settings", ack_seconds=0.5)
    with running(slack, Broken()):
        (ack,) = control.post("deliver", type="interactive", payload={"type": "view_submission", "view": {}})["acks"]
    assert not ack["ok"]


def test_a_burst_is_served_side_by_side(slack: Sandbox, control: Control) -> None:
    everybody = threading.Barrier(20)

    def served(request: BoltRequest) -> BoltResponse:
        everybody.wait(PATIENCE)  # nobody is answered before all twenty are being served
        return listener(request)

    listener = Listener()
    control.post("settings", ack_seconds=PATIENCE)
    with running(slack, served), ThreadPoolExecutor(20) as people:
        assert all(ack["ok"] for ack in people.map(lambda _: control.command(), range(20)))
    assert listener.finished == 20


def test_a_large_envelope_arrives_whole(slack: Sandbox, control: Control) -> None:
    listener = Listener()
    details = "汉字" * 100_000
    with running(slack, listener):
        payload = {"type": "block_actions", "actions": [ACTION], **SOMEBODY, "details": details}
        control.post("deliver", type="interactive", payload=payload)
    assert listener.heard[0]["details"] == details


def test_stopping_finishes_and_acknowledges_what_was_accepted(slack: Sandbox, control: Control) -> None:
    control.post("settings", ack_seconds=PATIENCE)
    listener = Listener(BoltResponse(status=200, body=json.dumps({"text": "late"})), seconds=1.0)
    with ThreadPoolExecutor(1) as person:
        with running(slack, listener):
            ack = person.submit(control.command)
            until(lambda: listener.heard)
        assert ack.result()["ok"]
    assert listener.finished == 1
