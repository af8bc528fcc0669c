"""Open escalations with the histories that they have in earnest: made by the rules, written in bulk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from models.escalations import history_rows
from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.deadlines import find_deadline_from_history
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.people import Actor
from models.rules.policy.reader import load_packaged
from models.rules.rota.holidays import make_workday_test
from models.store.database import Store
from models.store.tables import ESCALATION
from tests.bench.archive import MEMBERS
from tests.models.samples import CHANNEL, NOW, TEAM, customer_request, step

SERVICES = ("m365", "azure", "d365", "other")
MIXED, CHUNK = 1_200, 1_000
"""How many lives differ, and how many escalations are written at once."""
BETWEEN = timedelta(hours=5)
YEAR = timedelta(days=365)
POLICY, IS_WORKDAY = load_packaged(), make_workday_test(())
ACK, NOTE, RECORD, CONTACT, TURN = Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.CONTACT, Move.TURN
Moves = tuple[Move | Turn, ...]
AWAITED: Moves = (ACK, NOTE, RECORD, NOTE, Turn.OURS, NOTE, Turn.VENDOR)
ANSWERED: Moves = (ACK, RECORD, CONTACT, NOTE, Turn.CUSTOMER, NOTE, Turn.OURS)
CUSTOMERS: Moves = (ACK, NOTE, RECORD, CONTACT, Turn.VENDOR, NOTE, Turn.CUSTOMER)
RESOLVED: Moves = (ACK, NOTE, RECORD, CONTACT, Turn.CUSTOMER, NOTE, Move.RESOLVE)
NEW: Moves = ()
LIVES = (AWAITED, ANSWERED, CUSTOMERS, AWAITED, RESOLVED, AWAITED, ANSWERED, CUSTOMERS, AWAITED, NEW)


def is_answered(number: int) -> bool:
    """Return whether 21Vianet has responded to an escalation, which is not resolved."""
    return LIVES[number % len(LIVES)] in (ANSWERED, CUSTOMERS)


@dataclass(frozen=True)
class CaseLife:
    """An escalation as it is now, and its history."""

    case: Escalation
    entries: Sequence[HistoryEntry]


def live(number: int, begins: datetime) -> CaseLife:
    """Return an escalation raised at an instant, with what happened to it since, by the rules."""
    owner = Actor(MEMBERS[number // len(LIVES) % len(MEMBERS)], TEAM, is_lead=True)
    severity, service = tuple(Severity)[number // 40 % len(Severity)], SERVICES[number // 10 % len(SERVICES)]
    request = customer_request(service=service, severity=severity, answers={"impact": "Nobody can work"})
    case, entry = raise_escalation(request, number, CHANNEL, owner, begins)
    entries = [entry]
    for count, move in enumerate(LIVES[number % len(LIVES)], 1):
        at = begins + count * BETWEEN
        asked = step(TURN, owner, at, turn=move) if isinstance(move, Turn) else step(move, owner, at)
        case, entry = advance(case, asked)
        entries.append(entry)
    return CaseLife(case, entries)


def lives(first: int, count: int, span: timedelta = YEAR, until: datetime = NOW) -> Iterator[CaseLife]:
    """Yield so many escalations, numbered from ``first`` on and raised evenly over the time before ``until``."""
    mixed = [live(number, until - span + number * span / MIXED - 8 * BETWEEN) for number in range(MIXED)]
    for number in range(first, first + count):
        yield _numbered(mixed[number % MIXED], number)


def due(count: int, at: datetime) -> Iterator[CaseLife]:
    """Yield so many escalations, numbered from 1 on, whose deadlines end at an instant."""
    tuned = [one for number in range(MIXED // 4) if (one := _tuned(number, at))]
    for number in range(1, count + 1):
        yield _numbered(tuned[number % len(tuned)], number)


def _tuned(number: int, at: datetime) -> CaseLife | None:
    """Return a life whose deadline ends at an instant; None where a desk's closing decides when it ends."""
    begins = at - YEAR / 12
    for _ in range(3):
        one = live(number, begins)
        deadline = find_deadline_from_history(one.case, build_timeline(one.entries), POLICY, IS_WORKDAY)
        if deadline and deadline.due_at == at:
            return one
        begins += at - deadline.due_at if deadline else timedelta()
    return None


def _numbered(one: CaseLife, number: int) -> CaseLife:
    case = one.case.model_copy(update={"number": number})
    return CaseLife(case, [entry.model_copy(update={"number": number}) for entry in one.entries])


def write(store: Store, written: Iterator[CaseLife]) -> None:
    """Write escalations and histories, past the commands, into their tables."""
    while chunk := list(islice(written, CHUNK)):
        cases = [one.case.model_dump() for one in chunk]
        entries = [entry for one in chunk for entry in one.entries]
        store.write(lambda c, cases=cases, entries=entries: _insert(c, cases, entries))  # type: ignore[misc]


def _insert(connection: Any, cases: list[dict[str, Any]], entries: list[HistoryEntry]) -> None:
    connection.execute(insert(ESCALATION), cases)
    history_rows.add_entries(connection, entries)
