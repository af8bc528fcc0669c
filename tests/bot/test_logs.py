"""Logs: whatever a line or a traceback contains, no secret comes out."""

import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_bolt import App

from bot import logs
from bot.clock import Clock
from handlers.context import Services, SlackResponder
from handlers.dispatch import Listeners
from handlers.errors import ErrorAnswers
from handlers.i18n.words import Words
from handlers.log_context import about, describe_press, describe_value


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What the log of this process says, with the logging of the test run put back afterwards."""
    root = logging.getLogger()
    handlers, level, loud = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    logs.set_up(["signing-canary", "hunter2-canary"], stream)
    yield stream
    root.handlers[:], logging.raiseExceptions = handlers, loud
    root.setLevel(level)
    logging.captureWarnings(False)


def test_that_a_tick_is_still_at_work_is_not_repeated_by_the_library(output: io.StringIO) -> None:
    logging.getLogger("apscheduler.scheduler").warning("Execution of job skipped: maximum number of instances reached")
    logging.getLogger("apscheduler.scheduler").error("the scheduler failed")

    assert "skipped" not in output.getvalue()
    assert "failed" in output.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "token xoxb-12-canary-34",
        "token xoxp-canary",
        "token xoxe.xoxp-1-canary",
        "token xapp-1-A0-canary",
        "secret signing-canary",
        "https://hooks.slack.com/commands/T0/1/canary",
        "http://127.0.0.1:8400/response/canary?x=1",
        "ws://127.0.0.1:8400/socket/canary",
        "wss://wss-primary.slack.com/link/?ticket=canary&app_id=1",
        "postgresql://me:canary@db/csp",
        "v0=" + "0123456789abcdef" * 4,
    ],
)
def test_a_secret_is_hidden_in_message_and_traceback(output: io.StringIO, text: str) -> None:
    log = logging.getLogger("some.library")
    log.error("it failed: %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("and raised")
    assert "it failed" in output.getvalue()
    assert "Traceback" in output.getvalue()
    assert "canary" not in output.getvalue()
    assert "0123456789abcdef" not in output.getvalue()


def test_libraries_that_log_bodies_are_kept_quiet(output: io.StringIO) -> None:
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.DEBUG)  # as Bolt may do by itself
    for name in ("slack_bolt.RequestVerification", "slack_sdk.web.base_client", "sqlalchemy.engine"):
        logging.getLogger(name).info("the whole body")
    assert output.getvalue() == ""


class Hand(Clock):
    """A clock that is moved by hand."""

    at = 0.0

    def monotonic(self) -> float:
        return self.at


@pytest.mark.parametrize("source", ["bot.http_server.server", "bot.http_server.sheet_routes", "bot.slack.event_routes"])
def test_repeated_errors_of_one_kind_are_one_line_a_minute_with_their_number(output: io.StringIO, source: str) -> None:
    clock = Hand()
    logs.set_up([], output, clock=clock)
    log = logging.getLogger(source)
    for second in range(90):
        clock.at = float(second)
        log.warning("refused a request")
        log.warning("refused another kind")
    logging.getLogger("bot.workers.outbox").warning("refused a request")
    logging.getLogger("bot.workers.outbox").warning("refused a request")

    lines = [line.partition(": ")[2] for line in output.getvalue().splitlines()]
    assert lines.count("refused a request") == 3  # one of the web, two of the outbox, which says each time of what
    assert lines.count("refused a request (59 more of this kind in between)") == 1
    assert len(lines) == 6


def test_our_own_lines_carry_time_level_and_place(output: io.StringIO) -> None:
    logging.getLogger("bot.slack.socket_mode").info("connected")
    assert output.getvalue().endswith("Z INFO bot.slack.socket_mode: connected\n")


def test_a_json_line_says_what_it_is_about_and_hides_secrets_in_all_parts(output: io.StringIO) -> None:
    logs.set_up(["hunter2-canary"], output, as_json=True)
    with about(case="CSP-7", delivery="d-1", subject=None):
        try:
            raise ValueError("hunter2-canary")
        except ValueError:
            logging.getLogger("bot.workers").exception("line\nbreak hunter2-canary")
    logging.getLogger("bot").warning("later")

    first, second = (json.loads(line) for line in output.getvalue().splitlines())

    assert (first["case"], first["delivery"], first["level"]) == ("CSP-7", "d-1", "error")
    assert first["message"] == "line\nbreak [hidden]"
    assert "Traceback" in first["traceback"]
    assert "canary" not in output.getvalue()
    assert second.keys() == {"at", "level", "logger", "message"}


def test_the_level_decides_which_lines_are_written(output: io.StringIO) -> None:
    logs.set_up([], output, logging.WARNING)
    logging.getLogger("bot").info("quiet")
    logging.getLogger("bot").warning("loud")

    assert "quiet" not in output.getvalue()
    assert "loud" in output.getvalue()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"actions": [{"action_id": "card.acknowledge", "value": '{"n": 7, "v": 2}'}]},
            {"kind": "card.acknowledge", "case": "CSP-7"},
        ),
        (
            {"actions": [{"action_id": "card.more", "selected_option": {"value": '~abcd1234~{"n": 8, "v": 2}'}}]},
            {"kind": "card.more", "case": "CSP-8"},
        ),
        (
            {"view": {"callback_id": "move.note", "private_metadata": '{"n": 9, "v": 1}\nhttps://x'}},
            {"kind": "move.note", "case": "CSP-9"},
        ),
        (
            {"actions": [{"action_id": "rota.take", "value": '{"gap": 4, "v": 1}'}]},
            {"kind": "rota.take", "subject": "gap:4"},
        ),
        ({"command": "/csp-escalate", "text": "ack csp-012 secret words"}, {"kind": "/csp-escalate", "case": "CSP-12"}),
        ({"event": {"type": "message", "text": "CSP-3 done"}}, {"kind": "message", "case": "CSP-3"}),
        ({"view": {"callback_id": "form", "private_metadata": '{"n": 0}'}}, {"kind": "form"}),
        ({"actions": "no list", "view": 7, "event": None}, {}),
        ({}, {}),
    ],
)
def test_a_press_is_about_its_case_and_nothing_that_was_typed(body: dict[str, object], said: dict[str, str]) -> None:
    assert describe_press(body) == said


@pytest.mark.parametrize("value", [None, 5, "", "{", '{"seat": "primary"}', '{"n": 12345678901}', "https://x"])
def test_a_value_that_says_nothing_is_about_nothing(value: object) -> None:
    assert describe_value(value) == {}


def test_every_line_of_a_press_says_its_case_also_when_it_fails(output: io.StringIO) -> None:
    logs.set_up([], output, as_json=True)
    body = {"actions": [{"action_id": "card.note", "value": '{"n": 7, "v": 2}'}], "type": "block_actions"}
    registered: dict[str, Any] = {}

    class BoltApp:
        def __getattr__(self, kind: str) -> Any:
            return lambda *_: lambda answer: registered.setdefault(kind, answer)

    listeners = Listeners(cast(App, BoltApp()), lambda _: Words.of("en"))
    listeners.action("card.note")(lambda body: logging.getLogger("handlers").info("a press of %s", body["type"]))
    registered["action"](SimpleNamespace(body=body))
    services = cast(Services, SimpleNamespace(words_for=lambda _: Words.of("en"), settings=None))
    ErrorAnswers(services).answer(ValueError("a bug"), body, lambda **_: None, cast(SlackResponder, None))
    logging.getLogger("bot").info("later")

    pressed, failed, later = (json.loads(line) for line in output.getvalue().splitlines())
    assert (pressed["case"], pressed["kind"], pressed["level"]) == ("CSP-7", "card.note", "info")
    assert (failed["case"], failed["level"], "a bug" in failed["traceback"]) == ("CSP-7", "error", True)
    assert "case" not in later
