"""Why nobody was told of a version of the rota, where somebody decided so.

Nothing that is there is changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Added in place on SQLite too: no table is built anew, no trigger is lost.
    op.add_column("rota_plan", sa.Column("quiet", sa.String(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
