"""One move on a case whose row is locked: row, history, messages and searchable words together."""

from sqlalchemy import Connection

from models.escalations import escalation_rows, history_rows, search, solution_words
from models.outbox import escalation_messages
from models.rules.escalations.acknowledgement_calls import NOBODY, OnCallPeople, find_call_targets
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.searchable_text import find_searchable_text
from models.rules.escalations.transitions import STAMPS, advance, changed_columns
from models.rules.reminders import subjects
from models.store import reminder_queue


def move_locked(
    connection: Connection, escalation: Escalation, step: MoveRequest, on_call: OnCallPeople = NOBODY
) -> Escalation:
    """Carry out one step on a locked escalation, in the caller's transaction. Raises Refused."""
    moved, entry = advance(escalation, step)
    values = {name: getattr(moved, name) for name in (*changed_columns(entry), *STAMPS)}
    escalation_rows.change(connection, escalation.number, values)
    record_entry(connection, moved, entry, on_call)
    if step.move is Move.RETURNED:
        reminder_queue.put(connection, {subjects.RETURNED: step.at})
    for number in _list_named(entry):
        if other := escalation_rows.find(connection, number):
            escalation_messages.enqueue_redraw(connection, other, f"{entry.number}:{entry.seq}", entry.at)
    return moved


def record_entry(connection: Connection, escalation: Escalation, entry: HistoryEntry, on_call: OnCallPeople) -> None:
    """Append the history entry, enqueue its messages and index its words."""
    history_rows.add_entry(connection, entry)
    called = find_call_targets(escalation, entry, on_call)
    escalation_messages.enqueue_move(connection, escalation, entry, called, on_call)
    if words := find_searchable_text(escalation, entry):
        search.index(connection, entry.number, words)
    if entry.move in {Move.RESOLVE, Move.CORRECT}:
        solution_words.put(connection, escalation)


def _list_named(entry: HistoryEntry) -> set[int]:
    """Return the numbers of the cases whose cards show what an entry changes: originals, and cases of fixes."""
    named = (number for name in ("duplicate_of", "parent", "solved_from") for number in entry.changes.get(name, ()))
    return {number for number in named if number}
