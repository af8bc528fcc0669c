"""The export: escalations and their histories as rows for spreadsheets and objects for programs. Pure.

``COLUMNS`` and the keys of ``build_object`` are a contract. New ones may be added at the end; none is renamed or
removed. Instants are ISO 8601 in UTC with a ``Z``. People are Slack user ids, with the last known name beside them.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from models.rules.escalations.clocks import CaseClock
from models.rules.escalations.escalation import Escalation, HistoryEntry

NameOf = Callable[[str], str]
Histories = Iterable[tuple[Escalation, Sequence[HistoryEntry]]]

FACTS = (
    "escalation", "kind", "status", "severity", "title", "details", "customer_name", "tenant_id", "domain", "service",
    "request_number", "team_id", "raised_by", "raised_by_name", "raised_at", "owner", "owner_name", "acknowledged_at",
    "told_by", "told_at", "fix", "closed_by", "closed_at", "reopened", "answers",
)  # fmt: skip
STEPS = ("seq", "move", "by", "by_name", "at", "from", "to", "reason", "changes")
LATER = (
    "snoozed_until", "snoozed_by", "snooze_reason", "withdrawn_by", "withdrawn_at", "status_reason", "turn",
    "severity_given", "first_contact_at", "promised_at", "told_through",
    "policy_version", "duplicate_of", "returned_on", "returned_number", "returned_words",
    "solved_from", "solved_by_article", "escalated", "review", "review_until", "reviewed_by", "reviewed_at",
    "parent", "parent_bond",
)  # fmt: skip
"""Facts that were added after the first release: in the CSV they follow the steps."""
COLUMNS = (*FACTS, *STEPS, *LATER)
"""The columns of the CSV: one line for each history entry, with the facts of its escalation as they are now."""

# Excel on a Chinese Windows reads a file without this mark as GBK, and Chinese turns to nonsense. Programs read the
# file with "utf-8-sig", or take the JSON, which has no mark.
BOM = "\ufeff"
# A spreadsheet runs text that begins like this, also after space that it trims and in full width. An apostrophe in
# front makes it text. Text that begins with apostrophes gets one more, so that removing one always restores it.
_FORMULA = re.compile(r"['\s\u00ad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]|'*[\t\r\n]")


def csv_lines(histories: Histories, name_of: NameOf) -> Iterator[str]:
    """Return the CSV in pieces, one escalation after another: RFC 4180, every field quoted, formulas escaped."""
    yield BOM + _csv([COLUMNS])
    for escalation, entries in histories:
        facts, later = _build_facts(escalation, name_of), _build_later(escalation)
        steps = (_build_step(entry, name_of) for entry in entries)
        yield _csv([_cell(value) for value in (*facts.values(), *step.values(), *later.values())] for step in steps)


def json_lines(histories: Histories, name_of: NameOf) -> Iterator[str]:
    """Return the JSON in pieces: one array, one escalation to a line."""
    before = "[\n"
    for escalation, entries in histories:
        yield before + json.dumps(build_object(escalation, entries, name_of), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def build_object(escalation: Escalation, entries: Iterable[HistoryEntry], name_of: NameOf) -> dict[str, Any]:
    """Return one escalation with its ``history``; unknown values are null."""
    history = [_build_step(entry, name_of) for entry in entries]
    return {**_build_facts(escalation, name_of), "history": history, **_build_later(escalation)}


def clock_facts(escalation: Escalation, clocks: Iterable[CaseClock]) -> dict[str, Any]:
    """Return what programs need to know of the clocks: instants in UTC, elapsed times in whole seconds."""
    return {
        "severity_asked": escalation.severity,
        "clocks": [
            {
                "name": str(clock.name), "running": clock.running, "since": _plain(clock.since),
                "elapsed_seconds": int(clock.elapsed.total_seconds()), "due_at": _plain(clock.due_at),
            }
            for clock in clocks
        ],
    }  # fmt: skip


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _build_facts(escalation: Escalation, name_of: NameOf) -> dict[str, Any]:
    named = {
        "escalation": escalation.name,
        "raised_by_name": name_of(escalation.raised_by),
        "owner_name": name_of(escalation.owner) if escalation.owner else None,
    }
    return {name: _plain(named[name] if name in named else getattr(escalation, name)) for name in FACTS}


def _build_later(escalation: Escalation) -> dict[str, Any]:
    derived = {"escalated": "yes" if escalation.is_escalated else "no"}
    return {name: _plain(derived[name] if name in derived else getattr(escalation, name)) for name in LATER}


def _build_step(entry: HistoryEntry, name_of: NameOf) -> dict[str, Any]:
    values = (
        entry.seq, entry.move, entry.by, name_of(entry.by), entry.at, entry.status_from, entry.status_to, entry.text,
        entry.changes,
    )  # fmt: skip
    return dict(zip(STEPS, map(_plain, values), strict=True))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
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
