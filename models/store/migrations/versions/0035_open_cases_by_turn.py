"""Open escalations are counted by whose turn it is and by severity from an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    not_ended = sa.text("status NOT IN ('closed', 'withdrawn')")
    op.create_index(
        "escalation_by_turn", "escalation", ["turn", "severity", "severity_given"],
        sqlite_where=not_ended, postgresql_where=not_ended,
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
