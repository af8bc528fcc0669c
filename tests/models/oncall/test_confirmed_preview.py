"""Saving what was shown: a change is saved only as it was agreed to, and whoever closes a gap may replace somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from models.oncall import rota_versions
from models.oncall.rota_store import RotaStore
from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.rota.gaps import GapReason
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from tests.sample_rotas import DAILY_TURNS_WITH_SALES_AGENT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
ANN, BOB = (Actor(f"U0{name}", "T0") for name in ("ANN", "BOB"))


@pytest.fixture
def team(store: Store) -> RotaStore:
    """Bob, who may not open requests, has the 22nd, the 24th and so on; Ann the days between."""
    rota_versions.import_rota(store, DAILY_TURNS_WITH_SALES_AGENT, "cli", NOW - HOUR)
    return RotaStore(store)


def stand(who: str, start: datetime, hours: float = 12) -> Override:
    return Override(0, NOW, "U0", OverrideKind.OVERRIDE, start, start + hours * HOUR, who, "primary")


def test_who_may_open_requests_may_stand_in_for_who_may_not(team: RotaStore) -> None:
    wanted = [stand("ann", MIDNIGHT + 30 * HOUR)]

    assert [gap.reason for gap in team.preview(wanted, NOW).closed_gaps] == [GapReason.NO_ELIGIBLE_ROLE]
    assert team.record(wanted, ANN, NOW, "k")


def test_nobody_is_pushed_out_where_nothing_is_wrong(team: RotaStore) -> None:
    with pytest.raises(Refused, match="not_your_shift"):
        team.record([stand("bob", MIDNIGHT + 3 * HOUR)], BOB, NOW, "k")
    with pytest.raises(Refused, match="not_your_shift"):
        team.record([stand("ann", MIDNIGHT - 6 * HOUR)], BOB, NOW, "k")


def test_what_was_not_shown_is_not_saved(team: RotaStore) -> None:
    wanted = [stand("ann", MIDNIGHT + 30 * HOUR)]

    with pytest.raises(Refused, match="changed_meanwhile"):
        team.record(wanted, ANN, NOW, "k", lambda outcome: not outcome.closed_gaps)

    assert team.changes(NOW) == []


def test_the_same_submission_again_makes_nothing_and_asks_nobody(team: RotaStore) -> None:
    wanted = [stand("ann", MIDNIGHT + 30 * HOUR)]
    made = team.record(wanted, ANN, NOW, "k")

    assert team.record(wanted, ANN, NOW, "k", lambda _: False) == made
