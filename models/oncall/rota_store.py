"""The rota as it was known at an instant, and its changes: each made once, none ever rewritten.

What they mean is told by ``models.rota``, which text was the file by ``models.oncall.rota_versions``.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select

from models.oncall.rota_versions import NEWEST_FIRST, lock
from models.outbox import recipients
from models.outbox.messages import OutgoingMessage, tell
from models.rules.errors import NotSaved, refuse
from models.rules.people import Actor
from models.rules.rota.gaps import Gap, find_gaps
from models.rules.rota.impact import Impact, RotaState, find_impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.permissions import check_may_save, check_override
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.toml import reader
from models.rules.rota.whole_shifts import LONG_SHIFT, extend_shifts, need_earlier_overrides
from models.rules.times import EARLIEST, ENDLESS, REST_OF_SECOND, SECOND, truncate_to_second
from models.store import departures
from models.store.database import Store
from models.store.oncall_tables import ROTA_CHANGE
from models.store.tables import ROTA_PLAN

MARGIN = timedelta(hours=1)
WEEKS = timedelta(weeks=8)
"""How far ahead two versions of the rota are compared."""
CLOCKS = timedelta(minutes=1)
"""So far the clocks of people's acts may be apart: whoever is served second looked at theirs first, or on another
machine. What was saved first counts first all the same."""
EVER = timedelta(days=366)
"""Far enough ahead that all there is was known by then, whatever clock it was written by."""
Known = tuple[datetime, datetime, RotaState]
TRIES = 5
"""How often a change is checked anew because another one was saved meanwhile."""
Revision = tuple[int, int, int]
"""Differs as soon as the plan, a change or who left the workspace differs."""
P = ROTA_PLAN.c
NEWEST_KNOWN = NEWEST_FIRST.where(P.at <= bindparam("known_at"))
KNOWN_CHANGES = (
    select(ROTA_CHANGE)
    # Undoing has the times of nothing in particular: what it undoes may reach further than it.
    .where(ROTA_CHANGE.c.at <= bindparam("known_at"), or_(ROTA_CHANGE.c.end > bindparam("since"), ROTA_CHANGE.c.of > 0))
    .order_by(ROTA_CHANGE.c.at, ROTA_CHANGE.c.id)
)
PLANNED_BETWEEN = select(P.at).where(P.at > bindparam("after"), P.at < bindparam("before"))
NEWEST_CHANGE = select(func.max(ROTA_CHANGE.c.at))
COUNTS = (
    select(func.coalesce(func.max(P.id), 0)).scalar_subquery(),
    select(func.coalesce(func.max(ROTA_CHANGE.c.id), 0)).scalar_subquery(),
    departures.LAST_ID,
)
REVISION = select(*COUNTS)


@dataclass(frozen=True)
class AppliedChange:
    """One act: the plan it was done in, its changes (none when it was a new plan), what they changed, by whom, when;
    of a new plan also the one ``before``.
    """

    rota: Rota
    changes: Sequence[Override]
    outcome: Impact
    by: str
    at: datetime
    before: Rota | None = None


class RotaStore:
    """The rota in a store. Reads are single short reads; each write is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plans: dict[int, Rota] = {}

    # The plan ------------------------------------------------------------------------------------------------------

    def rota(self, known_at: datetime) -> Rota | None:
        """The plan that was known at an instant; None when there was none yet."""
        return self._store.read(lambda connection: self.known_rota(connection, known_at))

    def known_rota(self, connection: Connection, known_at: datetime) -> Rota | None:
        """As :meth:`plan`, inside somebody's transaction."""
        row = connection.execute(NEWEST_KNOWN, {"known_at": known_at}).first()
        if row is None:
            return None
        known = self._plans.get(row.id)
        if known is None:
            known = reader.read_rota(row.text)
            self._plans = {row.id: known}  # versions never change; one is enough to keep
        return known

    def rota_state(self, known_at: datetime, since: datetime = EARLIEST) -> RotaState | None:
        """The plan with all that was known of it at an instant; None when there was no plan. Whoever looks at no time
        before ``since`` is spared the changes of the years before.
        """
        return self._store.read(lambda connection: self._known(connection, known_at, since))

    def _known(self, connection: Connection, known_at: datetime, since: datetime) -> RotaState | None:
        rota = self.known_rota(connection, known_at)
        return (
            RotaState(rota, _changes(connection, known_at, since), departures.find_absences(connection, known_at))
            if rota
            else None
        )

    def lived(self, start: datetime, end: datetime, since: datetime) -> list[Known]:
        """What was known at each second of a past time, ``since`` as in :meth:`situation`: from when to when which
        plan and changes were the newest. What became known within a second counts from its beginning, so that all
        times are whole seconds. What was before there was a plan is left out.
        """
        start, end = truncate_to_second(start), truncate_to_second(end)

        def unit(connection: Connection) -> list[Known]:
            rota = self.known_rota(connection, start + REST_OF_SECOND)
            gone = departures.find_absences(connection, end)
            changes = _changes(connection, end, since)
            times = {"after": start + REST_OF_SECOND, "before": end}
            planned = {truncate_to_second(at) for at in connection.scalars(PLANNED_BETWEEN, times)}
            learnt = {*planned, *(truncate_to_second(change.at) for change in changes)}
            found = []
            for begins, ends in pairwise([start, *sorted(at for at in learnt if start < at < end), end]):
                rota = self.known_rota(connection, begins + REST_OF_SECOND) if begins in planned else rota
                if rota:
                    known = [change for change in changes if truncate_to_second(change.at) <= begins]
                    found.append((begins, ends, RotaState(rota, known, gone)))
            return found

        return self._store.read(unit)

    def revision(self) -> Revision:
        """Differs as soon as the plan, a change or who left the workspace differs: cheap enough for every tick."""
        return self._store.read(revision)

    def shifts(self, known_at: datetime, start: datetime, end: datetime) -> list[Shift]:
        """The final shifts between two instants as known at a third; none without a plan."""
        now = self.rota_state(known_at, start)
        return [] if now is None else resolve_shifts(now.rota, now.overrides, start, end, now.absences)

    def whole_shifts(self, known_at: datetime, start: datetime, end: datetime) -> list[Shift]:
        """As :meth:`shifts`, with their true beginnings and ends, which may lie far outside."""
        start, end = truncate_to_second(start), truncate_to_second(end)
        known = self.rota_state(known_at, start)
        if known is None:
            return []
        found = resolve_shifts(known.rota, known.overrides, start, end, known.absences)
        everything = self.rota_state(known_at) if need_earlier_overrides(found, start) else known
        return extend_shifts(found, everything or known, start, end)

    def gaps_ahead(self, now: datetime, length: timedelta) -> list[Gap]:
        """The gaps that begin within a time from now on, with their true ends; what goes on for a year and longer ends
        at :data:`models.rules.times.ENDLESS`.
        """
        now = truncate_to_second(now)
        end = now + length
        found = self.gaps(now + SECOND, now, end)
        if not any(one.end == end for one in found):
            return found
        last = end + EVER
        more = (gap for gap in self.gaps(now + SECOND, now, last) if gap.start < end)
        return [one._replace(end=ENDLESS) if one.end == last else one for one in more]

    def gaps(self, known_at: datetime, start: datetime, end: datetime) -> list[Gap]:
        """The gaps between two instants as known at a third; none without a plan."""
        now = self.rota_state(known_at)
        return [] if now is None else find_gaps(now.rota, now.overrides, start, end, now.absences)

    # Changes -------------------------------------------------------------------------------------------------------

    def changes(self, known_at: datetime) -> list[Override]:
        """Every change known at an instant, oldest first."""
        return self._store.read(lambda connection: _changes(connection, known_at))

    def preview(self, wanted: Sequence[Override], now: datetime) -> Impact:
        """What would happen with these changes. Raises Refused where they are wrong, whoever wants them."""
        return _outcome(self.checked(wanted, now), wanted, now)

    def allowed(self, wanted: Sequence[Override], by: Actor, now: datetime, unheard: Collection[str] = ()) -> Impact:
        """The same for somebody. Raises Refused, as :meth:`record` would."""
        before = self.checked(wanted, now)
        outcome = _outcome(before, wanted, now)
        check_may_save(before, wanted, outcome, by, unheard)
        return outcome

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
        """Save changes that belong together, all or none; the same ``key`` again returns what it made the first time.

        ``agreed`` is asked whether what would happen is what was shown. Everybody concerned is told in the same
        transaction, and the ``channel``. ``unheard`` names members of whom nobody knows whether they stand where they
        are on: any member may replace them. Raises Refused when the changes are wrong, not ``by``'s to make or not
        agreed, NotSaved.
        """
        for _ in range(TRIES):
            seen = self.revision()
            if made := self._store.read(lambda connection: _made(connection, key)):
                return made
            outcome = self.allowed(wanted, by, now, unheard)
            if not agreed(outcome):
                raise refuse("changed_meanwhile")
            members = known.members if (known := self.rota(now)) else {}
            owed = recipients.of_change(key, wanted, outcome, members, by.id, channel)
            if saved := self._store.write(lambda c: _unless_overtaken(c, seen, wanted, (by.id, now, key), owed)):  # noqa: B023
                return saved
        raise NotSaved

    def happened(self, key: str) -> "AppliedChange | None":
        """What an act changed, told from what was known then; None when there was none."""
        made = self._store.read(lambda connection: _made(connection, key))
        known = self.rota_state(made[0].at) if made else None
        if known is None:
            return None
        before = replace(known, overrides=[change for change in known.overrides if change.id < made[0].id])
        at, by = made[0].at, made[0].by
        return AppliedChange(known.rota, made, _outcome(before, made, at), by, at)

    def replaced(self, number: int) -> "AppliedChange | None":
        """What a version of the rota changed in the weeks after it, against the one before; None for none."""
        query = select(ROTA_PLAN).where(P.id <= number).order_by(P.id.desc()).limit(2)
        rows = self._store.read(lambda c: c.execute(query).all())
        if not rows or rows[0].id != number:
            return None
        rotas = [reader.read_rota(row.text) for row in rows]
        at, gone = rows[0].at, self._store.read(departures.find_absences)
        changes = self.changes(at)
        before = RotaState(rotas[1] if len(rotas) > 1 else Rota(seats=()), changes, gone)
        outcome = _going_on(find_impact(before, RotaState(rotas[0], changes, gone), at, at + WEEKS), at + WEEKS)
        return AppliedChange(rotas[0], (), outcome, rows[0].by, at, before.rota)

    def checked(self, wanted: Sequence[Override], now: datetime) -> RotaState:
        """The situation the changes are for. Raises Refused: no rota, unknown people or seats, the past."""
        # All there is, and not what was known at ``now``: somebody may have been quicker since the clock was looked at.
        known = self.rota_state(now + EVER)
        if known is None:
            raise refuse("no_rota")
        for change in wanted:
            check_override(change, known, now)
        return known


