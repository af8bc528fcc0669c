"""A stage with a rota: Li Na leads; Wang and Emma take turns as primary, 张敏 and Emma as backup."""

import pytest

from models.rota_versions import import_plan
from tests.handlers.lives import NOW
from tests.handlers.rota.team import FILE, LONG_AGO
from tests.handlers.stage import Stage


@pytest.fixture
def rota(stage: Stage) -> Stage:
    """The stage with the team's rota."""
    import_plan(stage.store, FILE, "cli", LONG_AGO)
    assert NOW > LONG_AGO
    return stage
