"""The webhook at the terminal: a secret, a test, what is refused in the settings, and a move that waits in words."""

import pytest

from models.escalations.commands import EscalationCommands
from models.outbox import webhook_rows
from models.outbox.queue import Outbox
from models.rules.delivery import QueuePart
from models.rules.webhook import WebhookReply, find_verdict
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
    outbox.settle(delivery, find_verdict(delivery, WebhookReply(422), NOW), NOW)

    shown = terminal.type("outbox", "show", str(delivery.position), language=language).out

    assert all(word in " ".join(shown.split()) or word in "".join(shown.split()) for word in words), shown
