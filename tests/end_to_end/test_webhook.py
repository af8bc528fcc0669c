"""A duty desk's own system hears of every move, though it was away for a while and the bot was killed meanwhile."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.webhook.signature import is_genuine, new_secret
from tests.bot.webhook.desk import Desk, receiving
from tests.end_to_end.setup import world
from tests.ports import find_free_ports


def test_moves_arrive_signed_and_in_order_after_the_desk_and_the_bot_were_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, desk = new_secret(), Desk()
    monkeypatch.setenv("CSP_WEBHOOK_SECRET", secret)
    with ExitStack() as stack:
        with receiving(desk, find_free_ports(1)[0]) as port:  # nobody else gets it while the desk is away
            monkeypatch.setenv("CSP_WEBHOOK_URL", f"http://127.0.0.1:{port}/")
            office = stack.enter_context(world(tmp_path))
            number = office.raised()
            office.until(lambda: desk.moves == [(f"CSP-{number}", "raise")], "the desk to hear of the case")
        office.do(office.emma, "acknowledge", number)
        office.do(office.emma, "tell", number)
        office.kill()
        with receiving(desk, port):
            office.start()
            office.until(lambda: len(desk.moves) >= 3, "the desk to hear of the rest")

    assert desk.moves == [(f"CSP-{number}", move) for move in ("raise", "acknowledge", "tell")]
    now = Clock().now().timestamp()
    assert all(is_genuine(secret, headers, body, now) for _, headers, body in desk.requests)
