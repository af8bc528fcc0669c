"""A remediation record: the request for a meeting, the meeting, the plan and its actions. Pure.

The customer-support article (partner-china, 2016-10-20): when 21Vianet finds escalations inappropriate and asks for it,
the reseller meets 21Vianet to discuss a remediation plan.

A record is the sum of its entries. Entries are never changed, so that nothing is edited away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from models.rules.times import parse_utc


class RemediationMove(StrEnum):
    """What a person may do to a remediation record. The values are stored."""

    OPEN = "open"
    CHANGE = "change"
    ADD_ACTION = "add_action"
    CHANGE_ACTION = "change_action"
    FINISH_ACTION = "finish_action"
    CLOSE = "close"
    REOPEN = "reopen"


TEXTS = ("requested_by", "request", "ours", "theirs", "minutes", "plan")
FIELDS = ("requested_on", "requested_by", "request", "meeting_at", "ours", "theirs", "minutes", "plan", "review_on")
"""What a form asks of a record, in its order."""
ACTION_FIELDS = ("text", "owner", "due")
TYPED_FIELDS = frozenset({*TEXTS, "text"})
"""Fields of a record and of an action that a person words freely: their texts are kept apart, and can be erased."""
ATTENDEES = frozenset({"requested_by", "ours", "theirs"})
"""Texts that name people."""
DAYS = frozenset({"requested_on", "review_on", "due"})
INSTANTS = frozenset({"meeting_at"})


@dataclass(frozen=True)
class RemediationEntry:
    """One entry of a record: who did what, when, and what it changed."""

    number: int
    seq: int
    team_id: str
    move: RemediationMove
    by: str  # a Slack id
    at: datetime
    changes: Mapping[str, Any] = field(default_factory=dict)  # by field ``[before, after]``, as written to the store
    action: int = 0  # number of the action; 0 for none


@dataclass(frozen=True)
class RemediationAction:
    """One thing that the reseller promised to do."""

    number: int  # within its record
    text: str
    owner: str  # a Slack id
    due: date  # in the installation's zone
    added_at: datetime
    due_set_at: datetime  # when the due day was last changed
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True)
class Remediation:
    """A remediation record as it is now."""

    number: int
    team_id: str
    opened_at: datetime
    seq: int = 1  # of its last entry
    requested_on: date | None = None
    requested_by: str = ""  # from whom of 21Vianet the request came
    request: str = ""  # their words
    meeting_at: datetime | None = None
    ours: str = ""  # who attends from our side
    theirs: str = ""  # who attends from 21Vianet
    minutes: str = ""
    plan: str = ""
    review_on: date | None = None
    actions: tuple[RemediationAction, ...] = ()
    closed_at: datetime | None = None
    closed_by: str = ""
    set_at: Mapping[str, datetime] = field(default_factory=dict)  # by field, when it was last changed

    @property
    def name(self) -> str:
        """Its name for people: ``R-2``."""
        return f"R-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.closed_at is None

    def action(self, number: int) -> RemediationAction | None:
        """Return one of its actions."""
        return next((action for action in self.actions if action.number == number), None)

    @property
    def open_actions(self) -> tuple[RemediationAction, ...]:
        """The actions that are not done, the earliest due first."""
        return tuple(sorted((a for a in self.actions if not a.done_at), key=lambda action: (action.due, action.number)))


def build_records(entries: Iterable[RemediationEntry]) -> dict[int, Remediation]:
    """Return the records that these entries, in order, make, by number."""
    records: dict[int, Remediation] = {}
    for entry in entries:
        records[entry.number] = apply_entry(records.get(entry.number), entry)
    return records


def apply_entry(record: Remediation | None, entry: RemediationEntry) -> Remediation:
    """Return the record after an entry; None stands for a record that does not exist yet."""
    record = record or Remediation(entry.number, entry.team_id, entry.at)
    after = {name: read_value(name, values[1]) for name, values in entry.changes.items()}
    match entry.move:
        case RemediationMove.OPEN | RemediationMove.CHANGE:
            changed = replace(record, **after, set_at={**record.set_at, **dict.fromkeys(after, entry.at)})
        case RemediationMove.CLOSE:
            changed = replace(record, closed_at=entry.at, closed_by=entry.by)
        case RemediationMove.REOPEN:
            changed = replace(record, closed_at=None, closed_by="")
        case _:
            changed = replace(record, actions=_change_actions(record, entry, after))
    return replace(changed, seq=entry.seq)


def _change_actions(
    record: Remediation, entry: RemediationEntry, after: Mapping[str, Any]
) -> tuple[RemediationAction, ...]:
    if entry.move is RemediationMove.ADD_ACTION:
        return (*record.actions, RemediationAction(entry.action, **after, added_at=entry.at, due_set_at=entry.at))
    due_set: dict[str, Any] = {"due_set_at": entry.at} if "due" in after else {}
    done: dict[str, Any] = (
        {"done_at": entry.at, "done_by": entry.by} if entry.move is RemediationMove.FINISH_ACTION else {}
    )
    return tuple(
        replace(action, **after, **due_set, **done) if action.number == entry.action else action
        for action in record.actions
    )


def read_value(name: str, value: Any) -> Any:
    """Return a value of an entry as the record holds it."""
    if name in DAYS:
        return date.fromisoformat(value) if value else None
    if name in INSTANTS:
        return parse_utc(value) if value else None
    return value


def write_value(value: Any) -> Any:
    """Return a value of a record as an entry holds it."""
    return value.isoformat() if isinstance(value, date) else value
