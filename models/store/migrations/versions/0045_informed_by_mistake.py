"""A record that a customer was informed can be said to be a mistake, by a row that names it. The older row stays."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
ERASED = "（已删除 erased）"
KEPT = ("id", "customer_id", "statement", "at", "through", "corrects")


def upgrade() -> None:
    op.add_column("statement_sent", sa.Column("corrects", sa.Integer(), nullable=True))
    op.create_index("statement_sent_by_corrected", "statement_sent", ["corrects"], unique=True)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# The guard of 0043, which names all columns that stay, with the new one.
SQLITE = (
    "DROP TRIGGER statement_sent_only_erased",
    f"""CREATE TRIGGER statement_sent_only_erased BEFORE UPDATE ON statement_sent
       WHEN NOT ((NEW."by" IS OLD."by" OR NEW."by" = '{ERASED}')
                 AND (NEW.evidence IS OLD.evidence OR NEW.evidence = '{ERASED}')
                 AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)})
       BEGIN SELECT RAISE(ABORT, 'statement_sent is append-only: its words can only be erased'); END""",
)
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION csp_sent_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NOT ((NEW."by" = OLD."by" OR NEW."by" = '{ERASED}')
                 AND (NEW.evidence = OLD.evidence OR NEW.evidence = '{ERASED}')
                 AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)}) THEN
           RAISE EXCEPTION 'statement_sent is append-only: its words can only be erased';
         END IF;
         RETURN NEW;
       END $$""",
)
