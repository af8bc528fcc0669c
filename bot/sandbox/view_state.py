"""What a person has typed into a view: how it starts, what survives an update, what may not be sent.

Slack keeps typed values only where block_id and action_id stay the same; that rule is here.
"""

import re
from typing import Any

from bot.sandbox.elements import VALUE_KEY, as_state, elements, is_empty, settled, starting_value
from bot.sandbox.json_types import Json

REQUIRED = "Please complete this required field."
SHAPES = {
    "email_text_input": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "Please enter a valid email address."),
    "url_text_input": (re.compile(r"https?://\S+"), "Please enter a valid URL."),
    "number_input": (re.compile(r"[+-]?\d+(\.\d+)?"), "Please enter a number."),
}


def starting_state(blocks: list[Json]) -> Json:
    """Return the values of a view nobody has touched."""
    return retained({}, blocks)


def retained(values: Json, blocks: list[Json]) -> Json:
    """Return the values after the blocks changed: kept where block_id, action_id and type are the same."""
    state: Json = {}
    for block, element in elements(blocks):
        if element["type"] not in VALUE_KEY:
            continue
        old = values.get(block["block_id"], {}).get(element["action_id"])
        same = old is not None and old.get("type") == element["type"]
        entry = old if same else as_state(element, starting_value(element))
        state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def typed_in(values: Json, sent: Json, blocks: list[Json]) -> Json:
    """Return the values after the page sent what was typed. Fields that the view does not have are ignored."""
    state = retained(values, blocks)
    for block, element in elements(blocks):
        entry = sent.get(block["block_id"], {}).get(element["action_id"])
        if entry is None or element["type"] not in VALUE_KEY:
            continue
        value = settled(element, entry.get(VALUE_KEY[element["type"]]))
        state[block["block_id"]][element["action_id"]] = as_state(element, value)
    return state


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client says before it sends a submission: {block_id: sentence}; empty when it may be sent."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        entry = values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
        problem = _complaint(block, entry)
        if problem:
            errors[block["block_id"]] = problem
    return errors


def _complaint(block: Json, entry: Json) -> str | None:
    element = block["element"]
    if is_empty(element, entry):
        return None if block.get("optional") else REQUIRED
    value = entry[VALUE_KEY[element["type"]]]
    return _text_complaint(element, value) if isinstance(value, str) else _count_complaint(element, value)


def _text_complaint(element: Json, value: str) -> str | None:
    wanted = SHAPES.get(element["type"])
    if wanted and not wanted[0].fullmatch(value):
        return wanted[1]
    if element["type"] != "plain_text_input":
        return None
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter at most {most} characters." if len(value) > most else None


def _count_complaint(element: Json, value: Any) -> str | None:
    most = element.get("max_selected_items") or element.get("max_files")
    if most and isinstance(value, list) and len(value) > most:
        return f"Please choose at most {most}."
    return None
