"""That 21Vianet found a case inappropriate: the day, its number and its words."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("escalation", sa.Column("returned_on", sa.Date(), nullable=True))
    for name in ("returned_number", "returned_words"):
        op.add_column("escalation", sa.Column(name, sa.String(), nullable=True))
    is_returned = sa.text("returned_on IS NOT NULL")
    op.create_index(
        "escalation_by_finding", "escalation", ["returned_on"],
        sqlite_where=is_returned, postgresql_where=is_returned,
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
