"""What messages in Slack say of people who were told by another way meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext
from handlers.i18n.reach_labels import CHANNEL, OUTSIDE, TOLD, WAS_TOLD
from handlers.i18n.words import Words
from models.outbox.pages import ToldPerson

LISTED = 4
"""So many are named; the others are counted."""
NAME = 60
_SLOT = "\0"
"""Where a sentence names its person, who is an element of their own."""
WriteTime = Callable[[datetime, Words], str]
"""Writes an instant for a sentence in one language."""


def in_zone_of(viewer: ViewContext) -> WriteTime:
    """Return what writes an instant in the zone that a message names."""
    return lambda at, words: replace(viewer, words=words).moment_in_sentence(at)


def reader_note(people: Sequence[ToldPerson], words: Words, write: WriteTime, about: str = "") -> list[block_kit.Block]:
    """Return how and when the reader of a message was told; nothing when they were not.

    ``about`` names the subject where a message has several.
    """
    before = f"{block_kit.escape(about)}{words.colon}" if about else ""

    def say(person: ToldPerson) -> str:
        says = words.line_per_language(lambda words: words(TOLD[person.channel], time=write(person.at, words)))
        return f"📱 {before}{says}"

    lines = [say(person) for person in people[:LISTED]]
    return [block_kit.context("\n".join([*lines, *_count_more(people, words)]))] if people else []


def people_note(
    people: Sequence[ToldPerson], viewer: ViewContext, name_of: Callable[[str], str]
) -> list[block_kit.Block]:
    """Return who was told, how and when, a line for each person; nothing when nobody was."""
    words, ways = viewer.words, dict[str, list[str]]()
    for person in people:
        way = f"{words(CHANNEL[person.channel])} {viewer.moment(person.at)}"
        ways.setdefault(block_kit.clip(name_of(person.person), NAME), []).append(way)
    lines = [" · ".join([block_kit.escape(name), *named]) for name, named in ways.items()]
    label = f"📱 {words(OUTSIDE)}{words.colon}".rstrip()
    more = len(lines) - LISTED
    others = [words.plural("and {n} more person", "and {n} more people", more)] if more > 0 else []
    return [block_kit.context("\n".join([label, *lines[:LISTED], *others]))] if people else []


def _count_more(people: Sequence[ToldPerson], words: Words) -> list[str]:
    """Return how many are not named, of whom each was told once by one way."""
    more = len(people) - LISTED
    return [words.plural("and {n} more notice", "and {n} more notices", more)] if more > 0 else []


def row(
    people: Sequence[ToldPerson],
    words: Words,
    name_of: Callable[[str], str],
    write: Callable[[datetime], block_kit.Element] = block_kit.when,
) -> list[tuple[str, Sequence[block_kit.Element]]]:
    """Return the row of a card: who was told outside Slack, how and when; nothing when nobody was."""
    elements: list[block_kit.Element] = []
    for person in people[:LISTED]:
        who, separator = block_kit.clip(name_of(person.person), NAME), [block_kit.run("\n")] if elements else []
        elements += [
            *separator,
            block_kit.run(f"{who} · {words(CHANNEL[person.channel])} · "),
            write(person.at),
        ]
    elements += [block_kit.run(f"\n{more}") for more in _count_more(people, words)]
    return [(f"📱 {words(OUTSIDE)}", elements)] if people else []


def history_line(person: ToldPerson, words: Words, actor: block_kit.Element) -> block_kit.Element:
    """Return the line of a history: who was told outside Slack, how and when."""
    before, _, after = words(WAS_TOLD[person.channel], name=_SLOT).partition(_SLOT)
    return block_kit.line(block_kit.run(f"📱 {before}"), actor, block_kit.run(f"{after} · "), block_kit.when(person.at))
