"""The support statement in versions, and which customer was sent which, when, how and by whom."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "statement_sent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("statement", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("through", "by", "evidence")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("statement_sent_by_customer", "statement_sent", ["customer_id"])
    for table in ("statement", "statement_sent"):
        for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# What customers were told must stay provable: both are guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
       WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
)
