"""Whose turn it is, what 21Vianet gave (severity, first response), and what the customer was promised.

Only entries of the history say whose turn it was. Of what was recorded before, a submitted case is with 21Vianet.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # Columns with a default, or that may be empty, are added in place on SQLite too: no table is built again.
    op.add_column("escalation", sa.Column("turn", sa.String(10), nullable=False, server_default="ours"))
    for name, kind in (("severity_given", sa.String(1)), ("told_through", sa.String(10))):
        op.add_column("escalation", sa.Column(name, kind, nullable=True))
    for name in ("first_contact_at", "promised_at"):
        op.add_column("escalation", sa.Column(name, UTCDateTime(), nullable=True))
    op.execute("UPDATE escalation SET turn = 'vendor' WHERE status = 'submitted'")


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
