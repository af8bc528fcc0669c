"""What the leads review before a holiday week: its staffing, who worked the last one, and who volunteers."""

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
    """A holiday week that is ahead."""

    name: str  # of its subject
    week: HolidayWeek
    staffing: HolidayStaffing
    last: HolidayWeek  # the same week in the year before
    worked: Sequence[tuple[str, float]] = ()  # who worked how many hours in it, most first; from the coverage ledger
    volunteers: Sequence[str] = ()  # names, in the order in which they volunteered


class HolidayReviews:
    """Puts reviews together. Reads only."""

    def __init__(self, coverage: CoverageLedger, volunteers: Availability) -> None:
        self._coverage, self._volunteers = coverage, volunteers

    def review(self, name: str, state: RotaState, now: datetime) -> HolidayReview | None:
        """Return the review of a week by its subject's name; None once it has begun.

        Raises ValueError when the name is not one of a holiday week.
        """
        festival, year = subjects.holiday_week_of(name)
        zone, corrected = state.rota.zone, state.rota.calendar
        week, last = (holidays.find_holiday_week(festival, which_year, corrected) for which_year in (year, year - 1))
        if week.start <= now.astimezone(zone).date():
            return None
        worked = self._worked(*last.times(zone), now)
        names = {member.slack_id: member.name for member in state.rota.members.values()}
        can = [names[user] for user in self._volunteers.volunteers(name) if user in names]
        return HolidayReview(name, week, assess_staffing(state, *week.times(zone)), last, worked, can)

    def _worked(self, start: datetime, end: datetime, now: datetime) -> list[tuple[str, float]]:
        hours: dict[str, float] = {}
        for entry in self._coverage.report(start, end, now) if end <= now else ():
            if entry.slot != BOT and entry.person:
                hours[entry.person] = hours.get(entry.person, 0) + (entry.end - entry.start) / _HOUR
        return sorted(hours.items(), key=lambda person_hours: (-person_hours[1], person_hours[0]))
