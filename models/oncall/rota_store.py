"""The rota as it was known at an instant, and changes of it: each is saved once and never edited.

How a plan and its overrides become shifts is decided by :mod:`models.rules.rota`. The SQL is in
:mod:`models.oncall.rota_versions` and :mod:`models.oncall.override_rows`.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select

from models.oncall import override_rows, rota_versions
from models.outbox import recipients
from models.outbox.messages import OutgoingMessage, enqueue_messages
from models.rules.errors import NotSaved, refuse
from models.rules.people import Actor
from models.rules.rota.gaps import Gap
from models.rules.rota.holidays import make_workday_test
from models.rules.rota.impact import Impact, RotaState, find_impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.permissions import check_may_save, check_override
from models.rules.rota.resolved_rota import find_gaps
from models.rules.rota.rota import Rota
from models.rules.rota.shift_bounds import LONG_SHIFT, extend_shifts, need_earlier_overrides
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.toml import reader
from models.rules.times import EARLIEST, ENDLESS, REST_OF_SECOND, SECOND, truncate_to_second
from models.rules.toml.tables import InvalidFile
from models.store import departures
from models.store.database import Store

MARGIN = timedelta(hours=1)
"""How far behind an override its impact is looked for, besides the longest shift and the rest after it."""
WEEKS = timedelta(weeks=8)
"""How far ahead two versions of the rota are compared."""
EVER = timedelta(days=366)
"""Far enough ahead of now that everything saved so far was known by then, whatever clock it was written by."""
TRIES = 5
"""How often a change is checked again because another one was saved in the meantime."""

RotaRevision = tuple[int, int, int]
"""Differs whenever the plan, an override or a departure differs."""
StatePeriod = tuple[datetime, datetime, RotaState]
"""From when to when a state of the rota was the newest one known."""
REVISION_PARTS = (rota_versions.LAST_ID, override_rows.LAST_ID, departures.LAST_ID)
_REVISION = select(*REVISION_PARTS)  # built once: building a statement costs more than running it


@dataclass(frozen=True)
class AppliedChange:
    """One change of the rota that was saved, and what it changed."""

    rota: Rota  # the plan in which it was made; of a new plan that plan
    changes: Sequence[Override]  # none for a new plan
    outcome: Impact
    by: str  # a Slack id, or ``rota_versions.TERMINAL``
    at: datetime
    before: Rota | None = None  # of a new plan the one before


class RotaStore:
    """The rota in a store. Reads are single short reads; each write is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plans: dict[int, Rota] = {}

    # The plan ------------------------------------------------------------------------------------------------------

    def rota(self, known_at: datetime) -> Rota | None:
        """Return the plan known at an instant; None when there was none yet."""
        return self._store.read(lambda connection: self.known_rota(connection, known_at))

    def workday_test(self, known_at: datetime) -> Callable[[date], bool]:
        """Return the function that says whether a day is a workday in China, with the corrections of the rota.

        A rota that can't be read corrects nothing.
        """
        rota = None
        with suppress(InvalidFile):
            rota = self.rota(known_at)
        return make_workday_test(rota.calendar if rota else ())

    def known_rota(self, connection: Connection, known_at: datetime) -> Rota | None:
        """Return the same as :meth:`rota`, in the caller's transaction."""
        row = rota_versions.find_newest(connection, known_at)
        if row is None:
            return None
        rota = self._plans.get(row.id)
        if rota is None:
            rota = reader.read_rota(row.text)
            self._plans = {row.id: rota}  # versions never change; one is enough to keep
        return rota

    def rota_state(self, known_at: datetime, since: datetime = EARLIEST) -> RotaState | None:
        """Return the plan with the overrides and departures known at an instant; None when there was no plan.

        Overrides that ended before ``since`` are left out, which saves reading those of the years before.
        """
        return self._store.read(lambda connection: self._find_state(connection, known_at, since))

    def _find_state(self, connection: Connection, known_at: datetime, since: datetime) -> RotaState | None:
        rota = self.known_rota(connection, known_at)
        if rota is None:
            return None
        overrides = override_rows.find_known(connection, known_at, since)
        return RotaState(rota, overrides, departures.find_absences(connection, known_at))

    def past_states(self, start: datetime, end: datetime, since: datetime) -> list[StatePeriod]:
        """Return which state was known at each second of a past time; ``since`` as in :meth:`rota_state`.

        What became known within a second counts from its beginning, so that all times are whole seconds. Time before
        the first plan is left out.
        """
        start, end = truncate_to_second(start), truncate_to_second(end)

        def unit(connection: Connection) -> list[StatePeriod]:
            rota = self.known_rota(connection, start + REST_OF_SECOND)
            absences = departures.find_absences(connection, end)
            overrides = override_rows.find_known(connection, end, since)
            saved = rota_versions.find_times_between(connection, start + REST_OF_SECOND, end)
            new_plans = {truncate_to_second(at) for at in saved}
            edges = {*new_plans, *(truncate_to_second(override.at) for override in overrides)}
            periods = []
            for begins, ends in pairwise([start, *sorted(at for at in edges if start < at < end), end]):
                rota = self.known_rota(connection, begins + REST_OF_SECOND) if begins in new_plans else rota
                if rota:
                    in_force_then = [override for override in overrides if truncate_to_second(override.at) <= begins]
                    periods.append((begins, ends, RotaState(rota, in_force_then, absences)))
            return periods

        return self._store.read(unit)

    def revision(self) -> RotaRevision:
        """Return numbers that differ whenever the rota differs. Cheap enough for every tick."""
        return self._store.read(find_revision)

    def shifts(self, known_at: datetime, start: datetime, end: datetime) -> list[Shift]:
        """Return the final shifts between two instants as known at a third; none without a plan."""
        state = self.rota_state(known_at, start)
        return [] if state is None else resolve_shifts(state.rota, state.overrides, start, end, state.absences)

    def shift_bounds(self, known_at: datetime, start: datetime, end: datetime) -> list[Shift]:
        """Return the same as :meth:`shifts`, with the true start and end of each, which may lie far outside."""
        start, end = truncate_to_second(start), truncate_to_second(end)
        state = self.rota_state(known_at, start)
        if state is None:
            return []
        shifts = resolve_shifts(state.rota, state.overrides, start, end, state.absences)
        whole_state = self.rota_state(known_at) if need_earlier_overrides(shifts, start) else state
        return extend_shifts(shifts, whole_state or state, start, end)

    def gaps_ahead(self, now: datetime, length: timedelta) -> list[Gap]:
        """Return the gaps that begin within a time from now on, with their true ends.

        A gap of a year or longer ends at :data:`models.rules.times.ENDLESS`.
        """
        now = truncate_to_second(now)
        end = now + length
        gaps = self.gaps(now + SECOND, now, end)
        if not any(gap.end == end for gap in gaps):
            return gaps
        last = end + EVER
        longer = (gap for gap in self.gaps(now + SECOND, now, last) if gap.start < end)
        return [gap._replace(end=ENDLESS) if gap.end == last else gap for gap in longer]

    def gaps(self, known_at: datetime, start: datetime, end: datetime) -> list[Gap]:
        """Return the gaps between two instants as known at a third; none without a plan."""
        state = self.rota_state(known_at)
        return [] if state is None else find_gaps(state.rota, state.overrides, start, end, state.absences)

    # Changes -------------------------------------------------------------------------------------------------------

    def changes(self, known_at: datetime) -> list[Override]:
        """Return every override known at an instant, oldest first."""
        return self._store.read(lambda connection: override_rows.find_known(connection, known_at))

    def preview(self, wanted: Sequence[Override], now: datetime) -> Impact:
        """Return what these overrides would change. Raises Refused where they are wrong, for anybody."""
        return _impact(self._check(wanted, now), wanted, now)

    def preview_for(
        self, wanted: Sequence[Override], by: Actor, now: datetime, unheard: Collection[str] = ()
    ) -> Impact:
        """Return the same for one person. Raises Refused, as :meth:`record` would."""
        before = self._check(wanted, now)
        impact = _impact(before, wanted, now)
        check_may_save(before, wanted, impact, by, unheard)
        return impact

    def record(
        self,
        wanted: Sequence[Override],
        by: Actor,
        now: datetime,
        key: str,
        agreed: Callable[[Impact], bool] = lambda _: True,
        channel: str = "",
        unheard: Collection[str] = (),
    ) -> list[Override]:
        """Save overrides that belong together, all or none; a ``key`` that was used returns what it saved before.

        ``agreed`` decides whether the impact is still the one that was shown. Everybody concerned is informed in the
        same transaction, and the ``channel``. ``unheard`` are members who did not confirm that they are on call: any
        member may replace them. Raises Refused when the overrides are wrong, not ``by``'s to make or not agreed,
        NotSaved.
        """
        for _ in range(TRIES):
            seen = self.revision()
            if saved := self._store.read(lambda connection: override_rows.find_batch(connection, key)):
                return saved
            impact = self.preview_for(wanted, by, now, unheard)
            if not agreed(impact):
                raise refuse("changed_meanwhile")
            members = rota.members if (rota := self.rota(now)) else {}
            messages = recipients.of_change(key, wanted, impact, members, by.id, channel)
            change = _NewChange(wanted, by.id, now, key, messages)
            if saved := self._store.write(lambda connection: change.save_unless_overtaken(connection, seen)):  # noqa: B023
                return saved
        raise NotSaved

    def find_change(self, key: str) -> AppliedChange | None:
        """Return what the overrides saved under a key changed, by what was known then; None when there are none."""
        saved = self._store.read(lambda connection: override_rows.find_batch(connection, key))
        state = self.rota_state(saved[0].at) if saved else None
        if state is None:
            return None
        at, by = saved[0].at, saved[0].by
        before = replace(state, overrides=[override for override in state.overrides if override.id < saved[0].id])
        return AppliedChange(state.rota, saved, _impact(before, saved, at), by, at)

    def find_version_change(self, number: int) -> AppliedChange | None:
        """Return what a version of the rota changed in the weeks after it; None when there is no such version."""
        rows = self._store.read(lambda connection: rota_versions.find_with_predecessor(connection, number))
        if not rows:
            return None
        rotas = [reader.read_rota(row.text) for row in rows]
        at, absences = rows[0].at, self._store.read(departures.find_absences)
        overrides = self.changes(at)
        before = RotaState(rotas[1] if len(rotas) > 1 else Rota(seats=()), overrides, absences)
        impact = find_impact(before, RotaState(rotas[0], overrides, absences), at, at + WEEKS)
        return AppliedChange(rotas[0], (), _without_cut_ends(impact, at + WEEKS), rows[0].by, at, before.rota)

    def _check(self, wanted: Sequence[Override], now: datetime) -> RotaState:
        """Return the state these overrides would change. Raises Refused: no rota, unknown people or seats, the past."""
        # Everything saved, not only what was known at ``now``: somebody may have saved since the clock was read.
        state = self.rota_state(now + EVER)
        if state is None:
            raise refuse("no_rota")
        for override in wanted:
            check_override(override, state, now)
        return state


