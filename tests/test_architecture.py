"""The project rules that a machine can check: who imports whom, and which file alone may touch the outside."""

import ast
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from importlinter.cli import lint_imports
from sqlalchemy import Table

from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import ANSWERS, SHARED_ANSWERS, Request
from models.rules.escalations.transitions import CIRCUMSTANCES
from models.rules.escalations.typed_text import STRUCTURAL, TYPED
from models.store import article_tables, customer_tables, oncall_tables, reach_tables, remediation_tables, tables
from tests.syntax import nodes_in, nodes_of, tree_of

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for package in ("bot", "handlers", "models") for path in (ROOT / package).rglob("*.py"))


SHOW = "lambda: print(*sys.modules, file=sys.stderr)"
RUNNING = "import bot.cli.command_line, bot.commands.run, sys; print(*sys.modules)"
UNNEEDED = {
    "alembic", "bot.doctor", "bot.http_server.server", "bot.sandbox", "bot.slack.event_routes", "holidays",
    "models.rules.customers.csv_columns",
    "pygments", "pypinyin", "rich.progress", "rich.table", "xlsxwriter",
    *(f"bot.commands.{name}" for name in ("coverage", "customers", "db", "doctor", "rota_check", "sandbox")),
}  # fmt: skip


WITHOUT_DATABASE = (("--help",), ("rota", "--help"), ("rota", "import", "--help"), ("rota", "example"))
DATABASE_COMMANDS = (("escalations", "list"), ("rota", "check"))
LIBRARIES = {
    "aiohttp", "alembic", "apscheduler", "holidays", "icalendar", "PIL", "rich", "slack_bolt", "slack_sdk",
    "sqlalchemy", "sqlmodel", "websockets", "xlsxwriter", "yaml",
}  # fmt: skip
"""What takes long to import, and what parsing a command or printing its help does not need."""


@dataclass(frozen=True)
class Door:
    """Something outside the program, and the only files (``PurePath.match`` patterns) that may touch it."""

    what: str
    names: tuple[str, ...]
    keepers: tuple[str, ...]


SANDBOX = ("bot/sandbox/*", "bot/sandbox/api/*")
DOORS = (
    Door(
        "the environment", ("os.environ", "os.getenv", "dotenv"),
        ("bot/environment.py", "bot/operator_language.py", "bot/completions.py", *SANDBOX),
    ),
    Door(
        "the clock",
        ("time.time", "time.time_ns", "datetime.datetime.now", "datetime.datetime.utcnow",
         "datetime.datetime.today", "datetime.date.today"),
        ("bot/clock.py", *SANDBOX),
    ),
    Door("a client of Slack", ("slack_sdk.WebClient", "slack_sdk.web.WebClient"), ("bot/*", "bot/*/*")),
    Door(
        "a database engine",
        ("sqlalchemy.create_engine", "sqlmodel.create_engine"),
        ("models/store/sqlite.py", "models/store/postgresql.py"),
    ),
    Door("the drawing library", ("PIL",), ("handlers/chart/painter.py",)),
    Door("the library of workbooks", ("xlsxwriter",), ("handlers/workbook.py",)),
    Door("a scheduler", ("apscheduler",), ("bot/workers/scheduler.py",)),
    # Imports by name are hidden ones. Six are worth it: the command that runs, Alembic when it has work to do, the
    # HTTP server when somebody listens, the holidays when somebody asks for one, pinyin when older customers need it,
    # and a package that may be missing.
    Door(
        "modules by name", ("importlib.import_module", "importlib.util"),
        (
            "bot/cli/on_demand.py", "models/store/schema.py", "bot/late_module.py", "handlers/workbook.py",
            "models/store/migrations/versions/0029_pinyin.py", "bot/reach/other_services.py",
        ),
    ),
    Door("the garbage collector", ("gc",), ("bot/__main__.py", "bot/cli/on_demand.py", "bot/lifecycle.py")),
)  # fmt: skip


