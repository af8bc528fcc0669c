"""The epoch of the record, from where a message of unknown outcome is looked for, and when a pause was written.

Nothing that is there is changed. The row of the record is made by ``models.store.epoch_cache``, with the first start.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("takes_unmarked", sa.Boolean(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("last_gap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # Added in place on SQLite too: no table is built anew, no trigger is lost.
    op.add_column("outbox", sa.Column("look_from", sa.String(), nullable=True))
    op.add_column("pace", sa.Column("set_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
