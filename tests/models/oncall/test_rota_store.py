"""Versions of the rota: kept in order, known at any past instant, never rewritten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from models.escalations.commands import EscalationCommands
from models.oncall import rota_store, rota_versions
from models.rules.people import Person
from models.rules.rota.rota import Rota
from models.rules.toml.tables import InvalidFile
from models.store import departures
from models.store.database import Store
from models.store.oncall_tables import DEPARTURE
from tests.models.concurrent_writers import opened

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST, SECOND = 'zone = "UTC" # 第一版\n', 'zone = "Asia/Shanghai"\r\n'
COLUMNS = "id, at, by, text"
FORGED = "SELECT id, at, by, 'forged' FROM rota_plan"
ON_BOTH = [
    "UPDATE rota_plan SET text = 'forged'",
    "UPDATE rota_plan SET at = at",
    "DELETE FROM rota_plan",
    f"INSERT INTO rota_plan ({COLUMNS}) {FORGED} WHERE true ON CONFLICT (id) DO UPDATE SET text = 'forged'",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO rota_plan ({COLUMNS}) {FORGED}",
    "UPDATE OR REPLACE rota_plan SET id = 2 WHERE id = 1",
]
ON_POSTGRESQL = [
    "TRUNCATE rota_plan",
    "SET session_replication_role = replica; DELETE FROM rota_plan",
    "SET session_replication_role = replica; TRUNCATE rota_plan",
    "MERGE INTO rota_plan USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
]


def test_of_two_versions_of_one_instant_the_second_counts_and_of_a_clock_set_back_as_well(store: Store) -> None:
    rota_versions.import_rota(store, FIRST, "cli", NOW)
    rota_versions.import_rota(store, SECOND, "cli", NOW)
    assert rota_versions.text_at(store, NOW) == SECOND

    rota_versions.import_rota(store, FIRST, "U0LINA", NOW - timedelta(seconds=2))

    assert rota_versions.text_at(store, NOW) == FIRST
    known = [(version.number, version.by, version.text) for version in rota_versions.versions(store, NOW)]
    assert known == [(3, "U0LINA", FIRST), (2, "cli", SECOND), (1, "cli", FIRST)]


def test_what_was_known_at_an_instant_stays_known(store: Store) -> None:
    assert rota_store.rota_at(store, NOW) is None

    rota_versions.import_rota(store, FIRST, "U0LINA", NOW)
    rota_versions.import_rota(store, SECOND, "cli", NOW + DAY)

    known = [rota_versions.text_at(store, NOW + days * DAY) for days in (-1, 0, 0.5, 1, 2)]
    assert known == [None, FIRST, FIRST, SECOND, SECOND]
    assert rota_store.rota_at(store, NOW + DAY) == Rota()


def test_of_two_versions_of_one_instant_the_later_one_counts(store: Store) -> None:
    rota_versions.import_rota(store, FIRST, "cli", NOW)
    rota_versions.import_rota(store, SECOND, "cli", NOW)

    assert rota_versions.text_at(store, NOW) == SECOND


def test_the_same_file_again_is_no_new_version(store: Store) -> None:
    imported = [rota_versions.import_rota(store, written, "cli", NOW) for written in (FIRST, FIRST, SECOND, FIRST)]

    assert imported == [True, False, True, True]


def test_a_file_with_faults_changes_nothing(store: Store) -> None:
    rota_versions.import_rota(store, FIRST, "cli", NOW)

    with pytest.raises(InvalidFile, match="line 1: unknown_zone"):
        rota_versions.import_rota(store, 'zone = "Mars"', "cli", NOW + DAY)

    assert rota_versions.text_at(store, NOW + DAY) == FIRST


def test_people_who_left_are_known_from_what_slack_last_said(store: Store) -> None:
    commands = EscalationCommands(store)
    commands.remember((Person(id="U0LINA", team_id="T0", name="Li Na"), NOW))
    commands.remember((Person(id="U0TOM", team_id="T0", name="Tom", is_deleted=True), NOW))

    assert store.read(departures.find_absences) == {"U0TOM": [(NOW, None)]}


def test_who_is_back_was_away_in_between_and_each_replica_writes_it_once(store: Store) -> None:
    one, other = EscalationCommands(store), EscalationCommands(store)
    tom = Person(id="U0TOM", team_id="T0", name="Tom")
    for hour, gone in enumerate([False, True, True, False, False, True]):
        for commands in (one, other):
            commands.remember((tom.model_copy(update={"is_deleted": gone}), NOW + hour * timedelta(hours=1)))
    one.record_departure("U0WRONG", NOW, "user_not_found")
    other.record_departure("U0WRONG", NOW, "user_not_found")

    rows = store.read(lambda c: c.execute(select(DEPARTURE.c.user, DEPARTURE.c.gone)).all())
    hours = [NOW + n * timedelta(hours=1) for n in range(6)]
    assert rows == [("U0TOM", True), ("U0TOM", False), ("U0TOM", True), ("U0WRONG", True)]
    assert store.read(departures.find_absences) == {
        "U0TOM": [(hours[1], hours[3]), (hours[5], None)], "U0WRONG": [(NOW, None)],
    }  # fmt: skip
    assert store.read(lambda c: departures.find_absences(c, hours[2])) == {
        "U0TOM": [(hours[1], None)], "U0WRONG": [(NOW, None)],
    }  # fmt: skip


def forge(store: Store, statement: str) -> None:
    """Run the statement past the store's own ways."""
    with store.engine.begin() as connection:
        for part in statement.split("; "):
            connection.execute(text(part))


def refuses(store: Store, statements: Sequence[str]) -> None:
    """Hold a database against each attempt to rewrite a version."""
    rota_versions.import_rota(store, FIRST, "cli", NOW)
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            forge(store, statement)

    assert rota_versions.text_at(store, NOW) == FIRST


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_versions_stand_against_what_sqlite_knows(sqlite_url: str, recursive: str) -> None:
    with opened(sqlite_url) as store:
        with store.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA recursive_triggers = {recursive}")
        refuses(store, [*ON_BOTH, *ON_SQLITE])


def test_versions_stand_against_what_postgresql_knows(postgresql_url: str) -> None:
    with opened(postgresql_url) as store:
        refuses(store, [*ON_BOTH, *ON_POSTGRESQL])
