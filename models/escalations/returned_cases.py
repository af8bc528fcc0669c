"""How many cases 21Vianet returned as inappropriate over the last 90 days. All SQL on it is here.

A case counts when it was raised in that time and has a number of 21Vianet, or when it was returned in that time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, select, union_all

from models.rules.escalations.escalation import Escalation
from models.rules.escalations.returned_rates import CaseCount, RateWindow, ReturnedRates, ReturnedShare, sum_counts
from models.store.database import Store
from models.store.tables import ESCALATION, escalation_from

MOST_CUSTOMERS = 10
MOST_CASES = 10
_E = ESCALATION.c
_AREA, _HEALTH, _TRIED = (func.coalesce(_E.answers[name].as_string(), "") for name in ("area", "health", "tried"))
_HAS_TRIED = case((_TRIED != "", 1), else_=0)


@dataclass(frozen=True)
class ReturnedOverview:
    """The rates of the window, the customers whose cases were returned, and the last returned cases."""

    rates: ReturnedRates
    customers: Sequence[ReturnedShare]  # most returned first; an empty name stands for our own requests
    cases: Sequence[Escalation]  # newest finding first


@dataclass(frozen=True)
class _Scope:
    """Whose cases count: those of a team, and perhaps only those that one person raised; of all teams for none."""

    team_id: str = ""
    user: str = ""

    def select(self, *, by_index: bool) -> list[ColumnElement[bool]]:
        """Return the conditions. SQLite would take the index of a team, nearly all rows, before that of findings."""
        team = _E.team_id if by_index else _E.team_id.concat("")
        return [
            *([team == self.team_id] if self.team_id else []), *([_E.raised_by == self.user] if self.user else [])
        ]  # fmt: skip


class ReturnedCases:
    """Answers questions about returned cases. Each question is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def overview(self, window: RateWindow, team_id: str) -> ReturnedOverview:
        """Return what leads see of a team."""
        scope = _Scope(team_id)
        return self._store.read(
            lambda c: ReturnedOverview(
                _find_rates(c, window, scope), _find_customers(c, window, scope), _find_cases(c, window, scope)
            )
        )

    def own(self, window: RateWindow, team_id: str, user: str) -> ReturnedOverview:
        """Return the same of the cases that one person (a Slack id) raised, without customers."""
        own = _Scope(team_id, user)
        return self._store.read(
            lambda c: ReturnedOverview(_find_rates(c, window, own), (), _find_cases(c, window, own))
        )

    def numbers(self, window: RateWindow, team_id: str, limit: int) -> list[int]:
        """Return the numbers of the returned cases of a team, oldest first."""
        query = select(_E.number).where(_is_returned(window), *_Scope(team_id).select(by_index=False))
        return self._store.read(lambda c: list(c.scalars(query.order_by(_E.number).limit(limit))))

    def rates(self, window: RateWindow) -> ReturnedRates:
        """Return the rates of all teams."""
        return self._store.read(lambda c: _find_rates(c, window, _Scope()))


def count_all(connection: Connection, window: RateWindow) -> tuple[int, int]:
    """Return how many cases of all teams were returned in the window, and how many count."""
    counted = _list_counted(window, _Scope(), []).c
    returned, cases = connection.execute(select(func.coalesce(func.sum(counted.returned), 0), func.count())).one()
    return int(returned), int(cases)


def _list_counted(
    window: RateWindow, scope: _Scope, columns: Sequence[ColumnElement[Any]], *more: ColumnElement[bool]
) -> Subquery:
    """Select columns of the cases that count, and whether each was returned (1 or 0).

    In two parts, each with its index: a condition with “or” would leave both aside.
    """
    values = (*columns, _returned(window).label("returned"))
    escalated = _E.raised_at >= window.since, _E.request_number.is_not(None), *scope.select(by_index=True)
    earlier = _E.raised_at < window.since, _is_returned(window), *scope.select(by_index=False)
    return union_all(select(*values).where(*escalated, *more), select(*values).where(*earlier, *more)).subquery()


def _is_returned(window: RateWindow) -> ColumnElement[bool]:
    return and_(_E.returned_on.is_not(None), _E.returned_on >= window.first_day)


def _returned(window: RateWindow) -> ColumnElement[int]:
    return case((_is_returned(window), 1), else_=0)


def _find_rates(connection: Connection, window: RateWindow, scope: _Scope) -> ReturnedRates:
    answers = _E.kind, _AREA.label("area"), _HEALTH.label("health"), _HAS_TRIED.label("tried")
    counted = _list_counted(window, scope, answers).c
    groups = counted.kind, counted.area, counted.health, counted.tried
    rows = connection.execute(select(*groups, func.count(), func.sum(counted.returned)).group_by(*groups))
    return sum_counts(
        CaseCount(kind, area, health, bool(tried), cases, int(returned))
        for kind, area, health, tried, cases, returned in rows
    )


def _find_customers(connection: Connection, window: RateWindow, scope: _Scope) -> list[ReturnedShare]:
    """Return the customers with returned cases; the others are not counted."""
    is_returned = _is_returned(window), *scope.select(by_index=False)
    names = set(connection.scalars(select(_E.customer_name).where(*is_returned)))
    if not names:
        return []
    counted = _list_counted(window, scope, [_E.customer_name], _E.customer_name.in_(sorted(names))).c
    returned = func.sum(counted.returned)
    query = (
        select(counted.customer_name, func.count(), returned)
        .group_by(counted.customer_name)
        .order_by(returned.desc(), counted.customer_name)
        .limit(MOST_CUSTOMERS)
    )
    return [ReturnedShare(name, cases, int(given_back)) for name, cases, given_back in connection.execute(query)]


def _find_cases(connection: Connection, window: RateWindow, scope: _Scope) -> list[Escalation]:
    query = select(ESCALATION).where(_is_returned(window), *scope.select(by_index=False))
    newest = query.order_by(_E.returned_on.desc(), _E.number.desc()).limit(MOST_CASES)
    return [escalation_from(row) for row in connection.execute(newest).mappings()]
