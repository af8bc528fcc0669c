"""What may be done to a remediation record, and by whom. Pure.

Leads do everything. The owner of an action may mark it done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.remediation.record import (
    ACTION_FIELDS,
    FIELDS,
    Remediation,
    RemediationAction,
    RemediationEntry,
    RemediationMove,
    write_value,
)

M = RemediationMove
TEXT_LIMIT = 3000
"""Characters of one text: as many as a form of Slack's takes."""


@dataclass(frozen=True)
class RemediationStep:
    """What a person asks for."""

    move: RemediationMove
    by: Actor
    at: datetime  # UTC
    today: date  # in the installation's zone
    action: int = 0  # number of the action; 0 for a new one
    values: Mapping[str, Any] = field(default_factory=dict)  # fields of the record or of the action


def check_lead(by: Actor) -> None:
    """Raise Refused for somebody who is no lead."""
    if not by.is_lead:
        raise refuse("leads_only")


def open_record(step: RemediationStep, number: int) -> RemediationEntry:
    """Return the first entry of a new record. Raises Refused with every fault."""
    check_lead(step.by)
    values = _check_record(step)
    empty = Remediation(number, step.by.team_id, step.at)
    return RemediationEntry(number, 1, step.by.team_id, M.OPEN, step.by.id, step.at, _find_changes(empty, values))


def change_record(record: Remediation, step: RemediationStep) -> RemediationEntry:
    """Return the entry that a step adds to a record. Raises Refused when it is not allowed or changes nothing."""
    if step.move is M.FINISH_ACTION:
        return _finish(record, step)
    check_lead(step.by)
    if step.move is M.REOPEN:
        if record.is_open:
            raise refuse("remediation_is_open", remediation=record.name)
        return _build_entry(record, step, {})
    if not record.is_open:
        raise refuse("remediation_closed", remediation=record.name, who=record.closed_by, at=record.closed_at)
    match step.move:
        case M.CHANGE:
            return _build_entry(record, step, _need_changes(_find_changes(record, _check_record(step))))
        case M.ADD_ACTION:
            values = _check_action(step, None)
            changes = {name: [None, write_value(values[name])] for name in ACTION_FIELDS}
            number = 1 + max((action.number for action in record.actions), default=0)
            return _build_entry(record, step, changes, number)
        case M.CHANGE_ACTION:
            action = _find_open_action(record, step)
            return _build_entry(record, step, _need_changes(_find_changes(action, _check_action(step, action))))
        case _:
            _check_all_done(record)
            return _build_entry(record, step, {})


def _finish(record: Remediation, step: RemediationStep) -> RemediationEntry:
    action = _find_open_action(record, step)
    if not step.by.is_lead and step.by.id != action.owner:
        raise refuse("only_owner_or_lead", owner=action.owner)
    return _build_entry(record, step, {})


def _find_open_action(record: Remediation, step: RemediationStep) -> RemediationAction:
    action = record.action(step.action)
    if action is None:
        raise refuse("unreadable")
    if action.done_at:
        raise refuse("action_done", who=action.done_by, at=action.done_at)
    return action


def _check_all_done(record: Remediation) -> None:
    if record.open_actions:
        raise refuse("actions_open", remediation=record.name)


def _check_record(step: RemediationStep) -> dict[str, Any]:
    values = dict(step.values)
    if values.get("requested_on") is None:
        raise refuse("missing", "requested_on")
    if values["requested_on"] > step.today:
        raise refuse("requested_in_the_future", "requested_on")
    review_on = values.get("review_on")
    if review_on and review_on < values["requested_on"]:
        raise refuse("ends_before_it_begins", "review_on")
    _check_texts(values)
    return values


def _check_action(step: RemediationStep, before: RemediationAction | None) -> dict[str, Any]:
    values = dict(step.values)
    for name in ACTION_FIELDS:
        if not values.get(name):
            raise refuse("missing", name)
    if values["due"] < step.today and (before is None or before.due != values["due"]):
        raise refuse("already_over", "due")
    _check_texts(values)
    return values


def _check_texts(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, str) and len(value) > TEXT_LIMIT:
            raise refuse("too_long", name, limit=TEXT_LIMIT)


def _find_changes(before: Remediation | RemediationAction, values: Mapping[str, Any]) -> dict[str, Any]:
    field_names = FIELDS if isinstance(before, Remediation) else ACTION_FIELDS
    return {
        name: [write_value(getattr(before, name)), write_value(values[name])]
        for name in field_names
        if name in values and getattr(before, name) != values[name]
    }


def _need_changes(changes: dict[str, Any]) -> dict[str, Any]:
    if not changes:
        raise refuse("nothing_changed")
    return changes


def _build_entry(
    record: Remediation, step: RemediationStep, changes: Mapping[str, Any], action: int = 0
) -> RemediationEntry:
    return RemediationEntry(
        record.number, record.seq + 1, record.team_id, step.move, step.by.id, step.at, changes, action or step.action
    )
