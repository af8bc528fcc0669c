"""Cases of many customers under one listed incident: the parent of a case, and how it depends on that."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    # Columns that may be empty are added in place on SQLite too: no table is built anew.
    op.add_column("escalation", sa.Column("parent", sa.Integer(), nullable=True))
    op.add_column("escalation", sa.Column("parent_bond", sa.String(length=12), nullable=True))
    is_child = sa.text("parent IS NOT NULL")
    op.create_index("escalation_by_parent", "escalation", ["parent"], sqlite_where=is_child, postgresql_where=is_child)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
