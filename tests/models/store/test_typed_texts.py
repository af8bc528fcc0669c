"""Typed texts are kept apart from history: older rows are carried over, and a text can be erased but not changed."""

import json
from typing import Any

import pytest
from sqlalchemy import column, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from models.escalations import history_rows
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.escalations.typed_text import ERASED, hash_text
from models.store.database import Store
from models.store.tables import ESCALATION, HISTORY, TYPED_TEXT
from tests.models.concurrent_writers import opened
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, raised, step
from tests.models.store.test_migrations import MINUTE, upgrade_to

M = Move
LIVES = (
    (
        M.CORRECT, M.CORRECT, M.ACKNOWLEDGE, M.NOTE, M.SNOOZE, M.WAKE, M.TELL, M.TELL_DETAILS, M.TURN, M.DUPLICATE,
        M.RECORD, M.CONTACT, M.HAND_OVER, M.TAKE_OVER, M.RESOLVE, M.REOPEN, M.RESOLVE, M.CLOSE_UNINFORMED, M.RETURNED,
    ),
    (M.WITHDRAW, M.REOPEN, M.RESOLVE, M.TELL, M.CLOSE),
)  # fmt: skip
"""Lives in which every move of version 0027 happens."""
FORGED = [
    'UPDATE typed_text SET body = \'{"text":"never said"}\'',
    "UPDATE typed_text SET salt = 'another'",
    "UPDATE typed_text SET hash = 'another'",
    "UPDATE typed_text SET body = NULL",
    "UPDATE typed_text SET body = NULL, salt = NULL, erased_at = '2026-11-28 00:00:00', erased_by = 'cli'",
    "DELETE FROM typed_text",
]
ERASE = """UPDATE typed_text SET body = NULL, salt = NULL, erased_at = '2026-11-28 00:00:00.000000', erased_by = 'cli',
    erased_why = 'asked' WHERE body LIKE '%邮件服务器%'"""


def lived(number: int, moves: tuple[Move, ...]) -> tuple[Escalation, list[HistoryEntry]]:
    """A case with its history, a minute between two moves."""
    case, entry = raise_escalation(customer_request(answers={"contact": "Liu 138"}), number, CHANNEL, WANG, NOW)
    entries = [entry]
    for count, move in enumerate(moves, 1):
        more: dict[str, Any] = {"new_owner": WANG.id} if move is M.TAKE_OVER else {}
        more |= {"changes": {"title": f"Title {count}", "contact": "Wu 139"[: count * 3]}} if move is M.CORRECT else {}
        words = f"Fixed at last, {count}" if move is M.RESOLVE else None
        case, entry = advance(case, step(move, LI, NOW + count * MINUTE, words, **more))
        entries.append(entry)
    return case, entries


def keep_as_before(store: Store, case: Escalation, entries: list[HistoryEntry]) -> None:
    """Write a case as the version before this did: words in the rows of history."""
    with store.engine.begin() as connection:
        present = {one["name"] for one in inspect(connection).get_columns("escalation")}
        columns = [c for c in ESCALATION.c if c.name in present]
        older = table(ESCALATION.name, *(column(c.name, c.type) for c in columns))
        connection.execute(insert(older), {c.name: getattr(case, c.name) for c in columns})
        rows = [entry.model_dump(exclude={"erased_at"}) for entry in entries]
        connection.execute(insert(HISTORY), rows)


def test_histories_of_every_move_read_the_same_after_their_words_moved(empty_url: str) -> None:
    lives = [lived(number, moves) for number, moves in enumerate(LIVES, 1)]
    with opened(empty_url) as store:
        upgrade_to(store, "0027")
        for case, entries in lives:
            keep_as_before(store, case, entries)

        assert store.upgrade()

        queries = EscalationQueries(store)
        read = [(queries.escalation(case.number), queries.whole_history(case.number)) for case, _ in lives]
        rows = store.read(lambda c: c.execute(select(HISTORY.c.text, HISTORY.c.changes)).all())
        texts = store.read(lambda c: c.execute(select(TYPED_TEXT)).all())
        entry = store.read(lambda c: history_rows.find_entry(c, 1, 2))
    assert read == lives
    assert entry == lives[0][1][1]
    moves = {entry.move for _, entries in lives for entry in entries}
    assert len(moves) == 20
    before = [json.dumps(entry.changes) for _, entries in lives for entry in entries]
    assert [json.dumps(entry.changes) for _, entries in read for entry in entries] == before
    assert all(row.hash == hash_text(row.salt, row.body) for row in texts)
    kept = json.dumps([[row.text, row.changes] for row in rows], ensure_ascii=False)
    assert [word for word in ("Title", "Fixed", "邮件", "Liu", "Wu 1", "Partner Center") if word in kept] == []
    assert "625112200012345" in kept


def test_a_move_after_the_migration_reads_like_one_before(store: Store) -> None:
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    number = raised(commands).number
    commands.move(number, step(M.CORRECT), "correct")
    commands.move(number, step(M.NOTE), "note")

    first, corrected, noted = queries.history(number)

    assert first.changes["details"] == "All mail to contoso.cn bounces since 09:00"
    assert corrected.changes == {"title": ["无法收发邮件", "Corrected"]}
    assert (noted.text, noted.changes, noted.erased_at) == ("他们重启了邮件服务器", {}, None)


@pytest.mark.parametrize("statement", FORGED)
def test_a_text_can_not_be_changed_or_deleted(store: Store, statement: str) -> None:
    number = raised(EscalationCommands(store)).number
    before = EscalationQueries(store).history(number)

    with pytest.raises(DBAPIError, match="append-only"):
        _run(store, statement)

    assert EscalationQueries(store).history(number) == before


def test_a_text_can_be_erased_once_and_the_entry_stays(store: Store) -> None:
    commands = EscalationCommands(store)
    number = raised(commands).number
    commands.move(number, step(M.NOTE), "note")

    _run(store, ERASE)

    first, noted = EscalationQueries(store).history(number)
    assert first.erased_at is None
    assert (noted.move, noted.by, noted.text) == (M.NOTE, WANG.id, ERASED)
    assert noted.erased_at
    assert noted.erased_at.isoformat() == "2026-11-28T00:00:00+00:00"
    with pytest.raises(DBAPIError, match="append-only"):
        _run(store, "UPDATE typed_text SET body = 'x', salt = 'y', erased_at = NULL WHERE body IS NULL")


def _run(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(statement))
