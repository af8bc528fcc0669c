"""Remediation records: the request, the meeting, the plan and its actions, as entries that are never changed."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "remediation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("team_id", "move", "by")),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("number", "seq", name="remediation_once"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# What was agreed with 21Vianet must stay provable: guarded like history (see 0001).
_SAYS = "BEGIN SELECT RAISE(ABORT, 'remediation is append-only'); END"
_THERE = """SELECT 1 FROM remediation
WHERE "id" = NEW."id" OR "key" = NEW."key" OR ("number" = NEW."number" AND "seq" = NEW."seq")"""
_RUNS = "EXECUTE FUNCTION csp_append_only()"
SQLITE = (
    f"CREATE TRIGGER remediation_no_update BEFORE UPDATE ON remediation {_SAYS}",
    f"CREATE TRIGGER remediation_no_delete BEFORE DELETE ON remediation {_SAYS}",
    f"CREATE TRIGGER remediation_no_replace BEFORE INSERT ON remediation WHEN EXISTS ({_THERE}) {_SAYS}",
)
POSTGRESQL = (
    f"CREATE TRIGGER remediation_no_change BEFORE UPDATE OR DELETE ON remediation FOR EACH ROW {_RUNS}",
    f"CREATE TRIGGER remediation_no_truncate BEFORE TRUNCATE ON remediation FOR EACH STATEMENT {_RUNS}",
    "ALTER TABLE remediation ENABLE ALWAYS TRIGGER remediation_no_change",
    "ALTER TABLE remediation ENABLE ALWAYS TRIGGER remediation_no_truncate",
)