TABLES = (
    "models.store.tables", "models.store.oncall_tables", "models.store.customer_tables",
    "models.store.article_tables", "models.store.reach_tables",
    "models.store.remediation_tables",
)  # fmt: skip
"""The modules that define the tables."""
OBSERVERS = ("bot/simulation/*", "bot/simulation/checks/*", "bot/samples/team.py")
"""They look at what was stored with statements of their own, so that a wrong query cannot hide a wrong row."""
COMPLETES = "bot/completions.py"
"""Reads names for the shell with the bare drivers, because the rest takes too long to import."""
COMPARES_FILES = "models/restore/backup.py"
"""Reads two database files with bare SQLite, because the schema of one may be older than the program."""
OWNERS = {
    "ARTICLE_VERSION": ("models/escalations/articles.py",),
    "AGENDA": ("models/store/reminder_queue.py",),
    "CUSTOMER": ("models/customers/customer_rows.py",),
    "CUSTOMER_CONTACT": ("models/customers/record_rows.py",),
    "CUSTOMER_IMPORT": ("models/customers/record_rows.py",),
    "CUSTOMER_RECORD": ("models/customers/record_rows.py",),
    "DEPARTURE": ("models/store/departures.py",),
    "DOWNTIME": ("models/store/heartbeat_rows.py",),
    "DRAFT": ("models/escalations/draft_rows.py",),
    "ERASURE": ("models/escalations/erasure_rows.py",),
    "ESCALATION": (
        "models/escalations/escalation_rows.py",
        "models/escalations/customer_cases.py",
        "models/escalations/duplicate_rows.py",
        "models/escalations/parent_rows.py",
        "models/escalations/returned_cases.py",
        "models/escalations/solution_rows.py",
        "models/escalations/solution_words.py",  # written as text for the same reason as search.py
        "models/reports/month_cases.py",
        "models/escalations/search.py",  # full-text statements differ by database and are written as text
        COMPARES_FILES,
    ),
    "FEED": ("models/oncall/calendar_feeds.py",),
    "GAP": ("models/oncall/gap_register.py",),
    "HISTORY": ("models/escalations/history_rows.py", "models/escalations/text_rows.py", COMPARES_FILES),
    "INBOX": ("models/escalations/escalation_rows.py",),
    "LEDGER": ("models/oncall/coverage_ledger.py", "models/store/reason_rows.py"),
    "OUTBOX": ("models/outbox/*",),
    "PACE": ("models/outbox/*",),
    "PAGE_LINK": ("models/outbox/*",),
    "PAGE_TRY": (
        "models/outbox/pages.py",
        "models/outbox/page_retention.py",
        "models/outbox/page_tries.py",
        "models/outbox/page_waits.py",
    ),
    "PERSON": ("models/escalations/person_rows.py",),
    "POLICY_VERSION": ("models/escalations/policy_versions.py",),
    "PREFERENCE": ("models/oncall/shift_event_rows.py",),
    "PULSE": ("models/store/heartbeat_rows.py",),
    "RECORD": ("models/store/epoch.py", COMPARES_FILES),
    "REMEDIATION": ("models/store/remediation_rows.py",),
    "REMINDER": ("models/reminders/log.py",),
    "ROTA_ANSWER": ("models/oncall/swaps.py",),
    "ROTA_CHANGE": ("models/oncall/override_rows.py", "models/store/reason_rows.py"),
    "ROTA_OFFER": ("models/oncall/swaps.py", "models/store/reason_rows.py"),
    "ROTA_PLAN": ("models/oncall/rota_versions.py",),
    "STATEMENT": ("models/customers/informing.py",),
    "STATEMENT_SENT": ("models/customers/informing.py",),
    "TYPED_TEXT": (
        "models/escalations/history_rows.py",
        "models/escalations/text_rows.py",
        "models/store/remediation_rows.py",
    ),
    "VOLUNTEER": ("models/oncall/availability.py",),
    "WATCH": ("models/oncall/shift_event_rows.py", "models/store/reason_rows.py"),
}  # fmt: skip
"""The only modules (``PurePath.match`` patterns) with statements on each table."""


def test_imports_follow_the_arrow_and_the_strata(capsys: pytest.CaptureFixture[str]) -> None:
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    for logger in logging.Logger.manager.loggerDict.values():  # it silences all there are
        if isinstance(logger, logging.Logger):
            logger.disabled = False

    assert not failed, capsys.readouterr().out


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{statement.lineno}"
        for path in SOURCES
        for function in nodes_in(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in ast.walk(function)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


def test_a_starting_bot_imports_nothing_that_only_other_commands_need() -> None:
    told = subprocess.run([sys.executable, "-c", RUNNING], cwd=ROOT, check=True, capture_output=True, text=True)

    imported = set(told.stdout.split())
    assert "bot.app" in imported
    assert imported & UNNEEDED == set()


@pytest.mark.parametrize("words", WITHOUT_DATABASE, ids=" ".join)
def test_a_command_without_a_database_imports_no_large_library(words: tuple[str, ...]) -> None:
    assert (
        _imported_by(*words) & {*LIBRARIES, "handlers.blocks", "models.store", "bot.app", "bot.commands.session"}
        == set()
    )


@pytest.mark.parametrize("words", DATABASE_COMMANDS, ids=" ".join)
def test_a_command_with_a_database_imports_nothing_that_talks_to_slack(words: tuple[str, ...]) -> None:
    needed = {"rich", "sqlalchemy", "sqlmodel"}

    imported = _imported_by(*words)

    assert imported & (LIBRARIES | {"bot.app", "bot.sandbox"}) - needed == set()
    assert "sqlalchemy" in imported


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.what)
def test_only_its_keepers_touch(door: Door) -> None:
    trespasses = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        if not any(path.relative_to(ROOT).match(keeper) for keeper in door.keepers)
        for line, name in _names_in(path)
        if any(name == touched or name.startswith(f"{touched}.") for touched in door.names)
    ]

    assert trespasses == []


