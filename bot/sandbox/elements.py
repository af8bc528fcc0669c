"""The interactive elements of blocks: where they are, their first value, and what a person may choose.

This is what Slack's own client knows, not its servers.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.errors import InvalidAction
from bot.sandbox.json_types import Json

# The key under which a value of each element type travels, in `state.values` and in actions.
VALUE_KEY = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
LISTS = frozenset(kind for kind in VALUE_KEY if kind.startswith("multi_")) | {"checkboxes", "file_input"}


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Return every (block, element) that a person can act on."""
    for block in blocks:
        inside = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*inside, block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """Return the (block, element) with these ids."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element["action_id"] == action_id:
            return block, element
    raise InvalidAction("no_such_element", f"{block_id}/{action_id}")


def starting_value(element: Json) -> Any:
    """Return what the element holds before anybody touches it."""
    kind = element["type"]
    initial = VALUE_KEY[kind].replace("selected", "initial").replace("rich_text_value", "initial_value")
    if initial == "value":
        initial = "initial_value"
    return element.get(initial, [] if kind in LISTS else None)


def as_state(element: Json, value: Any) -> Json:
    """Return one entry of ``state.values``."""
    return {"type": element["type"], VALUE_KEY[element["type"]]: value}


def is_empty(element: Json, entry: Json) -> bool:
    """Whether a person left this element blank. Spaces in a text count as content, as in Slack."""
    return entry.get(VALUE_KEY[element["type"]]) in (None, "", [], {})


def options_of(element: Json) -> list[Json]:
    """Return the options that the element itself lists; none for menus that are filled from elsewhere."""
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    return [option for group in groups for option in group["options"]]


def chosen(element: Json, act: Json) -> Json:
    """Return what a click adds to its action: the chosen value, checked against what the element offers."""
    kind = element["type"]
    if kind == "button":
        return {key: element[key] for key in ("text", "value", "style") if key in element}
    key = "selected_option" if kind == "overflow" else VALUE_KEY[kind]
    if key not in act:
        raise InvalidAction("missing_value", f"a click on a {kind} needs {key}")
    return {key: settled(element, act[key])}


def settled(element: Json, value: Any) -> Any:
    """Return the value as Slack's client would send it: listed options word for word, however they were named."""
    kind = element["type"]
    if kind in {"static_select", "radio_buttons", "overflow"}:
        return None if value is None else _listed(element, value)
    if kind in {"multi_static_select", "checkboxes"}:
        return [_listed(element, option) for option in value or []]
    return value


def _listed(element: Json, value: Any) -> Json:
    wanted = value.get("value") if isinstance(value, dict) else value
    for option in options_of(element):
        if option["value"] == wanted:
            return option
    raise InvalidAction("no_such_option", f"{wanted!r} is not offered by {element['action_id']}")
