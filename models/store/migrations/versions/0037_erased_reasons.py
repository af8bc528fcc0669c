"""What people wrote beside a shift can be erased; nothing else of these rows can be changed, as before."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
ERASED = "（已删除 erased）"
REASONS = {"rota_change": "why", "rota_offer": "why", "watch": "text", "ledger": "why"}
FUNCTION = f"""CREATE FUNCTION csp_only_words_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF to_jsonb(NEW) ->> TG_ARGV[0] IS DISTINCT FROM '{ERASED}'
         OR to_jsonb(NEW) - TG_ARGV[0] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV[0] THEN
        RAISE EXCEPTION '% is append-only: its words can only be erased', TG_TABLE_NAME;
      END IF;
      RETURN NEW;
    END $$"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, words in REASONS.items():
            _guard_sqlite(name, words)
        return
    op.execute(FUNCTION)
    for name, words in REASONS.items():
        _guard_postgresql(name, words)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _guard_sqlite(name: str, words: str) -> None:
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)]
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in columns if column != words)
    op.execute(f"DROP TRIGGER {name}_no_update")
    op.execute(
        f"""CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name}
        WHEN NOT (NEW."{words}" = '{ERASED}' AND {same})
        BEGIN SELECT RAISE(ABORT, '{name} is append-only: its words can only be erased'); END"""
    )


def _guard_postgresql(name: str, words: str) -> None:
    op.execute(f"DROP TRIGGER {name}_no_change ON {name}")
    for guard, moment, function in (
        ("no_change", "DELETE", "csp_append_only()"), ("only_erased", "UPDATE", f"csp_only_words_erased('{words}')"),
    ):  # fmt: skip
        op.execute(
            f"""CREATE TRIGGER {name}_{guard} BEFORE {moment} ON {name}
            FOR EACH ROW EXECUTE FUNCTION {function}"""
        )
        op.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_{guard}")
