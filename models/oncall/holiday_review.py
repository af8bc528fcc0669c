"""What there is to say of a holiday week: how it is staffed, who worked the last one, who can work in this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.oncall.availability import Availability
from models.oncall.coverage_ledger import BOT, CoverageLedger
from models.rules.reminders import subjects
from models.rules.rota import holidays
from models.rules.rota.holiday_staffing import HolidayStaffing, assess_staffing
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.impact import RotaState

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HolidayReview:
    """A week that is ahead. ``worked`` has the hours of those who stood in the week of the year before (``last``), as
    the ledger tells it, most first; nobody where there is no such record. ``volunteers`` are the names of those
    who said that they can work, the first first.
    """

    name: str
    week: HolidayWeek
    staffing: HolidayStaffing
    last: HolidayWeek
    worked: Sequence[tuple[str, float]] = ()
    volunteers: Sequence[str] = ()


class HolidayReviews:
    """Looks at holiday weeks. Reads only."""

    def __init__(self, coverage: CoverageLedger, volunteers: Availability) -> None:
        self._coverage, self._volunteers = coverage, volunteers

    def of(self, name: str, known: RotaState, now: datetime) -> HolidayReview | None:
        """A week by its subject's name; None once it has begun. Raises ValueError for what is no such name."""
        festival, year = subjects.rehearsal_of(name)
        zone, corrected = known.rota.zone, known.rota.calendar
        week, last = (holidays.find_holiday_week(festival, one, corrected) for one in (year, year - 1))
        if week.start <= now.astimezone(zone).date():
            return None
        worked = self._worked(*last.times(zone), now)
        names = {member.slack_id: member.name for member in known.rota.members.values()}
        can = [names[user] for user in self._volunteers.volunteers(name) if user in names]
        return HolidayReview(name, week, assess_staffing(known, *week.times(zone)), last, worked, can)

    def _worked(self, start: datetime, end: datetime, now: datetime) -> list[tuple[str, float]]:
        hours: dict[str, float] = {}
        for one in self._coverage.report(start, end, now) if end <= now else ():
            if one.slot != BOT and one.person:
                hours[one.person] = hours.get(one.person, 0) + (one.end - one.start) / _HOUR
        return sorted(hours.items(), key=lambda one: (-one[1], one[0]))
