"""Who was told about a subject by other ways than Slack is found by an index."""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_index("page_try_by_subject", "page_try", ["subject", "tried_at"])


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
