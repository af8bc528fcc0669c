"""By when somebody must act: from raising to closing, through snoozes, and how reminders then slow down."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.escalations import deadlines
from models.rules.escalations.clocks import NO_TIMES, CaseTimes, build_timeline, find_case_times
from models.rules.escalations.deadlines import AwaitedStep, Deadline
from models.rules.escalations.escalation import ENDED, Escalation, Move, ParentBond, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.transitions import advance, list_moves, raise_escalation
from models.rules.policy.reader import load_packaged as load_policy
from models.rules.policy.reminders import load_packaged
from models.rules.rota.holidays import make_workday_test
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


def due(escalation: Escalation, times: CaseTimes = NO_TIMES) -> datetime | None:
    """When it is due, whatever it waits for."""
    deadline = deadlines.find_deadline(escalation, POLICY, times)
    return deadline.due_at if deadline else None


def awaited(escalation: Escalation, times: CaseTimes = NO_TIMES) -> AwaitedStep | None:
    """What it waits for."""
    deadline = deadlines.find_deadline(escalation, POLICY, times)
    return deadline.step if deadline else None


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.A, 3), (Severity.B, 15), (Severity.C, 60)])
def test_it_must_be_acknowledged_in_minutes_by_severity(severity: Severity, minutes: int) -> None:
    assert deadlines.acknowledge_by(raised(severity), POLICY) == NOW + minutes * MINUTE
    assert due(raised(severity)) == NOW + minutes * MINUTE
    assert awaited(raised(severity)) is AwaitedStep.ACKNOWLEDGEMENT


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
    assert awaited(late) is AwaitedStep.ACKNOWLEDGEMENT


@pytest.mark.parametrize(
    ("severity", "moves", "step_awaited", "hours"),
    [
        (Severity.A, [Move.ACKNOWLEDGE], AwaitedStep.NUMBER, 0.25),
        (Severity.B, [Move.ACKNOWLEDGE], AwaitedStep.NUMBER, 1),
        (Severity.C, [Move.ACKNOWLEDGE], AwaitedStep.NUMBER, 4),
        (Severity.A, [Move.RECORD], AwaitedStep.ANSWER, 2),
        (Severity.B, [Move.RECORD], AwaitedStep.ANSWER, 24),
        (Severity.C, [Move.RECORD], AwaitedStep.ANSWER, 72),
        (Severity.A, [Move.RECORD, Move.CONTACT], AwaitedStep.OURS, 0.5),
        (Severity.B, [Move.RECORD, Move.CONTACT], AwaitedStep.OURS, 4),
        (Severity.C, [Move.RECORD, Move.CONTACT], AwaitedStep.OURS, 24),
        (Severity.B, [Move.RESOLVE], AwaitedStep.INFORMING, 4),
        (Severity.B, [Move.RESOLVE, Move.TELL], AwaitedStep.CLOSING, 72),
        (Severity.B, [Move.RESOLVE, Move.REOPEN, Move.ACKNOWLEDGE], AwaitedStep.NUMBER, 1),
    ],
)
def test_what_is_awaited_and_how_long_follow_from_status_turn_and_severity(
    severity: Severity, moves: list[Move], step_awaited: AwaitedStep, hours: float
) -> None:
    moved = after(raised(severity), *moves)

    assert due(moved) == NOW + HOUR + hours * HOUR
    assert awaited(moved) is step_awaited
    assert deadlines.acknowledge_by(moved, POLICY) is None


@pytest.mark.parametrize(("severity", "hours"), [(Severity.A, 1), (Severity.B, 24), (Severity.C, 72)])
@pytest.mark.parametrize("before", [Move.ACKNOWLEDGE, Move.RECORD])
def test_the_customer_is_asked_after_some_time_without_activity(before: Move, severity: Severity, hours: int) -> None:
    waits = after(after(raised(severity), before), Move.TURN, turn=Turn.CUSTOMER)
    noted = after(waits, Move.NOTE, minutes=90)

    assert awaited(waits) is AwaitedStep.CUSTOMER
    assert due(waits) == NOW + HOUR + hours * HOUR
    assert due(noted) == NOW + 90 * MINUTE + hours * HOUR


def test_the_number_is_due_from_the_start_of_our_turn_and_a_note_does_not_replace_it() -> None:
    taken = after(raised(), Move.ACKNOWLEDGE)
    back = after(after(taken, Move.TURN, minutes=70, turn=Turn.CUSTOMER), Move.TURN, minutes=100, turn=Turn.OURS)
    times = CaseTimes(turn_since=NOW + 100 * MINUTE)

    assert due(after(taken, Move.NOTE, minutes=90), CaseTimes(NOW)) == NOW + 2 * HOUR
    assert due(back, times) == NOW + 160 * MINUTE
    assert awaited(back, times) is AwaitedStep.NUMBER


def test_a_turn_that_a_fast_clock_wrote_counts_from_the_last_activity() -> None:
    case = after(raised(), Move.RECORD, Move.CONTACT)

    assert due(case, CaseTimes(turn_since=NOW + 9 * HOUR)) == NOW + HOUR + 4 * HOUR


def test_the_first_answer_of_21vianet_is_due_by_its_own_target() -> None:
    case, times = after(raised(), Move.RECORD), CaseTimes(NOW + HOUR, answer_due_at=NOW + 7 * HOUR)

    assert (awaited(case, times), due(case, times)) == (AwaitedStep.FIRST_ANSWER, NOW + 7 * HOUR)
    assert due(after(case, Move.NOTE, minutes=90), times) == NOW + 7 * HOUR
    back = after(case, Move.CONTACT, Move.NOTE, minutes=90)
    again = after(back, Move.TURN, minutes=120, turn=Turn.VENDOR)
    assert (awaited(again), due(again)) == (AwaitedStep.ANSWER, NOW + 26 * HOUR)


def test_our_turn_is_spoken_of_at_two_thirds_and_at_its_time() -> None:
    case, times = after(raised(), Move.RECORD, Move.CONTACT), CaseTimes(NOW + HOUR)
    noted = after(case, Move.NOTE, minutes=120)

    for one in (case, noted):
        assert deadlines.find_deadline(one, POLICY, times) == Deadline(
            AwaitedStep.OURS, NOW + HOUR, NOW + 5 * HOUR, NOW + 220 * MINUTE
        )


def test_a_promise_to_the_customer_replaces_a_later_deadline_only() -> None:
    case = after(raised(), Move.RECORD)
    soon = after(case, Move.TELL, minutes=90, until=NOW + 180 * MINUTE)
    late = after(case, Move.TELL, minutes=90, until=NOW + 99 * HOUR)
    kept = after(soon, Move.TELL, minutes=170)

    assert deadlines.find_deadline(soon, POLICY) == Deadline(
        AwaitedStep.PROMISE, NOW + 90 * MINUTE, NOW + 180 * MINUTE, NOW + 150 * MINUTE
    )
    assert awaited(late) is AwaitedStep.ANSWER
    assert awaited(kept) is AwaitedStep.ANSWER


def test_a_promise_waits_for_who_acknowledges_first() -> None:
    promised = after(raised(), Move.TELL, minutes=1, until=NOW + 2 * MINUTE)

    assert awaited(promised) is AwaitedStep.ACKNOWLEDGEMENT


def test_where_nobody_must_be_informed_only_closing_remains() -> None:
    resolved = after(raised(kind=RequestKind.PARTNER_CENTER), Move.RESOLVE)

    assert due(resolved) == NOW + HOUR + POLICY.close


@pytest.mark.parametrize("move", [Move.NOTE, Move.TELL, Move.CORRECT])
def test_any_activity_ends_the_silence_of_21vianet(move: Move) -> None:
    moved = after(after(raised(), Move.RECORD), move, minutes=90)

    assert deadlines.last_activity(moved) == NOW + 90 * MINUTE
    assert due(moved) == NOW + 90 * MINUTE + 24 * HOUR


def test_a_note_does_not_acknowledge() -> None:
    assert deadlines.acknowledge_by(after(raised(), Move.NOTE, minutes=10), POLICY) == NOW + 15 * MINUTE


@pytest.mark.parametrize("moves", [[], [Move.ACKNOWLEDGE], [Move.RECORD], [Move.RECORD, Move.CONTACT]])
def test_a_snooze_moves_the_deadline_to_its_end_and_not_further(moves: list[Move]) -> None:
    end = NOW + timedelta(days=5)
    before = after(raised(), *moves)
    snoozed = after(before, Move.SNOOZE, minutes=90, until=end)

    deadline = deadlines.find_deadline(snoozed, POLICY)
    assert deadline is not None
    assert (deadline.due_at, deadline.early_at) == (end, None)
    assert deadlines.is_snoozed(snoozed, end - MINUTE)
    assert not deadlines.is_snoozed(snoozed, end)
    assert deadlines.last_activity(snoozed) == deadlines.last_activity(before)


def test_a_snooze_never_shortens_what_time_there_is() -> None:
    acknowledged = after(raised(Severity.C), Move.ACKNOWLEDGE)
    snoozed = after(acknowledged, Move.SNOOZE, until=NOW + 2 * HOUR)

    assert due(snoozed) == due(acknowledged)


def test_after_the_end_of_a_snooze_it_is_due_as_after_activity() -> None:
    snoozed = after(raised(), Move.RECORD, Move.SNOOZE, until=NOW + timedelta(days=5))
    woken = after(snoozed, Move.WAKE, minutes=120)

    assert due(woken) == NOW + 120 * MINUTE + 24 * HOUR
    assert not deadlines.is_snoozed(woken, NOW)


@given(
    data=st.data(), kind=st.sampled_from(RequestKind), severity=st.sampled_from(["B", "C"]), length=st.integers(0, 12)
)
def test_always_exactly_one_thing_is_due_until_it_is_ended_or_follows_its_original(
    data: st.DataObject, kind: RequestKind, severity: str, length: int
) -> None:
    escalation, entry = raise_escalation(
        (customer_request if kind is RequestKind.CUSTOMER else partner_center_request)(
            severity=severity, answers={"impact": "Nobody works"}
        ),
        7, CHANNEL, WANG, NOW,
    )  # fmt: skip
    entries = [entry]
    for n in range(length):
        move = data.draw(st.sampled_from(list_moves(escalation)))
        at = NOW + n * HOUR
        more: dict[str, Any] = {"changes": {"title": f"Corrected {n}"}} if move is Move.CORRECT else {}
        more |= {"new_owner": EMMA.id if escalation.owner != EMMA.id else WANG.id} if move is Move.HAND_OVER else {}
        more |= {"text": f"6251122000{n:05}"} if move is Move.RECORD else {}
        more |= {"turn": Turn.OURS if escalation.turn is not Turn.OURS else Turn.CUSTOMER} if move is Move.TURN else {}
        more |= {"until": at + HOUR} if move is Move.TELL else {}
        more |= {"original": None} if move is Move.DUPLICATE and escalation.duplicate_of else {}
        is_attached = escalation.parent is not None and escalation.parent_bond is not ParentBond.OVER
        more |= {"original": None} if move is Move.PARENT and is_attached else {}
        escalation, entry = advance(escalation, step(move, LI, at, **more))
        entries.append(entry)

        times = find_case_times(build_timeline(entries), load_policy(), make_workday_test())
        deadline = deadlines.find_deadline(escalation, POLICY, times)
        if escalation.follows_original:
            assert deadline is None or deadline.step is AwaitedStep.PROMISE
        else:
            assert (deadline is None) is (escalation.status in ENDED)
        if deadline:
            assert deadlines.may_be_due_before(escalation, POLICY, deadline.due_at + MINUTE)
            by = deadlines.acknowledge_by(escalation, POLICY)
            assert (deadline.step is AwaitedStep.ACKNOWLEDGEMENT) is (by is not None)
            assert deadline.since <= at
            assert deadline.early_at is None or deadline.since < deadline.early_at < deadline.due_at


def test_reminders_follow_the_pace_of_the_severity() -> None:
    assert deadlines.find_pace(raised(Severity.C), POLICY) is POLICY.repeat["C"]


def test_a_duplicate_waits_for_nothing_but_what_its_customer_was_promised() -> None:
    marked = after(raised(), Move.DUPLICATE)
    assert due(marked) is None
    assert deadlines.acknowledge_by(marked, POLICY) is None

    promised = after(marked, Move.TELL, until=NOW + 5 * HOUR)
    assert (awaited(promised), due(promised)) == (AwaitedStep.PROMISE, NOW + 5 * HOUR)
    acknowledged = after(promised, Move.ACKNOWLEDGE, Move.RECORD, minutes=90)
    assert (awaited(acknowledged), due(acknowledged)) == (AwaitedStep.PROMISE, NOW + 5 * HOUR)


def test_a_resolved_duplicate_must_inform_its_customer_and_be_closed_as_any_case() -> None:
    resolved = after(raised(), Move.DUPLICATE, Move.RESOLVE)
    assert awaited(resolved) is AwaitedStep.INFORMING
    assert awaited(after(resolved, Move.TELL)) is AwaitedStep.CLOSING


def test_who_goes_on_alone_has_the_whole_time_to_be_acknowledged() -> None:
    marked = after(raised(), Move.DUPLICATE)
    alone = after(marked, Move.DUPLICATE, minutes=300, original=None)
    assert awaited(alone) is AwaitedStep.ACKNOWLEDGEMENT
    assert due(alone) == NOW + 315 * MINUTE


def test_a_duplicate_that_is_reopened_by_itself_goes_on_alone() -> None:
    reopened = after(raised(), Move.DUPLICATE, Move.RESOLVE, Move.REOPEN)
    assert reopened.duplicate_of is None
    assert awaited(reopened) is AwaitedStep.ACKNOWLEDGEMENT
    together = after(raised(), Move.DUPLICATE, Move.RESOLVE)
    together = after(together, Move.REOPEN, follows="CSP-1")
    assert together.duplicate_of
    assert due(together) is None


def test_a_case_that_falls_due_later_needs_no_look_into_its_history() -> None:
    acknowledged = after(raised(Severity.C), Move.ACKNOWLEDGE)
    assert not deadlines.may_be_due_before(acknowledged, POLICY, NOW + 5 * HOUR)
    assert deadlines.may_be_due_before(acknowledged, POLICY, NOW + 5 * HOUR + MINUTE)
    assert deadlines.may_be_due_before(after(acknowledged, Move.RECORD), POLICY, NOW)
    assert not deadlines.may_be_due_before(after(acknowledged, Move.DUPLICATE), POLICY, NOW + 5000 * HOUR)
