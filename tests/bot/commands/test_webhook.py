"""The webhook at the terminal: a secret, a test, what is refused in the settings, and a move that waits in words."""

import socket
import threading

import pytest

from bot.clock import Clock
from bot.commands.webhook import make_receiver
from bot.config import Secret, WebhookSettings
from bot.webhook.receiver import WebhookReceiver
from bot.webhook.signature import new_secret
from models.escalations.commands import EscalationCommands
from models.outbox import webhook_rows
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import QueuePart
from models.rules.webhook import WebhookReply, find_outcome
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import NOW, raised

NOBODY_LISTENS = "http://127.0.0.1:1/hook-canary"


def use(monkeypatch: pytest.MonkeyPatch, url: str, secret: str) -> None:
    monkeypatch.setenv("CSP_WEBHOOK_URL", url)
    monkeypatch.setenv("CSP_WEBHOOK_SECRET", secret)


def test_a_printed_secret_can_be_used_and_a_test_says_why_it_was_not_taken(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = terminal.type("webhook", "secret").out.strip()
    use(monkeypatch, NOBODY_LISTENS, secret)

    said = terminal.type("webhook", "test")

    assert said.code == 1
    assert "127.0.0.1 did not take the test (connection_refused). Nothing listens there" in said.err
    assert secret.removeprefix("whsec_") not in said.err
    assert "canary" not in said.err


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://desk.example.cn/", "", "CSP_WEBHOOK_SECRET is missing"),
        ("http://desk.example.cn/", "whsec_short", "CSP_WEBHOOK_URL is not a safe address"),
        ("https://user:pw@desk.example.cn/", "plain-text-secret", "CSP_WEBHOOK_SECRET does not look right"),
    ],
)
def test_settings_that_are_not_safe_are_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, url: str, secret: str, said: str
) -> None:
    use(monkeypatch, url, secret)

    answer = terminal.type("webhook", "test")

    assert (answer.code, said in answer.err) == (2, True)


def test_without_a_webhook_the_settings_are_named(terminal: Terminal) -> None:
    assert "set CSP_WEBHOOK_URL" in terminal.type("webhook", "test").err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_GB.UTF-8", ("move for the webhook", "webhook", "Later moves of this case wait behind it")),
        ("zh_CN.UTF-8", ("推送到 Webhook 的处理", "该呈报之后的处理都在其后等待")),
    ],
)
def test_a_refused_move_says_what_waits_and_what_to_do(
    terminal: Terminal, store: Store, language: str, words: tuple[str, ...]
) -> None:
    store.write(lambda connection: webhook_rows.set_up(connection, True, NOW))
    raised(EscalationCommands(store))
    outbox = Outbox(store)
    delivery = outbox.claim(NOW, "w", part=QueuePart.MOVES)
    assert delivery
    outbox.settle(delivery, find_outcome(delivery, WebhookReply(422), NOW), NOW)

    shown = terminal.type("outbox", "show", str(delivery.position), language=language).out

    assert all(word in " ".join(shown.split()) or word in "".join(shown.split()) for word in words), shown


def test_the_receiver_for_trying_prints_what_is_genuine_and_refuses_the_rest(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = terminal.type("webhook", "secret").out.strip()
    refused: list[bool] = []
    server = make_receiver([secret], 0, 202, lambda: refused.append(True))
    url, codes = f"http://127.0.0.1:{server.server_address[1]}/", list[str]()
    for key in (secret, new_secret()):
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        receiver = WebhookReceiver(WebhookSettings(Secret(url), (Secret(key),)), Clock())
        codes.append(receiver.send("move-1", b'{"id": 1}').code)
        thread.join()
    server.server_close()

    assert codes == ["http_202", "http_401"]
    assert capsys.readouterr().out == '{"id": 1}\n'
    assert refused == [True]


def test_a_port_that_is_taken_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, NOBODY_LISTENS, new_secret())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        said = terminal.type("webhook", "receive", "--port", port)

    assert (said.code, said.err) == (2, f"Nothing can listen on port {port}: the address is in use already.\n")
