"""“Add me and take it”: a lead who is not on the rota is put on it, and then takes what they pressed."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers import ids
from handlers.context import House, Slack
from handlers.payloads import team_of, user_of

Take = Callable[[dict[str, Any], Slack, Callable[..., Any]], None]


class AddMember:
    """``takes`` are the buttons by which somebody takes a duty, with what they do."""

    def __init__(self, house: House, takes: Mapping[str, Take]) -> None:
        self._house, self._takes = house, takes

    def join(self, body: dict[str, Any], client: Slack, respond: Callable[..., Any]) -> None:
        """Put them on the rota unless they are on it, and let them take it. Raises Refused for who is no lead."""
        house, action = self._house, body["actions"][0]
        visitor = house.admit(user_of(body), team_of(body))
        name = house.name_of(visitor.actor.id)
        house.revising.add(visitor.actor.id, name, visitor.actor, house.now(), house.settings.oncall_channel)
        wanted = str(action["action_id"]).removeprefix(ids.ROTA_JOIN)
        self._takes[wanted]({**body, "actions": [{**action, "action_id": wanted}]}, client, respond)
