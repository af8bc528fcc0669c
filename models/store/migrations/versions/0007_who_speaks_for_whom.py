"""Who speaks for whom: a reminder finds those it speaks for, however many were made before.

Nothing that is there is changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MERGED = sa.text("merged_into <> ''")


def upgrade() -> None:
    op.create_index("reminder_merged", "reminder", ["merged_into"], sqlite_where=_MERGED, postgresql_where=_MERGED)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
