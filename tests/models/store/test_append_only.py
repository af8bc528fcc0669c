"""History cannot be edited away, whatever SQL is used, on either database; escalations are never deleted."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Move
from models.store.database import Store
from tests.models.concurrent_writers import opened
from tests.models.samples import raised, step

COLUMNS = "id, number, seq, move, by, at, status_from, status_to, text, changes"
FORGED = "SELECT id, number, seq, move, 'U0FORGER', at, status_from, status_to, text, changes FROM history"
ON_BOTH = [
    "UPDATE history SET text = 'never happened'",
    "UPDATE history SET seq = seq + 100",
    "DELETE FROM history",
    "DELETE FROM history WHERE seq = 2",
    f"INSERT INTO history ({COLUMNS}) {FORGED} WHERE true ON CONFLICT (id) DO UPDATE SET by = 'U0FORGER'",
    f"INSERT INTO history ({COLUMNS}) {FORGED} WHERE true ON CONFLICT (number, seq) DO UPDATE SET by = 'U0FORGER'",
    "DELETE FROM escalation",
    "UPDATE escalation SET raised_by = 'U0FORGER'",
    "UPDATE escalation SET raised_at = '2020-01-01 00:00:00'",
    "UPDATE escalation SET number = number + 100",
    "UPDATE escalation SET policy_version = policy_version + 1",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO history ({COLUMNS}) {FORGED}",
    f"REPLACE INTO history ({COLUMNS.removeprefix('id, ')}) {FORGED.replace('id, ', '', 1)}",
    "UPDATE OR REPLACE history SET seq = 1 WHERE seq = 2",
    "REPLACE INTO escalation SELECT * FROM escalation",
]
ON_POSTGRESQL = [
    "TRUNCATE history",
    "TRUNCATE escalation CASCADE",
    "SET session_replication_role = replica; UPDATE history SET text = 'never happened'",
    "SET session_replication_role = replica; DELETE FROM history",
    "SET session_replication_role = replica; TRUNCATE history",
    "SET session_replication_role = replica; DELETE FROM escalation",
    "SET session_replication_role = replica; UPDATE escalation SET raised_by = 'U0FORGER'",
    "MERGE INTO history USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
]


def forged(store: Store, statement: str) -> None:
    """Run the statement past the store's own ways."""
    with store.engine.connect() as connection:
        writing = connection.execution_options(writes=True)
        with writing.begin():
            for part in statement.split("; "):
                writing.execute(text(part))


def refuses(store: Store, statement: str) -> None:
    """Hold a database against one attempt to rewrite what was recorded."""
    commands, queries = EscalationCommands(store), EscalationQueries(store)
    number = raised(commands).number
    commands.move(number, step(Move.NOTE), "note")
    before = queries.history(number)

    with pytest.raises(DBAPIError, match=r"append-only|never deleted|never change|never replaced"):
        forged(store, statement)

    assert queries.history(number) == before
    assert queries.escalation(number)


@pytest.mark.parametrize("statement", ON_BOTH)
def test_history_stands_on_both_databases(store: Store, statement: str) -> None:
    refuses(store, statement)


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("statement", ON_SQLITE)
def test_history_stands_against_what_sqlite_knows(sqlite_url: str, statement: str, recursive: str) -> None:
    with opened(sqlite_url) as store:
        with store.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA recursive_triggers = {recursive}")
        refuses(store, statement)


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
def test_history_stands_against_what_postgresql_knows(postgresql_url: str, statement: str) -> None:
    with opened(postgresql_url) as store:
        refuses(store, statement)


def test_history_of_an_escalation_that_does_not_exist_is_refused(store: Store) -> None:
    raised(EscalationCommands(store))

    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        forged(store, f"INSERT INTO history ({COLUMNS}) {FORGED.replace('id, number', '99, 99', 1)}")


def test_an_unknown_status_is_refused_by_the_database(store: Store) -> None:
    raised(EscalationCommands(store))

    with pytest.raises(DBAPIError, match="escalation_status"):
        forged(store, "UPDATE escalation SET status = 'lost'")


@pytest.mark.parametrize("seq", ["seq + 2", "seq + 100", "0", "-1"])
def test_an_entry_that_does_not_follow_the_last_one_is_refused(store: Store, seq: str) -> None:
    """One that leaves a hole, or comes before the first."""
    number = raised(EscalationCommands(store)).number
    before = EscalationQueries(store).history(number)
    invented = FORGED.replace("id, number, seq", f"id + 50, number, {seq}", 1)

    with pytest.raises(DBAPIError, match="follows the last one"):
        forged(store, f"INSERT INTO history ({COLUMNS}) {invented}")

    assert EscalationQueries(store).history(number) == before


def test_whatever_else_may_change_still_does(store: Store) -> None:
    commands = EscalationCommands(store)
    number = raised(commands).number

    changed = commands.move(number, step(Move.ACKNOWLEDGE), "acknowledge")

    assert changed.acknowledged_at
    assert [entry.seq for entry in EscalationQueries(store).history(number)] == [1, 2]
