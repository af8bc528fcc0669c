"""The duty: changes of the rota, offers, presses at shifts, the coverage ledger, reminders, gaps, calendars' addresses.

Outbox rows may be about other things than escalations from here on: ``subject`` names them.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"

UTC = UTCDateTime()
# By table the columns of which no two rows may agree: SQLite's REPLACE would walk past its other guards.
KEYS = {
    "rota_change": ("id", "key"),
    "rota_offer": ("id", "key"),
    "rota_answer": ("id",),
    "watch": ("id", "key"),
    "ledger": ("id",),
    "downtime": ("id", "start"),
    "reminder": ("key",),
    "preference": ("id",),
    "feed": ("id", "secret_hash"),
}
# Partial uniqueness is guarded too: a second row that wants to replace the first must find a closed door.
PARTIAL = {
    "rota_answer": "OR (offer = NEW.offer AND kind <> 'decline' AND NEW.kind <> 'decline')",
    "ledger": (
        'OR (seat = NEW.seat AND place = NEW.place AND "start" = NEW."start" AND NOT corrects AND NOT NEW.corrects)'
    ),
}


def upgrade() -> None:
    _rota_tables()
    _duty_tables()
    _indexes()
    guards = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for name in KEYS:
        for statement in guards(name):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _sqlite(table: str) -> tuple[str, ...]:
    says = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    same = " OR ".join(f'"{column}" = NEW."{column}"' for column in KEYS[table])
    there = f"SELECT 1 FROM {table} WHERE {same} {PARTIAL.get(table, '')}"  # noqa: S608  # our own names
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {says}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {says}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({there}) {says}",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    runs = "EXECUTE FUNCTION csp_append_only()"
    return (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {runs}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {runs}",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
    )


def _rota_tables() -> None:
    op.create_table(
        "rota_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start", UTC, nullable=False),
        sa.Column("end", UTC, nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("instead_of", sa.String(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "rota_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("start", UTC, nullable=False),
        sa.Column("end", UTC, nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("back_member", sa.String(), nullable=False),
        sa.Column("back_seat", sa.String(), nullable=False),
        sa.Column("back_start", UTC, nullable=True),
        sa.Column("back_end", UTC, nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "rota_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["offer"], ["rota_offer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _duty_tables() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("shift_start", UTC, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("start", UTC, nullable=False),
        sa.Column("end", UTC, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("corrects", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "downtime",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("start", UTC, nullable=False),
        sa.Column("end", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("start"),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "reminder",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("merged_into", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "agenda",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "gap",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("start", UTC, nullable=False),
        sa.Column("end", UTC, nullable=False),
        sa.Column("who", sa.JSON(), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("found_at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("ended_how", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("seat", "reason", "start", "found_at", name="gap_once"),
    )
    op.create_table(
        "preference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("revokes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_hash"),
    )


def _indexes() -> None:
    _small("rota_answer_first", "rota_answer", ["offer"], "kind <> 'decline'", unique=True)
    _small("ledger_once", "ledger", ["seat", "place", "start"], "NOT corrects", unique=True)
    _small("gap_open", "gap", ["start"], "ended_at IS NULL")
    op.create_index("watch_by_shift", "watch", ["shift_start", "seat", "place"])
    op.create_index("ledger_by_end", "ledger", ["end"])
    op.create_index("reminder_by_subject", "reminder", ["subject", "due_at"])
    op.create_index("ix_agenda_due_at", "agenda", ["due_at"])
    op.create_index("ix_preference_user", "preference", ["user"])
    op.add_column("outbox", sa.Column("subject", sa.String(), nullable=True))
    op.create_index("outbox_about", "outbox", ["subject", "what"])


def _small(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    """An index of only those rows that can matter."""
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
