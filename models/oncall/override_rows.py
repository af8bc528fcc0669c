"""Every SQL statement on overrides: each is written once and never changed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, bindparam, func, insert, or_, select

from models.rules.rota.overrides import Override, OverrideKind
from models.rules.times import EARLIEST, ENDLESS
from models.store.oncall_tables import ROTA_CHANGE

CLOCK_SKEW = timedelta(minutes=1)
"""How far the clocks of two people's actions may be apart. What was saved first counts first all the same."""
_C = ROTA_CHANGE.c
LAST_ID = select(func.coalesce(func.max(_C.id), 0)).scalar_subquery()
"""Changes whenever an override is saved."""
# Built once: building a statement costs more than running it.
_KNOWN = (
    select(ROTA_CHANGE)
    # A cancellation has no times of its own: the override it cancels may reach further.
    .where(_C.at <= bindparam("known_at"), or_(_C.end > bindparam("since"), _C.of > 0))
    .order_by(_C.at, _C.id)
)
_BATCH = select(ROTA_CHANGE).where(_C.batch == bindparam("batch")).order_by(_C.id)
_LAST_SAVED = select(func.max(_C.at)).where(_C.at <= bindparam("known_at"))


def find_rows(connection: Connection, since: datetime, known_at: datetime = ENDLESS) -> Sequence[Row[Any]]:
    """Return the rows known at an instant, oldest first, without those that ended before ``since``."""
    return connection.execute(_KNOWN, {"known_at": known_at, "since": since}).all()


def find_known(connection: Connection, known_at: datetime, since: datetime = EARLIEST) -> list[Override]:
    """Return the overrides of :func:`find_rows`. A row that is not valid is left out; the tick reports it."""
    overrides = (_convert_valid(row._mapping) for row in find_rows(connection, since, known_at))
    return [override for override in overrides if override]


def find_batch(connection: Connection, key: str) -> list[Override]:
    """Return the overrides that were saved together under one key."""
    return [override_from(row._mapping) for row in connection.execute(_BATCH, {"batch": key})]


def find_last_saved(connection: Connection, known_at: datetime = ENDLESS) -> datetime | None:
    """Return when the newest override known at an instant was saved."""
    moment: datetime | None = connection.scalar(_LAST_SAVED, {"known_at": known_at})
    return moment


def save(connection: Connection, overrides: Sequence[Override], by: str, now: datetime, key: str) -> list[Override]:
    """Write overrides that were checked, and return them with their ids; a ``key`` that was used changes nothing.

    The caller holds the lock of the rota.
    """
    saved = find_batch(connection, key)
    if not saved:
        at = later_than(find_last_saved(connection), now)
        for part, override in enumerate(overrides):
            row = {**asdict(override), "kind": str(override.kind), "at": at, "by": by}
            del row["id"]
            connection.execute(insert(ROTA_CHANGE), [{**row, "key": f"{key}/{part}", "batch": key}])
        saved = find_batch(connection, key)
    return saved


def later_than(newest: datetime | None, now: datetime) -> datetime:
    """Return the time of an override that is saved after the newest one.

    A newest time far ahead was written by a wrong clock and is ignored.
    """
    return newest if newest is not None and now < newest < now + CLOCK_SKEW else now


def override_from(row: RowMapping) -> Override:
    """Return the override a row holds. Raises ValueError when the row is not valid."""
    names = Override.__dataclass_fields__
    return Override(**{**{name: row[name] for name in names}, "kind": OverrideKind(row["kind"])})


def _convert_valid(row: RowMapping) -> Override | None:
    try:
        return override_from(row)
    except (ValueError, TypeError):
        return None
