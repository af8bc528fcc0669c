"""Who is not in the workspace any more, since when, and who came back.

Whom the bot knew as deactivated left when it saw that.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.execute(
        'INSERT INTO departure ("at", "user", "gone", "why") '
        "SELECT seen_at, id, is_deleted, 'deactivated' FROM person WHERE is_deleted ORDER BY seen_at, id"
    )


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


_SAYS = "BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END"
_THERE = 'SELECT 1 FROM departure WHERE "id" = NEW."id"'
_RUNS = "EXECUTE FUNCTION csp_append_only()"
SQLITE = (
    f"CREATE TRIGGER departure_no_update BEFORE UPDATE ON departure {_SAYS}",
    f"CREATE TRIGGER departure_no_delete BEFORE DELETE ON departure {_SAYS}",
    f"CREATE TRIGGER departure_no_replace BEFORE INSERT ON departure WHEN EXISTS ({_THERE}) {_SAYS}",
)
POSTGRESQL = (
    f"CREATE TRIGGER departure_no_change BEFORE UPDATE OR DELETE ON departure FOR EACH ROW {_RUNS}",
    f"CREATE TRIGGER departure_no_truncate BEFORE TRUNCATE ON departure FOR EACH STATEMENT {_RUNS}",
    "ALTER TABLE departure ENABLE ALWAYS TRIGGER departure_no_change",
    "ALTER TABLE departure ENABLE ALWAYS TRIGGER departure_no_truncate",
)
