"""What /metrics says of this moment: the outbox, cases, gaps, and the connections of the bot."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from itertools import product
from typing import Any

from sqlalchemy.pool import QueuePool

from bot.clock import Clock
from bot.limited_question import LimitedQuestion
from bot.measurements import (
    BUILD,
    CASES_OPEN,
    DATABASE_CONNECTIONS,
    GAPS_OPEN,
    HTTP_CONNECTIONS,
    NOT_UNDERSTOOD,
    OUTBOX_MESSAGES,
    OUTBOX_OLDEST,
    PAGES_HELD_BACK,
    REMINDER_AGE,
    SLACK_CONNECTED,
    SLACK_REFUSES,
    STORE_UP,
    TICK_AGE,
    UNCOVERED_MINUTES,
    WEBHOOK_OLDEST,
    WEBHOOK_WAITING,
    WRITES_WAITING,
    Labels,
    Metric,
)
from bot.services import Repositories
from bot.workers.outbox import OutboxWorker
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.escalations import escalation_rows
from models.oncall import gap_register
from models.oncall.coverage_ledger import BOT, NO_ROTA
from models.outbox import page_waits, webhook_rows
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Turn
from models.rules.escalations.request import Severity
from models.rules.outbox.delivery import DeliveryState, MessageStatus
from models.rules.rota.on_call import CoverageStatus
from models.store.database import Store

DAY = timedelta(days=1)
_LEDGER_READ_AGAIN = 60.0
"""Seconds for which the minutes of the last day are not computed again: that costs more than all the rest."""
_PATIENCE = 2.0
"""Seconds that the database may take; a reader of the page waits three."""
_STATES = {
    MessageStatus.WAITING: DeliveryState.PENDING,
    MessageStatus.SENDING: DeliveryState.SENDING,
    MessageStatus.UNKNOWN: DeliveryState.UNKNOWN,
    MessageStatus.SET_ASIDE: DeliveryState.DEAD,
}
Sample = tuple[Metric, Labels, float]


@dataclass(frozen=True)
class RunningParts:
    """The parts of the running bot that are asked."""

    worker: OutboxWorker
    scheduler: Scheduler
    reminders: ReminderWorker
    connection: Callable[[], Mapping[str, Any]]
    """What is said of the connection to Slack."""
    http_connections: Callable[[], int]


class Gauges:
    """Reads the present values, each time again."""

    def __init__(self, store: Store, repositories: Repositories, parts: RunningParts, clock: Clock) -> None:
        self._store, self._repositories, self._parts, self._clock = store, repositories, parts, clock
        self._version = metadata.version("csp-escalate")
        self._uncovered: tuple[float, float] | None = None  # when it was computed, and minutes
        self._stored = LimitedQuestion(self._read_stored)

    def read(self) -> Iterable[Sample]:
        """Return the samples; without those of the database while it does not answer."""
        try:
            stored = [(STORE_UP, (), 1.0), *self._stored.ask(_PATIENCE)]
        except (NotSaved, TimeoutError):
            stored = [(STORE_UP, (), 0.0)]
        return [*stored, *self._process()]

    def _read_stored(self) -> list[Sample]:
        return [*self._outbox(), *self._cases(), *self._gaps()]

    def _process(self) -> Iterator[Sample]:
        parts, connection = self._parts, self._parts.connection()
        yield SLACK_CONNECTED, (), float(connection["ok"])
        yield SLACK_REFUSES, (), float(bool(parts.worker.refused))
        yield HTTP_CONNECTIONS, (), parts.http_connections()
        yield DATABASE_CONNECTIONS, (), _count_connections(self._store)
        yield WRITES_WAITING, (), self._store.waiting
        yield TICK_AGE, (), parts.scheduler.age
        yield REMINDER_AGE, (), parts.reminders.age
        yield NOT_UNDERSTOOD, (), parts.reminders.failing
        yield BUILD, (self._version, self._store.dialect), 1

    def _outbox(self) -> Iterator[Sample]:
        outbox = self._repositories.outbox
        counts, oldest = outbox.counts(), outbox.oldest_message()
        for status, state in _STATES.items():
            yield OUTBOX_MESSAGES, (status,), counts.get(state, 0)
        yield OUTBOX_OLDEST, (), self._age(oldest)
        now = self._clock.now()
        yield PAGES_HELD_BACK, (), self._store.read(lambda connection: page_waits.count_held_back(connection, now))
        backlog = self._store.read(webhook_rows.read_backlog)
        yield WEBHOOK_WAITING, (), backlog.waiting
        yield WEBHOOK_OLDEST, (), self._age(backlog.oldest)

    def _age(self, moment: datetime | None) -> float:
        """Return the seconds since an instant; 0 for none."""
        return max(0.0, (self._clock.now() - moment).total_seconds()) if moment else 0.0

    def _cases(self) -> Iterator[Sample]:
        counts = self._store.read(escalation_rows.count_open_by_turn)
        for turn, severity in product(Turn, Severity):
            yield CASES_OPEN, (turn, severity), counts.get((turn, severity), 0)

    def _gaps(self) -> Iterator[Sample]:
        now = self._clock.now()
        at_once, within_a_day = self._store.read(lambda connection: gap_register.count_open(connection, now, now + DAY))
        yield GAPS_OPEN, ("now",), at_once
        yield GAPS_OPEN, ("24h",), within_a_day
        yield UNCOVERED_MINUTES, (), self._uncovered_minutes()

    def _uncovered_minutes(self) -> float:
        read_at = self._clock.monotonic()
        if self._uncovered is None or read_at - self._uncovered[0] >= _LEDGER_READ_AGAIN:
            now = self._clock.now()
            entries = self._repositories.coverage_ledger.report(now - DAY, now, now)
            bare = [
                entry
                for entry in entries
                if entry.slot != BOT and entry.status == CoverageStatus.UNCOVERED and entry.evidence != NO_ROTA
            ]
            self._uncovered = read_at, sum((entry.end - entry.start).total_seconds() for entry in bare) / 60
        return self._uncovered[1]


def _count_connections(store: Store) -> int:
    """Count the connections to the database that are in use."""
    pool = store.engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0
