"""Compares, when all is quiet, what was accepted, what was owed and what is to be seen: nothing lost, nothing twice."""

from collections import Counter
from typing import Any

from sqlalchemy import Row

from handlers.blocks import card
from handlers.words import Words
from models.delivery import REPEATABLE, State, What
from models.escalation import Entry, Escalation
from tests.journeys.world import STRIDE, World, mark_of

CANARIES = ("All mail to chenxi", "邮件无法送达", "Restarted Outlook")
"""Words that people type in these stories, and that no log may hold."""
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


def audit(world: World, stride: float = STRIDE) -> None:
    """Wait until everything is said, and compare. A message that nobody owed fails as one that is missing does."""
    world.quiet(stride)
    rows = world.rows
    assert {row.state for row in rows} <= {State.SENT, State.SUPERSEDED}, [r for r in rows if r.state == State.DEAD]
    owed = [row for row in rows if row.what not in REPEATABLE and row.state == State.SENT]
    assert world.copies == Counter(row.id for row in owed), "owed and shown differ"
    for escalation, entries in world.board.every():
        _compare(world, escalation, entries, owed)
    surprises = world.slack.surprises()
    assert {one["kind"] for one in surprises} <= world.expected, surprises
    assert "Traceback" not in world.log, world.log
    audit_log(world)


def audit_log(world: World) -> None:
    """No secret and nothing that people typed stands in the log."""
    hidden = [*(world.sandbox.env[name] for name in SECRETS), *CANARIES]
    assert [word for word in hidden if word in world.log] == []


def _compare(world: World, escalation: Escalation, entries: list[Entry], owed: list[Row[Any]]) -> None:
    """History without a gap, a line of the thread for each entry, in order, and the card as things stand."""
    number = escalation.number
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    lines = {row.id: row.seq for row in owed if row.number == number and row.what == What.LINE}
    assert sorted(lines.values()) == [entry.seq for entry in entries]
    shown = [mark_of(line) for line in world.thread(number)]
    assert [lines[mark] for mark in shown if mark in lines] == [entry.seq for entry in entries]
    assert world.card(number)["text"] == card.fallback(escalation, Words.of(world.language))
