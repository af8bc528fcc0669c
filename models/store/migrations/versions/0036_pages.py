"""Each try of a message by another way than Slack, and the links that such messages bring."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    names = ("delivery", "person", "subject", "address", "sender", "channel")
    op.create_table(
        "page_try",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("tried_at", UTCDateTime(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("page_try_by_sender", "page_try", ["sender", "tried_at"])
    op.create_index("page_try_by_person", "page_try", ["person", "tried_at"])
    op.create_index("page_try_by_delivery", "page_try", ["delivery"])
    op.create_table(
        "page_link",
        sa.Column("hash", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("delivery", "person", "team_id", "action", "subject", "state")
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime()),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("used_at", UTCDateTime()),
        sa.Column("revoked_at", UTCDateTime()),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("page_link_by_delivery", "page_link", ["delivery"])
    op.create_index("page_link_by_person", "page_link", ["person", "created_at"])


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
