"""The database epoch in what goes to Slack and comes back: stamped on the way out, checked on the way in.

Nothing else needs to know of it. Buttons and menus carry it in their values, views and messages in metadata.
"""

import re
from collections.abc import Mapping
from typing import Any

from models.store.epoch import LENGTH

STAMP = re.compile(rf"~([a-z0-9]{{{LENGTH}}})~")
ROOM = LENGTH + 2
"""Length of a stamp in characters; it counts towards Slack's limits."""
INTERACTIONS = frozenset({"block_actions", "view_submission", "block_suggestion"})
VIEWS = frozenset({"modal", "home"})
PRESSED = frozenset({"button", "overflow"})
CARD_MENU = "card.more"
"""The menu of a card. It is a select menu, as fields of forms are, but no field."""


def stamp(payload: Any, epoch: str) -> Any:
    """Return a payload for Slack with this epoch in button values, menu values and metadata.

    Takes a message, a view, or an answer that holds one. What is stamped already stays.
    """
    if isinstance(payload, list | tuple):
        return [stamp(item, epoch) for item in payload]
    if not isinstance(payload, Mapping):
        return payload
    made = {key: stamp(value, epoch) for key, value in payload.items()}
    kind = made.get("type")
    if kind in VIEWS and "blocks" in made:
        made["private_metadata"] = _with(made.get("private_metadata") or "", epoch)
    elif kind == "button" and "value" in made:
        made["value"] = _with(made["value"], epoch)
    elif kind == "overflow" or (kind == "static_select" and made.get("action_id") == CARD_MENU):
        made["options"] = [{**option, "value": _with(option["value"], epoch)} for option in made["options"]]
    elif "event_type" in made and "event_payload" in made:
        made["event_payload"] = {**made["event_payload"], "epoch": epoch}
    return made


def strip(body: Mapping[str, Any]) -> set[str | None]:
    """Remove the stamps from a delivery, in place, and return their epochs: None for a value that has none."""
    if body.get("type") not in INTERACTIONS:
        return set()
    view = body.get("view")
    epochs = {_off(view, "private_metadata")} if isinstance(view, dict) else set()
    for action in _actions(body):
        if "value" in action:
            epochs.add(_off(action, "value"))
        if isinstance(action.get("selected_option"), dict):
            epochs.add(_off(action["selected_option"], "value"))
    return epochs


def epoch_of(message: Mapping[str, Any]) -> str | None:
    """Return the epoch in a message's metadata; None for a message that carries none."""
    epoch = ((message.get("metadata") or {}).get("event_payload") or {}).get("epoch")
    return epoch if isinstance(epoch, str) else None


def read(value: str) -> str:
    """Return a value without its stamp."""
    return STAMP.sub("", value, count=1) if STAMP.match(value) else value


def _actions(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the buttons and menus that were pressed. Fields hold what a person typed, and their view is stamped."""
    actions = body.get("actions")
    if not isinstance(actions, list):
        return []
    pressed = [action for action in actions if isinstance(action, dict)]
    return [action for action in pressed if action.get("type") in PRESSED or action.get("action_id") == CARD_MENU]


def _with(value: str, epoch: str) -> str:
    return value if STAMP.match(value) else f"~{epoch}~{value}"


def _off(holder: dict[str, Any], key: str) -> str | None:
    value = holder.get(key)
    match = STAMP.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    holder[key] = match.string[match.end() :]
    return match[1]
