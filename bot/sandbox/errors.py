"""The refusals of the local Slack. No rule is decided here."""

from typing import Any

from bot.sandbox.json_types import Json


class SlackError(Exception):
    """A refusal of the Web API: ``{"ok": false, "error": error, ...}`` with HTTP 200, as Slack answers."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> Json:
        """Return the JSON of the refusal."""
        return {"ok": False, "error": self.error, **self.extra}


class InvalidAction(Exception):
    """An act that nobody could do in Slack's own client, or a control request without sense."""

    def __init__(self, error: str, detail: Any = None, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail
        self.status = status


def invalid_arguments(*messages: str) -> SlackError:
    """Return Slack's answer to a request whose arguments have the wrong shape."""
    lines = [f"[ERROR] {message}" for message in messages]
    return SlackError("invalid_arguments", response_metadata={"messages": lines})
