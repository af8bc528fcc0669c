"""A stage with a rota: Li Na leads; Wang and Emma take turns as primary, 张敏 and Emma as backup."""

import pytest

from models.oncall.rota_versions import import_rota
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.oncall.team import LONG_AGO
from tests.sample_rotas import DAY_AND_NIGHT


@pytest.fixture
def rota(stage: Stage) -> Stage:
    """The stage with the team's rota."""
    import_rota(stage.store, DAY_AND_NIGHT, "cli", LONG_AGO)
    assert NOW > LONG_AGO
    return stage
