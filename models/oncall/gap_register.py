"""The numbered gaps in the store, and every SQL statement on them.

Gaps are computed from the rota. The register is kept in step with them, so that a gap keeps its number while it moves.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, insert, or_, select, update

from models.outbox.messages import was_enqueued
from models.rules.reminders import subjects
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.impact import RotaState
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import AcceptedTime, Rota
from models.store import epoch
from models.store.database import Store, convert_row
from models.store.oncall_tables import GAP

CLOSED, INTENDED, PASSED, CHANGED = "closed", "intended", "passed", "changed"
"""How a gap ended: somebody covered it, it was accepted, its time passed, or it became part of another gap."""
REASONS = frozenset(GapReason)
_G = GAP.c
# Built once: building a statement costs more than running it.
_UPDATE = update(GAP).where(_G.number == bindparam("changed_number"))
_BY_NUMBER = select(GAP).where(_G.number == bindparam("number"))
_BY_NUMBERS = select(GAP).where(_G.number.in_(bindparam("numbers", expanding=True))).order_by(_G.start, _G.number)
_OPEN = select(GAP).where(_G.ended_at.is_(None)).order_by(_G.start, _G.number)
_OPEN_NUMBERS = select(_G.number).where(_G.ended_at.is_(None))
_COUNTS = select(
    func.sum(case((_G.start <= bindparam("now", type_=_G.start.type), 1), else_=0)).label("open_now"),
    func.count().label("ahead"),
).where(_G.ended_at.is_(None), _G.end > bindparam("now", type_=_G.start.type), _G.start < bindparam("until"))
_OPEN_OR_ENDED_SINCE = select(GAP).where(or_(_G.ended_at.is_(None), _G.ended_at >= bindparam("since")))
_FOUND_SINCE = select(GAP).where(_G.found_at >= bindparam("since"))
_LAST_NUMBERS = select(select(func.max(_G.number)).scalar_subquery().label("here"), epoch.LAST_GAP.label("elsewhere"))


@dataclass(frozen=True)
class GapRecord:
    """One gap with its number."""

    number: int
    seat: str
    reason: GapReason
    start: datetime
    end: datetime
    who: tuple[str, ...]  # the members it is about
    what: tuple[str, ...]  # what is missing
    found_at: datetime
    ended_at: datetime | None = None
    ended_how: str = ""  # CLOSED, INTENDED, PASSED or CHANGED
    ended_by: str = ""  # a Slack id, or ``cli``; empty when nobody in particular ended it
    version: int = 1  # grows with each change

    @property
    def gap(self) -> Gap:
        """Return the gap as it is computed."""
        return Gap(self.seat, self.start, self.end, self.reason, self.who, self.what)


@dataclass(frozen=True)
class GapChanges:
    """What an update of the register found."""

    opened: Sequence[GapRecord] = ()
    moved: Sequence[GapRecord] = ()
    ended: Sequence[GapRecord] = ()


class GapRegister:
    """Looks gaps up. Each method is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, number: int) -> GapRecord | None:
        """Return one gap, open or ended."""
        return self._store.read(lambda c: convert_row(c.execute(_BY_NUMBER, {"number": number}).first(), gap_from))

    def find_several(self, numbers: Collection[int]) -> list[GapRecord]:
        """Return these gaps, the nearest first."""
        rows = self._store.read(lambda c: c.execute(_BY_NUMBERS, {"numbers": list(numbers)}).all())
        return [gap_from(row._mapping) for row in rows]

    def open(self) -> list[GapRecord]:
        """Return the gaps that are not ended, the nearest first."""
        return self._store.read(open_gaps)

    def select_shown(self, closed: Collection[Gap], at: datetime) -> list[Gap]:
        """Return those of the gaps closed at an instant whose end a card shows.

        A card does when the closed gap is all that was left of a gap in the register.
        """

        def unit(connection: Connection) -> list[Gap]:
            rows = connection.execute(_OPEN_OR_ENDED_SINCE, {"since": at}) if closed else ()
            records = [gap_from(row._mapping) for row in rows if row.reason in REASONS]
            pairs = [(gap, record) for gap in closed for record in records if _is_rest(record, gap, at)]
            return [gap for gap, record in pairs if was_enqueued(connection, f"{subjects.gap(record.number)}/card")]

        return self._store.read(unit)

    def are_shown(self, opened: Collection[Gap], at: datetime) -> bool:
        """Return whether each gap that opened at an instant was found since, so that a card or the digest shows it."""
        rows = self._store.read(lambda c: c.execute(_FOUND_SINCE, {"since": at}).all())
        records = [gap_from(row._mapping) for row in rows if row.reason in REASONS]
        return all(any(_is_same_gap(record, gap) for record in records) for gap in opened)