def test_each_table_has_an_owner() -> None:
    named = {
        name
        for module in (tables, oncall_tables, customer_tables, remediation_tables, article_tables, reach_tables)
        for name in _tables_of(module)
    }

    assert set(OWNERS) == named


@pytest.mark.parametrize("table", OWNERS)
def test_only_the_owners_of_a_table_have_statements_on_it(table: str) -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if "migrations" not in path.parts
        if not any(path.relative_to(ROOT).match(owner) for owner in (*OWNERS[table], *OBSERVERS, COMPLETES))
        for line, name in _tables_in(path)
        if name == table
    ]

    assert elsewhere == []


@pytest.mark.parametrize(
    "code",
    [
        "from models.store.tables import PACE\n",
        "from models.store import tables as t\nselect(t.PACE)\n",
        "import models.store.tables\nselect(models.store.tables.PACE)\n",
        "from models.store.tables import PaceRow\n",
        'text("SELECT free_at FROM pace WHERE 1")\n',
        'f"UPDATE pace SET {values}"\n',
    ],
)
def test_a_statement_on_a_table_is_found(code: str) -> None:
    assert "PACE" in {name for _, name in _used_tables(ast.parse(code))}


def test_names_are_followed_through_imports_and_aliases() -> None:
    code = "import os as o\nfrom datetime import datetime as d\nimport dotenv.main\no.environ['A']\nd.now()\n"

    names = {name for _, name in _names(ast.parse(code))}

    assert {"os.environ", "datetime.datetime.now", "dotenv.main"} <= names


def _imported_by(*words: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    code = f"import atexit; atexit.register({SHOW}); import bot.cli.command_line as cli; cli.main()"
    env = {**os.environ, "DATABASE_URL": "sqlite:////nowhere/csp.db"}
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}", *words],
        cwd=ROOT, env=env, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return set(result.stderr.splitlines()[-1].split())


@cache
def _names_in(path: Path) -> list[tuple[int, str]]:
    return list(_names(tree_of(path)))


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each imported or used dotted name with its line, in full: ``d.now`` as ``datetime.datetime.now``."""
    known = dict(_imports(tree))
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute):
            first, _, rest = _dotted(node).partition(".")
            if first in known:
                yield node.lineno, f"{known[first]}.{rest}"


def _dotted(node: ast.expr) -> str:
    """Return the name of a chain of attributes, such as ``o.environ``; nothing when it begins with something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _tables_of(module: ModuleType) -> dict[str, str]:
    """Return the name in the database of each table constant of a module."""
    return {name: value.name for name, value in vars(module).items() if isinstance(value, Table)}


@cache
def _tables_in(path: Path) -> list[tuple[int, str]]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return [] if module in TABLES else list(_used_tables(tree_of(path)))


def _used_tables(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each table constant that is imported or used, or named in a statement written as text, with its line."""
    constants = {
        stored: name
        for module in (tables, oncall_tables, customer_tables, remediation_tables, article_tables, reach_tables)
        for name, stored in _tables_of(module).items()
    }
    for line, name in _names(tree):
        for module in TABLES:
            if name.startswith(f"{module}."):
                used = name.removeprefix(f"{module}.").partition(".")[0]
                row = getattr(tables, used, None)
                yield line, constants.get(str(getattr(row, "__tablename__", "")), used)
    statement = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE) +({'|'.join(constants)})\b")
    for node in nodes_of(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, constants[match[1]]) for match in statement.finditer(node.value))


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each imported name stands for."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def test_every_field_answer_and_circumstance_is_either_a_text_or_not() -> None:
    """When this fails: say in ``typed_text`` whether the new one is a person's own text."""
    answers = {answer for names in ANSWERS.values() for answer in names}
    names = {*Escalation.model_fields, *Request.model_fields, *answers, *SHARED_ANSWERS, *CIRCUMSTANCES} - {"answers"}

    assert names - TYPED - STRUCTURAL == set()
    assert (TYPED | STRUCTURAL) - names == set()
    assert TYPED.isdisjoint(STRUCTURAL)
