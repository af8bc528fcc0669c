"""How the local Slack says no. Knows no rule itself."""

from typing import Any

from bot.sandbox.json_types import Json


class SlackError(Exception):
    """A Web API refusal: `{"ok": false, "error": error, ...}` with HTTP 200, as Slack answers."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> Json:
        return {"ok": False, "error": self.error, **self.extra}


class InvalidAction(Exception):
    """An act nobody could do in Slack's own client, or a control request that makes no sense."""

    def __init__(self, error: str, detail: Any = None, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail
        self.status = status


def invalid_arguments(*messages: str) -> SlackError:
    """Slack's answer to a request whose arguments have the wrong shape."""
    lines = [f"[ERROR] {message}" for message in messages]
    return SlackError("invalid_arguments", response_metadata={"messages": lines})
