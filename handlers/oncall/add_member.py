"""“Add me and take it”: a lead who is not on the rota is put on it, and then takes what they pressed."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers import ids
from handlers.context import Services, SlackResponder
from handlers.payloads import team_of, user_of

Take = Callable[[dict[str, Any], SlackResponder, Callable[..., Any]], None]


class AddMember:
    """``takes`` are the buttons by which somebody takes a duty, with what they do."""

    def __init__(self, services: Services, takes: Mapping[str, Take]) -> None:
        self._services, self._takes = services, takes

    def join(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Put them on the rota unless they are on it, and let them take it. Raises Refused for who is no lead."""
        services, action = self._services, body["actions"][0]
        current_user = services.admit(user_of(body), team_of(body))
        name = services.name_of(current_user.actor.id)
        services.rota_editor.add_member(
            current_user.actor.id, name, current_user.actor, services.now(), services.settings.oncall_channel
        )
        wanted = str(action["action_id"]).removeprefix(ids.ROTA_JOIN)
        self._takes[wanted]({**body, "actions": [{**action, "action_id": wanted}]}, client, respond)
