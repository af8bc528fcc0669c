"""Every command, callback, action and block id, and the value buttons carry. Old cards bear them: never reuse one."""

import json
from dataclasses import dataclass

from models.escalation import Move
from models.refusal import refuse

COMMAND = "/csp-escalate"
GLOBAL_SHORTCUT = "escalate"
MESSAGE_SHORTCUT = "escalate_message"

FORM = "form"
FORM_FIELD = "form."  # + the field's name
CUSTOMER = "form.customer_name"
MORE = "form.more"

CARD = "card."  # + the move
CARD_MORE = "card.more"
SHEET = "sheet."  # + the move

PAGE = "look.page"
SHOW = "look.show"
HISTORY = "look.history"
COPY = "look.copy"
HOME_NEW = "home.new"
DONE = "done"
HIGHEST = 999_999_999
"""No number of an escalation is higher; what is came from nobody's button."""


def card(move: Move) -> str:
    """The action id of a move's button."""
    return f"{CARD}{move}"


def sheet(move: Move) -> str:
    """The callback id of a move's form."""
    return f"{SHEET}{move}"


@dataclass(frozen=True)
class Subject:
    """Which escalation a button or sheet is about, and the version its card showed. A hint: the store decides."""

    number: int
    version: int = 0

    def __str__(self) -> str:
        return json.dumps({"n": self.number, "v": self.version})


def subject_of(text: str) -> Subject:
    """Read a button's value or a sheet's metadata. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        subject = Subject(int(data["n"]), int(data.get("v", 0)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if not 0 <= subject.number <= HIGHEST:
        raise refuse("unreadable")
    return subject
