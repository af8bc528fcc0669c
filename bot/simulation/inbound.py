"""Deliver what people do in the local Slack to the simulated bot, at once and in the same process."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.http_delivery import Forgery, HttpDelivery
from bot.sandbox.json_types import Json
from bot.sandbox.socket_server import SocketAck

Hear = Callable[[Json], tuple[int, Any] | None]
"""Handle one request and return the status and the body of the answer; None when no bot runs."""


class InboundDelivery(HttpDelivery):
    """A delivery that replaces signed HTTP."""

    def __init__(self, hear: Hear) -> None:
        super().__init__("http://127.0.0.1/", "")
        self._hear = hear

    async def deliver(
        self,
        kind: str,  # noqa: ARG002 - the payload itself says what it is
        payload: Json,
        wait: float,  # noqa: ARG002 - nobody is slow here
        retry: tuple[int, str] | None = None,  # noqa: ARG002
        disguise: Forgery | None = None,  # noqa: ARG002
    ) -> SocketAck:
        """Return the bot's answer to one request; without a bot, the error a person would see."""
        heard = self._hear(payload)
        if heard is None:
            return SocketAck(error="dispatch_failed", no_retry=True)
        status, body = heard
        return SocketAck(body) if status == 200 else SocketAck(body, error=f"http_{status}")
