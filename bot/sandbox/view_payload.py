"""A view as Slack sends it to the app: in answers and payloads, a copy that later changes can't reach."""

from bot.sandbox.json_types import Json


def as_sent(view: Json) -> Json:
    return {**view, "state": {"values": dict(view["state"]["values"])}}
