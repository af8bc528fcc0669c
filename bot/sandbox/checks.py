"""The rules in which Slack's limits are written down: small checks that combine into shapes.

A rule looks at one value at one JSON pointer, and reports every problem. It never changes the value.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from bot.sandbox.json_types import Json

SPECIAL_MENTION = re.compile(
    r"<!(?:channel|here|everyone)(?:\|[^>]*)?>|<!subteam\^\w+(?:\|[^>]*)?>|<@[UW]\w+(?:\|[^>]*)?>"
)

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class CheckReport:
    """What one check of a payload reported: problems, mentions, and what must be unique or summed."""

    problems: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    unknown_types: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[str] = field(default_factory=set)
    files: list[tuple[str, Json]] = field(default_factory=list)
    focused: int = 0
    text_length: int = 0
    markdown_length: int = 0

    def say(self, problem: str, at: str) -> None:
        """Report a problem at a JSON pointer."""
        self.problems.append(f"{problem} [json-pointer:{at or '/'}]")

    def heard(self, mrkdwn: str) -> None:
        """Note the special mentions in a text that Slack would parse."""
        if "<" in mrkdwn:
            self.pings += SPECIAL_MENTION.findall(mrkdwn)


Rule: TypeAlias = Callable[[Any, str, CheckReport], None]


def string(longest: int, shortest: int = 0) -> Rule:
    """Accept a string of ``shortest`` to ``longest`` characters."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, str):
            report.say("must be a string", at)
        elif len(value) < shortest:
            report.say(f"must be more than {shortest - 1} characters", at)
        elif len(value) > longest:
            report.say(f"must be less than {longest + 1} characters", at)

    return check


def matching(pattern: str, called: str) -> Rule:
    """Accept a string that matches a pattern; ``called`` names the format in the report."""
    wanted = re.compile(pattern)

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, str) or not wanted.fullmatch(value):
            report.say(f"must be {called}", at)

    return check


def a_date(value: Any, at: str, report: CheckReport) -> None:
    """Accept a day of the calendar: 2026-02-30 is none."""
    try:
        date.fromisoformat(value if isinstance(value, str) and _DATE.fullmatch(value) else "")
    except ValueError:
        report.say("must be a date YYYY-MM-DD", at)


def url(longest: int = 3000) -> Rule:
    """Accept an http or https address."""
    fits = string(longest, 1)

    def check(value: Any, at: str, report: CheckReport) -> None:
        fits(value, at, report)
        if isinstance(value, str) and not re.match(r"(https?|mailto|tel|slack):", value):
            report.say("must be a valid URL", at)

    return check


def integer(least: int = 0, most: int = 2**53) -> Rule:
    """Accept a whole number from ``least`` to ``most``."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.say("must be an integer", at)
        elif not least <= value <= most:
            report.say(f"must be between {least} and {most}", at)

    return check


def boolean(value: Any, at: str, report: CheckReport) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        report.say("must be a boolean", at)


def focus(value: Any, at: str, report: CheckReport) -> None:
    """Accept ``focus_on_load``: at most one element of a view may set it."""
    boolean(value, at, report)
    report.focused += value is True
    if report.focused > 1 and value is True:
        report.say("only one element may be set to focus_on_load", at)


def one_of(*values: str) -> Rule:
    """Accept one of these values."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        if value not in values:
            report.say("must be a valid enum value", at)

    return check


def each(rule: Rule, most: int, least: int = 1) -> Rule:
    """Accept a list of ``least`` to ``most`` items that each keep ``rule``."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, list):
            report.say("must be an array", at)
            return
        if len(value) > most:
            report.say(f"no more than {most} items allowed", at)
        if len(value) < least:
            report.say(f"no fewer than {least} items allowed", at)
        for index, item in enumerate(value):
            rule(item, f"{at}/{index}", report)

    return check


def text(longest: int, kinds: Collection[str] = ("plain_text", "mrkdwn"), shortest: int = 1) -> Rule:
    """Accept a text object. Mentions in mrkdwn are noted; plain text mentions nobody."""
    fits = string(longest, shortest)

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            report.say(f"must be a text object of type {' or '.join(kinds)}", at)
            return
        extra = "emoji" if value["type"] == "plain_text" else "verbatim"
        _closed(value, {"type", "text", extra}, at, report)
        fits(value.get("text"), f"{at}/text", report)
        if isinstance(value.get("text"), str):
            report.text_length += len(value["text"])
            if value["type"] == "mrkdwn":
                report.heard(value["text"])

    return check


def plain(longest: int, shortest: int = 1) -> Rule:
    """Accept a plain_text object."""
    return text(longest, ("plain_text",), shortest)


def shape(
    fields: Mapping[str, Rule],
    required: Collection[str] = (),
    either: Collection[str] = (),
    also: Rule | None = None,
) -> Rule:
    """Accept an object with known keys only.

    All ``required`` keys must be there, and exactly one of ``either``; then ``also`` is checked.
    """

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not isinstance(value, dict):
            report.say("must be an object", at)
            return
        _closed(value, {"type", *fields}, at, report)
        for key in required:
            if key not in value:
                report.say(f"missing required field: {key}", at)
        if either and sum(key in value for key in either) != 1:
            report.say(f"must define exactly one of: {', '.join(either)}", at)
        for key, rule in fields.items():
            if key in value:
                rule(value[key], f"{at}/{key}", report)
        if also:
            also(value, at, report)

    return check


def any_of(either: Collection[str]) -> Rule:
    """Accept an object that has at least one of the keys."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        if not any(key in value for key in either):
            report.say(f"must define one of: {', '.join(either)}", at)

    return check


def typed(kinds: Mapping[str, Rule], allowed: Collection[str], all_kinds: Collection[str]) -> Rule:
    """Accept an object whose ``type`` is one of ``allowed``. A type of ``known`` exists, but is wrong in this place."""

    def check(value: Any, at: str, report: CheckReport) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            report.say("missing required field: type", at)
        elif kind not in allowed:
            if kind not in all_kinds:
                report.unknown_types.append(kind)
            report.say(f"unsupported type: {kind}", f"{at}/type")
        else:
            kinds[kind](value, at, report)

    return check


def _closed(value: Json, known_keys: Collection[str], at: str, report: CheckReport) -> None:
    for key in value:
        if key not in known_keys:
            report.say(f"invalid additional property: {key}", at)
