"""The export: escalations and their histories as rows for spreadsheets and objects for programs. Never reads a store.

``COLUMNS`` and the keys of ``as_object`` are a contract: new ones may be added at the end, none is renamed or taken
away. Instants are ISO 8601 in UTC with a ``Z``; people are Slack user ids with, beside them, the name last seen.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from models.rules.escalations.escalation import Escalation, HistoryEntry

NameOf = Callable[[str], str]
Histories = Iterable[tuple[Escalation, Sequence[HistoryEntry]]]

FACTS = (
    "escalation", "kind", "status", "severity", "title", "details", "customer_name", "tenant_id", "domain", "service",
    "request_number", "team_id", "raised_by", "raised_by_name", "raised_at", "owner", "owner_name", "acknowledged_at",
    "told_by", "told_at", "fix", "closed_by", "closed_at", "reopened", "answers",
)  # fmt: skip
STEPS = ("seq", "move", "by", "by_name", "at", "from", "to", "reason", "changes")
LATER = ("snoozed_until", "snoozed_by", "snooze_reason", "withdrawn_by", "withdrawn_at", "status_reason")
"""Facts that were added after the first release: in the CSV they stand behind the steps."""
COLUMNS = (*FACTS, *STEPS, *LATER)
"""The columns of the CSV: one line for each history entry, with the facts of its escalation as they are now."""

# Excel on a Chinese Windows reads a file without this mark as GBK, and Chinese turns to nonsense. Programs read the
# file with "utf-8-sig", or take the JSON, which has no mark.
BOM = "\ufeff"
# A spreadsheet runs what begins so, also after space it trims and in full width. An apostrophe in front makes it text;
# what begins with apostrophes already gets one more, so that taking one away always gives back what was written.
_FORMULA = re.compile(r"['\s\u00ad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]|'*[\t\r\n]")


def csv_lines(histories: Histories, name_of: NameOf) -> Iterator[str]:
    """The CSV in pieces, one escalation after another: RFC 4180, every field quoted, formulas defused."""
    yield BOM + _csv([COLUMNS])
    for escalation, entries in histories:
        facts, later = _facts(escalation, name_of), _later(escalation)
        told = (_step(entry, name_of) for entry in entries)
        yield _csv([_cell(value) for value in (*facts.values(), *step.values(), *later.values())] for step in told)


def json_lines(histories: Histories, name_of: NameOf) -> Iterator[str]:
    """The JSON in pieces: one array, one escalation to a line."""
    before = "[\n"
    for escalation, entries in histories:
        yield before + json.dumps(build_object(escalation, entries, name_of), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def build_object(escalation: Escalation, entries: Iterable[HistoryEntry], name_of: NameOf) -> dict[str, Any]:
    """One escalation with its ``history`` inside; what is not known is null."""
    history = [_step(entry, name_of) for entry in entries]
    return {**_facts(escalation, name_of), "history": history, **_later(escalation)}


def escape_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _facts(escalation: Escalation, name_of: NameOf) -> dict[str, Any]:
    named = {
        "escalation": escalation.name,
        "raised_by_name": name_of(escalation.raised_by),
        "owner_name": name_of(escalation.owner) if escalation.owner else None,
    }
    return {name: _plain(named[name] if name in named else getattr(escalation, name)) for name in FACTS}


def _later(escalation: Escalation) -> dict[str, Any]:
    return {name: _plain(getattr(escalation, name)) for name in LATER}


def _step(entry: HistoryEntry, name_of: NameOf) -> dict[str, Any]:
    values = (
        entry.seq, entry.move, entry.by, name_of(entry.by), entry.at, entry.status_from, entry.status_to, entry.text,
        entry.changes,
    )  # fmt: skip
    return dict(zip(STEPS, map(_plain, values), strict=True))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, str) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return escape_formula(text)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
