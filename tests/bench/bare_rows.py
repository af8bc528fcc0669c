"""The same rows as ours, written by a bare SQLAlchemy Core loop: no rules, no reading."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, make_url, select, update

from models.escalations import search
from models.rules.escalations import typed_text
from models.store.database import Store, normal_url
from models.store.sqlite import wal_is_safe
from models.store.tables import ESCALATION, HISTORY, INBOX, OUTBOX, TYPED_TEXT

Row = dict[str, Any]
PRAGMAS = (
    f"journal_mode={'WAL' if wal_is_safe() else 'PERSIST'}", "synchronous=FULL", "foreign_keys=ON",
    "recursive_triggers=ON", "trusted_schema=OFF", "mmap_size=0", "cache_size=-1000", "busy_timeout=1500",
)  # fmt: skip
NOBODY_YET: Row = {
    "kind": "partner_center", "customer_id": None, "customer_name": "", "tenant_id": "", "domain": "", "service": "",
    "severity": "C", "answers": {"category": "technical"}, "team_id": "T0SANDBOX", "channel": "C0ESCAL",
    "status": "open", "version": 1, "owner": None, "acknowledged_at": None, "request_number": None, "told_by": None,
    "told_at": None, "fix": None, "closed_by": None, "closed_at": None, "reopened": 0,
}  # fmt: skip
UNSENT: Row = {
    "user": None, "channel": None, "note": "", "redraws": None, "listed_in": None, "reminder": None, "step": None,
    "counted_from": None, "reminder_due_at": None, "audience": None,
    "state": "pending", "owner": "", "generation": 0, "claims": 0,
    "tries": 0, "looks": 0, "plain": False, "doubtful": False, "sweeps": 0, "last_error": "", "priority": 0,
}  # fmt: skip


class Transaction:
    """What one move wrote: a new or changed escalation, its history and inbox rows, its messages, its words."""

    def __init__(
        self, escalation: Row | None, change: Row, history: Row, inbox: Row, outbox: list[Row], texts: list[Row]
    ) -> None:
        self.escalation, self.change, self.history, self.inbox, self.outbox = escalation, change, history, inbox, outbox
        self.texts = texts
        said = [typed_text.parse_text(row["body"]).text for row in texts]
        asked = [str(escalation[name]) for name in ("customer_name", "title", "details")] if escalation else []
        self.words = " ".join([history["text"], *said, *asked]).strip()


class BareStore:
    """An engine with the same settings, and statements built once."""

    def __init__(self, url: str) -> None:
        store = Store(url)
        store.upgrade()
        store.dispose()
        self.engine = _engine(url)
        self._raise = insert(ESCALATION)
        self._record = insert(HISTORY).inline()
        self._keep = insert(TYPED_TEXT).inline()
        self._receive = insert(INBOX)
        self._enqueue = insert(OUTBOX).inline()

    def write(self, transaction: Transaction) -> None:
        """One move: one transaction."""
        with self.engine.begin() as connection:
            self._write(connection, transaction)

    def raise_escalation(self, key: str, user: str, title: str, details: str) -> None:
        """A new escalation as the next number."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            last = connection.scalar(select(ESCALATION.c.number).order_by(ESCALATION.c.number.desc()).limit(1))
            number = (last or 0) + 1
            facts = {"title": title, "details": details}
            text = _text(facts)
            row = {**NOBODY_YET, **facts, "number": number, "raised_by": user, "raised_at": now, "changed_at": now}
            entry = {
                "number": number, "seq": 1, "move": "raise", "by": user, "at": now, "status_from": None,
                "status_to": "open", "text": "", "changes": dict.fromkeys(facts, typed_text.IN_TEXT),
                "text_hash": text["hash"], "replaced_hash": None,
            }  # fmt: skip
            inbox = {"key": key, "number": number, "seq": 1, "at": now}
            lanes = {"card": f"CSP-{number}", "receipt": f"dm:{user}", "line": f"CSP-{number}"}
            messages = [_message(what, lane, number, now) for what, lane in lanes.items()]
            self._write(connection, Transaction(row, {}, entry, inbox, messages, [text]))

    def acknowledge(self, key: str, number: int, user: str) -> None:
        """A press on the card of an escalation that was just raised."""
        now = datetime.now(UTC)
        change = {"version": 2, "status": "acknowledged", "changed_at": now, "owner": user, "acknowledged_at": now}
        entry = {
            "number": number, "seq": 2, "move": "acknowledge", "by": user, "at": now, "status_from": "open",
            "status_to": "acknowledged", "text": "", "changes": {"owner": user},
            "text_hash": None, "replaced_hash": None,
        }  # fmt: skip
        inbox = {"key": key, "number": number, "seq": 2, "at": now}
        lanes = {"refresh": f"CSP-{number}/card", "line-2": f"CSP-{number}"}
        messages = [_message(what, lane, number, now) for what, lane in lanes.items()]
        self.write(Transaction(None, change, entry, inbox, messages, []))

    def _write(self, connection: Connection, transaction: Transaction) -> None:
        if transaction.escalation:
            connection.execute(self._raise, transaction.escalation)
        else:
            statement = _changes(tuple(sorted(transaction.change)))
            named = {f"new_{name}": value for name, value in transaction.change.items()}
            connection.execute(statement, {"changed_number": transaction.history["number"], **named})
        if transaction.texts:
            connection.execute(self._keep, transaction.texts)
        connection.execute(self._record, transaction.history)
        connection.execute(self._receive, transaction.inbox)
        if transaction.outbox:
            connection.execute(self._enqueue, transaction.outbox)
        if transaction.words:
            search.index(connection, transaction.history["number"], transaction.words)


