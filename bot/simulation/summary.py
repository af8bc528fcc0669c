"""Count what happened in a simulation. Whether all promises were kept is for the auditor."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.simulation.checks.auditor import Auditor
from bot.simulation.checks.evidence import Violation
from bot.simulation.world import World
from models.oncall.gap_register import CLOSED
from models.rules.outbox.delivery import DeliveryState
from models.rules.reach.page import HANDED_OVER
from models.store.oncall_tables import GAP, LEDGER, REMINDER, WATCH
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import ESCALATION, OUTBOX


@dataclass(frozen=True)
class SimulationSummary:
    """The numbers of one simulation."""

    messages: int
    reminders: int
    escalations: int
    gaps: int
    gaps_closed: int
    gaps_open: int
    confirmed: int
    handed_over: int
    ledger: dict[str, float]
    expected_hours: float
    events: dict[str, int]
    violations: list[Violation]
    told_elsewhere: int = 0
    """Messages that other services than Slack accepted."""
    people_told: int = 0
    """How many people and groups they reached."""
    acted_by_link: int = 0

    @property
    def uncovered(self) -> float:
        """Hours in which nobody was on call in a seat."""
        return self.ledger.get("uncovered", 0.0)

    @property
    def is_complete(self) -> bool:
        """Whether the ledger holds every hour it should, once."""
        return abs(sum(self.ledger.values()) - self.expected_hours) < 1e-6


def summarize(world: World, start: datetime) -> SimulationSummary:
    """Count what is there by now."""
    auditor = Auditor(world, start)
    gaps = world.store.read(lambda c: c.execute(select(GAP.c.ended_how)).all())
    presses = Counter(world.store.read(lambda c: c.scalars(select(WATCH.c.kind)).all()))
    ledger, expected = _ledger(world, start)
    people = world.store.read(
        lambda c: c.scalars(select(PAGE_TRY.c.person).where(PAGE_TRY.c.outcome.in_(HANDED_OVER))).all()
    )
    return SimulationSummary(
        _count(world, OUTBOX, OUTBOX.c.state == DeliveryState.SENT), _count(world, REMINDER), _count(world, ESCALATION),
        len(gaps), sum(row.ended_how == CLOSED for row in gaps), sum(not row.ended_how for row in gaps),
        presses["confirm"], presses["take_over"],
        ledger, expected, dict(world.event_log.counts), auditor.find_violations(),
        len(people), len(set(people)), _count(world, PAGE_LINK, PAGE_LINK.c.used_at.is_not(None)),
    )  # fmt: skip


def _count(world: World, table: type | object, where: object = True) -> int:
    query = select(func.count()).select_from(table)  # type: ignore[arg-type]  # a table
    return int(world.store.read(lambda c: c.scalar(query if where is True else query.where(where))) or 0)  # type: ignore[arg-type]  # a condition


def _ledger(world: World, start: datetime) -> tuple[dict[str, float], float]:
    """Return hours by verdict, and the hours there must be: from the start to the last entry of each seat."""
    hours: dict[str, float] = {}
    ends: dict[str, datetime] = {}
    for row in world.store.read(lambda c: c.execute(select(LEDGER).where(~LEDGER.c.corrects)).all()):
        hours[row.verdict] = hours.get(row.verdict, 0.0) + (row.end - row.start) / timedelta(hours=1)
        ends[row.seat] = max(ends.get(row.seat, start), row.end)
    return hours, sum((end - start) / timedelta(hours=1) for end in ends.values())
