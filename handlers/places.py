"""Where a button of an escalation was pressed: what comes of it is shown there. Cards in channels show it by
themselves, drawn by the outbox."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from handlers import ids, stamps
from handlers.blocks import kit
from handlers.payloads import Body
from models.refusal import Refused

Respond = Callable[..., Any]
HOME = "home"
"""Kept by a form that was opened from a modal, which the Home tab opened."""


def in_modal(body: Body) -> bool:
    """Whether it was pressed in an open modal."""
    return (body.get("view") or {}).get("type") == "modal"


def is_private(body: Body) -> bool:
    """Whether it was pressed in a private answer: Slack does not tell what stands in one."""
    return bool((body.get("container") or {}).get("is_ephemeral"))


def is_direct(body: Body) -> bool:
    """Whether it was pressed in a direct message."""
    return str((body.get("channel") or {}).get("id") or "").startswith("D")


def kept(body: Body) -> str:
    """What a form must carry along so that its effect can be shown where it was opened; empty for other places."""
    if is_private(body):
        return str(body.get("response_url") or "")
    return HOME if in_modal(body) else ""


def settle(number: int, said: str, body: Body, respond: Respond) -> None:
    """In a direct message about one escalation, put what was ``said`` in place of its buttons. One about several keeps
    the others' buttons; it is drawn anew by the outbox."""
    blocks = (body.get("message") or {}).get("blocks") or ()
    if not blocks or any(one != number for one in _numbers(blocks)):
        return
    kept = [_without_button(block) for block in blocks if block.get("type") != "actions"]
    shown = [*kept, kit.rich(kit.line(kit.run(said)))]
    respond(text=kit.entities(said), blocks=shown, replace_original=True)


def _numbers(blocks: Iterator[Mapping[str, Any]] | Any) -> Iterator[int]:
    """The escalations that the buttons of a message are about."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if str(element.get("action_id", "")).startswith(ids.CARD) and element.get("value"):
                yield _number(str(element["value"]))


def _number(value: str) -> int:
    try:
        return ids.subject_of(stamps.read(value)).number
    except Refused:
        return 0


def _without_button(block: Mapping[str, Any]) -> kit.Block:
    return {key: value for key, value in block.items() if key != "accessory"}
