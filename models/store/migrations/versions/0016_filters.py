"""Searches with filters read indexes instead of every escalation."""

from alembic import op

revision = "0016"
down_revision = "0015"
FILTERED = (
    "team_id", "number", "status", "turn", "severity", "severity_given", "service", "owner", "raised_at",
    "customer_name",
)  # fmt: skip


def upgrade() -> None:
    op.create_index("escalation_by_status", "escalation", ["team_id", "status", "number"])
    op.create_index("escalation_by_any_owner", "escalation", ["team_id", "owner", "number"])
    op.create_index("escalation_by_day", "escalation", ["team_id", "raised_at", "number"])
    op.create_index("escalation_filters", "escalation", list(FILTERED))


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
