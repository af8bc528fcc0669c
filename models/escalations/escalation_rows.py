"""Every SQL statement on escalations and the inbox of handled deliveries; :mod:`history_rows` has those on history.

A function runs one statement on an open connection. What may be done, and in which transaction, is decided by
:mod:`models.escalations.commands`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from models.escalations import search
from models.rules.escalations.escalation import Escalation, ParentBond
from models.store import epoch
from models.store.database import convert_row
from models.store.tables import ESCALATION, INBOX, INSERT, escalation_from, is_not_ended

NUMBERING_LOCK = 0x435350_02
"""The key of PostgreSQL's lock for giving the next number: "CSP", 2."""

# Built once: building a statement costs more than running it.
_IS_OPEN = is_not_ended(ESCALATION.c.status)
_IS_NOT_IN_PARENT = func.coalesce(ESCALATION.c.parent_bond, "") != ParentBond.FOLLOWS
_BY_SEVERITY = ESCALATION.c.severity, ESCALATION.c.number
_BY_NUMBER = select(ESCALATION).where(ESCALATION.c.number == bindparam("number"))
_BY_NUMBER_AND_TEAM = _BY_NUMBER.where(ESCALATION.c.team_id == bindparam("team"))
_LOCKED = _BY_NUMBER_AND_TEAM.with_for_update()
_BY_NUMBERS = select(ESCALATION).where(ESCALATION.c.number.in_(bindparam("numbers", expanding=True)))
_BY_DELIVERY = (
    select(ESCALATION).join(INBOX, INBOX.c.number == ESCALATION.c.number).where(INBOX.c.key == bindparam("key"))
)
_OWNED_BY = select(ESCALATION).where(ESCALATION.c.owner == bindparam("owner"), _IS_OPEN).order_by(ESCALATION.c.number)
_LOCKED_OWNED_BY = _OWNED_BY.with_for_update()
_LAST_NUMBERS = select(
    select(func.max(ESCALATION.c.number)).scalar_subquery().label("here"), epoch.LAST_NUMBER.label("elsewhere")
)
_OPEN = select(ESCALATION).where(_IS_OPEN).order_by(ESCALATION.c.number)
_UNOWNED = (
    _IS_OPEN, ESCALATION.c.owner.is_(None), ESCALATION.c.duplicate_of.is_(None), _IS_NOT_IN_PARENT,
    ESCALATION.c.team_id == bindparam("team"),
)  # fmt: skip
_FIRST_UNOWNED = select(ESCALATION).where(*_UNOWNED).order_by(*_BY_SEVERITY).limit(bindparam("most"))
_OF_A_TURN = (ESCALATION.c.turn, ESCALATION.c.severity, ESCALATION.c.severity_given)
_OPEN_BY_TURN = select(*_OF_A_TURN, func.count().label("open")).where(_IS_OPEN).group_by(*_OF_A_TURN)
"""In the order of an index, so that nothing is sorted."""
_UNACKNOWLEDGED = (
    select(ESCALATION)
    .where(_IS_OPEN, ESCALATION.c.acknowledged_at.is_(None))
    .order_by(*_BY_SEVERITY)
    .limit(bindparam("most"))
)
_OPEN_NUMBERS = select(ESCALATION.c.number).where(_IS_OPEN)
_OPEN_BY_OWNER = (
    select(ESCALATION.c.owner, func.count().label("open"))
    .where(ESCALATION.c.owner.in_(bindparam("users", expanding=True)), _IS_OPEN)
    .group_by(ESCALATION.c.owner)
)
_CHANGE = update(ESCALATION).where(ESCALATION.c.number == bindparam("changed_number"))

_ADD_DELIVERY = {
    dialect: insert(INBOX).on_conflict_do_nothing(index_elements=["key"]).returning(INBOX.c.key)
    for dialect, insert in INSERT.items()
}

# Escalations: one ---------------------------------------------------------------------------------------------------


def find(connection: Connection, number: int, team_id: str | None = None) -> Escalation | None:
    """Return one escalation; None when there is none, or none of that team."""
    query = _BY_NUMBER if team_id is None else _BY_NUMBER_AND_TEAM
    return convert_row(connection.execute(query, {"number": number, "team": team_id}).first(), escalation_from)


