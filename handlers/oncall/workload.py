"""Answers that change nothing: how hours are shared, and public holidays."""

from datetime import date, timedelta

from handlers.blocks import block_kit, workload
from handlers.context import CurrentUser, Services
from handlers.oncall.requester import Requester, load_requester
from handlers.oncall.schedule_views import view_context
from models.rules.rota import holidays
from models.rules.rota.workload import DEFAULT_PERIOD, LoadWarning, compute_shares, find_load_warnings

DAY, YEAR = timedelta(days=1), timedelta(days=365)


class WorkloadViews:
    """Answers ``load`` and ``calendar``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def load(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:  # noqa: ARG002 - every verb is asked alike
        """Show how the hours of the next three months are shared."""
        requester = load_requester(self._services, current_user)
        first, last = _period(requester)
        rota, changes, end = requester.rota, requester.rota_state.overrides, requester.now + DEFAULT_PERIOD
        people = compute_shares(
            rota, changes, requester.now, end, holidays.find_holiday_dates(first, last + DAY, rota.calendar)
        )
        return workload.page(people, warnings(requester), (first, last), view_context(requester))

    def calendar(self, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:  # noqa: ARG002
        """Show public holidays and make-up workdays of the next year."""
        requester = load_requester(self._services, current_user)
        today = requester.now.astimezone(requester.rota.zone).date()
        days = holidays.find_days(today, today + YEAR, requester.rota.calendar)
        return workload.calendar(holidays.group_into_runs(days), view_context(requester))


def warnings(requester: Requester) -> list[LoadWarning]:
    """Return the warnings about hours in the next three months."""
    first, last = _period(requester)
    off = holidays.find_holiday_dates(first, last + DAY, requester.rota.calendar)
    return find_load_warnings(
        requester.rota, requester.rota_state.overrides, requester.now, requester.now + DEFAULT_PERIOD, off
    )


def _period(requester: Requester) -> tuple[date, date]:
    zone = requester.rota.zone
    return requester.now.astimezone(zone).date(), (requester.now + DEFAULT_PERIOD).astimezone(zone).date()
