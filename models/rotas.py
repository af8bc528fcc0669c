"""Keeping the rota: each import adds a version, none is ever changed. What a version means is told by ``rota``."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from models.rota import plan_file
from models.rota.plan import Plan
from models.store import Store
from models.tables import PERSON, ROTA_PLAN

IMPORT_LOCK = 0x435350_04
P = ROTA_PLAN.c
NEWEST_FIRST = select(P.text).order_by(P.at.desc(), P.id.desc()).limit(1)
LEFT = select(PERSON.c.id).where(PERSON.c.is_deleted)


def import_plan(store: Store, written: str, by: str, at: datetime) -> bool:
    """Make a rota file the newest version; False when it already is, to the letter.

    ``by`` is a Slack user id, or ``cli``. Raises BadPlan with every fault, NotSaved; then nothing was changed.
    """
    plan_file.read(written)

    def unit(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})
        if connection.scalar(NEWEST_FIRST) == written:
            return False
        connection.execute(insert(ROTA_PLAN), {"at": at, "by": by, "text": written})
        return True

    return store.write(unit)


def text_at(store: Store, known_at: datetime) -> str | None:
    """The rota file that was the newest at an instant, as it was written; None when there was none yet."""
    found: str | None = store.read(lambda connection: connection.scalar(NEWEST_FIRST.where(P.at <= known_at)))
    return found


def plan_at(store: Store, known_at: datetime) -> Plan | None:
    """The plan that was known at an instant; None when there was none yet."""
    written = text_at(store, known_at)
    return None if written is None else plan_file.read(written)


def left(store: Store) -> frozenset[str]:
    """The Slack ids of people who, when the bot last saw them, were no longer in the workspace."""
    return store.read(lambda connection: frozenset(connection.scalars(LEFT)))
