"""The words of a version of an article can be erased; who wrote it and when stays, and nothing else can change."""

from alembic import op

revision = "0038"
down_revision = "0037"
ERASED = "（已删除 erased）"
KEPT = ("id", "number", "key", "at", '"case"', "team_id", "change", '"by"', "service")


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


IS_ERASED = f"NEW.title = '{ERASED}' AND NEW.steps = '{ERASED}' AND NEW.codes = '' AND NEW.link = ''"
SQLITE = (
    "DROP TRIGGER article_version_no_update",
    f"""CREATE TRIGGER article_version_only_erased BEFORE UPDATE ON article_version
       WHEN NOT ({IS_ERASED} AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)})
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only: its words can only be erased'); END""",
)
POSTGRESQL = (
    "DROP TRIGGER article_version_no_change ON article_version",
    f"""CREATE FUNCTION csp_article_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NOT ({IS_ERASED} AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)}) THEN
           RAISE EXCEPTION 'article_version is append-only: its words can only be erased';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER article_version_only_erased BEFORE UPDATE ON article_version
       FOR EACH ROW EXECUTE FUNCTION csp_article_only_erased()""",
    """CREATE TRIGGER article_version_no_delete BEFORE DELETE ON article_version
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE article_version ENABLE ALWAYS TRIGGER article_version_only_erased",
    "ALTER TABLE article_version ENABLE ALWAYS TRIGGER article_version_no_delete",
)
