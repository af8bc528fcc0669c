"""The method ``blocks.validate``: says what is wrong with blocks or a view, and shows them to nobody."""

import re
from typing import Any

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.block_kit import judge_message, judge_view
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.json_types import Json

PROBLEM = re.compile(r"(?P<message>.*) \[json-pointer:(?P<pointer>[^\]]*)\]")
PAYLOADS = {"blocks": "invalid_blocks", "message": "invalid_message", "view": "invalid_view"}


def validate(call: ApiCall) -> Json:
    """Judge exactly one of blocks, a message, and a view."""
    given = [name for name in PAYLOADS if call.args.get(name)]
    if len(given) != 1:
        raise invalid_arguments("provide exactly one of: blocks, message, view")
    name = given[0]
    try:
        _judge(name, call.json(name, PAYLOADS[name]), call)
    except SlackError as refused:
        problems = refused.extra.get("errors") or refused.extra.get("response_metadata", {}).get("messages", [])
        raise SlackError(PAYLOADS[name], errors=[_describe(problem) for problem in problems]) from None
    return {"ok": True}


def _judge(name: str, payload: Any, call: ApiCall) -> None:
    if name == "view":
        kind = payload.get("type") if isinstance(payload, dict) else None
        judge_view(payload, "home" if kind == "home" else "modal", call.slack.can_show)
    else:
        judge_message(payload.get("blocks") if name == "message" else payload, call.slack.can_show)


def _describe(problem: str) -> Json:
    match = PROBLEM.fullmatch(problem.removeprefix("[ERROR] "))
    return {
        "pointer": match["pointer"] if match else "/", "code": "failed_constraint",
        "message": match["message"] if match else problem,
    }  # fmt: skip


BLOCKS = {"blocks.validate": ApiMethod(validate, "special", "blocks message view")}
