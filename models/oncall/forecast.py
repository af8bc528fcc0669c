"""The shifts and gaps of a year and some days, worked out once and kept until the rota differs. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.oncall.confirmations import LOOK_BACK
from models.oncall.rota_store import RotaStore
from models.rules.rota import holidays
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.impact import RotaState
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.resolved_rota import resolve_rota
from models.rules.rota.shift_bounds import extend_shifts, need_earlier_overrides
from models.rules.rota.shifts import Shift
from models.rules.rota.timeline import Window, merge_windows
from models.rules.times import EARLIEST, ENDLESS, truncate_to_second

HORIZON = timedelta(days=365)
"""How far ahead gaps are looked for."""
AHEAD = timedelta(days=32)
"""How far ahead shifts are looked at one by one: further than anybody may ask to be reminded."""
FOUND_BACK = timedelta(days=2)
"""How far back gaps are told, so that one that has just ended is known."""
SPARE = timedelta(days=31)
"""So much further ahead is computed at once, so that the passing of time alone costs little for three weeks."""
BEYOND = timedelta(days=8)
"""So much more than the year is always known, so that a gap of a night or a week has its end."""


@dataclass(frozen=True)
class Forecast:
    """What can be seen from ``start`` to ``end``. ``shifts`` are those near the beginning, as long as they are.
    ``gaps`` begin when they became known; one that goes on beyond ``end`` ends at
    :data:`models.rules.times.ENDLESS`.
    """

    revision: tuple[int, ...] = ()
    start: datetime = EARLIEST
    end: datetime = EARLIEST
    shifts: Sequence[Shift] = ()
    gaps: Sequence[Gap] = ()
    weeks: Sequence[HolidayWeek] = ()

    @staticmethod
    def of(known: RotaState | None, revision: tuple[int, ...], now: datetime, rota_store: RotaStore) -> "Forecast":
        """What can be seen from the hour of ``now``."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        start, end = hour - LOOK_BACK, hour + HORIZON + SPARE
        if known is None:
            return Forecast(revision, start, end)
        look = resolve_rota(known.rota, known.overrides, start, end, known.absences)
        near = [shift for shift in look.shifts() if shift.start < hour + AHEAD + SPARE]
        everything = rota_store.rota_state(end) if need_earlier_overrides(near, start) else known
        shifts = extend_shifts(near, everything or known, start, end)
        gaps = [gap._replace(end=ENDLESS) if gap.end == end else gap for gap in look.gaps()]
        weeks = holidays.find_holiday_weeks(start.date(), end.date(), known.rota.calendar)
        return Forecast(revision, start, end, shifts, begun(gaps, rota_store, now), weeks)

    def serves(self, revision: tuple[int, ...], hour: datetime) -> bool:
        """Whether it still tells the truth, and all of it."""
        covers = self.start <= hour - LOOK_BACK and hour + HORIZON + BEYOND <= self.end
        return covers and self.revision == revision

    def shifts_around(self, hour: datetime) -> list[Shift]:
        """The shifts near an hour."""
        return [shift for shift in self.shifts if shift.end > hour - LOOK_BACK and shift.start < hour + AHEAD]

    def gaps_from(self, hour: datetime) -> list[Gap]:
        """The gaps of the year that begins with an hour."""
        return [gap for gap in self.gaps if gap.end > hour - FOUND_BACK and gap.start < hour + HORIZON]


def begun(gaps: Sequence[Gap], rota_store: RotaStore, now: datetime) -> list[Gap]:
    """The gaps, each from when it was so by what was known then: no version and no change opens one in the past."""
    past = [gap for gap in gaps if gap.start < now]
    if not past:
        return list(gaps)
    since, until = min(overlap.start for overlap in past), truncate_to_second(now)
    lived = _lived(rota_store, since, until)
    whole_gaps = (_from_its_beginning(gap, lived.get((gap.seat, gap.reason), ()), until) for gap in gaps)
    return [overlap for overlap in whole_gaps if overlap.start < overlap.end]


def _lived(rota_store: RotaStore, start: datetime, end: datetime) -> Mapping[tuple[str, GapReason], list[Window]]:
    """By seat and reason when there was a gap, each second judged by what was known then."""
    times: dict[tuple[str, GapReason], list[Window]] = defaultdict(list)
    for begins, ends, known in rota_store.past_states(start, end, start):
        for gap in resolve_rota(known.rota, known.overrides, begins, ends, known.absences).gaps():
            times[gap.seat, gap.reason].append((to_seconds(gap.start), to_seconds(gap.end)))
    return {key: merge_windows(some) for key, some in times.items()}


def _from_its_beginning(gap: Gap, lived: Sequence[Window], now: datetime) -> Gap:
    """A gap from the beginning of the last time at which it was there, or from now on."""
    if gap.start >= now:
        return gap
    ends = to_seconds(min(gap.end, now))
    start = next((begins for begins, until in lived if begins < ends <= until), ends)
    return gap._replace(start=max(gap.start, to_instant(start)))
