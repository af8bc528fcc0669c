"""Logs: whatever a line or a traceback contains, no secret comes out."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.clock import Clock


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


def test_repeated_errors_of_one_kind_are_one_line_a_minute_with_their_number(output: io.StringIO) -> None:
    clock = Hand()
    logs.set_up([], output, clock=clock)
    log = logging.getLogger("bot.slack.http_server")
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
    with logs.about(case="CSP-7", delivery="d-1", subject=None):
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
