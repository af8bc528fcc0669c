"""By when somebody must act: from raising to closing, through snoozes, and how reminders then slow down."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.escalations import deadlines
from models.rules.escalations.escalation import ENDED, Escalation, Move, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.transitions import advance, list_moves, raise_escalation
from models.rules.policy.reminders import load_packaged
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, customer_request, partner_center_request, step

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY = load_packaged()


def raised(severity: Severity = Severity.B, kind: RequestKind = RequestKind.CUSTOMER) -> Escalation:
    """An escalation of Wang's, raised just now."""
    asked = customer_request if kind is RequestKind.CUSTOMER else partner_center_request
    return raise_escalation(asked(severity=severity, answers={"impact": "Nobody works"}), 7, CHANNEL, WANG, NOW)[0]


def after(escalation: Escalation, *moves: Move, minutes: float = 60, **more: Any) -> Escalation:
    """The escalation after these moves of the lead's, all done so many minutes after it was raised."""
    for move in moves:
        escalation, _ = advance(escalation, step(move, LI, NOW + minutes * MINUTE, **more))
    return escalation


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.A, 5), (Severity.B, 15), (Severity.C, 60)])
def test_it_must_be_acknowledged_in_minutes_by_severity(severity: Severity, minutes: int) -> None:
    assert deadlines.acknowledge_by(raised(severity), POLICY) == NOW + minutes * MINUTE
    assert deadlines.progress_by(raised(severity), POLICY) is None


@pytest.mark.parametrize("again", [Move.HAND_OVER, Move.REOPEN])
def test_who_gets_it_anew_has_the_whole_time_again(again: Move) -> None:
    moves = [Move.ACKNOWLEDGE, *([Move.RESOLVE] if again is Move.REOPEN else [])]
    anew = after(after(raised(), *moves), again, minutes=120)

    assert deadlines.acknowledge_by(anew, POLICY) == NOW + 135 * MINUTE
    assert deadlines.waiting_since(anew) == NOW + 120 * MINUTE


@pytest.mark.parametrize("done", [Move.RECORD, Move.RESOLVE])
def test_what_was_handed_over_late_must_be_acknowledged_too(done: Move) -> None:
    late = after(after(raised(), done), Move.HAND_OVER, minutes=120)

    assert deadlines.acknowledge_by(late, POLICY) == NOW + 135 * MINUTE
    assert deadlines.progress_by(late, POLICY) is None


@pytest.mark.parametrize(
    ("severity", "moves", "hours"),
    [
        (Severity.A, [Move.ACKNOWLEDGE], 0.5),
        (Severity.B, [Move.ACKNOWLEDGE], 4),
        (Severity.C, [Move.ACKNOWLEDGE], 24),
        (Severity.A, [Move.RECORD], 2),
        (Severity.B, [Move.RECORD], 24),
        (Severity.C, [Move.RECORD], 72),
        (Severity.B, [Move.RESOLVE], 4),
        (Severity.B, [Move.RESOLVE, Move.TELL], 72),
        (Severity.B, [Move.RESOLVE, Move.REOPEN, Move.ACKNOWLEDGE], 4),
    ],
)
def test_silence_is_allowed_by_status_and_severity(severity: Severity, moves: list[Move], hours: float) -> None:
    moved = after(raised(severity), *moves)

    assert deadlines.progress_by(moved, POLICY) == NOW + HOUR + hours * HOUR
    assert deadlines.acknowledge_by(moved, POLICY) is None


def test_where_nobody_must_be_informed_only_closing_remains() -> None:
    resolved = after(raised(kind=RequestKind.PARTNER_CENTER), Move.RESOLVE)

    assert deadlines.progress_by(resolved, POLICY) == NOW + HOUR + POLICY.close


@pytest.mark.parametrize("move", [Move.NOTE, Move.TELL, Move.CORRECT])
def test_any_activity_ends_the_silence(move: Move) -> None:
    moved = after(after(raised(), Move.ACKNOWLEDGE), move, minutes=90)

    assert deadlines.last_activity(moved) == NOW + 90 * MINUTE
    assert deadlines.progress_by(moved, POLICY) == NOW + 90 * MINUTE + 4 * HOUR


def test_a_note_does_not_acknowledge() -> None:
    assert deadlines.acknowledge_by(after(raised(), Move.NOTE, minutes=10), POLICY) == NOW + 15 * MINUTE


@pytest.mark.parametrize("moves", [[], [Move.ACKNOWLEDGE], [Move.RECORD]])
def test_a_snooze_moves_the_deadline_to_its_end_and_not_further(moves: list[Move]) -> None:
    end = NOW + timedelta(days=5)
    before = after(raised(), *moves)
    snoozed = after(before, Move.SNOOZE, minutes=90, until=end)

    assert deadlines.due_by(snoozed, POLICY) == end
    assert deadlines.is_snoozed(snoozed, end - MINUTE)
    assert not deadlines.is_snoozed(snoozed, end)
    assert deadlines.last_activity(snoozed) == deadlines.last_activity(before)


def test_a_snooze_never_shortens_what_time_there_is() -> None:
    acknowledged = after(raised(Severity.C), Move.ACKNOWLEDGE)
    snoozed = after(acknowledged, Move.SNOOZE, until=NOW + 2 * HOUR)

    assert deadlines.due_by(snoozed, POLICY) == deadlines.due_by(acknowledged, POLICY)


def test_after_the_end_of_a_snooze_it_is_due_as_after_activity() -> None:
    snoozed = after(raised(), Move.ACKNOWLEDGE, Move.SNOOZE, until=NOW + timedelta(days=5))
    woken = after(snoozed, Move.WAKE, minutes=120)

    assert deadlines.due_by(woken, POLICY) == NOW + 120 * MINUTE + 4 * HOUR
    assert not deadlines.is_snoozed(woken, NOW)


@given(
    data=st.data(), kind=st.sampled_from(RequestKind), severity=st.sampled_from(["B", "C"]), length=st.integers(0, 12)
)
def test_always_exactly_one_thing_is_due_until_it_is_ended(
    data: st.DataObject, kind: RequestKind, severity: str, length: int
) -> None:
    escalation = raised(Severity(severity), kind)
    for n in range(length):
        move = data.draw(st.sampled_from(list_moves(escalation)))
        at = NOW + n * HOUR
        more: dict[str, Any] = {"changes": {"title": f"Corrected {n}"}} if move is Move.CORRECT else {}
        more |= {"new_owner": EMMA.id if escalation.owner != EMMA.id else WANG.id} if move is Move.HAND_OVER else {}
        more |= {"text": f"6251122000{n:05}"} if move is Move.RECORD else {}
        more |= {"turn": Turn.OURS if escalation.turn is not Turn.OURS else Turn.CUSTOMER} if move is Move.TURN else {}
        escalation, _ = advance(escalation, step(move, LI, at, **more))

        by, spoken = deadlines.acknowledge_by(escalation, POLICY), deadlines.progress_by(escalation, POLICY)
        assert [by, spoken].count(None) == (2 if escalation.status in ENDED else 1)
        assert spoken is None or spoken > at


def test_reminders_follow_the_pace_of_the_severity() -> None:
    assert deadlines.find_pace(raised(Severity.C), POLICY) is POLICY.repeat["C"]
