"""Which of what is recorded of a case is a person's own text. Texts are kept apart from history, so that one can go.

History keeps who did what and when, and names each text by a salted hash. An entry names two: its own words, and a copy
of the words that it replaced. ``docs/privacy.md`` has the table of fields. Pure.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from models.rules.escalations.escalation import Escalation, HistoryEntry, Move

TYPED = frozenset({
    "title", "details", "steps", "impact", "contact", "tried", "why", "source", "page", "subscription_id",
    "correlation_id", "invoice", "charge_period", "order_id",
    "fix", "status_reason", "snooze_reason", "returned_words", "operator",
})  # fmt: skip
"""Fields and answers that a person words freely."""
STRUCTURAL = frozenset({
    "kind", "customer_id", "customer_name", "tenant_id", "domain", "service", "severity",
    "scope", "affected", "workload", "health", "incident_id", "lacks", "category", "started", "language",
    "area", "matter", "admin_center", "health_at", "incident_over", "several", "sold", "entitled", "available",
    "agreement", "delegated", "review", "review_until", "reviewed_by", "reviewed_at",
    "number", "team_id", "channel", "status", "version", "raised_by", "raised_at", "changed_at", "owner",
    "acknowledged_at", "request_number", "policy_version", "severity_given", "turn", "first_contact_at",
    "promised_at", "told_by", "told_at", "told_through", "closed_by", "closed_at", "reopened", "waiting_since",
    "active_at", "snoozed_until", "snoozed_by", "withdrawn_by", "withdrawn_at", "duplicate_of", "returned_on",
    "returned_number", "solved_from", "solved_by_article", "parent", "parent_bond", "link", "follows", "discarded",
    "retried", "message", "came_by",
})  # fmt: skip
"""All others: choices, times, Slack ids, numbers, and the company that a case is about. They prove what was done."""
NUMBERS = frozenset({Move.RECORD})
"""Moves whose text is a service request number."""
IN_TEXT: Mapping[str, bool] = {"typed": True}
"""What history holds in the place of a value that is among the texts."""
ERASED = "（已删除 erased）"
"""What is shown in the place of an erased value. It is in both languages, because files and old screens show it too."""


@dataclass(frozen=True)
class TypedText:
    """The words of one entry, or those that it replaced."""

    text: str = ""  # a note, a reason, a fix ...
    fields: Mapping[str, Any] = field(default_factory=dict)  # by name of the field or answer

    @property
    def body(self) -> str:
        """The words as they are stored and hashed: always the same JSON for the same words."""
        kept = {"text": self.text, "fields": self.fields}
        return json.dumps(
            {name: value for name, value in kept.items() if value},
            ensure_ascii=False, sort_keys=True, separators=(",", ":"),
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.text or self.fields)

    def list_values(self) -> Iterator[str]:
        """Yield every text in it."""
        yield from (str(value) for value in (self.text, *self.fields.values()) if value)


@dataclass(frozen=True)
class SplitEntry:
    """An entry as it is stored: what history keeps, its own words, and the words that it replaced."""

    kept: HistoryEntry
    own: TypedText
    replaced: TypedText


def is_typed(name: str) -> bool:
    """Return whether a field or answer is a person's own text. What is not known is taken for one."""
    return name not in STRUCTURAL


def hash_text(salt: str, body: str) -> str:
    """Return the name by which history knows a stored text. Without the salt nobody can guess a text from it."""
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


class TextCheck(StrEnum):
    """Whether a stored text is the one that history names."""

    WHOLE = "whole"
    ERASED = "erased"
    CHANGED = "changed"
    MISSING = "missing"


def check_text(named: str, stored_hash: str | None, salt: str | None, body: str | None, erased_at: object) -> TextCheck:
    """Return what became of a text. ``named`` is its hash in history, ``stored_hash`` that of its row, if any."""
    if stored_hash is None:
        return TextCheck.MISSING
    if body is None:
        return TextCheck.ERASED if erased_at else TextCheck.CHANGED
    return TextCheck.WHOLE if hash_text(salt or "", body) == named else TextCheck.CHANGED


def parse_text(body: str | None) -> TypedText:
    """Return the words of a stored body; none for an erased one. Raises ValueError."""
    stored = json.loads(body) if body else {}
    return TypedText(stored.get("text", ""), stored.get("fields", {}))


def split_entry(entry: HistoryEntry) -> SplitEntry:
    """Separate the words of an entry from what history keeps."""
    own, replaced = dict[str, Any](), dict[str, Any]()
    changes = {name: _split_value(entry, name, value, own, replaced) for name, value in entry.changes.items()}
    is_number = entry.move in NUMBERS
    kept = entry.model_copy(update={"text": entry.text if is_number else "", "changes": changes})
    return SplitEntry(kept, TypedText("" if is_number else entry.text, own), TypedText(fields=replaced))


def _split_value(entry: HistoryEntry, name: str, value: Any, own: dict[str, Any], replaced: dict[str, Any]) -> Any:
    """Return what history keeps of a change, and move the words in it to the own or the replaced ones.

    The first entry holds values, and the answers in a mapping; all others hold pairs of before and after.
    """
    if entry.move is Move.RAISE and name == "answers":
        return {answer: _take(answer, given, own) for answer, given in value.items()}
    if not _is_pair(entry.move, value):
        return _take(name, value, own)
    before, after = value
    return [_take(name, before, replaced), _take(name, after, own)]


def _is_pair(move: Move, value: Any) -> bool:
    return move is not Move.RAISE and isinstance(value, list) and len(value) == 2


def _take(name: str, value: Any, taken: dict[str, Any]) -> Any:
    if not value or not is_typed(name):
        return value
    taken[name] = value
    return dict(IN_TEXT)


def join_changes(move: Move, changes: Mapping[str, Any], own: TypedText, replaced: TypedText) -> dict[str, Any]:
    """Return the changes of an entry with its words; :data:`ERASED` stands for words that are gone."""
    return {name: _join_value(move, name, value, own.fields, replaced.fields) for name, value in changes.items()}


def _join_value(move: Move, name: str, value: Any, own: Mapping[str, Any], replaced: Mapping[str, Any]) -> Any:
    if move is Move.RAISE and name == "answers":
        return {answer: _put_back(answer, given, own) for answer, given in value.items()}
    if not _is_pair(move, value):
        return _put_back(name, value, own)
    before, after = value
    return [_put_back(name, before, replaced), _put_back(name, after, own)]


def _put_back(name: str, value: Any, texts: Mapping[str, Any]) -> Any:
    return texts.get(name, ERASED) if value == IN_TEXT else value


def list_erased_fields(case: Escalation, erased: Collection[str]) -> dict[str, Any]:
    """Return the new values of a case whose present texts are among the erased ones; empty when none is."""
    columns = {name for name in type(case).model_fields if name != "answers" and is_typed(name)}
    columns_erased = {name: ERASED for name in sorted(columns) if getattr(case, name) in erased}
    answers = {
        name: ERASED if is_typed(name) and str(value) in erased else value for name, value in case.answers.items()
    }
    return {**columns_erased, **({"answers": answers} if answers != case.answers else {})}
