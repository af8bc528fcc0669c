"""What Slack is told when nobody answered a delivery, or answering failed. Never pretends that it was saved."""

from collections.abc import Mapping
from typing import Any


def make_fallback_ack(body: Mapping[str, Any], apology: str) -> dict[str, Any] | None:
    """Return the acknowledgement of a delivery that no listener answered; None when Slack should get none.

    ``apology`` is shown to a person who typed a command.

    A submitted form is the one thing that must not be acknowledged: an empty answer closes it, and the person
    would believe that it was saved. Without an answer Slack keeps it open and says "try again".
    """
    kind = body.get("type")
    if kind == "view_submission":
        return None
    if kind == "block_suggestion":
        return {"options": []}
    if "command" in body:
        return {"response_type": "ephemeral", "text": apology}
    return {}
