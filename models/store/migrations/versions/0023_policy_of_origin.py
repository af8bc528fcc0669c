"""The version of 21Vianet's rules by which an escalation is judged never changes either."""

from alembic import op

revision = "0023"
down_revision = "0022"

SQLITE = (
    "DROP TRIGGER escalation_keeps_origin",
    """CREATE TRIGGER escalation_keeps_origin BEFORE UPDATE ON escalation
       WHEN NEW.number IS NOT OLD.number OR NEW.raised_by IS NOT OLD.raised_by OR NEW.raised_at IS NOT OLD.raised_at
       OR NEW.policy_version IS NOT OLD.policy_version
       BEGIN SELECT RAISE(ABORT, 'number, raised_by, raised_at and policy_version never change'); END""",
)
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION csp_keeps_origin() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF (NEW.number, NEW.raised_by, NEW.raised_at, NEW.policy_version)
            IS DISTINCT FROM (OLD.number, OLD.raised_by, OLD.raised_at, OLD.policy_version) THEN
           RAISE EXCEPTION 'number, raised_by, raised_at and policy_version never change';
         END IF;
         RETURN NEW;
       END $$""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
