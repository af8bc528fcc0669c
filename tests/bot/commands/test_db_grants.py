"""Two roles of PostgreSQL: the owner upgrades, the bot works as a user that may do no more than it needs."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from bot.commands.sandbox_samples import CUSTOMERS
from bot.simulation.world import small_rota
from bot.workers.retention import PRUNES
from models.customers.importer import import_customers
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.rota_versions import import_rota
from models.outbox.queue import Outbox
from models.rules.customers.csv_columns import read_sheet
from models.rules.escalations.escalation import Move
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store import reason_rows, schema
from models.store.customer_tables import CUSTOMER_CONTACT, CUSTOMER_RECORD
from models.store.database import Store
from models.store.grants import DELETED, UPDATED, make_grants, table_names
from models.store.oncall_tables import AGENDA
from models.store.tables import DRAFT, OUTBOX, PACE, PERSON
from tests.bot.commands.conftest import Terminal
from tests.models.concurrent_writers import opened
from tests.models.samples import NOW, raised, step
from tests.postgres import Databases

OWNER, USER = f"csp_owner_{os.getpid()}", f"csp-bot-{os.getpid()}"
NAMES = ("--owner", OWNER, "--user", USER)
ROOT = Path(__file__).parents[3]
INDIRECT = {
    ("record_rows.py", "table"): (CUSTOMER_RECORD, CUSTOMER_CONTACT),
    ("reason_rows.py", "reason.table"): tuple(reason.table for reason in reason_rows._REASONS),
    ("queue.py", "column.table"): (OUTBOX, PACE),
}
"""Statements that name their table by a variable."""
UPSERTS = {"draft_rows.py": (DRAFT,), "person_rows.py": (PERSON,), "pace_rows.py": (PACE,),
           "reminder_queue.py": (AGENDA,)}  # fmt: skip
"""Files that insert a row or change it."""


@dataclass(frozen=True)
class Server:
    """One database, for its administrator and for each of the two roles."""

    admin: str

    def url_of(self, role: str) -> str:
        return make_url(self.admin).set(username=role).render_as_string(hide_password=False)

    def run(self, statements: str) -> None:
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(statements.encode())


@pytest.fixture(scope="module", autouse=True)
def roles(postgresql: Databases) -> Iterator[None]:
    """The roles belong to the server, so they outlive its databases."""
    yield
    with postgresql.empty() as url:
        Server(url).run(f'DROP ROLE IF EXISTS "{OWNER}"; DROP ROLE IF EXISTS "{USER}"')


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal whose database each test names."""
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def granted(postgresql: Databases, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The same as docs/operations.md says: the SQL in an empty database, the upgrade by the owner, the SQL again."""
    with postgresql.empty() as url:
        server, sql = Server(url), terminal.type("db", "grants", *NAMES).out
        server.run(sql)
        monkeypatch.setenv("DATABASE_URL", server.url_of(OWNER))
        assert terminal.type("db", "upgrade").code == 0
        server.run(sql)
        yield server


def test_the_bot_works_as_its_user(granted: Server) -> None:
    with opened(granted.url_of(USER)) as store:
        assert not store.upgrade()  # nothing to do
        import_rota(store, small_rota(), "cli", NOW)
        import_customers(store, read_sheet(CUSTOMERS.encode()).lines, NOW)
        commands, outbox = EscalationCommands(store), Outbox(store)
        number = raised(commands).number
        commands.move(number, step(Move.ACKNOWLEDGE), "press-1")
        commands.move(number, step(Move.NOTE, text="Called them"), "press-2")
        while delivery := outbox.claim(NOW, "worker"):
            assert outbox.settle(delivery, SendOutcome(SendResult.SENT, "C1", f"1.{delivery.position}"), NOW)
        for prune in PRUNES.values():
            store.write(lambda connection, prune=prune: prune(connection, NOW + timedelta(days=400), 0))  # type: ignore[misc]

        assert len(EscalationQueries(store).history(number)) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET move = 'note'", "DELETE FROM history", "TRUNCATE history", "DELETE FROM escalation",
        "DELETE FROM record", "DELETE FROM pulse", "DELETE FROM gap", "DELETE FROM reminder", "DELETE FROM customer",
        "DELETE FROM ledger", "TRUNCATE page_try", "UPDATE reminder SET key = ''",
        "UPDATE customer_contact SET name = ''", "DELETE FROM statement_sent", "DELETE FROM downtime",
        "UPDATE rota_plan SET text = ''", "DELETE FROM typed_text", "UPDATE alembic_version SET version_num = '0001'",
        "ALTER TABLE history DISABLE TRIGGER ALL", "DROP TRIGGER history_no_change ON history", "DROP TABLE inbox",
        "CREATE TABLE mine (id int)", "CREATE OR REPLACE FUNCTION csp_append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$", "SET session_replication_role = replica",
    ],
    ids=lambda statement: statement[:32],
)  # fmt: skip
def test_the_user_of_the_bot_has_no_right_to(shared_grants: Store, statement: str) -> None:
    with (
        shared_grants.engine.connect() as connection,
        pytest.raises(Exception, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))


@pytest.fixture(scope="module")
def shared_grants(postgresql: Databases) -> Iterator[Store]:
    """A store of the bot's user that no test changes."""
    with postgresql.migrated() as url:
        server = Server(url)
        server.run(make_grants(OWNER, USER))
        with opened(server.url_of(USER)) as store:
            yield store


def test_the_user_of_the_bot_is_told_who_must_upgrade(
    postgresql: Databases, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.migrated() as url:
        server = Server(url)
        server.run(f"UPDATE alembic_version SET version_num = '{schema.REVISIONS[-2]}'")  # noqa: S608
        server.run(make_grants(OWNER, USER))
        monkeypatch.setenv("DATABASE_URL", server.url_of(USER))
        refused = [terminal.type(*words) for words in (("db", "upgrade"), ("escalations", "list"))]
        chinese = terminal.type("db", "upgrade", language="zh_CN.UTF-8")

    for told in refused:
        assert told.code == 2
        assert f"which only the owner of its tables may do: {OWNER}. Run csp-escalate db upgrade" in told.err
        assert len(told.err.splitlines()) == 1
    assert f"只有表的所有者 {OWNER} 可以更新" in chinese.err


def test_the_bot_may_change_and_delete_rows_where_its_code_does_and_nowhere_else() -> None:
    changed, deleted = _find_tables("update"), _find_tables("delete")

    assert changed == set(UPDATED)
    assert deleted | {"page_link"} == set(DELETED)  # links end, and retention may delete them


def _find_tables(verb: str) -> set[str]:
    """The tables that the code of ``models`` changes or deletes from: by a statement of the library, or in words."""
    in_words = {"update": r"(?:\bUPDATE|INSERT INTO) (\w+)(?: SET|[^;]*?ON CONFLICT \(\w+\) DO UPDATE)",
                "delete": r"\bDELETE FROM (\w+) "}[verb]  # fmt: skip
    found: set[str] = set()
    for path in (ROOT / "models").rglob("*.py"):
        if "migrations" in path.parts or path.name == "grants.py":
            continue
        source, module = path.read_text(encoding="utf-8"), import_module(_name_of(path))
        found |= set(re.findall(in_words, source))
        for named in re.findall(rf"(?<![\w.]){verb}\(([\w.]+)\)", source):
            tables = INDIRECT.get((path.name, named)) or (getattr(module, named),)
            found |= {str(table.name) for table in tables}
        if verb == "update" and "on_conflict_do_update" in source:
            found |= {table.name for table in UPSERTS[path.name]}
    return found & set(table_names())


def _name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_every_table_has_its_grants(postgresql: Databases) -> None:
    with postgresql.migrated() as url, psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()

    assert [name for (name,) in found] == table_names()


@pytest.mark.parametrize(
    ("owner", "user"), [("csp'; DROP TABLE x --", "bot"), ("same", "same"), ("", "bot"), ("a" * 64, "bot")]
)
def test_a_name_that_is_none_is_refused(terminal: Terminal, owner: str, user: str) -> None:
    told = terminal.type("db", "grants", "--owner", owner, "--user", user)

    assert told.code == 2
    assert told.out == ""
    assert "can't be the name of one of two roles" in told.err
