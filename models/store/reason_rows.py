"""Every SQL statement that erases what people wrote beside a shift: reasons of overrides, offers, notes, corrections.

What was decided stays: who, when, which shift. Triggers allow no other change of these rows.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, update

from models.store.oncall_tables import LEDGER, ROTA_CHANGE, ROTA_OFFER, WATCH


class _Reason(NamedTuple):
    table: Table
    text: str  # the column of the words
    people: tuple[str, ...]  # the columns of who wrote it, and whom it is about


_REASONS = (
    _Reason(ROTA_CHANGE, "why", ("by", "member", "instead_of")),
    _Reason(ROTA_OFFER, "why", ("by", "member", "back_member")),
    _Reason(WATCH, "text", ("by", "person")),
    _Reason(LEDGER, "why", ("by", "person")),
)


def count(connection: Connection, people: Collection[str], erased: str) -> int:
    """Count the reasons by or about a person (Slack id, names in the rota) that are not the mark of erased ones."""
    return sum(
        connection.scalar(select(func.count()).select_from(reason.table).where(*_is_theirs(reason, people, erased)))
        or 0
        for reason in _REASONS
    )


def erase(connection: Connection, people: Collection[str], erased: str) -> None:
    """Put the mark of erased words in the place of these reasons."""
    for reason in _REASONS:
        connection.execute(
            update(reason.table).where(*_is_theirs(reason, people, erased)).values({reason.text: erased})
        )


def find_names(connection: Connection) -> set[str]:
    """Return everybody by whom or about whom there is a reason."""
    return {
        str(name)
        for reason in _REASONS
        for column in reason.people
        for name in connection.scalars(select(reason.table.c[column]).distinct())
        if name
    }


def _is_theirs(reason: _Reason, people: Collection[str], erased: str) -> tuple[ColumnElement[Any], ...]:
    text = reason.table.c[reason.text]
    return or_(*(reason.table.c[name].in_(list(people)) for name in reason.people)), text.not_in(("", erased))
