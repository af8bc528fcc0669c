"""What was erased on request, so that it can be erased again in a restored backup."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("by", "why", "user")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("cases", "contacts")),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# Guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END""",
    """CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END""",
    """CREATE TRIGGER erasure_no_replace BEFORE INSERT ON erasure
       WHEN EXISTS (SELECT 1 FROM erasure WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER erasure_no_change BEFORE UPDATE OR DELETE ON erasure
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER erasure_no_truncate BEFORE TRUNCATE ON erasure
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE erasure ENABLE ALWAYS TRIGGER erasure_no_change",
    "ALTER TABLE erasure ENABLE ALWAYS TRIGGER erasure_no_truncate",
)
