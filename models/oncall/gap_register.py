"""The numbered gaps in the store: kept in step with what is computed, so that each keeps its number while it moves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from models.outbox.messages import was_told
from models.rules.reminders import subjects
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.impact import RotaState
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import AcceptedTime, Rota
from models.store.database import Store, convert_row
from models.store.oncall_tables import GAP
from models.store.tables import RECORD

CLOSED, INTENDED, PASSED, CHANGED = "closed", "intended", "passed", "changed"
"""How a gap ended: somebody saw to it; it was declared intended; its time went by; it became a part of another one."""
REASONS = frozenset(GapReason)
# Built once: putting a statement together costs more than running it.
UPDATE = update(GAP).where(GAP.c.number == bindparam("kept_number"))
ONE = select(GAP).where(GAP.c.number == bindparam("number"))
OPEN = select(GAP).where(GAP.c.ended_at.is_(None)).order_by(GAP.c.start, GAP.c.number)
LAST_NUMBERS = select(
    select(func.max(GAP.c.number)).scalar_subquery().label("here"),
    select(func.max(RECORD.c.last_gap)).scalar_subquery().label("ever"),
)


@dataclass(frozen=True)
class GapRecord:
    """One gap with its number. ``ended_by`` is a Slack id, or ``cli``; empty when nobody in particular ended it.
    ``version`` grows with each change of its edges and of what it is about.
    """

    number: int
    seat: str
    reason: GapReason
    start: datetime
    end: datetime
    who: tuple[str, ...]
    what: tuple[str, ...]
    found_at: datetime
    ended_at: datetime | None = None
    ended_how: str = ""
    ended_by: str = ""
    version: int = 1

    @property
    def gap(self) -> Gap:
        """The gap as it is computed."""
        return Gap(self.seat, self.start, self.end, self.reason, self.who, self.what)


@dataclass(frozen=True)
class GapChanges:
    """What an update of the book found."""

    opened: Sequence[GapRecord] = ()
    moved: Sequence[GapRecord] = ()
    ended: Sequence[GapRecord] = ()


class GapRegister:
    """Looks into the book; each is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, number: int) -> GapRecord | None:
        """One gap, open or ended."""
        return self._store.read(lambda c: convert_row(c.execute(ONE, {"number": number}).first(), kept_from))

    def open(self) -> list[GapRecord]:
        """The gaps that are not ended, the nearest first."""
        return self._store.read(open_gaps)

    def on_cards(self, closed: Collection[Gap], at: datetime) -> list[Gap]:
        """Those of the gaps closed at an instant that are all that was left of one with a card, which then says so."""

        def unit(connection: Connection) -> list[Gap]:
            recent = select(GAP).where(
                GAP.c.ended_at.is_(None) | (GAP.c.ended_at >= at), GAP.c.reason.in_(set(GapReason))
            )
            kept = [kept_from(row._mapping) for row in connection.execute(recent)] if closed else []
            shown = [(gap, one) for gap in closed for one in kept if _is_rest(one, gap, at)]
            return [gap for gap, one in shown if was_told(connection, f"{subjects.gap(one.number)}/card")]

        return self._store.read(unit)

    def announced(self, opened: Collection[Gap], at: datetime) -> bool:
        """Whether each gap that opened at an instant was found since: a card, or the list of far gaps, says it."""
        recent = select(GAP).where(GAP.c.found_at >= at, GAP.c.reason.in_(REASONS))
        new = self._store.read(lambda c: [kept_from(row._mapping) for row in c.execute(recent)])
        return all(
            any((one.seat, one.reason) == (gap.seat, gap.reason) and _touch(one, gap) for one in new) for gap in opened
        )

    def some(self, numbers: Collection[int]) -> list[GapRecord]:
        """These gaps, the nearest first."""
        query = select(GAP).where(GAP.c.number.in_(list(numbers))).order_by(GAP.c.start, GAP.c.number)
        return self._store.read(lambda c: [kept_from(row._mapping) for row in c.execute(query)])


def open_gaps(connection: Connection) -> list[GapRecord]:
    """The gaps that are not ended, the nearest first."""
    return [kept_from(row._mapping) for row in connection.execute(OPEN) if row.reason in REASONS]


def rows(connection: Connection, numbers: Collection[int]) -> dict[int, RowMapping]:
    """The rows of these gaps, by number, as they are: one that can't be read is its own trouble."""
    query = select(GAP).where(GAP.c.number.in_(list(numbers)))
    return {row.number: row._mapping for row in connection.execute(query)}


def bring_up_to_date(
    connection: Connection, computed: Sequence[Gap], known: RotaState, now: datetime, since: datetime
) -> GapChanges:
    """Write into the book what differs from what was computed. The caller holds the lock of the vigil.

    ``computed`` reaches some way into the past; what is ``known`` tells who closed what, and what is intended. Of gaps
    that are over only those are new that were there at the beginning of ``seen``: when the bot last looked; its end is
    """
    differences = compare(open_gaps(connection), computed, known, now, since)
    opened: list[GapRecord] = []
    if differences.opened:
        numbers = connection.execute(LAST_NUMBERS).one()
        last = max(numbers.here or 0, numbers.ever or 0)
        opened = [replace(one, number=last + n) for n, one in enumerate(differences.opened, 1)]
        connection.execute(insert(GAP), [_row(one) for one in opened])
    for one in (*differences.moved, *differences.ended):
        connection.execute(UPDATE, {"kept_number": one.number, **_row(one)})
    return replace(differences, opened=opened)


# What differs ------------------------------------------------------------------------------------------------------


