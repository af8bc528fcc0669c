"""Where a button of an escalation was pressed: the result is shown there.

Cards in channels need nothing: the outbox redraws them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from handlers import epoch_stamps, ids
from handlers.blocks import block_kit
from handlers.payloads import Body
from models.rules.errors import Refused

Respond = Callable[..., Any]
HOME = "home"
"""Origin of a form that was opened from the Home tab, or from a modal opened there."""
ROOM = 2500
"""Most characters of a direct message that a form carries; Slack's limit for all of its metadata is 3,000."""


def in_modal(body: Body) -> bool:
    """Return whether it was pressed in an open modal."""
    return (body.get("view") or {}).get("type") == "modal"


def home_of(body: Body) -> str:
    """Return :data:`HOME` for a press on the Home tab itself; empty for other places."""
    return HOME if (body.get("view") or {}).get("type") == "home" else ""


def is_private(body: Body) -> bool:
    """Return whether it was pressed in a private answer. Slack does not send the contents of one."""
    return bool((body.get("container") or {}).get("is_ephemeral"))


def is_direct(body: Body) -> bool:
    """Return whether it was pressed in a direct message."""
    return str((body.get("channel") or {}).get("id") or "").startswith("D")


def origin_of(number: int, body: Body) -> str:
    """Return what a form carries so that its result can be shown where it was opened; empty for other places.

    The first line is the address to answer at, the second what stays of a direct message.
    """
    url = str(body.get("response_url") or "")
    if is_private(body):
        return url
    if is_direct(body):
        kept_blocks = json.dumps(without_buttons(number, body), ensure_ascii=False, separators=(",", ":"))
        return f"{url}\n{kept_blocks}" if kept_blocks != "[]" and len(kept_blocks) <= ROOM else ""
    return HOME if in_modal(body) else ""


def without_buttons(number: int, body: Body) -> list[block_kit.Block]:
    """Return a direct message about one escalation without its buttons.

    Empty for one about several: it keeps the others' buttons, and the outbox redraws it.
    """
    blocks = (body.get("message") or {}).get("blocks") or ()
    if any(button_number != number for button_number in _numbers(blocks)):
        return []
    return [_without_button(block) for block in blocks if block.get("type") != "actions"]


def replace_message(text: str, kept_blocks: Sequence[block_kit.Block], respond: Respond) -> None:
    """Replace a direct message by its kept blocks and a text below them."""
    respond(
        text=block_kit.entities(text),
        blocks=[*kept_blocks, block_kit.rich(block_kit.line(block_kit.run(text)))],
        replace_original=True,
    )


def read(text: str) -> list[block_kit.Block]:
    """Read the kept blocks of a direct message that a form carried; empty when they can't be read."""
    try:
        blocks = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return blocks if isinstance(blocks, list) else []


def _numbers(blocks: Iterator[Mapping[str, Any]] | Any) -> Iterator[int]:
    """Yield the escalation numbers of a message's buttons."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if str(element.get("action_id", "")).startswith(ids.CARD) and element.get("value"):
                yield _number(str(element["value"]))


def _number(value: str) -> int:
    try:
        return ids.subject_of(epoch_stamps.read(value)).number
    except Refused:
        return 0


def _without_button(block: Mapping[str, Any]) -> block_kit.Block:
    return {key: value for key, value in block.items() if key != "accessory"}
