"""An empty database, as an older program or none left it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.empty() as url:
        yield url
