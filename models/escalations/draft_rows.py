"""Drafts of the form, and every SQL statement on them. Only the person who typed a draft can read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from models.escalations import escalation_rows
from models.rules.escalations.draft import KEPT_AT_MOST, KEPT_FOR, Draft
from models.store.database import Store
from models.store.tables import DRAFT, INSERT

_D = DRAFT.c


@dataclass(frozen=True)
class DraftOwner:
    """Whose drafts are meant."""

    team_id: str
    user: str


class EscalationDrafts:
    """The drafts in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, owner: DraftOwner, draft: Draft, submission: str) -> None:
        """Keep a draft in place of its older state, and delete what is too old or too much.

        Nothing is kept when the form was sent meanwhile; ``submission`` is its key then. Raises NotSaved.
        """

        def unit(connection: Connection) -> None:
            if escalation_rows.find_by_delivery(connection, submission) is None:
                _put(connection, owner, draft)
                _delete_oldest(connection, owner)

        self._store.write(unit)

    def find(self, owner: DraftOwner, now: datetime) -> list[Draft]:
        """Return a person's drafts, newest first. Raises NotSaved."""
        wanted = (
            select(_D.key, _D.text, _D.saved_at)
            .where(*_of(owner), _D.saved_at > now - KEPT_FOR)
            .order_by(_D.saved_at.desc(), _D.key)
            .limit(KEPT_AT_MOST)
        )
        return self._store.read(lambda connection: [Draft(*row) for row in connection.execute(wanted)])

    def discard(self, owner: DraftOwner, key: str) -> None:
        """Delete a draft of a person. Raises NotSaved."""
        self._store.write(lambda connection: discard(connection, owner, key))


def discard(connection: Connection, owner: DraftOwner, key: str) -> None:
    """Delete a draft of a person, if it is there."""
    connection.execute(delete(DRAFT).where(*_of(owner), _D.key == key))


def count_of_user(connection: Connection, user: str) -> int:
    """Count the drafts of somebody (a Slack id) in all teams."""
    return int(connection.scalar(select(func.count()).select_from(DRAFT).where(_D.user == user)) or 0)


def delete_of_user(connection: Connection, user: str) -> None:
    """Delete every draft of somebody (a Slack id)."""
    connection.execute(delete(DRAFT).where(_D.user == user))


def delete_old(connection: Connection, now: datetime) -> None:
    """Delete everybody's drafts that were not changed for too long."""
    connection.execute(delete(DRAFT).where(_D.saved_at <= now - KEPT_FOR))


def _put(connection: Connection, owner: DraftOwner, draft: Draft) -> None:
    values = {"text": draft.text, "saved_at": draft.saved_at}
    statement = INSERT[connection.dialect.name](DRAFT).values(
        team_id=owner.team_id, user=owner.user, key=draft.key, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["team_id", "user", "key"], set_=values))


def _delete_oldest(connection: Connection, owner: DraftOwner) -> None:
    newest_first = select(_D.key).where(*_of(owner)).order_by(_D.saved_at.desc(), _D.key).offset(KEPT_AT_MOST)
    surplus = list(connection.execute(newest_first).scalars())
    if surplus:
        connection.execute(delete(DRAFT).where(*_of(owner), _D.key.in_(surplus)))


def _of(owner: DraftOwner) -> tuple[ColumnElement[bool], ...]:
    return _D.team_id == owner.team_id, _D.user == owner.user
