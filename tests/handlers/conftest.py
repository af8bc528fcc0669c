"""A stage with an empty store for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store.database import Store
from tests import quick_signatures
from tests.handlers.databases import POSTGRESQL, SQLITE
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.postgres import Databases

quick_signatures.install()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is up to date and has no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "csp.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.dispose()
    return path


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    """A fresh store that waits for nobody long: on SQLite, or on the database that :data:`ON_BOTH` names."""
    if getattr(request, "param", SQLITE) == POSTGRESQL:
        databases: Databases = request.getfixturevalue("postgresql")
        with databases.migrated() as url:
            store = Store(url)
            yield store
            store.dispose()
        return
    store = Store(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'csp.db')}", timeout=0.2)
    yield store
    store.dispose()


@pytest.fixture
def stage(store: Store) -> Stage:
    """The Bolt app with its handlers, on that store."""
    return Stage(store)


@pytest.fixture
def wang(stage: Stage) -> Member:
    """王伟: a member who reads Chinese."""
    return Member(stage, "U0WANG")


@pytest.fixture
def emma(stage: Stage) -> Member:
    """Emma: a member who reads English."""
    return Member(stage, "U0EMMA")


@pytest.fixture
def lina(stage: Stage) -> Member:
    """李娜: a lead."""
    return Member(stage, "U0LINA")
