"""Asking for the picture of the weeks ahead. It is drawn and sent by the outbox, so that nothing of it is lost."""

from collections.abc import Callable
from typing import Any

from handlers.blocks import block_kit
from handlers.context import House, Visitor
from handlers.i18n.words import N_
from handlers.oncall.requester import called
from handlers.payloads import Body, click_key, team_of, user_of
from handlers.replies import beside

ASKED = frozenset({"picture", "总览图"})
"""What is typed after ``rota`` for it."""
COMES = N_("The picture comes to your direct messages.")


class Picturing:
    """The button below the rota, and the word after it."""

    def __init__(self, house: House) -> None:
        self._house = house

    def typed(self, visitor: Visitor, key: str) -> list[block_kit.Block]:
        """The answer to the command. Raises Refused while there is no rota."""
        self._ask(visitor, key)
        return [block_kit.section(f"🗓️ {visitor.words(COMES)}")]

    def click(self, body: Body, respond: Callable[..., Any]) -> None:
        """The button."""
        visitor = self._house.admit(user_of(body), team_of(body))
        self._ask(visitor, click_key(body))
        beside(f"🗓️ {visitor.words(COMES)}", body, respond)

    def _ask(self, visitor: Visitor, key: str) -> None:
        called(self._house, visitor)
        self._house.pictures.ask(visitor.actor.id, self._house.now(), key)
