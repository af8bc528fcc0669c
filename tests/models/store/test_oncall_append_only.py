"""What was changed, pressed, reminded and recorded of the duty cannot be edited away, on either database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from models.rules.escalations.typed_text import ERASED
from models.store.database import Store
from models.store.oncall_tables import APPEND_ONLY, LEDGER, ROTA_ANSWER, ROTA_OFFER

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OFFER: dict[str, Any] = {
    "key": "o", "at": NOW, "by": "U", "member": "Li", "seat": "primary", "start": NOW, "end": NOW, "asked": [],
    "back_member": "", "back_seat": "", "why": "",
}  # fmt: skip
ROWS: dict[str, dict[str, Any]] = {
    "rota_change": {
        "key": "k", "batch": "b", "at": NOW, "by": "U", "kind": "stand", "start": NOW, "end": NOW, "member": "Li",
        "seat": "primary", "instead_of": "", "why": "",
    },
    "rota_offer": {**OFFER, "id": 2, "key": "o2"},
    "rota_answer": {"offer": 1, "at": NOW, "by": "U", "kind": "take"},
    "watch": {
        "key": "k", "at": NOW, "by": "U", "kind": "confirm", "seat": "primary", "place": 1, "shift_start": NOW,
        "person": "Li", "text": "",
    },
    "ledger": {
        "at": NOW, "by": "bot", "seat": "primary", "place": 1, "start": NOW, "end": NOW, "verdict": "planned",
        "person": "Li", "evidence": "plan:1", "corrects": False, "why": "",
    },
    "downtime": {"start": NOW, "end": NOW},
    "reminder": {"key": "k", "subject": "gap:1", "step": "found", "due_at": NOW, "made_at": NOW, "merged_into": ""},
    "preference": {"at": NOW, "user": "U", "reminders": [60]},
    "volunteer": {"key": "k", "at": NOW, "by": "U", "week": "rehearsal:spring_festival/2027", "can": True},
    "departure": {"at": NOW, "user": "U", "gone": True, "why": "deactivated"},
    "feed": {"at": NOW, "by": "U", "secret_hash": "h", "member": ""},
}  # fmt: skip
ON_BOTH = ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}")
FORGERIES = {
    "sqlite": (*ON_BOTH, "REPLACE INTO {table} SELECT * FROM {table}"),
    "postgresql": (*ON_BOTH, "TRUNCATE {table} CASCADE"),
}


def written(store: Store, table: Table) -> None:
    """One row in the table."""

    def unit(connection: Connection) -> None:
        connection.execute(insert(ROTA_OFFER), [{"id": 1, **OFFER}])
        connection.execute(insert(table), [ROWS[table.name]])

    store.write(unit)


def entered(store: Store, table: Table, *rows: Mapping[str, Any]) -> None:
    """These rows in the table."""
    store.write(lambda connection: connection.execute(insert(table), list(rows)))


@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)
def test_a_row_of_the_duty_stands(store: Store, table: Table) -> None:
    written(store, table)
    kept = store.read(lambda c: c.execute(select(table)).all())

    for forgery in FORGERIES[store.dialect]:
        statement = forgery.format(table=table.name, column=next(iter(table.primary_key)).name)
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(statement))

    assert kept
    assert store.read(lambda c: c.execute(select(table)).all()) == kept


def test_only_one_take_or_withdrawal_can_be_there_but_any_number_of_refusals(store: Store) -> None:
    written(store, ROTA_ANSWER)
    no = {"offer": 1, "at": NOW, "by": "U", "kind": "decline"}

    entered(store, ROTA_ANSWER, no, no)
    with pytest.raises(DBAPIError):
        entered(store, ROTA_ANSWER, {**no, "kind": "withdraw"})


def test_of_one_stretch_there_is_one_entry_and_any_number_of_corrections(store: Store) -> None:
    written(store, LEDGER)
    again = {**ROWS["ledger"], "corrects": True}

    entered(store, LEDGER, again, again)
    with pytest.raises(DBAPIError):
        entered(store, LEDGER, ROWS["ledger"])


@pytest.mark.parametrize(
    ("name", "words"), [("rota_change", "why"), ("rota_offer", "why"), ("watch", "text"), ("ledger", "why")]
)
def test_words_beside_a_shift_can_be_erased_and_not_changed(store: Store, name: str, words: str) -> None:
    written(store, next(table for table in APPEND_ONLY if table.name == name))
    for forged in (f"{words} = 'never said'", f"{words} = '{ERASED}', \"by\" = 'U0FORGER'"):
        with pytest.raises(DBAPIError, match="append-only"):
            store.write(lambda c, forged=forged: c.execute(text(f"UPDATE {name} SET {forged}")))  # type: ignore[misc]  # noqa: S608

    store.write(lambda c: c.execute(text(f"UPDATE {name} SET {words} = '{ERASED}'")))  # noqa: S608

    assert store.read(lambda c: c.scalar(text(f"SELECT max({words}) FROM {name}"))) == ERASED  # noqa: S608
