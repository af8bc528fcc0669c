"""Whether moves go to a webhook: every process that records a move must know it, whatever its own settings are."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    # A column that may be empty is added in place on SQLite too: no table is built anew.
    op.add_column("record", sa.Column("has_webhook", sa.Boolean(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
