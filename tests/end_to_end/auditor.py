"""Compares, when all is quiet, what was accepted, what was owed and what is to be seen: nothing lost, nothing twice."""

import time
from collections import Counter
from typing import Any

from sqlalchemy import Row

from handlers.blocks import block_kit, card
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, HistoryEntry
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from tests.end_to_end.world import STRIDE, World, mark_of

CANARIES = ("All mail to chenxi", "邮件无法送达", "Restarted Outlook")
"""Words that people type in these stories, and that no log may hold."""
SETTLING = 20.0
"""Seconds in which a worker whose lease ran out, because a test moved the clock, may still record what it sent. The
clock of the workspace stands still meanwhile: no search for second copies hides one."""
ACK_MS = 3000
"""Slack waits so long for an answer to a press. A machine that stands still may exceed it once, but not each time."""
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


def audit(world: World, stride: float = STRIDE) -> None:
    """Wait until everything is said, and compare. A message that nobody owed fails as one that is missing does."""
    rows, copies = _at_rest(world, stride)
    deadline = time.monotonic() + SETTLING
    while _differences(rows, copies, _owed(rows)) and time.monotonic() < deadline:
        rows, copies = _at_rest(world, 0)
    assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.SUPERSEDED}, [
        r for r in rows if r.state == DeliveryState.DEAD
    ]
    owed = _owed(rows)
    assert _places_of_lists(rows) <= {row.slack_ts for row in owed}
    differ = _differences(rows, copies, owed)
    assert not differ, "\n".join([*differ, world.log[-3000:]])
    for escalation, entries in world.queries.all_with_history():
        _compare(world, escalation, entries, owed)
    surprises = world.slack.surprises()
    assert {surprise["kind"] for surprise in surprises} <= world.expected, surprises
    assert "Traceback" not in world.log, world.log
    _audit_answers(world)
    audit_log(world)


def _audit_answers(world: World) -> None:
    """What people did more than once was answered in the time that Slack gives."""
    waits: dict[str, list[int]] = {}
    for one in world.slack.traffic():
        if one["direction"] == "in" and one["status"] == "ok" and "ms" in one:
            waits.setdefault(one["name"], []).append(one["ms"])
    late = {name: seen for name, seen in waits.items() if len(seen) > 1 and min(seen) >= ACK_MS}
    assert not late, late


def _at_rest(world: World, stride: float) -> tuple[list[Row[Any]], Counter[str]]:
    """What is owed and what is shown, at one and the same moment: a tick may owe something new at any time, and what
    it owes may be sent between two looks."""

    def seen() -> tuple[list[Row[Any]], Counter[str]] | None:
        world.quiet(stride)
        rows, copies = world.rows, world.copies
        return (rows, copies) if world.rows == rows and not world.unfinished else None

    return world.until(seen, "a moment at rest", stride)


def _owed(rows: list[Row[Any]]) -> list[Row[Any]]:
    """The rows whose message must be shown once. Calls that waited for the same person are listed in the message of
    the first."""
    return [row for row in _sent(rows) if row.what != MessageKind.CALL or not row.listed_in]


def _places_of_lists(rows: list[Row[Any]]) -> set[str]:
    """Where the calls stand that are listed in the message of another one."""
    return {row.slack_ts for row in _sent(rows) if row.what == MessageKind.CALL and row.listed_in}


def _sent(rows: list[Row[Any]]) -> list[Row[Any]]:
    return [row for row in rows if row.what not in REPEATABLE and row.state == DeliveryState.SENT]


def _differences(rows: list[Row[Any]], copies: Counter[str], owed_rows: list[Row[Any]]) -> list[str]:
    """Each message that is shown too often or not at all, as its row tells of it."""
    owed = Counter(row.id for row in owed_rows)
    known = {row.id: f"{row.what} {row.dedupe_key} {row.state} {row.last_error}" for row in rows}
    wrong = {one for one in {*copies, *owed} if copies[one] != owed[one]}
    return [f"{known.get(one, one)}: owed {owed[one]}, shown {copies[one]}" for one in sorted(wrong)]


def audit_log(world: World) -> None:
    """No secret and nothing that people typed stands in the log."""
    hidden = [*(world.sandbox.env[name] for name in SECRETS), *CANARIES]
    assert [word for word in hidden if word in world.log] == []


def _compare(world: World, escalation: Escalation, entries: list[HistoryEntry], owed: list[Row[Any]]) -> None:
    """History without a gap, a line of the thread for each entry, in order, and the card as things stand."""
    number = escalation.number
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    lines = {row.id: row.seq for row in owed if row.number == number and row.what == MessageKind.LINE}
    assert sorted(lines.values()) == [entry.seq for entry in entries]
    shown = [mark_of(line) for line in world.thread(number)]
    assert [lines[mark] for mark in shown if mark in lines] == [entry.seq for entry in entries]
    said, words = world.card(number)["text"], Words.of(world.language)
    assert said.startswith(f"{labels.SEVERITY_SIGN[escalation.current_severity]} {escalation.name} · ")
    assert card.status(escalation, words) in said
    assert escalation.owner is None or block_kit.mention(escalation.owner) in said
