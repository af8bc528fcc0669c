"""Requests for the picture of the next weeks. The outbox draws and sends it, so that a crash loses nothing."""

from collections.abc import Callable
from typing import Any

from handlers.blocks import block_kit
from handlers.context import CurrentUser, Services
from handlers.i18n.words import N_
from handlers.oncall.requester import load_requester
from handlers.payloads import Body, click_key, team_of, user_of
from handlers.press_replies import reply

ASKED = frozenset({"picture", "总览图", "值班图"})
"""What is typed after ``rota`` to request the picture."""
COMES = N_("The picture will arrive in your direct messages.")


class ChartRequest:
    """The button below the rota, and the command for it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def typed(self, current_user: CurrentUser, key: str) -> list[block_kit.Block]:
        """Answer the command. Raises Refused while there is no rota."""
        self._ask(current_user, key)
        return [block_kit.section(f"🗓️ {current_user.words(COMES)}")]

    def click(self, body: Body, respond: Callable[..., Any]) -> None:
        """Answer the button."""
        current_user = self._services.admit(user_of(body), team_of(body))
        self._ask(current_user, click_key(body))
        reply(f"🗓️ {current_user.words(COMES)}", body, respond)

    def _ask(self, current_user: CurrentUser, key: str) -> None:
        load_requester(self._services, current_user)
        self._services.file_requests.ask(current_user.actor.id, self._services.now(), key)
