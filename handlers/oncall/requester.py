"""Who asks about the rota: an admitted person, as the plan knows them, with the rota as it is known now."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.context import AT_SUBMIT, USUAL, House, Visitor
from handlers.i18n.words import Words
from handlers.payloads import Body, team_of, user_of
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import Situation
from models.rules.rota.rota import Member, Plan


@dataclass(frozen=True)
class Caller:
    """Somebody with the rota in front of them; ``me`` is None for who is not on it. Times are theirs: ``zone``."""

    visitor: Visitor
    now: datetime
    zone: ZoneInfo
    situation: Situation
    me: Member | None

    @property
    def words(self) -> Words:
        """Their language."""
        return self.visitor.words

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.visitor.actor

    @property
    def plan(self) -> Plan:
        """The plan that counts now."""
        return self.situation.plan

    def myself(self) -> Member:
        """Who they are on the rota. Raises Refused for who is not on it."""
        if self.me is None:
            raise refuse("not_on_the_rota")
        return self.me


def called(house: House, visitor: Visitor) -> Caller:
    """The rota for somebody who was admitted. Raises Refused while there is none."""
    now = house.now()
    known = house.rotas.situation(now)
    if known is None:
        raise refuse("no_rota")
    return Caller(visitor, now, house.zone_of(visitor), known, member_of(known.plan, visitor.actor.id))


def caller(house: House, body: Body) -> Caller:
    """The same from a delivery. Raises Refused, also for who may not come in."""
    fresh = AT_SUBMIT if body.get("type") == "view_submission" else USUAL
    return called(house, house.admit(user_of(body), team_of(body), fresh))


def member_of(plan: Plan, slack_id: str) -> Member | None:
    """Who a Slack account is on the rota; nobody for none, though somebody there may have none."""
    return next((one for one in plan.members.values() if slack_id and one.slack_id == slack_id), None)
