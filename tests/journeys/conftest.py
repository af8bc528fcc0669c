"""One world for a whole story; the folders of stories that must not disturb each other are their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.world import World, world


@pytest.fixture(scope="module", params=["socket", "http"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world by Socket Mode, and one by signed HTTP."""
    with world(tmp_path_factory.mktemp("world"), http=request.param == "http") as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all stories of a module that leave no trace but escalations."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[World]:
    """A world for one story alone."""
    with world(tmp_path) as made:
        yield made
