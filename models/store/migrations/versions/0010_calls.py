"""Who must acknowledge is called: the word to the next owner of an escalation is a call like any other.

Waiting messages keep their place; what was sent keeps its text.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("UPDATE outbox SET what = 'call', subject = lane WHERE what = 'handed'")


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
