"""An operator may discard a message that was not delivered; messages that are not settled have an index."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    # Columns that may be empty are added in place on SQLite too: no table is built anew.
    op.add_column("outbox", sa.Column("discarded_at", UTCDateTime(), nullable=True))
    for name in ("discarded_by", "discarded_why"):
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=True))
    unsettled = sa.text("state IN ('pending', 'sending', 'unknown', 'dead')")
    op.create_index(
        "outbox_unsettled", "outbox", ["state", "created_at"], sqlite_where=unsettled, postgresql_where=unsettled
    )


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
