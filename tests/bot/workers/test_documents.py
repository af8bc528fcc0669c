"""A file on its way to a strict Slack: it arrives once, whatever breaks meanwhile, else words say why."""

import csv
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.sandbox import Sandbox
from handlers.notifications.message import BuiltDocument, Message
from models.outbox.file_requests import FileRequests
from models.rules.escalations.export_request import CaseList, ExportFormat, ExportRequest
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person
from models.store.database import Store
from tests.bot.stubs import PATIENCE, Control, until
from tests.bot.workers.test_outbox import OutboxSetup
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import render, render_context_on
from tests.models.samples import WANG

DIRECT = "D0WANG"
OPEN_CASES = ExportRequest(CaseList.OPEN, "", ExportFormat.CSV, WANG.team_id)


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[OutboxSetup]:
    """An outbox that sends files alone, with one escalation on record."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    made = OutboxSetup(slack, control, store, Clock(slack.clock_file))
    person = Person(id=WANG.id, team_id=WANG.team_id, name="王伟", locale="zh-CN", tz="Asia/Shanghai")
    made.commands.remember((person, made.clock.now()))
    made.raised()

    def drawn(delivery: Delivery) -> Message | None:
        if delivery.what is not MessageKind.EXPORT:
            return None
        message = render(delivery, render_context_on(store, replace(SETTINGS, language="en"), made.clock.now()))
        assert message is None or isinstance(message, Message)
        return message

    made.render = drawn
    yield made
    store.dispose()


def ask(services: OutboxSetup, key: str = "click") -> None:
    FileRequests(services.store, services.wake_up.notify).ask_export(
        WANG.id, str(OPEN_CASES), services.clock.now(), key
    )


def sent(services: OutboxSetup) -> dict[str, Any]:
    """The one message there is."""
    return services.deliver_all(DIRECT)


def content_of(services: OutboxSetup, message: dict[str, Any]) -> bytes:
    [file] = message["files"]
    return services.slack.slack.workspace.files[file["id"]].content


def test_the_file_arrives_with_the_words_above_it(services: OutboxSetup) -> None:
    ask(services)

    message = sent(services)

    [row] = csv.DictReader(io.StringIO(content_of(services, message).decode("utf-8-sig")))
    assert row["escalation"] == "CSP-1"
    assert message["files"][0]["name"].endswith(".csv")
    assert "未关闭" in str(message["blocks"])


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", {"mode": "http_500"}),
        ("files.getUploadURLExternal", {"mode": "ratelimited"}),
        ("upload", {"mode": "http_500"}),
        ("files.completeUploadExternal", {"mode": "http_500"}),
        ("files.completeUploadExternal", {"mode": "drop_before"}),
        ("files.completeUploadExternal", {"mode": "drop_after"}),
        ("files.completeUploadExternal", {"mode": "ratelimited"}),
    ],
)
def test_whatever_fails_once_the_file_arrives_once(services: OutboxSetup, method: str, fault: dict[str, Any]) -> None:
    services.control.post("fault", method=method, times=1, **fault)
    ask(services)

    assert b"CSP-1" in content_of(services, sent(services))


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_without_the_scope_the_words_say_why_and_nothing_else_waits(services: OutboxSetup, method: str) -> None:
    services.control.post("fault", method=method, mode="ok_false", error="missing_scope", times=100)
    ask(services)

    message = sent(services)

    assert "没有文件" in message["text"]
    assert not message.get("files")


def test_a_file_that_cannot_be_written_is_told_in_words(services: OutboxSetup) -> None:
    draw = services.render
    assert draw

    def fails() -> BuiltDocument:
        raise ZeroDivisionError

    def broken(delivery: Delivery) -> Message | None:
        message = draw(delivery)
        assert message is None or message.document
        return message and replace(message, document=message.document and replace(message.document, build=fails))

    services.render = broken
    ask(services)

    assert "文件未能生成" in sent(services)["text"]


def test_other_messages_go_on_while_a_file_is_written(services: OutboxSetup) -> None:
    draw, may_go_on = services.render, threading.Event()
    assert draw

    def texts() -> list[str]:
        return [message["text"] for message in services.control.messages(DIRECT)]

    def slow(delivery: Delivery) -> Message | None:
        message = draw(delivery)
        if message is None or message.document is None:
            return Message("Hello", [], None, WANG.id) if delivery.what is MessageKind.PICTURE else None
        build = message.document.build

        def wait() -> BuiltDocument:
            assert may_go_on.wait(PATIENCE)
            return build()

        return replace(message, document=replace(message.document, build=wait))

    services.render = slow
    ask(services)
    with services.working():
        FileRequests(services.store, services.wake_up.notify).ask(WANG.id, services.clock.now(), "later")
        until(lambda: texts() == ["Hello"])

        may_go_on.set()
        services.settle_down()

    assert len(texts()) == 2


def test_asking_again_before_it_arrives_brings_one_file(services: OutboxSetup) -> None:
    for key in ("one", "one", "two"):
        ask(services, key)

    assert sent(services)["files"]
