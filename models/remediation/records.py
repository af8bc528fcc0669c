"""The remediation records of a store: what is done to them, and what is asked of them."""

from collections.abc import Callable

from sqlalchemy import Connection, text

from models.rules.errors import refuse
from models.rules.remediation.moves import RemediationStep, change_record, open_record
from models.rules.remediation.record import (
    Remediation,
    RemediationEntry,
    RemediationMove,
    apply_entry,
    build_records,
)
from models.rules.reminders import subjects
from models.store import remediation_rows, reminder_queue
from models.store.database import Store

REMEDIATION_LOCK = 0x435350_07
"""The key of PostgreSQL's lock for writing entries: "CSP", 7."""


class RemediationRecords:
    """Changes and finds records. Each change is one transaction; ``wake_up`` is called after it."""

    def __init__(self, store: Store, wake_up: Callable[[], None] = lambda: None) -> None:
        self._store, self._wake_up = store, wake_up

    def carry_out(self, step: RemediationStep, key: str, number: int = 0) -> Remediation:
        """Add an entry to a record, or begin a new one for number 0; return the record after it.

        The same ``key`` again changes nothing and returns the record. Raises Refused, NotSaved.
        """

        def unit(connection: Connection) -> Remediation:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": REMEDIATION_LOCK})
            records = build_records(remediation_rows.find_entries(connection))
            if handled := remediation_rows.find_handled(connection, key):
                return records[handled]
            if step.move is RemediationMove.OPEN:
                before, entry = None, open_record(step, 1 + max(records, default=0))
            else:
                before = _find_of_team(records, number, step.by.team_id)
                entry = change_record(before, step)
            remediation_rows.add(connection, entry, key)
            record = apply_entry(before, entry)
            reminder_queue.put(connection, dict.fromkeys(list_subjects(record), step.at))
            return record

        record = self._store.write(unit)
        self._wake_up()
        return record

    def find(self, number: int, team_id: str | None = None) -> Remediation | None:
        """Return one record; None when there is none, or none of that team."""
        record = self._store.read(find_all).get(number)
        return record if record and team_id in {None, record.team_id} else None

    def find_of_team(self, team_id: str | None = None) -> list[Remediation]:
        """Return the records of a team, or of all: open ones first, the newest first."""
        records = [r for r in self._store.read(find_all).values() if team_id in {None, r.team_id}]
        return sorted(records, key=lambda record: (not record.is_open, -record.number))

    def find_entries(self, number: int) -> list[RemediationEntry]:
        """Return the entries of one record, oldest first."""
        return [entry for entry in self._store.read(remediation_rows.find_entries) if entry.number == number]


def find_all(connection: Connection) -> dict[int, Remediation]:
    """Return all records by number."""
    return build_records(remediation_rows.find_entries(connection))


def list_subjects(record: Remediation) -> list[str]:
    """Return the subjects of the reminders of a record: itself, and each of its actions."""
    actions = (subjects.remediation_action(record.number, action.number) for action in record.actions)
    return [subjects.remediation(record.number), *actions]


def find_open_subjects(connection: Connection) -> list[str]:
    """Return the subjects of all open records."""
    return [subject for record in find_all(connection).values() if record.is_open for subject in list_subjects(record)]


def _find_of_team(records: dict[int, Remediation], number: int, team_id: str) -> Remediation:
    record = records.get(number)
    if record is None or record.team_id != team_id:
        raise refuse("no_such_remediation")
    return record
