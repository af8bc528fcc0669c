"""Whether the body of a delivery has the shape that Slack documents. Bolt indexes into it before any listener runs.

A signature proves who sent a body, not that it is whole. Judges shapes only, and never what people wrote.
"""

from collections.abc import Callable, Mapping
from typing import Any

_OBJECTS = ("event", "view", "user", "message", "container", "state", "action")
"""Parts that are objects wherever they are present. ``team`` and ``enterprise`` may be null."""


def is_well_formed(body: Mapping[str, Any]) -> bool:
    """Return whether Bolt and the listeners can read a body."""
    if any(key in body and not isinstance(body[key], Mapping) for key in _OBJECTS):
        return False
    demands = _DEMANDS.get(str(body.get("type")), _nothing)
    return demands(body)


def _nothing(_body: Mapping[str, Any]) -> bool:
    return True


def _has_actions(body: Mapping[str, Any]) -> bool:
    actions = body.get("actions")
    named = isinstance(actions, list) and all(
        isinstance(action, Mapping) and _text(action, "action_id") for action in actions
    )
    return bool(named and actions and _has_user(body))


def _has_event(body: Mapping[str, Any]) -> bool:
    return isinstance(body.get("event"), Mapping) and _text(body["event"], "type")


def _has_view(body: Mapping[str, Any]) -> bool:
    view = body.get("view")
    return isinstance(view, Mapping) and _text(view, "id") and _text(view, "callback_id") and _has_user(body)


def _has_user(body: Mapping[str, Any]) -> bool:
    return isinstance(body.get("user"), Mapping) and _text(body["user"], "id")


def _is_shortcut(body: Mapping[str, Any]) -> bool:
    return _text(body, "callback_id") and _has_user(body)


def _is_suggestion(body: Mapping[str, Any]) -> bool:
    return _text(body, "action_id") and _has_user(body)


def _text(part: Mapping[str, Any], key: str) -> bool:
    return isinstance(part.get(key), str)


_DEMANDS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "block_actions": _has_actions,
    "block_suggestion": _is_suggestion,
    "event_callback": _has_event,
    "view_submission": _has_view,
    "view_closed": _has_view,
    "shortcut": _is_shortcut,
    "message_action": _is_shortcut,
}
