"""Everybody in the rota is looked at after each start and daily, a few at a time, and again when Slack refuses them."""

from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.workers.member_lookup import PEOPLE_PER_TICK, MemberLookup, find_members
from models.oncall.rota_store import RotaStore
from models.store.database import Store
from tests.bot.workers.test_reminders import Hand

TEAM = [f"U0{n}" for n in range(10)]


class AtOnce(Executor):
    """Does what it is given before it comes back."""

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        fn(*args, **more)
        return Future()


class Team:
    """A rota whose people are looked up; Slack is ``away`` or not."""

    def __init__(self) -> None:
        self.clock, self.away = Hand(), False
        self.asked: list[str] = []
        self.refused: list[tuple[str, datetime]] = []
        self.lookups = MemberLookup(lambda: TEAM, lambda: self.refused, self._look_up, self.clock, AtOnce())

    def _look_up(self, user: str) -> bool:
        self.asked.append(user)
        return not self.away

    def ticks(self, many: int) -> list[str]:
        """Who is asked about in so many ticks."""
        self.asked = []
        for _ in range(many):
            self.clock.run(5)
            self.lookups.tick()
        return self.asked


def test_everybody_is_looked_at_once_after_a_start_a_few_at_each_tick() -> None:
    team = Team()

    assert team.ticks(1) == TEAM[:PEOPLE_PER_TICK]
    assert team.ticks(100) == TEAM[PEOPLE_PER_TICK:]


def test_everybody_is_looked_at_again_within_a_day() -> None:
    team = Team()
    team.ticks(10)

    team.clock.run(timedelta(hours=22).total_seconds())
    assert team.ticks(10) == []
    team.clock.run(timedelta(hours=2).total_seconds())
    assert team.ticks(10) == TEAM


def test_while_slack_is_away_nobody_counts_as_looked_at() -> None:
    team = Team()
    team.away = True
    assert team.ticks(2) == [TEAM[0], TEAM[0]]

    team.away = False
    assert sorted(team.ticks(10)) == TEAM


def test_whom_slack_refuses_is_looked_at_next() -> None:
    team = Team()
    team.ticks(10)
    team.refused = [("U07", team.clock.now())]

    assert team.ticks(5) == ["U07"]


def test_leads_are_looked_at_without_a_rota_too_so_that_messages_call_them_by_name(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    store.upgrade()

    assert find_members(RotaStore(store), {"U0LINA"}, datetime(2026, 11, 28, tzinfo=UTC)) == ["U0LINA"]
    store.dispose()