def rota_at(store: Store, known_at: datetime) -> Rota | None:
    """The plan that was known at an instant; None when there was none yet."""
    return RotaStore(store).rota(known_at)


def _going_on(outcome: Impact, end: datetime) -> Impact:
    """What lasts for long and was cut off where the look ended has no end that is known."""
    moved = [replace(one, end=_end(one.start, one.end, end)) for one in outcome.reassigned]
    opened, closed = (
        [one._replace(end=_end(one.start, one.end, end)) for one in some]
        for some in (outcome.opened_gaps, outcome.closed_gaps)
    )
    return Impact(moved, opened, closed)


def _end(start: datetime, until: datetime, end: datetime) -> datetime:
    return ENDLESS if until == end and until - start > LONG_SHIFT else until


# What would happen ------------------------------------------------------------------------------------------------


def _outcome(before: RotaState, wanted: Sequence[Override], now: datetime) -> Impact:
    """What differs with these changes, as far as it can: nobody's rest or length reaches further."""
    after = replace(before, overrides=[*before.overrides, *_numbered(wanted, before.overrides, now)])
    of = {change.id: change for change in before.overrides}
    concerned = [of[one.of] if one.kind is OverrideKind.CANCEL and one.of else one for one in wanted]
    if not concerned:
        return Impact()
    reach = sum((limit for limit in (before.rota.max_on_call, before.rota.min_rest) if limit), MARGIN)
    start, end = min(one.start for one in concerned), max(one.end for one in concerned)
    first = max(start, now)
    return find_impact(before, after, first, min(max(end, now) + reach, first + EVER))


