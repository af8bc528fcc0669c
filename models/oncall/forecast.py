"""Compute the shifts and gaps of the next year once, and use them until the rota changes. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.oncall.rota_store import RotaStore
from models.rules.rota import holidays
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.impact import RotaState
from models.rules.rota.intervals import Window, merge_windows
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.on_call import LOOK_BACK
from models.rules.rota.resolved_rota import resolve_rota
from models.rules.rota.shift_bounds import extend_shifts, need_earlier_overrides
from models.rules.rota.shifts import Shift
from models.rules.times import EARLIEST, ENDLESS, truncate_to_second

HORIZON = timedelta(days=365)
"""How far ahead gaps are looked for."""
AHEAD = timedelta(days=32)
"""How far ahead single shifts are returned: further than anybody may ask to be reminded."""
ENDED_WITHIN = timedelta(days=2)
"""How long after its end a gap is still returned."""
SPARE = timedelta(days=31)
"""How much more than the year is computed, so that a forecast can be used for three weeks."""
BEYOND = timedelta(days=8)
"""How much more than the year a forecast must cover. So it holds the end of a gap of a night or a week."""


@dataclass(frozen=True)
class Forecast:
    """The shifts and gaps from ``start`` to ``end``.

    A gap begins when it really began, as known at that time. One that goes on beyond ``end`` ends at
    :data:`models.rules.times.ENDLESS`.
    """

    revision: tuple[int, ...] = ()  # of the rota
    start: datetime = EARLIEST
    end: datetime = EARLIEST
    shifts: Sequence[Shift] = ()  # whole; only those near ``start``
    gaps: Sequence[Gap] = ()
    holiday_weeks: Sequence[HolidayWeek] = ()

    @staticmethod
    def of(state: RotaState | None, revision: tuple[int, ...], now: datetime, rota_store: RotaStore) -> "Forecast":
        """Compute the forecast for the hour of ``now``; an empty one for no rota."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        start, end = hour - LOOK_BACK, hour + HORIZON + SPARE
        if state is None:
            return Forecast(revision, start, end)
        resolved = resolve_rota(state.rota, state.overrides, start, end, state.absences)
        near = [shift for shift in resolved.shifts() if shift.start < hour + AHEAD + SPARE]
        whole_state = rota_store.rota_state(end) if need_earlier_overrides(near, start) else state
        shifts = extend_shifts(near, whole_state or state, start, end)
        gaps = [gap._replace(end=ENDLESS) if gap.end == end else gap for gap in resolved.gaps()]
        weeks = holidays.find_holiday_weeks(start.date(), end.date(), state.rota.calendar)
        return Forecast(revision, start, end, shifts, find_true_starts(gaps, rota_store, now), weeks)

    def is_current(self, revision: tuple[int, ...], hour: datetime) -> bool:
        """Return whether it is of this revision of the rota, and covers the year from an hour."""
        covers = self.start <= hour - LOOK_BACK and hour + HORIZON + BEYOND <= self.end
        return covers and self.revision == revision

    def shifts_around(self, hour: datetime) -> list[Shift]:
        """Return the shifts near an hour."""
        return [shift for shift in self.shifts if shift.end > hour - LOOK_BACK and shift.start < hour + AHEAD]

    def gaps_from(self, hour: datetime) -> list[Gap]:
        """Return the gaps of the year from an hour, and those that ended shortly before."""
        return [gap for gap in self.gaps if gap.end > hour - ENDED_WITHIN and gap.start < hour + HORIZON]


def find_true_starts(gaps: Sequence[Gap], rota_store: RotaStore, now: datetime) -> list[Gap]:
    """Return the gaps, each from when it really began, as known at that time.

    A new version or override never opens a gap in the past.
    """
    running = [gap for gap in gaps if gap.start < now]
    if not running:
        return list(gaps)
    since, until = min(gap.start for gap in running), truncate_to_second(now)
    past = _find_past_gaps(rota_store, since, until)
    started = (_replace_start(gap, past.get((gap.seat, gap.reason), ()), until) for gap in gaps)
    return [gap for gap in started if gap.start < gap.end]


def _find_past_gaps(
    rota_store: RotaStore, start: datetime, end: datetime
) -> Mapping[tuple[str, GapReason], list[Window]]:
    """Return when there were gaps by seat and reason, each second as known at that second."""
    windows: dict[tuple[str, GapReason], list[Window]] = defaultdict(list)
    for begins, ends, state in rota_store.past_states(start, end, start):
        for gap in resolve_rota(state.rota, state.overrides, begins, ends, state.absences).gaps():
            windows[gap.seat, gap.reason].append((to_seconds(gap.start), to_seconds(gap.end)))
    return {key: merge_windows(unmerged) for key, unmerged in windows.items()}


def _replace_start(gap: Gap, past: Sequence[Window], now: datetime) -> Gap:
    """Return a gap from the start of its last run in the past; from its end or ``now`` when it had none."""
    if gap.start >= now:
        return gap
    ends = to_seconds(min(gap.end, now))
    start = next((begins for begins, until in past if begins < ends <= until), ends)
    return gap._replace(start=max(gap.start, to_instant(start)))
