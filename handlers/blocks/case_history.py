"""One line of an escalation's timeline: who did what, when, from what to what, and in their own words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, correction, vendor_text
from handlers.i18n import labels
from handlers.i18n.entry_words import adds_answers, attached_link, done, facts
from handlers.i18n.words import LANGUAGES, Words
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.request import MissingMeans
from models.rules.escalations.transitions import DISCARDED
from models.rules.escalations.typed_text import ERASED
from models.rules.policy.vendor import VendorPolicy
from models.rules.times import parse_utc

SIGN = {
    Move.RAISE: "🆕", Move.ACKNOWLEDGE: "👀", Move.HAND_OVER: "🤝", Move.NOTE: "📝", Move.RECORD: "📨",
    Move.TELL: "📣", Move.RESOLVE: "✅", Move.CLOSE: "🔒", Move.CLOSE_UNINFORMED: "🔒",
    Move.REOPEN: "🔓", Move.WITHDRAW: "↩️",
    Move.CORRECT: "✏️", Move.SNOOZE: "💤", Move.WAKE: "⏰", Move.TAKE_OVER: "🤝",
    Move.PARENT: "🧩",
    Move.DUPLICATE: "🔗", Move.RETURNED: "📮", Move.TURN: "➡️", Move.CONTACT: "☎️", Move.ASK_LEAD: "🔎",
    Move.APPROVE: "👍", Move.SEND_BACK: "↪️", Move.RELEASE: "⏱️", Move.DISCARD: "🗑️", Move.RETRY: "🔁",
    Move.TELL_DETAILS: "📣",
}  # fmt: skip
CORRECTED = (*correction.ORDER, "request_number")
"""The fields a correction may change."""


def entry(
    entry_: HistoryEntry, words: Words, actor: block_kit.Element, policy: VendorPolicy, called: str = ""
) -> list[block_kit.Element]:
    """Return the line and, below it, the person's own words, in rich text.

    ``actor`` is who did it, ``policy`` names services, ``called`` is who was called by it.
    """
    link = attached_link(entry_)
    elements = [
        block_kit.run(f"{_sign(entry_)} "),
        actor,
        block_kit.run(f" {done(entry_, words)}"),
        *([block_kit.run(" · "), block_kit.link(link, words("Open the message"))] if link else []),
    ]
    if entry_.move is Move.HAND_OVER:
        elements += [block_kit.run(" "), block_kit.person(entry_.changes["owner"][1])]
    elements += _describe_facts(entry_, words)
    if until := snoozed_until(entry_):
        elements += [block_kit.run(" "), block_kit.when(until)]
    if entry_.status_from and entry_.status_from is not entry_.status_to:
        path = f"{words(labels.STATUS[entry_.status_from])} → {words(labels.STATUS[entry_.status_to])}"
        elements.append(block_kit.run(f" ({path})", "italic"))
    elements += [block_kit.run(" · "), block_kit.when(entry_.at)]
    quoted = _quote(entry_, words)
    below = [*_corrections(entry_, words, policy), *([[block_kit.run(f"📟 {called}")]] if called else [])]
    return [block_kit.line(*elements), *quoted, *(block_kit.line(*correction_line) for correction_line in below)]


def _sign(entry_: HistoryEntry) -> str:
    if DISCARDED in entry_.changes:
        return "🗑️"
    return "📎" if attached_link(entry_) else SIGN[entry_.move]


def _quote(entry_: HistoryEntry, words: Words) -> list[block_kit.Element]:
    """Return the person's own words; when they were erased, that and when."""
    if entry_.erased_at:
        said = block_kit.run(words("Text erased"), "italic")
        return [block_kit.line(said, block_kit.run(" · "), block_kit.when(entry_.erased_at))]
    return [block_kit.quote(entry_.text)] if entry_.text else []


def _describe_facts(entry_: HistoryEntry, words: Words) -> Iterator[block_kit.Element]:
    """Yield what an entry says besides the move, with instants in each reader's zone."""
    for text, at in facts(entry_, words):
        yield block_kit.run(text)
        if at:
            yield from (block_kit.run(" "), block_kit.when(at))


def snoozed_until(entry_: HistoryEntry) -> datetime | None:
    """Return the end of the snooze of an entry."""
    return parse_utc(entry_.changes["snoozed_until"][1]) if entry_.move is Move.SNOOZE else None


def changes(entry_: HistoryEntry, words: Words, policy: VendorPolicy) -> Iterator[str]:
    """Yield what a correction changed, before and after, as text."""
    for name, values in _corrected(entry_):
        yield _as_text(name, values, words, policy)


def _as_text(name: str, values: Sequence[Any], words: Words, policy: VendorPolicy) -> str:
    """Return the values of a field, joined by an arrow; the one before is left out when only answers were added."""
    shown = (block_kit.clip(format_value(name, value, words, policy), 150) for value in values)
    return f"{words(labels.FIELD[name])}{words.colon}{' → '.join(shown)}"


def _corrected(entry_: HistoryEntry) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the fields a correction changed, in the order of the form, with the value before and after.

    Answers that were only added have the value after alone.
    """
    if entry_.move is Move.CORRECT:
        first = 1 if adds_answers(entry_) else 0
        yield from ((name, entry_.changes[name][first:]) for name in CORRECTED if name in entry_.changes)


def _corrections(entry_: HistoryEntry, words: Words, policy: VendorPolicy) -> Iterator[list[block_kit.Element]]:
    """Yield the same in rich text, in which each reader sees an instant in their own zone."""
    for name, values in _corrected(entry_):
        if name == "started":
            shown = [block_kit.when(parse_utc(value)) if value else block_kit.run("–") for value in values]
            arrows = [part for instant in shown for part in (block_kit.run(" → "), instant)][1:]
            yield [block_kit.run(f"{words(labels.FIELD[name])}{words.colon}"), *arrows]
        else:
            yield [block_kit.run(_as_text(name, values, words, policy))]


def format_value(name: str, value: Any, words: Words, policy: VendorPolicy) -> str:
    """Return a changed value as a person reads it."""
    if not value or value == ERASED:
        return words("(erased)") if value else "–"
    if name in correction.CHOICES:
        return words(correction.CHOICES[name][value])
    if name == "service":
        service = policy.service(value)
        return words.pick(service.en, service.zh)
    if name == "lacks":
        return words.join_items(words(labels.LACK[MissingMeans(lack)]) for lack in value)
    if name in {"started", "health_at"}:
        return f"{parse_utc(value):%Y-%m-%d %H:%M} UTC"
    return LANGUAGES.get(value, str(value)) if name == "language" else str(value)


def details(escalation: Escalation, words: Words, zone: ZoneInfo) -> list[block_kit.Block]:
    """Return everything that was asked, for the first line of the thread; nothing when only the card's facts were."""
    names = (
        "details", "impact", "steps", "tried", "health", "health_at", "incident_id", "admin_center", "lacks", "area",
        "matter", "why", "started", "contact", "subscription_id", "page", "correlation_id", "invoice", "charge_period",
        "order_id", "source",
    )  # fmt: skip
    given = [(name, vendor_text.answer(escalation, name, words, zone)) for name in names]
    pairs = [(words(labels.FIELD[name]), [block_kit.run(value)]) for name, value in given if value]
    identity = [
        (words(labels.FIELD[n]), [block_kit.run(v)]) for n in ("tenant_id", "domain") if (v := getattr(escalation, n))
    ]
    rows = [*identity, *pairs]
    return [block_kit.rich(block_kit.facts(rows, words.colon))] if rows else []
