"""Presses at shifts and changes of the rota say how they came, where they were not made in Slack."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
ERASED = "（已删除 erased）"
WORDS = {"rota_change": "why", "watch": "text"}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, words in WORDS.items():
        op.add_column(name, sa.Column("came_by", sa.String(), nullable=True))
        if is_sqlite:  # PostgreSQL's guard compares whole rows, so the new column is among them
            _guard(name, words)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _guard(name: str, words: str) -> None:
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)]
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in columns if column != words)
    op.execute(f"DROP TRIGGER {name}_no_update")
    op.execute(
        f"""CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name}
        WHEN NOT (NEW."{words}" = '{ERASED}' AND {same})
        BEGIN SELECT RAISE(ABORT, '{name} is append-only: its words can only be erased'); END"""
    )
