"""How far a lead looked at a case before it goes to 21Vianet, until when, and who decided when."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("escalation", sa.Column("review", sa.String(10), nullable=True))
    op.add_column("escalation", sa.Column("review_until", UTCDateTime(), nullable=True))
    op.add_column("escalation", sa.Column("reviewed_by", sa.String(), nullable=True))
    op.add_column("escalation", sa.Column("reviewed_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