def lock(connection: Connection, number: int, team_id: str) -> Escalation | None:
    """Return one escalation of a team, locked against other writers until the transaction ends."""
    return convert_row(connection.execute(_LOCKED, {"number": number, "team": team_id}).first(), escalation_from)


def lock_owned_by(connection: Connection, owner: str) -> list[Escalation]:
    """Return the open escalations of an owner, oldest first, locked until the transaction ends."""
    return _escalations(connection, _LOCKED_OWNED_BY, owner=owner)


def add(connection: Connection, escalation: Escalation) -> None:
    """Insert a new escalation."""
    connection.execute(insert(ESCALATION), escalation.model_dump())


def change(connection: Connection, number: int, values: Mapping[str, Any]) -> None:
    """Write new values into some columns of an escalation."""
    connection.execute(_CHANGE, {"changed_number": number, **values})


def next_number(connection: Connection) -> int:
    """Lock the numbering until the transaction ends and return the number of the next escalation.

    Numbers are consecutive and never given twice. Only what a restored backup lacks leaves a gap.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": NUMBERING_LOCK})
    last = connection.execute(_LAST_NUMBERS).one()
    return max(last.here or 0, last.elsewhere or 0) + 1


def correct_times_after(connection: Connection, now: datetime) -> None:
    """Set times that lie after ``now`` to ``now``, because a clock that was ahead has been set back.

    An escalation that was raised by that clock has waited since now.
    """
    for column in (ESCALATION.c.waiting_since, ESCALATION.c.active_at):
        connection.execute(update(ESCALATION).where(column > now).values({column.name: now}))
    raised_later = and_(ESCALATION.c.raised_at > now, ESCALATION.c.waiting_since.is_(None))
    connection.execute(update(ESCALATION).where(raised_later).values(waiting_since=now, active_at=now))


# Escalations: several -----------------------------------------------------------------------------------------------


def find_rows(connection: Connection, numbers: Collection[int]) -> dict[int, RowMapping]:
    """Return the rows of these escalations by number, unconverted: a row that is not valid must not fail the others."""
    rows = connection.execute(_BY_NUMBERS, {"numbers": list(numbers)}) if numbers else ()
    return {row.number: row._mapping for row in rows}


def find_oldest_first(connection: Connection, numbers: Collection[int]) -> list[Escalation]:
    """Return these escalations, the lowest number first."""
    return _escalations(connection, _BY_NUMBERS.order_by(ESCALATION.c.number), numbers=list(numbers))


def find_newest_first(connection: Connection, numbers: Collection[int]) -> list[Escalation]:
    """Return these escalations, the highest number first."""
    return _escalations(connection, _BY_NUMBERS.order_by(ESCALATION.c.number.desc()), numbers=list(numbers))


def find_open_page(
    connection: Connection, team_id: str, limit: int, offset: int, user: str | None = None
) -> list[Escalation]:
    """Return a team's open escalations, the most severe first, then the oldest.

    With ``user`` only those that somebody (a Slack id) owns or raised.
    """
    query = select(ESCALATION).where(_IS_OPEN, _is_of_team(team_id))
    if user is not None:
        query = query.where(or_(ESCALATION.c.owner == user, ESCALATION.c.raised_by == user))
    return _escalations(connection, query.order_by(*_BY_SEVERITY).limit(limit).offset(offset))


def find_after(connection: Connection, number: int, limit: int, *, ended: bool = True) -> list[Escalation]:
    """Return escalations of all teams with a higher number, lowest first; ``ended`` ones only if wanted."""
    conditions = [] if ended else [_IS_OPEN]
    query = select(ESCALATION).where(ESCALATION.c.number > number, *conditions)
    return _escalations(connection, query.order_by(ESCALATION.c.number).limit(limit))


def find_owned_by(connection: Connection, owner: str) -> list[Escalation]:
    """Return the open escalations of an owner, oldest first."""
    return _escalations(connection, _OWNED_BY, owner=owner)


def find_unowned(connection: Connection, team_id: str, limit: int) -> tuple[list[Escalation], int]:
    """Return the first open escalations that nobody owns, the most severe first, and how many there are in all.

    Duplicates are left out: their originals are there.
    """
    count = connection.scalar(select(func.count()).select_from(ESCALATION).where(*_UNOWNED), {"team": team_id})
    return _escalations(connection, _FIRST_UNOWNED, team=team_id, most=limit), int(count or 0)


def find_open(connection: Connection) -> list[Escalation]:
    """Return the open escalations of all teams, oldest first."""
    return _escalations(connection, _OPEN)


def find_unacknowledged(connection: Connection, most: int) -> list[Escalation]:
    """Return open escalations that nobody acknowledged, the most severe first."""
    return _escalations(connection, _UNACKNOWLEDGED, most=most)


def find_open_numbers(connection: Connection) -> list[int]:
    """Return the numbers of every open escalation."""
    return list(connection.scalars(_OPEN_NUMBERS))


def find_numbers(connection: Connection) -> set[int]:
    """Return the numbers of all escalations."""
    return set(connection.scalars(select(ESCALATION.c.number)))


def find_numbers_with_request(
    connection: Connection, request_number: str, team_id: str, besides: int, limit: int
) -> list[int]:
    """Return the numbers of a team's other escalations with a service request number, ignoring case."""
    query = select(ESCALATION.c.number).where(
        search.contains_words(connection, [request_number]),
        func.lower(ESCALATION.c.request_number) == request_number.lower(),
        ESCALATION.c.number != besides,
        _is_of_team(team_id),
    )
    return list(connection.scalars(query.order_by(ESCALATION.c.number).limit(limit)))


