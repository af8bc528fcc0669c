"""A reminder tick: 10,000 open escalations with their histories and nothing due, beside years of closed ones.

Then 500 are due at once, in all the states that people leave them in.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from bot.services import Repositories
from models.oncall.rota_versions import import_rota
from models.reminders.engine import ReminderEngine
from models.rules.escalations.transitions import raise_escalation
from models.rules.people import Actor
from models.rules.reminders import subjects
from models.store import reminder_queue
from models.store.database import Store
from models.store.oncall_tables import REMINDER
from models.store.tables import ESCALATION, OUTBOX
from tests.bench import databases, open_cases
from tests.bench.measurement import Figure, Workshop, at_most, middle
from tests.models.reminders.conftest import REMINDER_SETTINGS
from tests.models.samples import NOW, TEAM, customer_request
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

OPEN, DUE, CLOSED = 10_000, 500, 200_000
CHUNK = 1_000
BURST = 1.0
"""Seconds; 1.6 when a statement is put together anew for each reminder."""
IDLE = 40
SECOND = timedelta(seconds=1)
DUE_AT, LATER = NOW + timedelta(minutes=20), NOW + timedelta(days=365)


def measure(workshop: Workshop) -> list[Figure]:
    """The same on both databases."""
    found = _on("SQLite", databases.sqlite(workshop.folder, "ticks"), workshop)
    with databases.postgresql() as server, server.migrated() as url:
        return found + _on("PostgreSQL", url, workshop)


def _on(kind: str, url: str, workshop: Workshop) -> list[Figure]:
    workshop.say(f"{kind}: {OPEN:,} open escalations")
    store = Store(url)
    try:
        import_rota(store, DAILY_TURNS_WITH_BACKUP, "cli", NOW - timedelta(days=30))
        _open(store)
        engine = Repositories(store, REMINDER_SETTINGS).engine
        engine.tick(NOW)
        young = _idle(engine, NOW)
        workshop.say(f"{kind}: {CLOSED:,} closed ones and their reminders beside them")
        _history(store)
        old = _idle(engine, NOW + IDLE * SECOND)  # a clock that went back would make all of them due
        workshop.say(f"{kind}: {DUE} due at once")
        seconds, made, said = _burst(store, engine)
    finally:
        store.dispose()
    return [
        at_most(f"{kind}: a tick over {OPEN:,} open subjects, nothing due", 50, old, "ms"),
        at_most(
            f"{kind}: the same tick, beside one without {CLOSED:,} closed ones", 50, old, "ms", young, "must not grow"
        ),
        at_most(
            f"{kind}: reminders not in the outbox after one tick, of {DUE} due at once", 1, DUE - made, "reminders"
        ),
        at_most(f"{kind}: processor time of that tick, with {said} messages", BURST, seconds, "s"),
    ]


def _idle(engine: ReminderEngine, start: datetime) -> float:
    """Milliseconds of a tick with nothing to do; the middle one of a tick a second from ``start`` on."""
    found = []
    for n in range(IDLE):
        began = time.perf_counter()
        engine.tick(start + n * SECOND)
        found.append(1000 * (time.perf_counter() - began))
    return middle(found)


def _burst(store: Store, engine: ReminderEngine) -> tuple[float, int, int]:
    """Processor seconds of a tick in which many are due; how many of them are in the outbox then; all messages."""
    due = {subjects.escalation(number): NOW for number in range(1, DUE + 1)}
    store.write(lambda c: reminder_queue.put(c, due))
    began = time.process_time()
    ticked = engine.tick(DUE_AT)
    seconds = time.process_time() - began
    about = select(OUTBOX.c.subject).where(OUTBOX.c.subject.in_(list(due))).distinct()
    return seconds, len(store.read(lambda c: c.scalars(about).all())), ticked.messages


def _open(store: Store) -> None:
    """Write the open escalations with their histories; the deadlines of the first ones end at :data:`DUE_AT`."""
    open_cases.write(store, open_cases.due(DUE, DUE_AT))
    open_cases.write(store, open_cases.lives(DUE + 1, OPEN - DUE))
    names = {subjects.escalation(number): LATER for number in range(1, OPEN + 1)}
    store.write(lambda c: reminder_queue.put(c, names))


def _history(store: Store) -> None:
    """Closed escalations with a reminder each, as years leave them."""
    by = Actor("U0WANG", TEAM)
    template = raise_escalation(customer_request(), 1, "C0ESCAL", by, NOW - timedelta(days=400))[0].model_dump()
    numbers = range(OPEN + 1, OPEN + CLOSED + 1)
    _written(store, ESCALATION, ({**template, "number": n, "status": "closed"} for n in numbers))
    _written(store, REMINDER, (_reminder(n, NOW - timedelta(days=400)) for n in numbers))


def _reminder(number: int, at: datetime) -> dict[str, Any]:
    subject = subjects.escalation(number)
    return {
        "key": f"{subject}/old", "subject": subject, "step": "old", "due_at": at, "made_at": at, "merged_into": "",
    }  # fmt: skip


def _written(store: Store, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            store.write(_inserting(table, chunk))
            chunk = []
    if chunk:
        store.write(_inserting(table, chunk))


def _inserting(table: Any, rows: list[dict[str, Any]]) -> Callable[[Any], Any]:
    return lambda connection: connection.execute(insert(table), rows)
