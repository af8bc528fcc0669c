"""What each line of the log is about: a case, a delivery, another subject. ``bot.logs`` writes it into JSON lines.

Nothing that a person typed gets there, but for the number of a case.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_FACTS: ContextVar[Mapping[str, str]] = ContextVar("facts", default={})  # noqa: B039 - never changed in place
_VALUE = re.compile(r'(?:~\w+~)?\{"(n|r|gap)": (\d{1,9})[,}]')
"""The beginning of what a button or form carries (``handlers.ids``): a case, a remediation record, a gap."""
_TYPED_CASE = re.compile(r"\bcsp-0*([1-9]\d{0,8})\b", re.IGNORECASE)
_SUBJECTS = {"r": "remediation", "gap": "gap"}


@contextmanager
def about(**facts: str | None) -> Iterator[None]:
    """Say in each JSON line of the block which case, delivery or subject it is about; empty facts are left out."""
    before = _FACTS.set({**_FACTS.get(), **{name: fact for name, fact in facts.items() if fact}})
    try:
        yield
    finally:
        _FACTS.reset(before)


def read_facts() -> Mapping[str, str]:
    """Return what the present block is about."""
    return _FACTS.get()


def describe_value(value: object) -> dict[str, str]:
    """Return what the value of a button, or the metadata of a form, is about; nothing where that is not clear."""
    match = _VALUE.match(value) if isinstance(value, str) else None
    if match is None or match[2] == "0":
        return {}
    return {"case": f"CSP-{match[2]}"} if match[1] == "n" else {"subject": f"{_SUBJECTS[match[1]]}:{match[2]}"}


def describe_press(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what a delivery of Slack is about, and as its kind what was pressed, sent or typed."""
    action, view = _first(body.get("actions")), _inside(body.get("view"))
    option = _inside(action.get("selected_option"))
    kind = action.get("action_id") or body.get("action_id") or view.get("callback_id") or body.get("callback_id")
    kind = kind or body.get("command") or _inside(body.get("event")).get("type")
    facts = {"kind": str(kind)[:80]} if kind else {}
    for value in (action.get("value"), option.get("value"), view.get("private_metadata")):
        if described := describe_value(value):
            return {**facts, **described}
    typed = body.get("text") if body.get("command") else _inside(body.get("event")).get("text")
    match = _TYPED_CASE.search(typed) if isinstance(typed, str) else None
    return {**facts, "case": f"CSP-{match[1]}"} if match else facts


def _first(values: object) -> Mapping[str, Any]:
    return _inside(values[0]) if isinstance(values, list) and values else {}


def _inside(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
