"""A person's drafts, each with its buttons: in the form, in the answer to `drafts`, and on Home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n.durations import MINUTE, span
from handlers.i18n.words import Words


@dataclass(frozen=True)
class DraftLine:
    """A draft as one line of a list; title and customer may be empty."""

    key: str
    title: str
    customer: str
    age: timedelta  # since it was last changed


def blocks(lines: Sequence[DraftLine], words: Words) -> list[block_kit.Block]:
    """Return one row per draft; nothing when there is none."""
    return [block for line in lines for block in _row(line, words)]


def section(lines: Sequence[DraftLine], words: Words) -> list[block_kit.Block]:
    """Return the drafts under a heading of their own; nothing when there is none."""
    title = words.plural("You have {n} draft", "You have {n} drafts", len(lines))
    return [block_kit.divider(), block_kit.list_title(f"📝 {title}"), *blocks(lines, words)] if lines else []


def answer(lines: Sequence[DraftLine], words: Words) -> list[block_kit.Block]:
    """Return the answer to the subcommand."""
    said = words("Drafts are kept for 14 days, the newest five. Only you see them.")
    none = words("You have no drafts.")
    return [*blocks(lines, words), block_kit.context(said if lines else none)]


def _row(line: DraftLine, words: Words) -> list[block_kit.Block]:
    named = " · ".join(block_kit.clip(part, 80) for part in (line.title, line.customer) if part)
    saved = words("saved {lasts} ago", lasts=span(line.age, words)) if line.age >= MINUTE else words("saved just now")
    text = f"📝 {named or words('Draft without a title')}\n{saved}"
    return [
        {"type": "section", "text": block_kit.plain(text)},
        block_kit.actions(
            [
                block_kit.button(words("Continue draft"), ids.DRAFT_CONTINUE, line.key),
                block_kit.button(words("Delete draft"), ids.DRAFT_DELETE, line.key),
            ]
        ),
    ]
