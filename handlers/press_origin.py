"""Where a button of an escalation was pressed: what comes of it is shown there. Cards in channels show it by
themselves, drawn by the outbox.
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
"""Kept by a form that was opened from the Home tab, or from a modal which that opened."""
ROOM = 2500
"""So many characters of a direct message a form carries along: Slack's limit of 3,000 is for all that it carries."""


def in_modal(body: Body) -> bool:
    """Whether it was pressed in an open modal."""
    return (body.get("view") or {}).get("type") == "modal"


def home_of(body: Body) -> str:
    """:data:`HOME` for what was pressed on the Home tab itself; empty for other places."""
    return HOME if (body.get("view") or {}).get("type") == "home" else ""


def is_private(body: Body) -> bool:
    """Whether it was pressed in a private answer: Slack does not tell what stands in one."""
    return bool((body.get("container") or {}).get("is_ephemeral"))


def is_direct(body: Body) -> bool:
    """Whether it was pressed in a direct message."""
    return str((body.get("channel") or {}).get("id") or "").startswith("D")


def origin_of(number: int, body: Body) -> str:
    """What a form about an escalation must carry along so that its effect can be shown where it was opened; empty for
    other places. The first line is where to answer, the second what stays of a direct message.
    """
    url = str(body.get("response_url") or "")
    if is_private(body):
        return url
    if is_direct(body):
        kept_blocks = json.dumps(without_buttons(number, body), ensure_ascii=False, separators=(",", ":"))
        return f"{url}\n{kept_blocks}" if kept_blocks != "[]" and len(kept_blocks) <= ROOM else ""
    return HOME if in_modal(body) else ""


def without_buttons(number: int, body: Body) -> list[block_kit.Block]:
    """What stays of a direct message about one escalation without its buttons. Nothing of one about several: that keeps
    the others' buttons, and is drawn anew by the outbox.
    """
    blocks = (body.get("message") or {}).get("blocks") or ()
    if any(button_number != number for button_number in _numbers(blocks)):
        return []
    return [_without_button(block) for block in blocks if block.get("type") != "actions"]


def replace_message(text: str, kept_blocks: Sequence[block_kit.Block], respond: Respond) -> None:
    """Put what was ``said`` below what is ``left`` of a direct message."""
    respond(
        text=block_kit.entities(text),
        blocks=[*kept_blocks, block_kit.rich(block_kit.line(block_kit.run(text)))],
        replace_original=True,
    )


def read(text: str) -> list[block_kit.Block]:
    """What stays of a direct message, as a form carried it; nothing of what can't be read."""
    try:
        blocks = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return blocks if isinstance(blocks, list) else []


def _numbers(blocks: Iterator[Mapping[str, Any]] | Any) -> Iterator[int]:
    """The escalations that the buttons of a message are about."""
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
