"""The escalations of a simulation: raised day and night, carried on, put off, forgotten and ended."""

from datetime import timedelta
from functools import partial

from bot.repositories import vigil_house
from bot.simulation.world import LEAD, World
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.reminders.on_call import OnCallLookup
from models.rules.errors import NotSaved, Refused
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.request import Request
from models.rules.escalations.transitions import MoveRequest
from models.rules.people import Actor

TEAM, CHANNEL = "T0SANDBOX", "C0ESCAL"
FORGOTTEN = 0.15
"""So often somebody means to go on with a case, and forgets it until they are reminded."""


class EscalationEvents:
    """What people do with escalations, beside pressing the buttons of reminders."""

    def __init__(self, world: World) -> None:
        self._world = world
        assert world.config.settings is not None  # noqa: S101 - a simulated bot runs, so it has them
        services = vigil_house(world.config.settings, world.config.pages)
        on_call = OnCallLookup(SnapshotCache(world.store, RotaStore(world.store)), services)
        self._commands, self._queries = (
            EscalationCommands(world.store, on_duty=on_call.at),
            EscalationQueries(world.store),
        )
        self._keys = 0

    def raise_one(self) -> None:
        """Somebody raises an escalation."""
        world = self._world
        by = Actor(world.rng.choice([member.slack_id for member in world.plan.members.values()]), TEAM)
        facts = {
            "kind": "customer", "customer_name": "上海蓝天科技有限公司", "service": "m365", "title": "无法收发邮件",
            "severity": world.rng.choices("ABC", (2, 5, 3))[0], "details": "All mail bounces since this morning",
            "answers": {"scope": "some_users", "health": "normal", "tried": "Restarted Outlook", "lacks": ["tools"]},
        }  # fmt: skip
        request = Request.model_validate(facts)
        made = self._commands.raise_escalation(request, CHANNEL, by, world.clock.now(), self._key())
        world.diary.note("raised", f"{made.name} {made.severity}")
        world.after(world.rng.uniform(10, 90), partial(self.go_on, made.number))

    def reminded(self, number: int) -> None:
        """Somebody reads that a case is waited for."""
        if self._world.rng.random() < 0.35:
            self._world.after(self._world.rng.uniform(1, 15), partial(self.go_on, number))

    def go_on(self, number: int) -> None:
        """The next step of a case, by who owns it; then the one after, unless it is forgotten."""
        case = self._queries.escalation(number)
        step = self._next(case) if case else None
        if case is None or step is None:
            return
        try:
            self._commands.move(number, step, self._key())
        except (Refused, NotSaved) as no:
            self._world.diary.note("refused", f"{case.name} {step.move} {no}")
            return
        self._world.diary.note(str(step.move), case.name)
        if self._world.rng.random() > FORGOTTEN:
            self._world.after(self._world.rng.expovariate(1 / 180), partial(self.go_on, number))

    def _next(self, case: Escalation) -> MoveRequest | None:
        now, rng = self._world.clock.now(), self._world.rng
        by = Actor(case.owner or LEAD, TEAM, is_lead=True)
        if case.status in {Status.OPEN, Status.REOPENED} or case.acknowledged_at is None:
            return None  # that is what the buttons are for
        if rng.random() < 0.1:
            return MoveRequest(Move.SNOOZE, by, now, "等客户回复", until=now + timedelta(hours=rng.choice([1, 2, 3])))
        if case.status is Status.ACKNOWLEDGED:
            chosen = rng.choice([Move.NOTE, Move.RECORD, Move.RECORD, Move.RESOLVE])
            return MoveRequest(chosen, by, now, "625112200012345" if chosen is Move.RECORD else "Mail flow restored")
        if case.status is Status.SUBMITTED:
            return MoveRequest(rng.choice([Move.NOTE, Move.RESOLVE]), by, now, "Mail flow restored")
        if case.status is Status.RESOLVED:
            return MoveRequest(Move.CLOSE if case.told_at else Move.TELL, by, now)
        return None

    def _key(self) -> str:
        self._keys += 1
        return f"simulated:{self._keys}"
