"""Since when the outcome of a message is unknown: long afterwards one look for it is enough."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("in_doubt_since", UTCDateTime(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
