"""Knowledge articles in versions, and which one solved a case."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "article_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("team_id", "change", "by", "title", "service", "codes", "steps", "link")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("article_version_by_number", "article_version", ["number"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.add_column("escalation", sa.Column("solved_by_article", sa.Integer(), nullable=True))
    has_article = sa.text("solved_by_article IS NOT NULL")
    op.create_index(
        "escalation_by_article", "escalation", ["solved_by_article"],
        sqlite_where=has_article, postgresql_where=has_article,
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


# Who wrote and who confirmed must stay provable: guarded like history (see 0001).
SQLITE = (
    """CREATE TRIGGER article_version_no_update BEFORE UPDATE ON article_version
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only'); END""",
    """CREATE TRIGGER article_version_no_delete BEFORE DELETE ON article_version
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only'); END""",
    """CREATE TRIGGER article_version_no_replace BEFORE INSERT ON article_version
       WHEN EXISTS (SELECT 1 FROM article_version WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'article_version is append-only'); END""",
)
POSTGRESQL = (
    """CREATE TRIGGER article_version_no_change BEFORE UPDATE OR DELETE ON article_version
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER article_version_no_truncate BEFORE TRUNCATE ON article_version
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE article_version ENABLE ALWAYS TRIGGER article_version_no_change",
    "ALTER TABLE article_version ENABLE ALWAYS TRIGGER article_version_no_truncate",
)
