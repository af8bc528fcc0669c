"""A view as Slack sends it to the app: a copy that later changes can't reach."""

from bot.sandbox.json_types import Json


def as_sent(view: Json) -> Json:
    """Return the view of an answer or payload."""
    return {**view, "state": {"values": dict(view["state"]["values"])}}
