"""One world for all stories of a file: starting the bot costs more than most of them."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.setup import world
from tests.end_to_end.world import World


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


@pytest.fixture(scope="module")
def by_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world whose bot is reached by signed HTTP."""
    with world(tmp_path_factory.mktemp("world"), http=True) as made:
        yield made
