"""The note below a reminder that is sent late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext


@dataclass(frozen=True)
class Lateness:
    """A reminder that is sent late."""

    due: datetime  # UTC
    sent: datetime  # UTC
    downtimes: Sequence[tuple[datetime, datetime]] = ()  # when the bot did not run in between


def late_note(lateness: Lateness, viewer: ViewContext) -> block_kit.Block:
    """Return the note that says how late a reminder is, in each language of the reader."""
    return block_kit.context("🕰️ " + viewer.line_per_language(lambda view: _describe_lateness(lateness, view)))


def _describe_lateness(lateness: Lateness, viewer: ViewContext) -> str:
    due, sent = viewer.moment(lateness.due), viewer.moment(lateness.sent)
    if not lateness.downtimes:
        return viewer.words("Late: due {due}, sent {sent}.", due=due, sent=sent)
    downtimes = viewer.words.join_items(
        f"{viewer.moment(start)}–{viewer.moment(end)}" for start, end in lateness.downtimes[:3]
    )
    return viewer.words("Late: due {due}, sent {sent}; the bot was down {down}.", due=due, sent=sent, down=downtimes)
