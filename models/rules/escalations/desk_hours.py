"""The opening hours of a desk of 21Vianet, as arithmetic on instants. Pure: whether a day is a workday is given.

Beijing time is UTC+8 on every day of the year, so a local day is a number of seconds since 1970.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

from models.rules.policy.vendor import Desk, OpenDays

BEIJING_OFFSET = timedelta(hours=8)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC) - BEIJING_OFFSET
"""The instant at which day 0 begins in Beijing."""
FIRST_DAY = date(1970, 1, 1).toordinal()
DAY = timedelta(days=1)
IsWorkday = Callable[[date], bool]


class DeskHours:
    """When a desk is open. All instants are aware; results are in UTC."""

    def __init__(self, desk: Desk, is_workday: IsWorkday) -> None:
        self._opens, self._closes = timedelta(minutes=desk.opens), timedelta(minutes=desk.closes)
        self._every_day = desk.days is OpenDays.EVERY_DAY
        self._is_workday = is_workday
        self._counts_always = desk.is_always_open or not desk.runs_only_when_open

    def is_open(self, at: datetime) -> bool:
        """Return whether the desk is open at an instant. It is open at its opening and closed at its closing."""
        day, time_of_day = divmod(at - EPOCH, DAY)
        return self._is_open_on(day) and self._opens <= time_of_day < self._closes

    def find_opening(self, at: datetime) -> datetime:
        """Return the instant itself while the desk is open, else its next opening."""
        return at if self.is_open(at) else next(opens for opens, _ in self._list_days(at) if opens > at)

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """Return how much time between two instants counts for a target in minutes: the open hours."""
        if self._counts_always:
            return max(end - start, timedelta())
        total = timedelta()
        for opens, closes in self._list_days(start):
            if opens >= end:
                return total
            total += max(min(closes, end) - max(opens, start), timedelta())
        return total

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant by which a duration has counted since ``start``."""
        if self._counts_always:
            return start + duration
        for opens, closes in self._list_days(start):
            begins = max(opens, start)
            if begins + duration <= closes:
                return begins + duration
            duration -= max(closes - begins, timedelta())
        raise AssertionError("days never end")

    def list_workday_ends(self, start: datetime) -> Iterator[datetime]:
        """Yield when the desk closes on each workday since ``start``, without end.

        The day of ``start`` counts when it is a workday and the desk has not opened yet.
        """
        first, time_of_day = divmod(start - EPOCH, DAY)
        for day in count(first if time_of_day < self._opens else first + 1):
            if self._is_workday(_date_of(day)):
                yield EPOCH + day * DAY + self._closes

    def _list_days(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield opening and closing of each open day, from the day of ``start`` on, without end."""
        for day in count((start - EPOCH) // DAY):
            if self._is_open_on(day):
                begin = EPOCH + day * DAY
                yield begin + self._opens, begin + self._closes

    def _is_open_on(self, day: int) -> bool:
        return self._every_day or self._is_workday(_date_of(day))


def _date_of(day: int) -> date:
    return date.fromordinal(FIRST_DAY + day)