def compare(
    book: Iterable[GapRecord], computed: Sequence[Gap], known: RotaState, now: datetime, since: datetime
) -> GapChanges:
    """Match open gaps with computed ones of the same seat and reason that overlap or adjoin; the rest is new, or over.

    New gaps have the number 0. Pure.
    """
    theirs: dict[tuple[str, GapReason], list[GapRecord]] = defaultdict(list)
    for kept in book:
        theirs[kept.seat, kept.reason].append(kept)
    opened: list[GapRecord] = []
    moved: list[GapRecord] = []
    ended: list[GapRecord] = []
    for gap in computed:
        same = theirs[gap.seat, gap.reason]
        match = next((one for one in same if _touch(one, gap)), None)
        if match:
            same.remove(match)
            now_is = _moved(match, gap, now)
            if now_is.end <= now:
                rest = [one for one in computed if one.start > gap.end and _is_of(match, one)]
                ended.append(_ended(match, now_is, known, now, rest))
            elif now_is != match:
                moved.append(now_is)
        elif gap.end > since:
            opened.append(GapRecord(0, gap.seat, gap.reason, gap.start, gap.end, gap.people, gap.missing, now))
    left = [one for rest in theirs.values() for one in rest]
    ended += [_gone(one, computed, known, now) for one in left]
    return GapChanges(opened, moved, sorted(ended, key=lambda one: one.number))


def _is_of(kept: GapRecord, gap: Gap) -> bool:
    """Whether a computed gap is a part of a kept one."""
    return (kept.seat, kept.reason) == (gap.seat, gap.reason) and _touch(kept, gap)


def _touch(kept: GapRecord, gap: Gap) -> bool:
    return kept.start <= gap.end and gap.start <= kept.end


def _is_rest(kept: GapRecord, gap: Gap, at: datetime) -> bool:
    """Whether a gap that was closed is all that was left of a kept one; when the vigil was quicker, it has ended."""
    return _is_of(kept, gap) and (
        kept.ended_at is not None or (gap.start <= max(kept.start, at) and kept.end <= gap.end)
    )


def _moved(kept: GapRecord, gap: Gap, now: datetime) -> GapRecord:
    """The kept gap with the edges of the computed one. One that is open has begun when it began."""
    start = kept.start if gap.start <= now and kept.start <= now else gap.start
    after = replace(kept, start=start, end=gap.end, who=gap.people, what=gap.missing)
    return after if after == kept else replace(after, version=kept.version + 1)


def _ended(kept: GapRecord, now_is: GapRecord, known: RotaState, now: datetime, rest: Sequence[Gap]) -> GapRecord:
    """A gap that lies behind us: it passed, or somebody cut it short. Then it keeps its time, so that it can be told
    what became of all of it, but for the ``rest`` that is a gap of its own.
    """
    if now_is.end < kept.end:
        end = min([kept.end, *(gap.start for gap in rest)])
        return _seen_to(replace(kept, end=end), kept, known, now)
    return _over(kept, PASSED, "", now)


def _gone(kept: GapRecord, computed: Iterable[Gap], known: RotaState, now: datetime) -> GapRecord:
    """A gap that is not computed any more."""
    if kept.end <= now:
        return _over(kept, PASSED, "", now)
    since = max(kept.start, now)
    is_wrong_still = any(gap.seat == kept.seat and gap.start <= since and kept.end <= gap.end for gap in computed)
    if any(_is_of(kept, gap) for gap in computed) or (is_wrong_still and not ending(kept, known.overrides)):
        return _over(kept, CHANGED, "", now)
    return _seen_to(kept, kept, known, now)


def _seen_to(ends: GapRecord, was: GapRecord, known: RotaState, now: datetime) -> GapRecord:
    """Somebody saw to a gap, or nobody needs to: then a change says so, or a new version of the plan."""
    change = ending(was, known.overrides)
    if change and change.kind is OverrideKind.ACCEPT_GAP:
        return _over(ends, INTENDED, change.by, now)
    if meant(was, known.rota, now):
        return _over(ends, INTENDED, "", now)
    return _over(ends, CLOSED, change.by if change else "", now)


def _over(kept: GapRecord, how: str, by: str, now: datetime) -> GapRecord:
    return replace(kept, ended_at=now, ended_how=how, ended_by=by, version=kept.version + 1)


def ending(kept: GapRecord, changes: Sequence[Override]) -> Override | None:
    """The newest change that touched it while it was open; None when it was another version of the plan."""
    by_id = {change.id: change for change in changes}
    for change in sorted(changes, key=lambda one: one.id, reverse=True):
        meant = by_id.get(change.of or 0, change) if change.kind is OverrideKind.CANCEL else change
        elsewhere = meant.seat not in {"", kept.seat}
        while_open = kept.found_at <= change.at and (kept.ended_at is None or change.at <= kept.ended_at)
        if while_open and not elsewhere and meant.start < kept.end and kept.start < meant.end:
            return change
    return None


def meant(kept: GapRecord, rota: Rota, since: datetime) -> AcceptedTime | None:
    """What makes the rest of a gap intended in the plan itself; None when nothing does."""
    start = max(kept.start, since)
    fitting = (one for one in rota.accepted_gaps if one.seat in {"", kept.seat})
    return next((one for one in fitting if one.start <= start and kept.end <= one.end), None)


# Rows --------------------------------------------------------------------------------------------------------------


def _row(kept: GapRecord) -> dict[str, Any]:
    return {**asdict(kept), "reason": str(kept.reason), "who": list(kept.who), "what": list(kept.what)}


def kept_from(row: RowMapping) -> GapRecord:
    """The gap a row holds. Raises ValueError when it is none."""
    facts = {name: row[name] for name in GapRecord.__dataclass_fields__}
    return GapRecord(
        **{**facts, "reason": GapReason(row["reason"]), "who": tuple(row["who"]), "what": tuple(row["what"])}
    )