def recorded(engine: Engine) -> list[Transaction]:
    """What ours wrote into a database, move by move."""
    with engine.connect() as connection:
        escalations = {row["number"]: row for row in _rows(connection, ESCALATION)}
        inbox = {(row["number"], row["seq"]): row for row in _rows(connection, INBOX)}
        outbox: dict[tuple[int, int], list[Row]] = {}
        for row in _rows(connection, OUTBOX):
            outbox.setdefault((row["number"], row["seq"]), []).append(_without(row, "position"))
        texts = {row["hash"]: row for row in _rows(connection, TYPED_TEXT)}
        history = sorted(_rows(connection, HISTORY), key=lambda row: int(row["id"]))
    return [
        _transaction(
            escalations[entry["number"]],
            _without(entry, "id"),
            inbox[key],
            outbox.get(key, []),
            [texts[name] for name in (entry["text_hash"], entry["replaced_hash"]) if name],
        )
        for entry in history
        for key in [(entry["number"], entry["seq"])]
    ]


def _text(facts: dict[str, str]) -> Row:
    salt, body = secrets.token_hex(16), typed_text.TypedText(fields=facts).body
    return {"hash": typed_text.hash_text(salt, body), "salt": salt, "body": body}


def _transaction(escalation: Row, entry: Row, inbox: Row, outbox: list[Row], texts: list[Row]) -> Transaction:
    if entry["seq"] == 1:
        return Transaction({**escalation, "version": 1, "status": "open"}, {}, entry, inbox, outbox, texts)
    changed = {name: escalation[name] for name in entry["changes"]}
    stamp = {"version": entry["seq"], "status": entry["status_to"], "changed_at": entry["at"]}
    return Transaction(None, {**changed, **stamp}, entry, inbox, outbox, texts)


def _message(what: str, lane: str, number: int, now: datetime) -> Row:
    own = {"what": what, "dedupe_key": f"{what}:{number}", "id": str(uuid.uuid4()), "scope": f"post:{lane}"}
    return {**UNSENT, **own, "number": number, "seq": 1, "lane": lane, "created_at": now, "due_at": now}


_UPDATES: dict[tuple[str, ...], Any] = {}


def _changes(names: tuple[str, ...]) -> Any:
    if names not in _UPDATES:
        values: Row = {name: bindparam(f"new_{name}") for name in names}
        _UPDATES[names] = update(ESCALATION).where(ESCALATION.c.number == bindparam("changed_number")).values(values)
    return _UPDATES[names]


def _rows(connection: Connection, table: Any) -> Sequence[Row]:
    return [dict(row._mapping) for row in connection.execute(select(table))]


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def _engine(url: str) -> Engine:
    engine = create_engine(make_url(normal_url(url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _set_up(raw: Any, _record: object) -> None:
    raw.isolation_level = None
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
