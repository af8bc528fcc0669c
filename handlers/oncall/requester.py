"""The person who asks about the rota, with the rota as it is known now."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.context import AT_SUBMIT, USUAL, CurrentUser, Services
from handlers.i18n.words import Words
from handlers.payloads import Body, team_of, user_of, way_of
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import RotaState
from models.rules.rota.rota import Member, Rota


@dataclass(frozen=True)
class Requester:
    """An admitted person and the rota. ``me`` is None when they are not on it; ``zone`` is their time zone."""

    current_user: CurrentUser
    now: datetime
    zone: ZoneInfo
    rota_state: RotaState
    me: Member | None
    came_by: str = ""
    """How the press came, where it was not made in Slack."""

    @property
    def words(self) -> Words:
        """The person's language."""
        return self.current_user.words

    @property
    def actor(self) -> Actor:
        """The person, as the rules know them."""
        return self.current_user.actor

    @property
    def rota(self) -> Rota:
        """The rota in force now."""
        return self.rota_state.rota

    def myself(self) -> Member:
        """Return the person's member of the rota. Raises Refused when they are not on it."""
        if self.me is None:
            raise refuse("not_on_the_rota")
        return self.me


def load_requester(services: Services, current_user: CurrentUser) -> Requester:
    """Read the rota for an admitted person. Raises Refused while there is no rota."""
    now = services.now()
    rota_state = services.rota_store.rota_state(now)
    if rota_state is None:
        raise refuse("no_rota")
    return Requester(
        current_user,
        now,
        services.zone_of(current_user),
        rota_state,
        rota_state.rota.member_with(current_user.actor.id),
    )


def requester_of(services: Services, body: Body) -> Requester:
    """Admit the person of a delivery and read the rota. Raises Refused."""
    fresh = AT_SUBMIT if body.get("type") == "view_submission" else USUAL
    requester = load_requester(services, services.admit(user_of(body), team_of(body), fresh))
    return replace(requester, came_by=way_of(body))
