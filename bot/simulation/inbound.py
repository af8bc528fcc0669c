"""The line from the local Slack to the simulated bot: what people do is heard in the same process, at once."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.http_delivery import Disguise, HttpLine
from bot.sandbox.json_types import Json
from bot.sandbox.socket_server import Ack

Hear = Callable[[Json], tuple[int, Any] | None]
"""Takes one delivery and returns the status and body of its answer; None when nobody listens."""


class DirectLine(HttpLine):
    """Stands in the place of signed HTTP."""

    def __init__(self, hear: Hear) -> None:
        super().__init__("http://127.0.0.1/", "")
        self._hear = hear

    async def deliver(
        self,
        kind: str,  # noqa: ARG002 - the payload itself says what it is
        payload: Json,
        wait: float,  # noqa: ARG002 - nobody is slow here
        retry: tuple[int, str] | None = None,  # noqa: ARG002
        disguise: Disguise | None = None,  # noqa: ARG002
    ) -> Ack:
        """The bot's answer to one delivery; without a bot what a person would meet."""
        heard = self._hear(payload)
        if heard is None:
            return Ack(error="dispatch_failed", no_retry=True)
        status, body = heard
        return Ack(body) if status == 200 else Ack(body, error=f"http_{status}")
