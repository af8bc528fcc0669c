"""In which thread a message stands: a second copy is looked for there, whatever became of its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Added in place on SQLite too: no table is built anew, no trigger is lost.
    op.add_column("outbox", sa.Column("slack_thread", sa.String(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
