"""The rota: every imported plan as it was written, append-only."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "rota_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# Who was planned at a past minute must stay provable: plans are guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER rota_plan_no_update BEFORE UPDATE ON rota_plan
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END""",
    """CREATE TRIGGER rota_plan_no_delete BEFORE DELETE ON rota_plan
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END""",
    """CREATE TRIGGER rota_plan_no_replace BEFORE INSERT ON rota_plan
       WHEN EXISTS (SELECT 1 FROM rota_plan WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'rota_plan is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER rota_plan_no_change BEFORE UPDATE OR DELETE ON rota_plan
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER rota_plan_no_truncate BEFORE TRUNCATE ON rota_plan
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE rota_plan ENABLE ALWAYS TRIGGER rota_plan_no_change",
    "ALTER TABLE rota_plan ENABLE ALWAYS TRIGGER rota_plan_no_truncate",
)
