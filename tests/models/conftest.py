"""A fresh, migrated store of either database for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.queue import Outbox
from models.store.database import Store
from tests.models.concurrent_writers import PATIENCE
from tests.postgres import Databases


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is up to date and has no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "csp.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a fresh SQLite file that is up to date."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'csp.db')}"


@pytest.fixture
def postgresql_url(postgresql: Databases) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database that is up to date."""
    with postgresql.migrated() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database that is up to date, once on each kind."""
    fresh: str = request.getfixturevalue(f"{request.param}_url")
    return fresh


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on a fresh database. It waits longer than the bot's: the machine may stand still meanwhile."""
    store = Store(url, PATIENCE)
    yield store
    store.dispose()


@pytest.fixture
def commands(store: Store) -> EscalationCommands:
    """The commands of the store."""
    return EscalationCommands(store)


@pytest.fixture
def queries(store: Store) -> EscalationQueries:
    """The board of the store."""
    return EscalationQueries(store)


@pytest.fixture
def outbox(store: Store) -> Outbox:
    """The outbox of the store."""
    return Outbox(store)
