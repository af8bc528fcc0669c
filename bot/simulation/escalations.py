"""The escalations of a simulation: raised day and night, worked on, snoozed, forgotten and closed."""

from datetime import timedelta
from functools import partial

from bot.services import Repositories, reminder_settings
from bot.simulation.world import LEAD, World
from models.rules.errors import NotSaved, Refused
from models.rules.escalations.escalation import Escalation, Move, Status, Turn
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import Request, Severity
from models.rules.people import Actor

TEAM, CHANNEL = "T0SANDBOX", "C0ESCAL"
FIX = "Mail flow restored"
FORGET_RATE = 0.15
"""How often somebody forgets to go on with an escalation until they are reminded, from 0 to 1."""


class EscalationEvents:
    """What people do with escalations, apart from pressing the buttons of reminders."""

    def __init__(self, world: World, key: str = "simulated") -> None:
        self._world, self._key = world, key
        assert world.config.settings is not None  # noqa: S101 - a simulated bot runs, so it has them
        settings = reminder_settings(world.config.settings, world.config.pages, world.config.reach)
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
            "answers": {"scope": "some_users", "health": "normal", "tried": "Restarted Outlook", "lacks": ["tools"],
                        "area": "none", "impact": "Nobody can send mail", "contact": "138 0013 8000"},
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
            chosen = random.choice([Move.NOTE, Move.RECORD, Move.RECORD, Move.RECORD, Move.RESOLVE])
            return self._record(escalation, by) if chosen is Move.RECORD else MoveRequest(chosen, by, now, FIX)
        if escalation.status is Status.SUBMITTED:
            return self._choose_while_submitted(escalation, by)
        if escalation.status is Status.RESOLVED:
            return MoveRequest(Move.CLOSE if escalation.told_at else Move.TELL, by, now)
        return None

    def _record(self, escalation: Escalation, by: Actor) -> MoveRequest:
        """Record a number; now and then 21Vianet gives a lower severity, or it is another case than before."""
        random = self._world.random
        number = "625112200012345" if random.random() < 0.8 else f"62511220{escalation.version:07}"
        given = Severity.C if random.random() < 0.2 else None
        return MoveRequest(Move.RECORD, by, self._world.clock.now(), number, severity_given=given)

    def _choose_while_submitted(self, escalation: Escalation, by: Actor) -> MoveRequest:
        """Let 21Vianet answer, the turn pass on, and the customer be informed, with a promise that may be broken."""
        now, random = self._world.clock.now(), self._world.random
        chosen = random.choice([Move.NOTE, Move.CONTACT, Move.CONTACT, Move.TURN, Move.TURN, Move.TELL, Move.RESOLVE])
        if chosen is Move.CONTACT and escalation.first_contact_at:
            chosen = Move.TURN
        if chosen is Move.TURN:
            return MoveRequest(
                chosen, by, now, turn=random.choice([turn for turn in Turn if turn is not escalation.turn])
            )
        if chosen is Move.TELL:
            until = now + timedelta(hours=random.choice([1, 4, 30])) if random.random() < 0.7 else None
            return MoveRequest(chosen, by, now, until=until)
        return MoveRequest(chosen, by, now, FIX)

    def _next_key(self) -> str:
        self._keys += 1
        return f"{self._key}:{self._keys}"