def _numbered(wanted: Sequence[Override], known: Sequence[Override], now: datetime) -> list[Override]:
    """The changes as they would be after all that is known."""
    last = max((one.id for one in known), default=0)
    at = _after(max((one.at for one in known), default=None), now)
    return [replace(change, id=last + n, at=at) for n, change in enumerate(wanted, 1)]


def _after(newest: datetime | None, now: datetime) -> datetime:
    """When a change is made that comes after the newest there is. A clock that was far ahead for a while is no reason
    to write into its hours.
    """
    return newest if newest is not None and now < newest < now + CLOCKS else now


# Rows --------------------------------------------------------------------------------------------------------------


def revision(connection: Connection) -> Revision:
    """As :meth:`Rotas.revision`, inside somebody's transaction."""
    rotas, changes, gone = connection.execute(REVISION).one()
    return rotas, changes, gone


def keep(connection: Connection, wanted: Sequence[Override], by: str, now: datetime, key: str) -> list[Override]:
    """Write changes that were checked, inside somebody's transaction; the same ``key`` again changes nothing."""
    lock(connection)
    there = _made(connection, key)
    if not there:
        at = _after(connection.scalar(NEWEST_CHANGE), now)
        for part, change in enumerate(wanted):
            row = {**asdict(change), "kind": str(change.kind), "at": at, "by": by}
            del row["id"]
            connection.execute(insert(ROTA_CHANGE), [{**row, "key": f"{key}/{part}", "batch": key}])
        there = _made(connection, key)
    return there


