"""An index of cases by customer: what is known of a customer names its cases."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_HAS_CUSTOMER = sa.text("customer_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "escalation_by_customer", "escalation", ["customer_id", "number"],
        sqlite_where=_HAS_CUSTOMER, postgresql_where=_HAS_CUSTOMER,
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
