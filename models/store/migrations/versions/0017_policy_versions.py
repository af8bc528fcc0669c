"""21Vianet's rules as files: every version that was imported, and the version by which each case is judged.

Cases of before are judged by the packaged rules, version 0.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # A column with a default is added in place on SQLite too: no table is built again.
    op.add_column("escalation", sa.Column("policy_version", sa.Integer(), nullable=False, server_default="0"))
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# By which rules a case was judged must stay provable: versions are guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END""",
    """CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END""",
    """CREATE TRIGGER policy_version_no_replace BEFORE INSERT ON policy_version
       WHEN EXISTS (SELECT 1 FROM policy_version WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER policy_version_no_change BEFORE UPDATE OR DELETE ON policy_version
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON policy_version
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE policy_version ENABLE ALWAYS TRIGGER policy_version_no_change",
    "ALTER TABLE policy_version ENABLE ALWAYS TRIGGER policy_version_no_truncate",
)
