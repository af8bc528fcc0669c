"""Judges what the handlers draw: by the sandbox's strict reading of Slack's limits, by slack_sdk, and by eye."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from bot.sandbox.block_kit import judge_message, judge_suggestions, judge_view
from bot.sandbox.checks import CheckReport
from bot.sandbox.errors import SlackError

Json = dict[str, Any]
OURS = re.compile(
    r"<!date\^\d+\^(?:\{(?:date_short_pretty|date_num)\} \{time\}|\{time\} \{date_short_pretty\})\|[\d: -]+ UTC>"
    r"|<@U0[A-Z]+>|<#C0[A-Z]+>|<!subteam\^S0[A-Z]+>"
    r"|<https://csp\.slack\.com/archives/C0[A-Z]+/p\d+\|(?:CSP-\d+|A newer card shows the current state\.)>"
)
"""All that our own words ever say in Slack's markup."""
TAG = re.compile(r"<[^<>]*>?|[<>]")


def message(blocks: Sequence[Json], text: str = "") -> CheckReport:
    """The report on a message Slack would take; fails for one it would refuse."""
    try:
        report = judge_message(list(blocks))
    except SlackError as problem:
        raise AssertionError(f"{problem.error}: {problem.extra}") from problem
    assert no_foreign_markup(text), text
    for said in parsed(blocks):
        assert no_foreign_markup(said), said
    assert len(text) <= 4000  # chat.update refuses longer ones
    return report


def view(drawn: Json, kind: str = "modal") -> CheckReport:
    """The report on a view Slack would take; fails for one it would refuse."""
    try:
        report = judge_view(drawn, kind)
    except SlackError as problem:
        raise AssertionError(f"{problem.error}: {problem.extra}") from problem
    for said in parsed(drawn["blocks"]):
        assert no_foreign_markup(said), said
    return report


def slack_sdk_agrees(blocks: Sequence[Json]) -> None:
    """A second opinion: the SDK's own models raise for what they know to be too long or missing."""
    for block in SdkBlock.parse_all([dict(block) for block in blocks]):
        assert block.to_dict()["type"]


def slack_sdk_takes(drawn: Json) -> None:
    """The same for a view."""
    assert View(**drawn).to_dict()["blocks"]


def suggestions(answer: Json) -> None:
    """Fails for an answer to a typeahead that Slack would refuse."""
    assert judge_suggestions(answer) == []


def no_foreign_markup(text: str) -> bool:
    """Whether a text that Slack parses holds no tag but our own dates and mentions."""
    return not TAG.search(OURS.sub("", text))


def parsed(blocks: Sequence[Json]) -> Iterator[str]:
    """Every text of these blocks that Slack parses."""
    return (one["text"] for one in _objects(blocks) if one.get("type") == "mrkdwn")


def read(blocks: Sequence[Json]) -> str:
    """What a person reads in these blocks: parsed texts unescaped, all others to the letter."""
    said = []
    for one in _objects(blocks):
        if one.get("type") == "mrkdwn":
            said.append(html.unescape(OURS.sub("", one["text"])))
        elif one.get("type") in {"plain_text", "text"}:
            said.append(one["text"])
        elif "initial_value" in one:
            said.append(one["initial_value"])
    return "\n".join(said)


def typed_in_parsed(blocks: Sequence[Json], marker: str) -> list[str]:
    """Parsed texts that hold a marker; what people typed should be in none."""
    return [said for said in parsed(blocks) if marker in said]


def _objects(value: Any) -> list[Json]:
    """Every object in a piece of JSON, outer ones first."""
    objects: list[Json] = []
    _collect(value, objects)
    return objects


def _collect(value: Any, objects: list[Json]) -> None:
    if isinstance(value, dict):
        objects.append(value)
        for inside in value.values():
            if not isinstance(inside, str):
                _collect(inside, objects)
    elif isinstance(value, list | tuple):
        for inside in value:
            _collect(inside, objects)
