"""What informs and changes nothing: how hours are shared out, and public holidays."""

from datetime import date, timedelta

from handlers.blocks import block_kit, workload
from handlers.context import House, Visitor
from handlers.oncall.requester import Caller, called
from handlers.oncall.schedule_views import reader
from models.rules.rota import holidays
from models.rules.rota.workload import PERIOD, LoadWarning, load, shares

DAY, YEAR = timedelta(days=1), timedelta(days=365)


class Informing:
    """The answers of ``load`` and ``calendar``."""

    def __init__(self, house: House) -> None:
        self._house = house

    def load(self, rest: str, visitor: Visitor) -> list[block_kit.Block]:  # noqa: ARG002 - every verb is asked alike
        """How the hours of the next three months are shared out."""
        here = called(self._house, visitor)
        first, last = _period(here)
        plan, changes, end = here.plan, here.situation.changes, here.now + PERIOD
        people = shares(plan, changes, here.now, end, holidays.holidays(first, last + DAY, plan.calendar))
        return workload.page(people, warnings(here), (first, last), reader(here))

    def calendar(self, rest: str, visitor: Visitor) -> list[block_kit.Block]:  # noqa: ARG002
        """Public holidays and make-up workdays of the next year."""
        here = called(self._house, visitor)
        today = here.now.astimezone(here.plan.zone).date()
        told = holidays.days(today, today + YEAR, here.plan.calendar)
        return workload.calendar(holidays.runs(told), reader(here))


def warnings(here: Caller) -> list[LoadWarning]:
    """What is worth a hint of the hours of the next three months."""
    first, last = _period(here)
    off = holidays.holidays(first, last + DAY, here.plan.calendar)
    return load(here.plan, here.situation.changes, here.now, here.now + PERIOD, off)


def _period(here: Caller) -> tuple[date, date]:
    zone = here.plan.zone
    return here.now.astimezone(zone).date(), (here.now + PERIOD).astimezone(zone).date()
