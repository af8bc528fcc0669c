"""Who raised an escalation, when, and its number never change; a history entry follows the last one in sequence.

Nothing that is there is changed.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

# REPLACE walks past SQLite's update triggers, so inserting over an escalation that is there is refused as well.
SQLITE = (
    """CREATE TRIGGER escalation_keeps_origin BEFORE UPDATE ON escalation
       WHEN NEW.number IS NOT OLD.number OR NEW.raised_by IS NOT OLD.raised_by OR NEW.raised_at IS NOT OLD.raised_at
       BEGIN SELECT RAISE(ABORT, 'number, raised_by and raised_at never change'); END""",
    """CREATE TRIGGER escalation_no_replace BEFORE INSERT ON escalation
       WHEN EXISTS (SELECT 1 FROM escalation WHERE number = NEW.number)
       BEGIN SELECT RAISE(ABORT, 'escalations are never replaced'); END""",
    """CREATE TRIGGER history_in_sequence BEFORE INSERT ON history
       WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM history WHERE number = NEW.number)
       BEGIN SELECT RAISE(ABORT, 'history is append-only: an entry follows the last one'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION csp_keeps_origin() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF (NEW.number, NEW.raised_by, NEW.raised_at) IS DISTINCT FROM (OLD.number, OLD.raised_by, OLD.raised_at) THEN
           RAISE EXCEPTION 'number, raised_by and raised_at never change';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER escalation_keeps_origin BEFORE UPDATE ON escalation
       FOR EACH ROW EXECUTE FUNCTION csp_keeps_origin()""",
    """CREATE FUNCTION csp_in_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM history WHERE number = NEW.number) THEN
           RAISE EXCEPTION 'history is append-only: an entry follows the last one';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER history_in_sequence BEFORE INSERT ON history
       FOR EACH ROW EXECUTE FUNCTION csp_in_sequence()""",
    "ALTER TABLE escalation ENABLE ALWAYS TRIGGER escalation_keeps_origin",
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_in_sequence",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
