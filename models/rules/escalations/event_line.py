"""A move as other systems read it: one object of JSON, the same from ``events`` and for the webhook. A contract."""

import json

from models.rules.escalations.escalation import HistoryEntry


def write_event(position: int, entry: HistoryEntry) -> str:
    """Return one line. Typed words are those of the history; erased ones are left out."""
    facts = entry.model_dump(mode="json", exclude={"number"})
    return json.dumps({"id": position, "case": f"CSP-{entry.number}", **facts}, ensure_ascii=False)
