"""The escalations of a simulation: raised day and night, worked on, snoozed, forgotten and closed."""

from datetime import timedelta
from functools import partial

from bot.services import Repositories, reminder_settings
from bot.simulation.world import LEAD, World
from models.rules.errors import NotSaved, Refused
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import Request
from models.rules.people import Actor

TEAM, CHANNEL = "T0SANDBOX", "C0ESCAL"
FORGET_RATE = 0.15
"""How often somebody forgets to go on with an escalation until they are reminded, from 0 to 1."""


class EscalationEvents:
    """What people do with escalations, apart from pressing the buttons of reminders."""

    def __init__(self, world: World) -> None:
        self._world = world
        assert world.config.settings is not None  # noqa: S101 - a simulated bot runs, so it has them
        settings = reminder_settings(world.config.settings, world.config.pages)
        repositories = Repositories(world.store, settings)
        self._commands, self._queries = repositories.commands, repositories.queries
        self._keys = 0

    def raise_escalation(self) -> None:
        """Let a random member raise an escalation."""
        world = self._world
        by = Actor(world.random.choice([member.slack_id for member in world.rota.members.values()]), TEAM)
        facts = {
            "kind": "customer", "customer_name": "上海蓝天科技有限公司", "service": "m365", "title": "无法收发邮件",
            "severity": world.random.choices("ABC", (2, 5, 3))[0], "details": "All mail bounces since this morning",
            "answers": {"scope": "some_users", "health": "normal", "tried": "Restarted Outlook", "lacks": ["tools"]},
        }  # fmt: skip
        request = Request.model_validate(facts)
        made = self._commands.raise_escalation(request, CHANNEL, by, world.clock.now(), self._next_key())
        world.event_log.note("raised", f"{made.name} {made.severity}")
        world.schedule_after(world.random.uniform(10, 90), partial(self.advance, made.number))

    def handle_reminder(self, number: int) -> None:
        """Let somebody act on a reminder, sometimes."""
        if self._world.random.random() < 0.35:
            self._world.schedule_after(self._world.random.uniform(1, 15), partial(self.advance, number))

    def advance(self, number: int) -> None:
        """Do the owner's next step of an escalation, and plan the one after unless it is forgotten."""
        escalation = self._queries.escalation(number)
        step = self._choose_move(escalation) if escalation else None
        if escalation is None or step is None:
            return
        try:
            self._commands.move(number, step, self._next_key())
        except (Refused, NotSaved) as no:
            self._world.event_log.note("refused", f"{escalation.name} {step.move} {no}")
            return
        self._world.event_log.note(str(step.move), escalation.name)
        if self._world.random.random() > FORGET_RATE:
            self._world.schedule_after(self._world.random.expovariate(1 / 180), partial(self.advance, number))

    def _choose_move(self, escalation: Escalation) -> MoveRequest | None:
        now, random = self._world.clock.now(), self._world.random
        by = Actor(escalation.owner or LEAD, TEAM, is_lead=True)
        if escalation.status in {Status.OPEN, Status.REOPENED} or escalation.acknowledged_at is None:
            return None  # that is what the buttons are for
        if random.random() < 0.1:
            return MoveRequest(
                Move.SNOOZE, by, now, "等客户回复", until=now + timedelta(hours=random.choice([1, 2, 3]))
            )
        if escalation.status is Status.ACKNOWLEDGED:
            chosen = random.choice([Move.NOTE, Move.RECORD, Move.RECORD, Move.RESOLVE])
            return MoveRequest(chosen, by, now, "625112200012345" if chosen is Move.RECORD else "Mail flow restored")
        if escalation.status is Status.SUBMITTED:
            return MoveRequest(random.choice([Move.NOTE, Move.RESOLVE]), by, now, "Mail flow restored")
        if escalation.status is Status.RESOLVED:
            return MoveRequest(Move.CLOSE if escalation.told_at else Move.TELL, by, now)
        return None

    def _next_key(self) -> str:
        self._keys += 1
        return f"simulated:{self._keys}"
