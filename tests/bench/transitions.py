"""Moves per second through the commands, beside a bare SQLAlchemy Core loop that writes the same rows."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from models.escalations.commands import EscalationCommands
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import IssueCategory, Request, RequestKind, Severity
from models.rules.people import Actor
from models.store.database import Store
from tests.bench import databases
from tests.bench.bare_rows import BareStore, Transaction, recorded
from tests.bench.measurement import Figure, Workshop, middle, ratio_at_least, told

ESCALATIONS = 15
ROUNDS = 4
WRITERS = 8
LI = Actor("U0LINA", "T0SANDBOX", is_lead=True)
BEGAN = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
LIFE = (Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.NOTE, Move.RESOLVE, Move.CLOSE)
WORDS = {Move.NOTE: "工程师要求提供跟踪编号和发生时间", Move.RECORD: "6251122000123", Move.RESOLVE: "Mail flows again"}
Fresh = Callable[[], AbstractContextManager[str]]


def measure(workshop: Workshop) -> list[Figure]:
    """On both databases, one writer; and on SQLite eight writers at once."""
    names = (f"moves-{number}" for number in count())

    @contextmanager
    def file() -> Iterator[str]:
        yield databases.sqlite(workshop.folder, next(names))

    figures = _compared(workshop, "SQLite", file)
    with databases.postgresql() as server:
        figures += _compared(workshop, "PostgreSQL", server.migrated)
    return [*figures, *_together(workshop, file)]


def _compared(workshop: Workshop, kind: str, fresh: Fresh) -> list[Figure]:
    ours, bare = [], []
    for number in range(ROUNDS):
        workshop.say(f"moves on {kind}, round {number + 1} of {ROUNDS}")
        with fresh() as url:
            rate, transactions = _carried_through(url)
            ours.append(rate)
        with fresh() as url:
            bare.append(_replayed(url, transactions))
    note = f"{ESCALATIONS} lives of {len(LIFE) + 1} moves, {ROUNDS} rounds"
    return [ratio_at_least(f"moves per second ({kind})", 0.5, middle(ours), "/s", middle(bare), note)]


def _together(workshop: Workshop, fresh: Fresh) -> list[Figure]:
    workshop.say(f"{WRITERS} writers at once on SQLite")
    with fresh() as url:
        store = Store(url, timeout=10)
        commands = EscalationCommands(store)
        together = _rate(lambda: _in_threads(WRITERS, lambda one: _lives(commands, ESCALATIONS // 3, f"v{one}")))
        store.dispose()
    return [told(f"moves per second, {WRITERS} writers at once (SQLite)", together, "/s")]


def _lives(commands: EscalationCommands, escalations: int, key: str) -> int:
    """Raise and carry through so many escalations; how many moves that were."""
    for number in range(escalations):
        at = BEGAN + timedelta(hours=number)
        request = Request(
            kind=RequestKind.PARTNER_CENTER, severity=Severity.B, title="账单页面打不开",
            details="The page stays blank " * 5,
            answers={"category": IssueCategory.BILLING},
        )  # fmt: skip
        raised = commands.raise_escalation(request, "C0ESCAL", LI, at, f"{key}-{number}")
        for step, move in enumerate(LIFE, 1):
            commands.move(raised.number, MoveRequest(move, LI, at, WORDS.get(move, "")), f"{key}-{number}-{step}")
    return escalations * (len(LIFE) + 1)


def _carried_through(url: str) -> tuple[float, list[Transaction]]:
    """Moves per second through the commands, and what they wrote."""
    store = Store(url)
    commands = EscalationCommands(store)
    rate = _rate(lambda: _lives(commands, ESCALATIONS, "v"))
    written = recorded(store.engine)
    store.dispose()
    return rate, written


def _replayed(url: str, transactions: Sequence[Transaction]) -> float:
    bare = BareStore(url)

    def replay() -> int:
        for transaction in transactions:
            bare.write(transaction)
        return len(transactions)

    rate = _rate(replay)
    bare.engine.dispose()
    return rate


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    moves = work()
    return moves / (time.perf_counter() - began)


def _in_threads(threads: int, work: Callable[[int], int]) -> int:
    done: list[int] = []
    running = [threading.Thread(target=lambda one=one: done.append(work(one))) for one in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(done)
