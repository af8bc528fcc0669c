"""PostgreSQL keeps no list of pending words beside its index of solved cases, which is read while somebody types."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX solution_words_index SET (fastupdate = off)")
        op.execute("SELECT gin_clean_pending_list('solution_words_index')")


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