def find_with_requests(
    connection: Connection, request_numbers: Collection[str], team_id: str, limit: int
) -> list[Escalation]:
    """Return a team's escalations with one of these service request numbers (in lower case), oldest first."""
    query = select(ESCALATION).where(
        search.contains_words(connection, request_numbers),
        func.lower(ESCALATION.c.request_number).in_(list(request_numbers)),
        _is_of_team(team_id),
    )
    return _escalations(connection, query.order_by(ESCALATION.c.number).limit(limit))


def count_open(connection: Connection, team_id: str) -> int:
    """Count a team's open escalations."""
    return _count(connection, _IS_OPEN, _is_of_team(team_id))


def count_open_by_turn(connection: Connection) -> dict[tuple[str, str], int]:
    """Count the open escalations of all teams by whose turn it is and by the severity that 21Vianet works by."""
    counts: dict[tuple[str, str], int] = {}
    for row in connection.execute(_OPEN_BY_TURN):
        group = row.turn, row.severity_given or row.severity
        counts[group] = counts.get(group, 0) + row.open
    return counts


def count(connection: Connection) -> int:
    """Count all escalations."""
    return _count(connection)


def count_open_by_owner(connection: Connection, users: Collection[str]) -> dict[str, int]:
    """Return how many open escalations each of these users owns; who owns none is left out."""
    rows = connection.execute(_OPEN_BY_OWNER, {"users": sorted(users)})
    return {row.owner: row.open for row in rows}


# The inbox ----------------------------------------------------------------------------------------------------------


def add_delivery(connection: Connection, key: str, number: int, seq: int, at: datetime) -> bool:
    """Record that a click or submission was handled; False when it was recorded before."""
    values = {"key": key, "number": number, "seq": seq, "at": at}
    return connection.execute(_ADD_DELIVERY[connection.dialect.name], values).first() is not None


def count_deliveries_before(connection: Connection, before: datetime) -> int:
    """Count the handled clicks and submissions from before an instant."""
    return connection.scalar(select(func.count()).select_from(INBOX).where(INBOX.c.at < before)) or 0


def prune_deliveries(connection: Connection, before: datetime, limit: int) -> int:
    """Forget the oldest of them, and return how many: Slack repeats a delivery for an hour at most."""
    oldest = select(INBOX.c.key).where(INBOX.c.at < before).limit(limit)
    return connection.execute(delete(INBOX).where(INBOX.c.key.in_(oldest))).rowcount


def find_by_delivery(connection: Connection, key: str) -> Escalation | None:
    """Return the escalation that a handled click or submission was about."""
    return convert_row(connection.execute(_BY_DELIVERY, {"key": key}).first(), escalation_from)


def _is_of_team(team_id: str) -> ColumnElement[bool]:
    """Select a team without an index: SQLite would take that of nearly all rows instead of the index of open ones."""
    return ESCALATION.c.team_id.concat("") == team_id


def _escalations(connection: Connection, query: Select[Any], **values: object) -> list[Escalation]:
    return [escalation_from(row._mapping) for row in connection.execute(query, values)]


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count()).select_from(ESCALATION).where(*conditions)) or 0)
