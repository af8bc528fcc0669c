"""What lists say of customers beside who they are: services, agreement, contacts; and when each import was."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0022"
down_revision = "0021"

_RECORD = ("services", "agreement", "delegated", "entitled_to_a", "language")
_CONTACT = ("customer_id", "name", "phone", "email", "wecom", "hours")


def upgrade() -> None:
    op.create_table(
        "customer_import",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision"),
    )
    op.create_table(
        "customer_record",
        sa.Column("customer_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _RECORD),
        sa.Column("services_revision", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "customer_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _CONTACT),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_contact_by_customer", "customer_contact", ["customer_id"])
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# Since when a customer is one must stay provable: imports are guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER customer_import_no_update BEFORE UPDATE ON customer_import
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END""",
    """CREATE TRIGGER customer_import_no_delete BEFORE DELETE ON customer_import
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END""",
    """CREATE TRIGGER customer_import_no_replace BEFORE INSERT ON customer_import
       WHEN EXISTS (SELECT 1 FROM customer_import WHERE revision = NEW.revision)
       BEGIN SELECT RAISE(ABORT, 'customer_import is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER customer_import_no_change BEFORE UPDATE OR DELETE ON customer_import
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER customer_import_no_truncate BEFORE TRUNCATE ON customer_import
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE customer_import ENABLE ALWAYS TRIGGER customer_import_no_change",
    "ALTER TABLE customer_import ENABLE ALWAYS TRIGGER customer_import_no_truncate",
)