def rota_at(store: Store, known_at: datetime) -> Rota | None:
    """Return the plan known at an instant; None when there was none yet."""
    return RotaStore(store).rota(known_at)


def find_revision(connection: Connection) -> RotaRevision:
    """Return the same as :meth:`RotaStore.revision`, in the caller's transaction."""
    plan, override, departure = connection.execute(_REVISION).one()
    return plan, override, departure


@dataclass(frozen=True)
class _NewChange:
    """Overrides that were checked, and the messages about them."""

    wanted: Sequence[Override]
    by: str
    at: datetime
    key: str
    messages: Sequence[OutgoingMessage]

    def save_unless_overtaken(self, connection: Connection, seen: RotaRevision) -> list[Override]:
        """Save them; when the rota differs from what was ``seen``, only return what the key saved before."""
        rota_versions.lock(connection)
        if find_revision(connection) != seen:
            return override_rows.find_batch(connection, self.key)
        enqueue_messages(connection, self.messages, self.at)
        return override_rows.save(connection, self.wanted, self.by, self.at, self.key)


# Impact -----------------------------------------------------------------------------------------------------------


def _without_cut_ends(impact: Impact, end: datetime) -> Impact:
    """Mark what lasts long and was cut off at the end of the comparison as endless."""
    moved = [replace(move, end=_true_end(move.start, move.end, end)) for move in impact.reassigned]
    opened, closed = (
        [gap._replace(end=_true_end(gap.start, gap.end, end)) for gap in gaps]
        for gaps in (impact.opened_gaps, impact.closed_gaps)
    )
    return Impact(moved, opened, closed)


