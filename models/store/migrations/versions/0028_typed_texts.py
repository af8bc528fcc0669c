"""What people typed is kept apart from history, which names it by a salted hash, so that it can be erased."""

import hashlib
import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0028"
down_revision = "0027"

log = logging.getLogger(__name__)
CHUNK = 1000
"""Entries that are moved at a time."""
REPORTED = 20_000
"""After how many entries the log says how far it is."""
STRUCTURAL = frozenset({
    "kind", "customer_id", "customer_name", "tenant_id", "domain", "service", "severity",
    "scope", "affected", "workload", "health", "incident_id", "lacks", "category", "started", "language",
    "number", "team_id", "channel", "status", "version", "raised_by", "raised_at", "changed_at", "owner",
    "acknowledged_at", "request_number", "policy_version", "severity_given", "turn", "first_contact_at",
    "promised_at", "told_by", "told_at", "told_through", "closed_by", "closed_at", "reopened", "waiting_since",
    "active_at", "snoozed_until", "snoozed_by", "withdrawn_by", "withdrawn_at", "duplicate_of", "returned_on",
    "returned_number", "solved_from", "link", "follows",
})  # fmt: skip
"""Fields whose values stay in history; everything else is a text."""
IN_TEXT = {"typed": True}
HISTORY = sa.table(
    "history",
    sa.column("id", sa.Integer),
    sa.column("move", sa.String),
    sa.column("text", sa.String),
    sa.column("changes", sa.JSON),
    sa.column("text_hash", sa.String),
    sa.column("replaced_hash", sa.String),
)
TYPED_TEXT = sa.table(
    "typed_text", sa.column("hash", sa.String), sa.column("salt", sa.String), sa.column("body", sa.String)
)


def upgrade() -> None:
    op.create_table(
        "typed_text",
        *(sa.Column(name, sa.String(), nullable=name != "hash") for name in ("hash", "salt", "body")),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("erased_by", "erased_why")),
        sa.PrimaryKeyConstraint("hash"),
    )
    # Columns that may be empty are added in place on SQLite too: no table is built anew.
    for name in ("text_hash", "replaced_hash"):
        op.add_column("history", sa.Column(name, sa.String(), nullable=True))
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
    wanted = (
        sa.select(HISTORY.c.id, HISTORY.c.move, HISTORY.c.text, HISTORY.c.changes)
        .where(HISTORY.c.id > sa.bindparam("after"))
        .order_by(HISTORY.c.id)
        .limit(CHUNK)
    )
    names = ("text", "changes", "text_hash", "replaced_hash")
    change = (
        sa.update(HISTORY)
        .where(HISTORY.c.id == sa.bindparam("entry"))
        .values({name: sa.bindparam(f"new_{name}", type_=HISTORY.c[name].type) for name in names})
    )
    count = connection.scalar(sa.select(sa.func.count()).select_from(HISTORY)) or 0
    after = moved = 0
    while rows := connection.execute(wanted, {"after": after}).all():
        after, before, moved = rows[-1].id, moved, moved + len(rows)
        texts: list[dict[str, str]] = []
        entries = [{"entry": row.id, **values} for row in rows for values in _split(row, texts)]
        if texts:
            connection.execute(sa.insert(TYPED_TEXT), texts)
        if entries:
            connection.execute(change, entries)
        if before // REPORTED != moved // REPORTED:
            log.info("typed texts are kept apart: %s of %s history entries done", moved, count)


def _split(row: Any, texts: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield what history keeps of an entry, and append its texts; nothing for an entry without words."""
    own: dict[str, Any] = {}
    replaced: dict[str, Any] = {}
    changes = {name: _kept(row.move, name, value, own, replaced) for name, value in row.changes.items()}
    words = "" if row.move == "record" else row.text
    if words or own or replaced:
        yield {
            "new_text": "" if words else row.text, "new_changes": changes,
            "new_text_hash": _keep(words, own, texts), "new_replaced_hash": _keep("", replaced, texts),
        }  # fmt: skip


def _kept(move: str, name: str, value: Any, own: dict[str, Any], replaced: dict[str, Any]) -> Any:
    if move == "raise" and name == "answers" and isinstance(value, dict):
        return {answer: _take(answer, given, own) for answer, given in value.items()}
    if move == "raise" or not (isinstance(value, list) and len(value) == 2):
        return _take(name, value, own)
    return [_take(name, value[0], replaced), _take(name, value[1], own)]


def _take(name: str, value: Any, taken: dict[str, Any]) -> Any:
    if not value or name in STRUCTURAL:
        return value
    taken[name] = value
    return IN_TEXT


def _keep(words: str, fields: dict[str, Any], texts: list[dict[str, str]]) -> str | None:
    kept = {name: value for name, value in (("text", words), ("fields", fields)) if value}
    if not kept:
        return None
    salt, body = secrets.token_hex(16), json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    named = hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()
    texts.append({"hash": named, "salt": salt, "body": body})
    return named


# Overwritten pages of an SQLite file keep no trace of the texts that were there.
OPEN_SQLITE = ("PRAGMA secure_delete = ON", "DROP TRIGGER history_no_update")
OPEN_POSTGRESQL = ("ALTER TABLE history DISABLE TRIGGER history_no_change",)
# A text can be erased and nothing else. REPLACE and TRUNCATE are closed as for history (see 0001).
GUARDS_SQLITE = (
    """CREATE TRIGGER history_no_update BEFORE UPDATE ON history
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    """CREATE TRIGGER typed_text_only_erased BEFORE UPDATE ON typed_text
       WHEN NOT (NEW.hash IS OLD.hash AND OLD.body IS NOT NULL AND NEW.body IS NULL AND NEW.salt IS NULL
                 AND NEW.erased_at IS NOT NULL AND NEW.erased_by IS NOT NULL AND NEW.erased_why IS NOT NULL)
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only: a text can only be erased'); END""",
    """CREATE TRIGGER typed_text_no_delete BEFORE DELETE ON typed_text
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only'); END""",
    """CREATE TRIGGER typed_text_no_replace BEFORE INSERT ON typed_text
       WHEN EXISTS (SELECT 1 FROM typed_text WHERE hash = NEW.hash)
       BEGIN SELECT RAISE(ABORT, 'typed_text is append-only'); END""",
)
GUARDS_POSTGRESQL = (
    "ALTER TABLE history ENABLE ALWAYS TRIGGER history_no_change",
    """CREATE FUNCTION csp_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.hash IS DISTINCT FROM OLD.hash OR OLD.body IS NULL OR NEW.body IS NOT NULL OR NEW.salt IS NOT NULL
            OR NEW.erased_at IS NULL OR NEW.erased_by IS NULL OR NEW.erased_why IS NULL THEN
           RAISE EXCEPTION 'typed_text is append-only: a text can only be erased';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER typed_text_only_erased BEFORE UPDATE ON typed_text
       FOR EACH ROW EXECUTE FUNCTION csp_only_erased()""",
    """CREATE TRIGGER typed_text_no_delete BEFORE DELETE ON typed_text
       FOR EACH ROW EXECUTE FUNCTION csp_append_only()""",
    """CREATE TRIGGER typed_text_no_truncate BEFORE TRUNCATE ON typed_text
       FOR EACH STATEMENT EXECUTE FUNCTION csp_append_only()""",
    "ALTER TABLE typed_text ENABLE ALWAYS TRIGGER typed_text_only_erased",
    "ALTER TABLE typed_text ENABLE ALWAYS TRIGGER typed_text_no_delete",
    "ALTER TABLE typed_text ENABLE ALWAYS TRIGGER typed_text_no_truncate",
)
