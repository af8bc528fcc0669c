"""Check blocks and views against Slack's limits, and answer as Slack would. Only missing ids are added."""

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox.checks import CheckReport, Rule, each, shape, typed
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.limits import (
    BLOCKS,
    MESSAGE_BLOCK_TEXT,
    MESSAGE_BLOCKS,
    MODAL_KEYS,
    OPTION,
    OPTION_GROUP,
    OPTIONS,
    SURFACES,
    VIEW_BLOCKS,
    VIEW_BYTES,
    VIEW_KEYS,
)


def _block(surface: str) -> Rule:
    block_rule = typed(BLOCKS, SURFACES[surface], BLOCKS)

    def check(value: Any, at: str, report: CheckReport) -> None:
        report.action_ids = set()  # action ids need to be unique within their block only
        block_rule(value, at, report)
        if surface != "modal" and _holds_file_input(value):
            report.say("unsupported type: file_input", f"{at}/element/type")

    return check


MESSAGE = each(_block("message"), MESSAGE_BLOCKS, 0)
MODAL = shape({**MODAL_KEYS, "blocks": each(_block("modal"), VIEW_BLOCKS, 0)}, required=("title", "blocks"))
HOME = shape({**VIEW_KEYS, "blocks": each(_block("home"), VIEW_BLOCKS, 0)}, required=("blocks",))
SUGGESTIONS = shape(
    {"options": each(OPTION, OPTIONS, 0), "option_groups": each(OPTION_GROUP, OPTIONS, 0)},
    either=("options", "option_groups"),
)


CanShow = Callable[[Json], bool]
"""Return whether a workspace can show the picture that a ``slack_file`` names."""


def judge_message(blocks: Any, can_show: CanShow | None = None) -> CheckReport:
    """Return the report on a message's blocks. Raises Slack's ``invalid_blocks`` or ``msg_blocks_too_long``."""
    report = CheckReport()
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    MESSAGE(blocks, "/blocks", report)
    _look_at_files(report, can_show)
    if report.problems:
        lines = [f"[ERROR] {problem}" for problem in report.problems]
        raise SlackError("invalid_blocks", errors=report.problems, response_metadata={"messages": lines})
    if report.text_length > MESSAGE_BLOCK_TEXT:
        raise SlackError("msg_blocks_too_long")
    return report


def judge_view(view: Any, kind: str, can_show: CanShow | None = None) -> CheckReport:
    """Return the report on the view of a modal or a Home. Raises ``invalid_arguments`` or ``view_too_large``."""
    if not isinstance(view, dict):
        raise invalid_arguments("must be an object [json-pointer:/view]")
    if view.get("type") != kind:
        raise invalid_arguments(f"must be of type {kind} [json-pointer:/view/type]")
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    report = CheckReport()
    (MODAL if kind == "modal" else HOME)(view, "/view", report)
    _look_at_files(report, can_show)
    if kind == "modal" and _needs_submit(view):
        report.say("view must define `submit` to be used with an `input` block", "/view")
    if report.problems:
        raise invalid_arguments(*report.problems)
    return report


def judge_suggestions(answer: Any) -> list[str]:
    """Return the problems of an answer to a typeahead; an empty list means that it is fine."""
    report = CheckReport()
    SUGGESTIONS(answer, "", report)
    return report.problems


def with_ids(blocks: list[Json], ids: IdSequence) -> list[Json]:
    """Return the blocks as Slack keeps them: every block and every element has an id."""
    return [_named(block, ids) for block in blocks]


def _look_at_files(report: CheckReport, can_show: CanShow | None) -> None:
    """Check the files that blocks name. Without a workspace no file is known: then every file is accepted."""
    for at, file in report.files:
        if can_show and not can_show(file):
            report.say("invalid slack file", at)


def _named(block: Json, ids: IdSequence) -> Json:
    named = {**block, "block_id": block.get("block_id") or ids.next("b")}
    if block["type"] == "actions":
        named["elements"] = [_acting(element, ids) for element in block["elements"]]
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            named[key] = _acting(block[key], ids)
    return named


def _acting(element: Json, ids: IdSequence) -> Json:
    if element["type"] == "image" or element.get("action_id"):
        return element
    return {**element, "action_id": ids.next("a")}


def _needs_submit(view: Json) -> bool:
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    return has_input and "submit" not in view


def _holds_file_input(block: Any) -> bool:
    element = block.get("element") if isinstance(block, dict) else None
    return isinstance(element, dict) and element.get("type") == "file_input"
