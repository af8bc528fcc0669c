"""Texts of remediation records are kept apart, named by a hash; who informed a customer and the evidence can be erased.

Nothing else of these rows can be changed, as before.
"""

import hashlib
import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
TYPED = frozenset({"requested_by", "request", "ours", "theirs", "minutes", "plan", "text"})
REMEDIATION = sa.table(
    "remediation",
    sa.column("id", sa.Integer),
    sa.column("number", sa.Integer),
    sa.column("action", sa.Integer),
    sa.column("changes", sa.JSON),
)
TYPED_TEXT = sa.table(
    "typed_text", sa.column("hash", sa.String), sa.column("salt", sa.String), sa.column("body", sa.String)
)
Known = dict[tuple[int, int, str], tuple[str, str]]
"""By record, action and field: the newest text, and its hash."""


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _run(OPEN_SQLITE if is_sqlite else OPEN_POSTGRESQL)
    _move_texts(op.get_bind())
    _run(GUARDS_SQLITE if is_sqlite else GUARDS_POSTGRESQL)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)


def _move_texts(connection: sa.Connection) -> None:
    texts: list[dict[str, str]] = []
    known: Known = {}
    changed = []
    for row in connection.execute(sa.select(REMEDIATION).order_by(REMEDIATION.c.id)).all():
        changes = {
            name: _refer_pair((row.number, row.action, name), values, known, texts) if name in TYPED else values
            for name, values in row.changes.items()
        }
        if changes != row.changes:
            changed.append({"entry": row.id, "new": changes})
    change = sa.update(REMEDIATION).where(REMEDIATION.c.id == sa.bindparam("entry"))
    if texts:
        connection.execute(sa.insert(TYPED_TEXT), texts)
    if changed:
        connection.execute(change.values(changes=sa.bindparam("new", type_=sa.JSON)), changed)


def _refer_pair(key: tuple[int, int, str], values: list[Any], known: Known, texts: list[dict[str, str]]) -> list[Any]:
    """Return the hashes of a text before and after; the one before is that of the entry that wrote it."""
    before, after = values
    said, named = known.get(key, ("", ""))
    old = {"typed": named} if before and said == before else _refer(key[2], before, texts)
    new = _refer(key[2], after, texts)
    known[key] = (after or "", new["typed"] if after else "")
    return [old, new]


def _refer(name: str, text: Any, texts: list[dict[str, str]]) -> Any:
    if not text:
        return text
    salt = secrets.token_hex(16)
    body = json.dumps({"fields": {name: text}}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    named = hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()
    texts.append({"hash": named, "salt": salt, "body": body})
    return {"typed": named}


ERASED = "（已删除 erased）"
KEPT = ("id", "customer_id", "statement", "at", "through")
# Overwritten pages of an SQLite file keep no trace of the texts that were there.
OPEN_SQLITE = (
    "PRAGMA secure_delete = ON", "DROP TRIGGER remediation_no_update", "DROP TRIGGER statement_sent_no_update",
)  # fmt: skip
OPEN_POSTGRESQL = (
    "ALTER TABLE remediation DISABLE TRIGGER remediation_no_change",
    "DROP TRIGGER statement_sent_no_change ON statement_sent",
)
GUARDS_SQLITE = (
    """CREATE TRIGGER remediation_no_update BEFORE UPDATE ON remediation
       BEGIN SELECT RAISE(ABORT, 'remediation is append-only'); END""",
    f"""CREATE TRIGGER statement_sent_only_erased BEFORE UPDATE ON statement_sent
       WHEN NOT ((NEW."by" IS OLD."by" OR NEW."by" = '{ERASED}')
                 AND (NEW.evidence IS OLD.evidence OR NEW.evidence = '{ERASED}')
                 AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)})
       BEGIN SELECT RAISE(ABORT, 'statement_sent is append-only: its words can only be erased'); END""",
)
GUARDS_POSTGRESQL = (
    "ALTER TABLE remediation ENABLE ALWAYS TRIGGER remediation_no_change",
    f"""CREATE FUNCTION csp_sent_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NOT ((NEW."by" = OLD."by" OR NEW."by" = '{ERASED}')
                 AND (NEW.evidence = OLD.evidence OR NEW.evidence = '{ERASED}')
                 AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)}) THEN
           RAISE EXCEPTION 'statement_sent is append-only: its words can only be erased';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER statement_sent_only_erased BEFORE UPDATE ON statement_sent
       FOR EACH ROW EXECUTE FUNCTION csp_sent_only_erased()""",
    """CREATE TRIGGER statement_sent_no_delete BEFORE DELETE ON statement_sent
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE statement_sent ENABLE ALWAYS TRIGGER statement_sent_only_erased",
    "ALTER TABLE statement_sent ENABLE ALWAYS TRIGGER statement_sent_no_delete",
)
