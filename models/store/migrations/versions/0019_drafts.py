"""What was typed into the form and not sent: drafts of each person, kept for a short time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user", "key"),
    )
    op.create_index("draft_by_age", "draft", ["saved_at"])


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
