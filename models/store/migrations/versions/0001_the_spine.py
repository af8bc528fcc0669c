"""The spine: escalations, their append-only history, inbox, outbox, people, customers, the search index."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None


UTC = UTCDateTime()
UNFINISHED = sa.text("state IN ('pending', 'sending', 'unknown')")
NOT_ENDED = sa.text("status NOT IN ('closed', 'withdrawn')")
NOT_ENDED_BY = {
    "escalation_open": ["severity", "number"],
    "escalation_by_owner": ["owner"],
    "escalation_by_raiser": ["raised_by"],
}
TO_SWEEP = sa.text("sweep_at IS NOT NULL")
HAS_TENANT = sa.text("tenant_id <> ''")


def upgrade() -> None:
    _tables()
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# History can't be edited away. REPLACE walks past SQLite's update and delete triggers, so inserting over an existing
# row is refused as well; TRUNCATE and a replica role walk past PostgreSQL's row triggers, so both are closed.
SQLITE = (
    """CREATE TRIGGER history_no_update BEFORE UPDATE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    """CREATE TRIGGER history_no_delete BEFORE DELETE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    """CREATE TRIGGER history_no_replace BEFORE INSERT ON history
       WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id OR (number = NEW.number AND seq = NEW.seq))
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    """CREATE TRIGGER escalation_no_delete BEFORE DELETE ON escalation
       BEGIN SELECT RAISE(ABORT, 'escalations are never deleted'); END""",
    "CREATE VIRTUAL TABLE escalation_words USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')",
)
POSTGRESQL = (
    """CREATE FUNCTION csp_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    """CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER escalation_no_delete BEFORE DELETE ON escalation
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER escalation_no_truncate BEFORE TRUNCATE ON escalation
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_truncate",
    "ALTER TABLE escalation ENABLE ALWAYS TRIGGER escalation_no_delete",
    "ALTER TABLE escalation ENABLE ALWAYS TRIGGER escalation_no_truncate",
    "CREATE TABLE escalation_words (number integer PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX escalation_words_index ON escalation_words USING gin (words)",
)


def _tables() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("relationship", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "customer_by_tenant",
        "customer",
        ["tenant_id"],
        unique=True,
        sqlite_where=HAS_TENANT,
        postgresql_where=HAS_TENANT,
    )
    op.create_index("customer_by_revision", "customer", ["revision"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("severity", sa.String(length=1), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("acknowledged_at", UTC, nullable=True),
        sa.Column("request_number", sa.String(), nullable=True),
        sa.Column("told_by", sa.String(), nullable=True),
        sa.Column("told_at", UTC, nullable=True),
        sa.Column("fix", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", UTC, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'acknowledged', 'submitted', 'resolved', 'closed', 'reopened', 'withdrawn')",
            name="escalation_status",
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    for name, columns in NOT_ENDED_BY.items():
        op.create_index(name, "escalation", columns, unique=False, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED)

    op.create_table(
        "inbox",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("user", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTC, nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("first_tried_at", UTC, nullable=True),
        sa.Column("sweep_at", UTC, nullable=True),
        sa.Column("sweeps", sa.Integer(), nullable=False),
        sa.Column("slack_channel", sa.String(), nullable=True),
        sa.Column("slack_ts", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("settled_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("dedupe_key"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(
        "outbox_due",
        "outbox",
        ["due_at", "position"],
        unique=False,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_index(
        "outbox_lane",
        "outbox",
        ["lane", "position"],
        unique=False,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_index("outbox_subject", "outbox", ["number", "what"], unique=False)
    op.create_index(
        "outbox_sweep", "outbox", ["sweep_at"], unique=False, sqlite_where=TO_SWEEP, postgresql_where=TO_SWEEP
    )

    op.create_table(
        "pace",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("free_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("tz", sa.String(), nullable=False),
        sa.Column("is_guest", sa.Boolean(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "history",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("status_from", sa.String(length=20), nullable=True),
        sa.Column("status_to", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["escalation.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "seq", name="history_once"),
    )
