"""Who says that they can work in a holiday week."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "volunteer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("can", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_volunteer_week", "volunteer", ["week"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


_SAYS = "BEGIN SELECT RAISE(ABORT, 'volunteer is append-only'); END"
_THERE = 'SELECT 1 FROM volunteer WHERE "id" = NEW."id" OR "key" = NEW."key"'
_RUNS = "EXECUTE FUNCTION csp_append_only()"
SQLITE = (
    f"CREATE TRIGGER volunteer_no_update BEFORE UPDATE ON volunteer {_SAYS}",
    f"CREATE TRIGGER volunteer_no_delete BEFORE DELETE ON volunteer {_SAYS}",
    f"CREATE TRIGGER volunteer_no_replace BEFORE INSERT ON volunteer WHEN EXISTS ({_THERE}) {_SAYS}",
)
POSTGRESQL = (
    f"CREATE TRIGGER volunteer_no_change BEFORE UPDATE OR DELETE ON volunteer FOR EACH ROW {_RUNS}",
    f"CREATE TRIGGER volunteer_no_truncate BEFORE TRUNCATE ON volunteer FOR EACH STATEMENT {_RUNS}",
    "ALTER TABLE volunteer ENABLE ALWAYS TRIGGER volunteer_no_change",
    "ALTER TABLE volunteer ENABLE ALWAYS TRIGGER volunteer_no_truncate",
)
