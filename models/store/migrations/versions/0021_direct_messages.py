"""An index of direct messages by their place in Slack: a reply in a thread means what that message is about."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_IS_DIRECT = sa.text('"user" IS NOT NULL')


def upgrade() -> None:
    op.create_index("outbox_direct", "outbox", ["slack_ts"], sqlite_where=_IS_DIRECT, postgresql_where=_IS_DIRECT)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