def _unless_overtaken(
    connection: Connection,
    seen: Revision,
    wanted: Sequence[Override],
    act: tuple[str, datetime, str],
    owed: Sequence[OutgoingMessage],
) -> list[Override]:
    """Write changes that were checked against what was ``seen``; none when something was saved since."""
    lock(connection)
    by, now, key = act
    if revision(connection) != seen:
        return _made(connection, key)
    tell(connection, owed, now)
    return keep(connection, wanted, by, now, key)


def _changes(connection: Connection, known_at: datetime, since: datetime = EARLIEST) -> list[Override]:
    rows = connection.execute(KNOWN_CHANGES, {"known_at": known_at, "since": since})
    return [change for row in rows if (change := _understood(row._mapping))]


def _understood(row: RowMapping) -> Override | None:
    """The change a row holds; one that can't be understood is left out here, and told by the vigil."""
    try:
        return change_from(row)
    except (ValueError, TypeError):
        return None


def _made(connection: Connection, key: str) -> list[Override]:
    made = select(ROTA_CHANGE).where(ROTA_CHANGE.c.batch == key).order_by(ROTA_CHANGE.c.id)
    return [change_from(row._mapping) for row in connection.execute(made)]


def change_from(row: RowMapping) -> Override:
    """The change a row holds. Raises ValueError when it is none."""
    names = Override.__dataclass_fields__
    return Override(**{**{name: row[name] for name in names}, "kind": OverrideKind(row["kind"])})