def open_gaps(connection: Connection) -> list[GapRecord]:
    """Return the gaps that are not ended, the nearest first."""
    return [gap_from(row._mapping) for row in connection.execute(_OPEN) if row.reason in REASONS]


def count_open(connection: Connection, now: datetime, until: datetime) -> tuple[int, int]:
    """Count the gaps that are open at an instant, and those that are or will be before ``until``."""
    row = connection.execute(_COUNTS, {"now": now, "until": until}).one()
    return int(row.open_now or 0), int(row.ahead or 0)


def find_open_numbers(connection: Connection) -> list[int]:
    """Return the numbers of the gaps that are not ended, also of those whose reason is not known any more."""
    return list(connection.scalars(_OPEN_NUMBERS))


def find_records(connection: Connection, numbers: Collection[int]) -> tuple[dict[int, GapRecord], dict[int, Exception]]:
    """Return these gaps by number, and the errors of those whose rows are not valid."""
    records: dict[int, GapRecord] = {}
    errors: dict[int, Exception] = {}
    for row in connection.execute(_BY_NUMBERS, {"numbers": list(numbers)}) if numbers else ():
        try:
            records[row.number] = gap_from(row._mapping)
        except (ValueError, TypeError) as error:
            errors[row.number] = error
    return records, errors


def bring_up_to_date(
    connection: Connection, computed: Sequence[Gap], state: RotaState, now: datetime, since: datetime
) -> GapChanges:
    """Write into the register what differs from the computed gaps. The caller holds the lock of the tick.

    ``computed`` reaches some way into the past. ``state`` says who closed a gap, and what is accepted. ``since`` is
    when the bot last looked: a gap that is new to the register and ended before is left out.
    """
    differences = compare(open_gaps(connection), computed, state, now, since)
    opened: list[GapRecord] = []
    if differences.opened:
        numbers = connection.execute(_LAST_NUMBERS).one()
        last = max(numbers.here or 0, numbers.elsewhere or 0)
        opened = [replace(record, number=last + n) for n, record in enumerate(differences.opened, 1)]
        connection.execute(insert(GAP), [_row(record) for record in opened])
    for record in (*differences.moved, *differences.ended):
        connection.execute(_UPDATE, {"changed_number": record.number, **_row(record)})
    return replace(differences, opened=opened)


# Differences -------------------------------------------------------------------------------------------------------


def compare(
    register: Iterable[GapRecord], computed: Sequence[Gap], state: RotaState, now: datetime, since: datetime
) -> GapChanges:
    """Match open gaps with computed ones of the same seat and reason that overlap or adjoin; the rest is new or over.

    New gaps have the number 0. Reads and writes nothing.
    """
    candidates: dict[tuple[str, GapReason], list[GapRecord]] = defaultdict(list)
    for record in register:
        candidates[record.seat, record.reason].append(record)
    opened: list[GapRecord] = []
    moved: list[GapRecord] = []
    ended: list[GapRecord] = []
    for gap in computed:
        same = candidates[gap.seat, gap.reason]
        match = next((record for record in same if _touch(record, gap)), None)
        if match:
            same.remove(match)
            updated = _move(match, gap, now)
            if updated.end <= now:
                rest = [other for other in computed if other.start > gap.end and _is_same_gap(match, other)]
                ended.append(_end_passed(match, updated, state, now, rest))
            elif updated != match:
                moved.append(updated)
        elif gap.end > since:
            opened.append(GapRecord(0, gap.seat, gap.reason, gap.start, gap.end, gap.people, gap.missing, now))
    unmatched = [record for records in candidates.values() for record in records]
    ended += [_end_unmatched(record, computed, state, now) for record in unmatched]
    return GapChanges(opened, moved, sorted(ended, key=lambda record: record.number))


def _is_same_gap(record: GapRecord, gap: Gap) -> bool:
    """Return whether a computed gap is a part of one in the register."""
    return (record.seat, record.reason) == (gap.seat, gap.reason) and _touch(record, gap)


