"""One line of an escalation's timeline: who did what, when, from what to what, and in their own words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.blocks import correction, filing, kit
from handlers.words import LANGUAGES, Words, terms
from models.escalation import Entry, Escalation, Move
from models.moments import parse_utc
from models.policy import Policy
from models.request import Lack

SIGN = {
    Move.RAISE: "🆕", Move.ACKNOWLEDGE: "👀", Move.HAND_OVER: "🤝", Move.NOTE: "📝", Move.RECORD: "📨",
    Move.TELL: "📣", Move.RESOLVE: "✅", Move.CLOSE: "🔒", Move.REOPEN: "🔁", Move.WITHDRAW: "↩️",
    Move.CORRECT: "✏️", Move.SNOOZE: "💤", Move.WAKE: "⏰", Move.TAKE_OVER: "🔁",
}  # fmt: skip
CORRECTED = (*correction.ORDER, "request_number")
"""The fields a correction may change."""


def entry(entry_: Entry, words: Words, actor: kit.Element, policy: Policy, called: str = "") -> list[kit.Element]:
    """The line and, below it, the person's own words, in rich text. ``actor`` is who did it, ``policy`` names services,
    ``called`` is who was called by it."""
    said = [
        kit.run(f"{SIGN[entry_.move]} "),
        actor,
        kit.run(f" {words(terms.DONE[entry_.move])}"),
    ]
    if entry_.move is Move.HAND_OVER:
        said += [kit.run(" "), kit.person(entry_.changes["owner"][1])]
    if until := snoozed_until(entry_):
        said += [kit.run(" "), kit.when(until)]
    if entry_.status_from and entry_.status_from is not entry_.status_to:
        path = f"{words(terms.STATUS[entry_.status_from])} → {words(terms.STATUS[entry_.status_to])}"
        said.append(kit.run(f" ({path})", "italic"))
    said += [kit.run(" · "), kit.when(entry_.at)]
    quoted = [kit.quote(entry_.text)] if entry_.text else []
    below = [*_corrections(entry_, words, policy), *([[kit.run(f"📟 {called}")]] if called else [])]
    return [kit.line(*said), *quoted, *(kit.line(*one) for one in below)]


def snoozed_until(entry_: Entry) -> datetime | None:
    """The end of the snooze an entry tells of."""
    return parse_utc(entry_.changes["snoozed_until"][1]) if entry_.move is Move.SNOOZE else None


def changes(entry_: Entry, words: Words, policy: Policy) -> Iterator[str]:
    """What a correction changed, before and after, as text."""
    for name, values in _corrected(entry_):
        yield _as_text(name, values, words, policy)


def _as_text(name: str, values: Sequence[Any], words: Words, policy: Policy) -> str:
    before, after = (kit.clip(shown(name, value, words, policy), 150) for value in values)
    return f"{words(terms.FIELD[name])}{words.colon}{before} → {after}"


def _corrected(entry_: Entry) -> Iterator[tuple[str, Sequence[Any]]]:
    """The fields a correction changed, in the order of the form, with the value before and after."""
    if entry_.move is Move.CORRECT:
        yield from ((name, entry_.changes[name]) for name in CORRECTED if name in entry_.changes)


def _corrections(entry_: Entry, words: Words, policy: Policy) -> Iterator[list[kit.Element]]:
    """The same in rich text, in which each reader sees a moment in their own zone."""
    for name, values in _corrected(entry_):
        if name == "started":
            before, after = (kit.when(parse_utc(value)) if value else kit.run("–") for value in values)
            yield [kit.run(f"{words(terms.FIELD[name])}{words.colon}"), before, kit.run(" → "), after]
        else:
            yield [kit.run(_as_text(name, values, words, policy))]


def shown(name: str, value: Any, words: Words, policy: Policy) -> str:
    """A changed value as a person reads it."""
    if not value:
        return "–"
    if name in correction.CHOICES:
        return words(correction.CHOICES[name][value])
    if name == "service":
        service = policy.service(value)
        return words.pick(service.en, service.zh)
    if name == "lacks":
        return words.listed(words(terms.LACK[Lack(lack)]) for lack in value)
    if name == "started":
        return f"{parse_utc(value):%Y-%m-%d %H:%M} UTC"
    return LANGUAGES.get(value, str(value)) if name == "language" else str(value)


def details(escalation: Escalation, words: Words, zone: ZoneInfo) -> kit.Block:
    """Everything that was asked, for the first line of the thread."""
    names = ("details", "impact", "steps", "tried", "health", "incident_id", "lacks", "why", "started", "contact",
             "subscription_id", "page", "correlation_id", "invoice", "charge_period", "order_id", "source")  # fmt: skip
    given = [(name, filing.answer(escalation, name, words, zone)) for name in names]
    pairs = [(words(terms.FIELD[name]), [kit.run(value)]) for name, value in given if value]
    identity = [(words(terms.FIELD[n]), [kit.run(v)]) for n in ("tenant_id", "domain") if (v := getattr(escalation, n))]
    return kit.rich(kit.facts([*identity, *pairs], words.colon))
