"""A half-filled form between two views: the fields on the screen, and those that left it."""

import json
from dataclasses import dataclass
from typing import Any

from handlers.blocks.raise_form import FormValues
from handlers.epoch_stamps import ROOM
from handlers.payloads import Body, customer_label, typed
from models.rules.errors import refuse

METADATA_LIMIT = 3000 - ROOM  # Slack's, less what marks the record
SOURCE_LENGTH = 200
KEY_LENGTH = 100
REMEMBERED = 1000


@dataclass(frozen=True)
class FormState:
    """The answers of a form, as far as they are given."""

    filled: FormValues

    @classmethod
    def of(cls, view: Body) -> "FormState":
        """Read a view: metadata carries what left the screen, state what is on it. Raises Refused."""
        carried = _read(str(view.get("private_metadata") or "{}"))
        answers = {**carried["answers"], **typed(view)}
        # Billing offers no severity A; what was chosen before comes back with a form that does.
        answers["severity"] = answers.get("severity") or carried["answers"].get("severity")
        shown = "customer_name" in typed(view)
        customer = customer_label(view) if shown else carried["customer"]
        return cls(FormValues(answers, customer, carried["source"], carried["draft"]))

    def metadata(self) -> str:
        """Return the answers within Slack's limit: short answers first, then as many long ones as fit."""
        carried: dict[str, Any] = {"answers": {}, "customer": self.filled.customer, "source": self.filled.source}
        carried |= {"draft": self.filled.draft} if self.filled.draft else {}
        text = json.dumps(carried, ensure_ascii=False)
        for name, value in sorted(self.filled.answers.items(), key=lambda answer: len(str(answer[1]))):
            more = {**carried, "answers": {**carried["answers"], name: value}}
            fitting = json.dumps(more, ensure_ascii=False)
            if value and len(fitting) <= METADATA_LIMIT:
                carried, text = more, fitting
        return text


def read_form_state(text: str, key: str) -> FormValues:
    """Return the answers of a draft that was kept. Raises Refused when nothing can be read."""
    kept = _read(text)
    return FormValues(kept["answers"], kept["customer"], kept["source"], key)


class NewestChange:
    """Remembers the newest change of each open form.

    Two quick answers are drawn at the same time; the later one knows both, so it wins whichever arrives first. Only
    the last thousand forms are remembered; they close in minutes.
    """

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def note(self, view_id: str, action_ts: str) -> None:
        """Remember a change."""
        self._seen[view_id] = max(float(action_ts), self._seen.pop(view_id, 0.0))
        if len(self._seen) > REMEMBERED:
            self._seen.pop(next(iter(self._seen)), None)

    def is_newest(self, view_id: str, action_ts: str) -> bool:
        """Return whether no later change of this form arrived."""
        return float(action_ts) >= self._seen.get(view_id, 0.0)


def _read(text: str) -> dict[str, Any]:
    """Read metadata that came back through the client. Raises Refused for anything but what we wrote."""
    try:
        data = json.loads(text)
        answers = {str(name): _plain(value) for name, value in dict(data.get("answers") or {}).items()}
        customer = data.get("customer")
        pair = (str(customer[0]), str(customer[1])) if customer else None
        source, draft = str(data.get("source") or "")[:SOURCE_LENGTH], str(data.get("draft") or "")[:KEY_LENGTH]
        return {"answers": answers, "customer": pair, "source": source, "draft": draft}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise refuse("unreadable") from error


def _plain(value: object) -> str | int | list[str]:
    """Return a form's answer unchanged: text, seconds, or a list of choices. Raises TypeError for others."""
    if isinstance(value, str | int) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise TypeError(type(value))
