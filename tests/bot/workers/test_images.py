"""The picture of the rota on its way to a strict Slack: shown once, whatever breaks meanwhile, else told in words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.workers.image_process import ImageFailed
from handlers.chart.drawing import Drawing
from handlers.notifications.message import Message
from models.oncall.rota_versions import import_rota
from models.outbox.file_requests import FileRequests
from models.rules.outbox.delivery import Delivery
from models.rules.rota.toml import reader
from models.store.database import Store
from tests.bot.stubs import Control
from tests.bot.workers.test_outbox import DOT, OutboxSetup
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import render, render_context_on

DIRECT = "D0WANG"


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[OutboxSetup]:
    """An outbox with the rota of the samples, which draws only its pictures."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    made = OutboxSetup(slack, control, store, Clock(slack.clock_file))
    import_rota(store, reader.example(), "cli", made.clock.now())

    def drawn(delivery: Delivery) -> Message | None:
        message = render(delivery, render_context_on(store, replace(SETTINGS, language="en"), made.clock.now()))
        assert message is None or isinstance(message, Message)
        return message

    made.render = drawn
    yield made
    store.dispose()


def asked(services: OutboxSetup, key: str = "click") -> None:
    FileRequests(services.store, services.wake_up.notify).ask("U0WANG", services.clock.now(), key)


def shown(services: OutboxSetup) -> list[dict[str, Any]]:
    """The one message there is: its blocks."""
    blocks: list[dict[str, Any]] = services.deliver_all(DIRECT)["blocks"]
    return blocks


def test_a_picture_is_uploaded_and_shown_with_words_for_who_cannot_see_it(services: OutboxSetup) -> None:
    asked(services)

    *_, image = shown(services)

    assert image["type"] == "image"
    assert image["slack_file"]["id"].startswith("F")
    assert image["alt_text"].startswith("The next four weeks · ")
    assert "uncovered" in image["alt_text"] or "No gaps" in image["alt_text"]


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", {"mode": "http_500"}),
        ("files.getUploadURLExternal", {"mode": "ratelimited"}),
        ("files.completeUploadExternal", {"mode": "http_500"}),
        ("files.completeUploadExternal", {"mode": "drop_after"}),
        ("files.info", {"mode": "drop_before"}),
        ("files.info", {"mode": "ok_false", "error": "internal_error"}),
        ("chat.postMessage", {"mode": "drop_after"}),
        ("chat.postMessage", {"mode": "http_500"}),
    ],
)
def test_whatever_fails_once_the_picture_appears_once(
    services: OutboxSetup, method: str, fault: dict[str, Any]
) -> None:
    services.control.post("fault", method=method, times=1, **fault)
    asked(services)

    assert shown(services)[-1]["type"] == "image"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"])
def test_without_the_scopes_the_words_come_and_say_why_and_nothing_else_waits(
    services: OutboxSetup, method: str
) -> None:
    services.control.post("fault", method=method, mode="ok_false", error="missing_scope", times=100)
    asked(services)

    said, why = shown(services)

    assert "The next four weeks" in said["text"]["text"]
    assert "Slack did not take it (missing_scope)" in str(why)


def test_an_upload_that_fails_again_and_again_is_given_up_for_the_words(services: OutboxSetup) -> None:
    services.control.post("fault", method="files.completeUploadExternal", mode="http_500", times=100)
    asked(services)

    assert "http_500" in str(shown(services)[-1])


def test_a_picture_that_cannot_be_drawn_is_told_in_words(services: OutboxSetup) -> None:
    def fails(_: Drawing) -> bytes:
        raise ImageFailed("no colour")

    services.paint = fails
    asked(services)

    assert "could not be drawn" in str(shown(services)[-1])


def test_a_picture_slack_refuses_in_the_message_is_told_in_words(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", mode="ok_false", error="invalid_blocks", times=1)
    asked(services)
    with services.working():
        services.settle_down()

    (message,) = services.control.messages(DIRECT)

    assert "did not take it (invalid_blocks)" in message["text"]


def test_the_picture_is_drawn_once_while_slack_works_on_it(services: OutboxSetup) -> None:
    drawn = []

    def counted(snapshot: Drawing) -> bytes:
        drawn.append(snapshot)
        return DOT

    services.paint = counted
    asked(services)
    shown(services)

    assert len(drawn) == 1


def test_impatience_brings_one_picture_and_a_later_wish_another(services: OutboxSetup) -> None:
    for key in ("one", "one", "two"):
        asked(services, key)
    shown(services)
    asked(services, "one")
    asked(services, "three")
    with services.working():
        services.settle_down()

    assert len(services.control.messages(DIRECT)) == 2
