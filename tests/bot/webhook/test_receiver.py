"""Requests to the webhook: which addresses may be called, what is sent, and what each answer or its absence means."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.config import Secret, WebhookSettings
from bot.http_client.addresses import AddressRefused, find_addresses
from bot.measurements import DELIVERIES
from bot.webhook.receiver import WebhookReceiver
from bot.webhook.signature import is_genuine, new_secret
from bot.workers.queue_worker import WakeUp
from bot.workers.webhook import WebhookWorker
from models.escalations.commands import EscalationCommands
from models.outbox import webhook_rows
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import QueuePart
from models.store.database import Store
from tests.bot.webhook.desk import Desk, receiving
from tests.models.samples import NOW, raised, step

SECRET, NEXT_SECRET = new_secret(), new_secret()
BODY = '{"id": 1, "text": "邮件中断"}'.encode()
GUIDE = Path(__file__).parents[3] / "docs" / "webhook.md"


@pytest.fixture
def desk() -> Iterator[tuple[Desk, str]]:
    """A receiver and its address."""
    kept = Desk()
    with receiving(kept) as port:
        yield kept, f"http://127.0.0.1:{port}/hooks?team=a"


def receiver(url: str, *secrets: str) -> WebhookReceiver:
    return WebhookReceiver(WebhookSettings(Secret(url), tuple(map(Secret, secrets or (SECRET,)))), Clock())


def test_the_address_counts_to_which_a_name_leads_when_it_is_called() -> None:
    with pytest.raises(AddressRefused):
        find_addresses("localhost", 443, is_own=False, allows_private=True)
    assert find_addresses("localhost", 80, is_own=True, allows_private=False)


def test_a_request_is_signed_so_that_the_snippet_of_the_guide_accepts_it(desk: tuple[Desk, str]) -> None:
    kept, url = desk
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    defined: dict[str, Any] = {}
    exec(snippet, defined)  # noqa: S102 - our own documentation

    reply = receiver(url, SECRET, NEXT_SECRET).send("move-1", BODY)

    ((path, headers, body),) = kept.requests
    assert (reply.is_taken, path, body, headers["webhook-id"]) == (True, "/hooks?team=a", BODY, "move-1")
    assert all(defined["verify"](secret, headers, body) for secret in (SECRET, NEXT_SECRET))
    assert not defined["verify"](new_secret(), headers, body)
    assert not defined["verify"](SECRET, headers, body + b" ")
    now = Clock().now().timestamp()
    assert is_genuine(SECRET, headers, body, now)
    assert not is_genuine(SECRET, headers, body, now + 301)
    assert not is_genuine(SECRET, {**headers, "webhook-id": "move-2"}, body, now)


@pytest.mark.parametrize(
    ("answer", "code", "wait"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "http_302", None),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 17\r\n\r\n", "http_429", 17),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "http_200", None),
        (b"HTTP/1.0 500\r\n\r\n", "http_500", None), (b"SSH-2.0-nope\r\n\r\n", "not_http", None),
        (b"", "not_http", None),
    ],
)  # fmt: skip
def test_what_comes_back_is_named_and_no_redirect_is_followed(
    desk: tuple[Desk, str], answer: bytes, code: str, wait: float | None
) -> None:
    kept, url = desk
    kept.answers.append(answer)

    reply = receiver(url).send("move-1", BODY)

    assert (reply.code, reply.retry_after, len(kept.requests)) == (code, wait, 1)


def test_a_receiver_that_is_not_there_is_named_without_its_address() -> None:
    assert receiver("http://127.0.0.1:1/secret-path").send("move-1", BODY).code == "connection_refused"
    assert receiver("https://localhost.invalid/x").connect().code == "unknown_host"
    assert receiver("https://" + "a" * 70 + ".cn/").connect().code == "unknown_host"


@pytest.mark.parametrize(("begin", "code"), [(b"HTTP/1.1", "timeout"), (b"HTTP/1.1 200 OK\r\nX: ", "http_200")])
def test_a_receiver_that_answers_one_byte_at_a_time_is_left_in_time(
    begin: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.receiver.TIMEOUT", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server, begin), daemon=True).start()

        reply = receiver(f"http://127.0.0.1:{server.getsockname()[1]}/").send("move-1", BODY)

    assert reply.code == code  # the status says whether the move was taken


def drip(server: socket.socket, begin: bytes) -> None:
    """Send an answer whose head never ends."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.sendall(begin)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)


class HandClock(Clock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def test_a_receiver_that_was_away_gets_every_move_in_order_and_one_of_a_killed_bot_again(
    desk: tuple[Desk, str], tmp_path: Path
) -> None:
    kept, url = desk
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    store.write(lambda connection: webhook_rows.set_up(connection, True, NOW))
    commands, outbox, clock = EscalationCommands(store), Outbox(store), HandClock()
    worker = WebhookWorker(outbox, store, receiver(url), clock, WakeUp(), threads=0)
    raised(commands)
    commands.move(1, step(Move.NOTE), "note")
    killed = outbox.claim(clock.at, "killed", part=QueuePart.MOVES)
    assert killed
    receiver(url).send(killed.id, b'{"case": "CSP-1", "move": "raise"}')  # and its bot is killed before it settles

    kept.answers.append(b"HTTP/1.1 503 Away\r\n\r\n")
    for _ in range(90):
        worker.work_once()
        clock.at += timedelta(seconds=1)

    assert kept.moves == [("CSP-1", "raise"), ("CSP-1", "raise"), ("CSP-1", "raise"), ("CSP-1", "note")]
    ids = [headers["webhook-id"] for _, headers, _ in kept.requests]
    assert len({*ids[:3]}) == 1
    assert ids[3] != ids[0]
    assert json.loads(kept.requests[3][2])["text"] == step(Move.NOTE).text
    assert dict(worker.measurements.counters(DELIVERIES)) == {("webhook", "not_accepted"): 1, ("webhook", "sent"): 2}
    store.dispose()
