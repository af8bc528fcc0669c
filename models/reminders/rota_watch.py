"""Keep the gap register and the reminder queue in step with the rota.

When the rota or a shift event differs, or an hour has begun, every shift, handover and gap is put into the queue.
Looking at a subject twice makes no reminder twice.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.oncall import gap_register
from models.oncall.snapshot import OnCallSnapshot, find_revision
from models.outbox import messages as outbox_messages
from models.outbox.week_lists import redraw_weeks
from models.remediation.records import find_open_subjects
from models.reminders import no_successor
from models.reminders.changeover import ChangeName, find_instant
from models.reminders.due import SCHEDULES
from models.reminders.settings import ReminderSettings
from models.reminders.shift_facts import handover_name, shift_name
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.rules.rota.impact import RotaState
from models.store import reminder_queue
from models.store.database import Store


class RotaWatch:
    """Follows the snapshots of the rota. One per engine."""

    def __init__(self, store: Store, settings: ReminderSettings) -> None:
        self._store, self._settings = store, settings
        self._followed: OnCallSnapshot | None = None
        self._has_escalations = False

    def follow(self, snapshot: OnCallSnapshot, now: datetime, last_tick: datetime) -> bool:
        """Bring gaps and queue in step with a snapshot; return False when it is outdated."""
        if not self._store.write(lambda connection: self._follow(connection, snapshot, now, last_tick)):
            return False
        self._followed, self._has_escalations = snapshot, True
        return True

    def follow_escalations(self, now: datetime) -> None:
        """Put escalations into the queue at the start, also when the rota cannot be understood."""
        if not self._has_escalations:
            self._store.write(lambda connection: self._queue_at_start(connection, now))
            self._has_escalations = True

    def _follow(self, connection: Connection, snapshot: OnCallSnapshot, now: datetime, last_tick: datetime) -> bool:
        reminder_queue.lock(connection)
        if find_revision(connection) != snapshot.revision:
            return False
        since = max(min(last_tick, now), snapshot.planned_at)
        state = snapshot.rota_state or RotaState(snapshot.rota)
        changes = gap_register.bring_up_to_date(connection, snapshot.gaps, state, now, since)
        touched = (*changes.opened, *changes.moved, *changes.ended)
        reminder_queue.put(connection, {subjects.gap(record.number): now for record in touched})
        outbox_messages.enqueue_messages(connection, _redraw_cards(changes.moved, self._settings), now)
        self._queue_shifts(connection, snapshot, now)
        if not self._has_escalations:
            self._queue_at_start(connection, now)
        return True

    def _queue_shifts(self, connection: Connection, snapshot: OnCallSnapshot, now: datetime) -> None:
        """Queue every shift and handover; drop those that no longer exist, and redraw what asked about them."""
        recent = now - no_successor.RECENT
        names = {
            str(shift_name(shift)) for shift in snapshot.shifts if shift.end > recent and snapshot.is_planned(shift)
        }
        names |= {str(handover_name(handover)) for handover in snapshot.handovers if handover.incoming.end > recent}
        queued = reminder_queue.find_by_prefix(connection, subjects.SHIFT) | reminder_queue.find_by_prefix(
            connection, subjects.HANDOVER
        )
        dropped, cancelled = queued - names, _select_cancelled(queued - names, recent)
        reminder_queue.drop(connection, dropped)
        cards = [name for name in (*cancelled, *(names - queued)) if name.startswith(subjects.HANDOVER)]
        redrawings = outbox_messages.redraw_cancelled(connection, dropped, cancelled)
        redrawings += _redraw_handover_cards(connection, cards, self._settings, now)
        read = (subjects.read_name(name) for name in dropped)
        gone = [(snapshot.user_of(name.person), name.start) for name in read if isinstance(name, subjects.ShiftName)]
        redrawings += redraw_weeks(connection, gone, self._settings.zone) if gone else ()
        outbox_messages.enqueue_messages(connection, redrawings, now)
        if self._followed is None or self._followed.revision != snapshot.revision:
            reminder_queue.put(connection, dict.fromkeys({*names, subjects.DUTY, subjects.HOLIDAY_REVIEW}, now))
        else:
            reminder_queue.add(connection, dict.fromkeys(names - queued, now))

    def _queue_at_start(self, connection: Connection, now: datetime) -> None:
        """Queue what the queue lacks at the start, because it was thrown away or is older."""
        numbers = escalation_rows.find_open_numbers(connection)
        reminder_queue.add(connection, {subjects.escalation(number): now for number in numbers})
        records = gap_register.open_gaps(connection)
        reminder_queue.add(connection, {subjects.gap(record.number): now for record in records})
        zone = self._settings.zone
        first = {subject: find_due(now, now, zone).next_due or now for subject, find_due in SCHEDULES.items()}
        reminder_queue.add(connection, {**first, subjects.RETURNED: now})
        reminder_queue.add(connection, dict.fromkeys(find_open_subjects(connection), now))


def _select_cancelled(dropped: Iterable[str], recent: datetime) -> list[str]:
    """Return those of the dropped shifts and handovers that are not over: they are no longer planned."""
    names = ((each, subjects.read_name(each)) for each in dropped)
    return [each for each, name in names if isinstance(name, ChangeName) and find_instant(name) > recent]


def _redraw_handover_cards(
    connection: Connection, names: Iterable[str], settings: ReminderSettings, now: datetime
) -> Iterator[outbox_messages.OutgoingMessage]:
    """Redraw the cards of handovers that are no longer planned, or are planned again, where there are cards."""
    for name in names:
        if outbox_messages.was_enqueued(connection, f"{name}/card"):
            key, lane = f"{name}/card@{now:%Y%m%dT%H%M%S}", f"{name}/card"
            yield outbox_messages.OutgoingMessage(
                MessageKind.HANDOVER_REFRESH, key, name, lane, settings.oncall_channel
            )


def _redraw_cards(
    moved: Iterable[gap_register.GapRecord], settings: ReminderSettings
) -> Iterator[outbox_messages.OutgoingMessage]:
    """Redraw the cards of gaps whose edges moved. For a gap without a card nothing is sent."""
    for record in moved:
        name = subjects.gap(record.number)
        key = f"{name}/card{record.version}"
        yield outbox_messages.OutgoingMessage(
            MessageKind.GAP_REFRESH, key, name, f"{name}/card", settings.oncall_channel
        )
