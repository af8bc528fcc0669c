"""Which case a case repeats."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("escalation", sa.Column("duplicate_of", sa.Integer(), nullable=True))
    is_duplicate = sa.text("duplicate_of IS NOT NULL")
    op.create_index(
        "escalation_by_original", "escalation", ["duplicate_of"],
        sqlite_where=is_duplicate, postgresql_where=is_duplicate,
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
