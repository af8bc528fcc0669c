"""A remediation record: who may do what, what is refused, and what its entries make of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.remediation.moves import RemediationStep, change_record, open_record
from models.rules.remediation.record import Remediation, RemediationEntry, RemediationMove, apply_entry
from tests.models.samples import EMMA, LI, NOW, WANG

M = RemediationMove
TODAY = NOW.date()
DAY = timedelta(days=1)


def ask(move: RemediationMove, by: Actor = LI, action: int = 0, **values: Any) -> RemediationStep:
    """What a person asks for."""
    return RemediationStep(move, by, NOW, TODAY, action, values)


def opened(**values: Any) -> Remediation:
    """A record that was just opened."""
    entry = open_record(ask(M.OPEN, **{"requested_on": TODAY - DAY, **values}), 1)
    return apply_entry(None, entry)


def change(record: Remediation, step: RemediationStep) -> Remediation:
    """The record after a step."""
    return apply_entry(record, change_record(record, step))


def with_action(**values: Any) -> Remediation:
    """A record with one action of Emma's."""
    given = {"text": "Train the desk", "owner": EMMA.id, "due": TODAY + 6 * DAY, **values}
    return change(opened(), ask(M.ADD_ACTION, **given))


def find_reason(record: Remediation, step: RemediationStep) -> tuple[str, str | None]:
    """Why a step is refused, and under which field."""
    with pytest.raises(Refused) as refused:
        change_record(record, step)
    (refusal,) = refused.value.refusals
    return refusal.reason, refusal.field


def test_an_entry_holds_what_changed_before_and_after() -> None:
    record = opened(requested_by="刘工")

    entry = change_record(record, ask(M.CHANGE, requested_on=TODAY - DAY, meeting_at=NOW, plan="Train"))

    assert entry.changes == {"meeting_at": [None, NOW.isoformat()], "plan": ["", "Train"]}
    changed = apply_entry(record, entry)
    assert (changed.meeting_at, changed.plan, changed.requested_by, changed.seq) == (NOW, "Train", "刘工", 2)


@pytest.mark.parametrize("move", [move for move in M if move not in {M.OPEN, M.FINISH_ACTION}])
def test_only_leads_change_a_record(move: RemediationMove) -> None:
    assert find_reason(with_action(), ask(move, EMMA, action=1)) == ("leads_only", None)


def test_the_owner_of_an_action_or_a_lead_marks_it_done_and_nobody_else() -> None:
    record = with_action()

    assert find_reason(record, ask(M.FINISH_ACTION, WANG, action=1)) == ("only_owner_or_lead", None)
    for by in (EMMA, LI):
        (done,) = change(record, ask(M.FINISH_ACTION, by, action=1)).actions
        assert (done.done_at, done.done_by) == (NOW, by.id)


def test_an_action_is_done_once() -> None:
    record = change(with_action(), ask(M.FINISH_ACTION, EMMA, action=1))

    assert find_reason(record, ask(M.FINISH_ACTION, LI, action=1)) == ("action_done", None)


def test_a_record_is_closed_when_its_actions_are_done_and_can_be_reopened() -> None:
    record = with_action()
    assert find_reason(record, ask(M.CLOSE)) == ("actions_open", None)

    closed = change(change(record, ask(M.FINISH_ACTION, action=1)), ask(M.CLOSE))

    assert find_reason(closed, ask(M.CHANGE, requested_on=TODAY)) == ("remediation_closed", None)
    assert change(closed, ask(M.REOPEN)).is_open


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"requested_on": None}, ("missing", "requested_on")),
        ({"requested_on": TODAY + DAY}, ("requested_in_the_future", "requested_on")),
        ({"requested_on": TODAY, "review_on": TODAY - DAY}, ("ends_before_it_begins", "review_on")),
        ({"requested_on": TODAY, "plan": "x" * 3001}, ("too_long", "plan")),
        ({"requested_on": TODAY - DAY}, ("nothing_changed", None)),
    ],
)
def test_faults_of_a_record_are_refused_under_their_field(values: dict[str, Any], reason: tuple[str, Any]) -> None:
    assert find_reason(opened(), ask(M.CHANGE, **values)) == reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"text": "", "owner": EMMA.id, "due": TODAY}, ("missing", "text")),
        ({"text": "x", "owner": "", "due": TODAY}, ("missing", "owner")),
        ({"text": "x", "owner": EMMA.id, "due": None}, ("missing", "due")),
        ({"text": "x", "owner": EMMA.id, "due": TODAY - DAY}, ("already_over", "due")),
    ],
)
def test_faults_of_an_action_are_refused_under_their_field(values: dict[str, Any], reason: tuple[str, Any]) -> None:
    assert find_reason(opened(), ask(M.ADD_ACTION, **values)) == reason


def test_an_overdue_action_may_keep_its_day_while_its_text_changes() -> None:
    record = apply_entry(
        opened(),
        RemediationEntry(1, 2, LI.team_id, M.ADD_ACTION, LI.id, NOW, {
            "text": [None, "Train"], "owner": [None, EMMA.id], "due": [None, "2026-11-01"],
        }, 1),
    )  # fmt: skip

    changed = change(record, ask(M.CHANGE_ACTION, action=1, text="Train all", owner=EMMA.id, due=date(2026, 11, 1)))

    assert changed.actions[0].text == "Train all"