def _true_end(start: datetime, until: datetime, end: datetime) -> datetime:
    return ENDLESS if until == end and until - start > LONG_SHIFT else until


def _impact(before: RotaState, wanted: Sequence[Override], now: datetime) -> Impact:
    """Return what differs with these overrides, as far as they can reach through rest times and longest shifts."""
    after = replace(before, overrides=[*before.overrides, *_as_saved(wanted, before.overrides, now)])
    by_id = {override.id: override for override in before.overrides}
    concerned = [
        by_id[override.of] if override.kind is OverrideKind.CANCEL and override.of else override for override in wanted
    ]
    if not concerned:
        return Impact()
    reach = sum((limit for limit in (before.rota.max_on_call, before.rota.min_rest) if limit), MARGIN)
    start, end = min(override.start for override in concerned), max(override.end for override in concerned)
    first = max(start, now)
    return find_impact(before, after, first, min(max(end, now) + reach, first + EVER))


def _as_saved(wanted: Sequence[Override], existing: Sequence[Override], now: datetime) -> list[Override]:
    """Return the overrides with the ids and times they would get."""
    last = max((override.id for override in existing), default=0)
    at = override_rows.later_than(max((override.at for override in existing), default=None), now)
    return [replace(override, id=last + n, at=at) for n, override in enumerate(wanted, 1)]
