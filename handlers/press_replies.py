"""The reply to a press: private, beside the message; in a direct message in place of its buttons."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handlers.blocks import block_kit
from handlers.payloads import Body
from handlers.press_origin import is_direct, is_private


def reply(
    message_text: str, body: Body, respond: Callable[..., Any], list_blocks: Sequence[block_kit.Block] = ()
) -> None:
    """Reply to a press with a text, shown to the letter.

    ``list_blocks`` is the private list in which the press was made, as it is now.
    """
    blocks = [block_kit.rich(block_kit.line(block_kit.run(message_text)))]
    message = body.get("message") or {}
    if is_direct(body) and message.get("blocks"):
        label = str((body["actions"][0].get("text") or {}).get("text") or "")
        kept = [_without_request(block, label) for block in message["blocks"] if block.get("type") != "actions"]
        respond(text=block_kit.entities(message_text), blocks=[*_make_sendable(kept), *blocks], replace_original=True)
        return
    in_place = is_private(body) and bool(list_blocks)
    shown = [*blocks, *list_blocks] if in_place else blocks
    respond(text=block_kit.entities(message_text), blocks=shown, response_type="ephemeral", replace_original=in_place)


def _without_request(block: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """Return a block without the lines that ask to press this button, unless nothing else is in it."""
    if not label or block.get("type") != "section" or not block.get("text"):
        return block
    lines = str(block["text"]["text"]).split("\n")
    kept = "\n".join(line for line in lines if f"“{label}”" not in line)
    return {**block, "text": {**block["text"], "text": kept}} if kept.strip() else block


def _make_sendable(blocks: Sequence[Mapping[str, Any]]) -> list[block_kit.Block]:
    """Return blocks of our own message so that they can be sent again, without buttons beside the text."""
    return [{key: value for key, value in block.items() if key != "accessory"} for block in blocks]
