"""What a message carries of its reminder stands in columns of the outbox; so far it was packed into ``note``.

Rows of the old form are carried over. A note that can't be read stays where it is, and its row carries no reminder.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0014"
down_revision = "0013"

CHUNK = 400
"""Rows of the outbox that are carried over at a time."""
CARRIERS = ("nag", "shift", "handover", "gaps", "on_now", "digest", "week", "picture", "rehearsal")
"""The kinds of message whose note was the key of a reminder, a space, and its audience joined by ``+``."""
AUDIENCES = frozenset({"digest", "channel", "person", "on_call", "backup", "candidates", "leads", "everyone"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_STEP = re.compile(
    r"(?P<step>(?:open|unacknowledged|silent)(?=\d)|[^@]+)\d*(?:@(?P<instant>\d{8}T\d{6}).*)?", re.DOTALL
)
OUTBOX = sa.table(
    "outbox",
    sa.column("position", sa.Integer),
    sa.column("what", sa.String),
    sa.column("subject", sa.String),
    sa.column("note", sa.String),
    sa.column("reminder", sa.String),
    sa.column("step", sa.String),
    sa.column("counted_from", UTCDateTime),
    sa.column("reminder_due_at", UTCDateTime),
    sa.column("audience", sa.JSON(none_as_null=True)),
)
REMINDER = sa.table(
    "reminder", sa.column("key", sa.String), sa.column("step", sa.String), sa.column("due_at", UTCDateTime)
)
CALLS = (
    "UPDATE outbox SET listed_in = note, note = '' WHERE what = 'call' AND note <> ''",
    "UPDATE outbox SET redraws = rtrim(note), note = '' WHERE what = 'call_refresh' AND note <> ''",
)
REDRAWN = (
    """UPDATE outbox SET (redraws, reminder, step, counted_from, reminder_due_at, audience) = (
           SELECT redrawn.id, redrawn.reminder, redrawn.step, redrawn.counted_from, redrawn.reminder_due_at,
               redrawn.audience
           FROM outbox AS redrawn WHERE redrawn.dedupe_key = rtrim(outbox.note))
       WHERE what = 'nag_refresh' AND note <> ''""",
    "UPDATE outbox SET note = '' WHERE what = 'nag_refresh' AND redraws IS NOT NULL",
)


def upgrade() -> None:
    # Columns that may be empty are added in place on SQLite too: no table is built anew, no trigger is lost.
    for name in ("redraws", "listed_in", "reminder", "step"):
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=True))
    for name in ("counted_from", "reminder_due_at"):
        op.add_column("outbox", sa.Column(name, UTCDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("audience", sa.JSON(), nullable=True))
    _carry_reminders(op.get_bind())
    for statement in (*CALLS, *REDRAWN):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _carry_reminders(connection: sa.Connection) -> None:
    packed = (
        sa.select(OUTBOX.c.position, OUTBOX.c.what, OUTBOX.c.subject, OUTBOX.c.note)
        .where(OUTBOX.c.what.in_(CARRIERS), OUTBOX.c.note != "", OUTBOX.c.position > sa.bindparam("after"))
        .order_by(OUTBOX.c.position)
        .limit(CHUNK)
    )
    carry = (
        sa.update(OUTBOX)
        .where(OUTBOX.c.position == sa.bindparam("at"))
        .values({name: sa.bindparam(f"new_{name}", type_=OUTBOX.c[name].type) for name in (*_COLUMNS, "note")})
    )
    after = 0
    while rows := connection.execute(packed, {"after": after}).all():
        after = rows[-1].position
        made = _reminders(connection, [row.note.rpartition(" ")[0] for row in rows])
        carried = [(row.position, _columns(row, made)) for row in rows]
        if values := [
            {"at": at, "new_note": "", **{f"new_{name}": value for name, value in columns.items()}}
            for at, columns in carried
            if columns
        ]:
            connection.execute(carry, values)


_COLUMNS = ("reminder", "step", "counted_from", "reminder_due_at", "audience")


def _reminders(connection: sa.Connection, keys: Iterable[str]) -> dict[str, Any]:
    rows = connection.execute(sa.select(REMINDER).where(REMINDER.c.key.in_(set(keys))))
    return {row.key: row for row in rows}


def _columns(row: Any, made: dict[str, Any]) -> dict[str, Any] | None:
    """Return the new columns of a row; None when its note can't be read."""
    key, space, names = row.note.rpartition(" ")
    audience = sorted(name for name in names.split("+") if name)
    reminder = made.get(key)
    name = reminder.step if reminder else key.removeprefix(f"{row.subject}/")
    step = _STEP.fullmatch(name)
    if not (space and key and step and AUDIENCES.issuperset(audience)) or (reminder is None and name == key):
        return None
    instant = step["instant"]
    return {
        "reminder": key, "step": _step(row.what, name, step["step"]), "reminder_due_at": reminder and reminder.due_at,
        "counted_from": instant and datetime.strptime(instant, "%Y%m%dT%H%M%S").replace(tzinfo=UTC),
        "audience": audience or None,
    }  # fmt: skip


def _step(what: str, name: str, step: str) -> str:
    """Of who is on call, the hash of what was said; of what comes once a day, always the same."""
    if what == "on_now":
        return name.partition(".")[0]
    return "day" if _DATE.fullmatch(name) else step
