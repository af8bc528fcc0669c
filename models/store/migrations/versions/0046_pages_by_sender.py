"""The pages that wait for each sender are found by an index of their own, however many wait for the others."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
WAITING = sa.text("state IN ('pending', 'sending', 'unknown') AND what = 'page'")


def upgrade() -> None:
    columns = ["scope", "priority", "position"]
    op.create_index("outbox_pages", "outbox", columns, sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
