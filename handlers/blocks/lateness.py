"""The note below a reminder that is sent late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from models.rules.reminders.lateness import LateReasons

LISTED = 3
"""So many stops of the bot are named."""


@dataclass(frozen=True)
class Lateness:
    """A reminder that is sent late."""

    due: datetime  # UTC
    sent: datetime  # UTC
    reasons: LateReasons


def late_note(lateness: Lateness, viewer: ViewContext) -> block_kit.Block:
    """Return the note that says how late a reminder is and why, in each language of the reader."""
    return block_kit.context("🕰️ " + viewer.line_per_language(lambda view: _describe_lateness(lateness, view)))


def _describe_lateness(lateness: Lateness, viewer: ViewContext) -> str:
    words, reasons = viewer.words, lateness.reasons
    times = {"due": viewer.moment(lateness.due), "sent": viewer.moment(lateness.sent)}
    times["since"] = viewer.moment(reasons.slack_since) if reasons.slack_since else ""
    times["down"] = _list_stops(reasons, viewer)
    text = _name_reasons(reasons, words, times)
    if not reasons.is_partial:
        return text
    rest = words("The rest of the delay has no known reason.")
    return f"{text}{rest}" if words.is_chinese else f"{text} {rest}"


def _list_stops(reasons: LateReasons, viewer: ViewContext) -> str:
    listed = [f"{viewer.moment(start)}–{viewer.moment(end)}" for start, end in reasons.stops[:LISTED]]
    more = len(reasons.stops) - LISTED
    counted = [viewer.words.plural("and {n} more time", "and {n} more times", more)] if more > 0 else []
    return viewer.words.join_items([*listed, *counted])


def _name_reasons(reasons: LateReasons, words: Words, times: Mapping[str, str]) -> str:
    if reasons.slack_since and reasons.stops:
        return words(
            "Late: due {due}, sent {sent}; the bot was down {down}, and Slack took no messages from {since} on.",
            **times,
        )
    if reasons.slack_since:
        return words("Late: due {due}, sent {sent}; Slack took no messages from {since} on.", **times)
    if reasons.stops:
        return words("Late: due {due}, sent {sent}; the bot was down {down}.", **times)
    return words("Late: due {due}, sent {sent}.", **times)