def _touch(record: GapRecord, gap: Gap) -> bool:
    return record.start <= gap.end and gap.start <= record.end


def _is_rest(record: GapRecord, gap: Gap, at: datetime) -> bool:
    """Return whether a gap that was closed is all that was left of one in the register.

    The record has ended already when the tick was faster.
    """
    return _is_same_gap(record, gap) and (
        record.ended_at is not None or (gap.start <= max(record.start, at) and record.end <= gap.end)
    )


def _move(record: GapRecord, gap: Gap, now: datetime) -> GapRecord:
    """Return the record with the edges of the computed gap. The start of a gap that has begun does not move later."""
    start = record.start if gap.start <= now and record.start <= now else gap.start
    after = replace(record, start=start, end=gap.end, who=gap.people, what=gap.missing)
    return after if after == record else replace(after, version=record.version + 1)


def _end_passed(
    record: GapRecord, updated: GapRecord, state: RotaState, now: datetime, rest: Sequence[Gap]
) -> GapRecord:
    """Return the ended record of a gap whose end has passed, or that somebody shortened to end before now.

    A shortened gap keeps its old end, less the ``rest`` that is a gap of its own: all of it was closed.
    """
    if updated.end < record.end:
        end = min([record.end, *(gap.start for gap in rest)])
        return _end_by_change(replace(record, end=end), record, state, now)
    return _end(record, PASSED, "", now)


def _end_unmatched(record: GapRecord, computed: Iterable[Gap], state: RotaState, now: datetime) -> GapRecord:
    """Return the ended record of a gap that is not computed any more."""
    if record.end <= now:
        return _end(record, PASSED, "", now)
    since = max(record.start, now)
    has_other_reason = any(gap.seat == record.seat and gap.start <= since and record.end <= gap.end for gap in computed)
    is_part = any(_is_same_gap(record, gap) for gap in computed)
    if is_part or (has_other_reason and not find_ending(record, state.overrides)):
        return _end(record, CHANGED, "", now)
    return _end_by_change(record, record, state, now)


def _end_by_change(ended: GapRecord, before: GapRecord, state: RotaState, now: datetime) -> GapRecord:
    """Return the record of a gap that an override, or a new version of the plan, covered or accepted."""
    override = find_ending(before, state.overrides)
    if override and override.kind is OverrideKind.ACCEPT_GAP:
        return _end(ended, INTENDED, override.by, now)
    if find_accepted(before, state.rota, now):
        return _end(ended, INTENDED, "", now)
    return _end(ended, CLOSED, override.by if override else "", now)


def _end(record: GapRecord, how: str, by: str, now: datetime) -> GapRecord:
    return replace(record, ended_at=now, ended_how=how, ended_by=by, version=record.version + 1)


def find_ending(record: GapRecord, overrides: Sequence[Override]) -> Override | None:
    """Return the newest override that touched a gap while it was open; None when only the plan can have ended it."""
    by_id = {override.id: override for override in overrides}
    for override in sorted(overrides, key=lambda override: override.id, reverse=True):
        effective = by_id.get(override.of or 0, override) if override.kind is OverrideKind.CANCEL else override
        is_elsewhere = effective.seat not in {"", record.seat}
        while_open = record.found_at <= override.at and (record.ended_at is None or override.at <= record.ended_at)
        if while_open and not is_elsewhere and effective.start < record.end and record.start < effective.end:
            return override
    return None


def find_accepted(record: GapRecord, rota: Rota, since: datetime) -> AcceptedTime | None:
    """Return what in the plan itself accepts the rest of a gap; None when nothing does."""
    start = max(record.start, since)
    of_seat = (accepted for accepted in rota.accepted_gaps if accepted.seat in {"", record.seat})
    return next((accepted for accepted in of_seat if accepted.start <= start and record.end <= accepted.end), None)


# Rows --------------------------------------------------------------------------------------------------------------


def _row(record: GapRecord) -> dict[str, Any]:
    return {**asdict(record), "reason": str(record.reason), "who": list(record.who), "what": list(record.what)}


def gap_from(row: RowMapping) -> GapRecord:
    """Return the gap a row holds. Raises ValueError when the row is not valid."""
    values = {name: row[name] for name in GapRecord.__dataclass_fields__}
    return GapRecord(
        **{**values, "reason": GapReason(row["reason"]), "who": tuple(row["who"]), "what": tuple(row["what"])}
    )
