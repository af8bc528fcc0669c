"""The button “Add me and take it”: a lead is added to the rota, then takes the shift or gap."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers import ids
from handlers.context import Services, SlackResponder
from handlers.payloads import team_of, user_of

Take = Callable[[dict[str, Any], SlackResponder, Callable[..., Any]], None]


class AddMember:
    """Adds a lead to the rota. ``takes`` maps the action id of each button that takes something to its handler."""

    def __init__(self, services: Services, takes: Mapping[str, Take]) -> None:
        self._services, self._takes = services, takes

    def join(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Add the lead to the rota if needed, then take what they pressed. Raises Refused for others than leads."""
        services, action = self._services, body["actions"][0]
        current_user = services.admit(user_of(body), team_of(body))
        name = services.find_name(current_user.actor.id)
        services.rota_editor.add_member(
            current_user.actor.id, name, current_user.actor, services.now(), services.settings.oncall_channel
        )
        wanted = str(action["action_id"]).removeprefix(ids.ROTA_JOIN)
        self._takes[wanted]({**body, "actions": [{**action, "action_id": wanted}]}, client, respond)
