"""The life of an escalation: every status with every move, rights, words, and what each move leaves behind."""

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.errors import Refused
from models.rules.escalations.escalation import (
    Escalation,
    HistoryEntry,
    InformedBy,
    Move,
    ParentBond,
    ReviewState,
    Status,
    Turn,
)
from models.rules.escalations.request import LINE_LIMIT, TEXT_LIMIT, RequestKind, Severity
from models.rules.escalations.transitions import NEXT, OF_THE_PROGRAM, advance, list_moves, raise_escalation
from models.rules.people import Actor
from models.rules.policy import reminders
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, WORDS, customer_request, partner_center_request, step

REQUESTS = {RequestKind.CUSTOMER: customer_request(), RequestKind.PARTNER_CENTER: partner_center_request()}
BUT_RAISING = [move for move in Move if move is not Move.RAISE]

# What follows what, as people were promised it; NEXT is held against this.
PROMISED = """
open          acknowledge>acknowledged hand_over>open note>open record>submitted tell>open resolve>resolved
              discard_message>open retry_message>open
              withdraw>withdrawn correct>open snooze>open wake>open take_over>open turn>open tell_details>open
              duplicate>open parent>open returned>open
              ask_lead>open approve>open send_back>open release>open
acknowledged  hand_over>open note>acknowledged record>submitted tell>acknowledged resolve>resolved
              discard_message>acknowledged retry_message>acknowledged
              withdraw>withdrawn correct>acknowledged snooze>acknowledged wake>acknowledged take_over>acknowledged
              turn>acknowledged tell_details>acknowledged duplicate>acknowledged parent>acknowledged
              returned>acknowledged
              ask_lead>acknowledged approve>acknowledged send_back>acknowledged release>acknowledged
submitted     acknowledge>submitted hand_over>submitted note>submitted record>submitted tell>submitted
              discard_message>submitted retry_message>submitted
              resolve>resolved correct>submitted snooze>submitted wake>submitted take_over>submitted
              turn>submitted contact>submitted tell_details>submitted duplicate>submitted parent>submitted
              returned>submitted
              approve>submitted release>submitted
resolved      acknowledge>resolved hand_over>resolved note>resolved tell>resolved close>closed reopen>reopened
              discard_message>resolved retry_message>resolved
              close_uninformed>closed correct>resolved snooze>resolved wake>resolved take_over>resolved
              turn>resolved tell_details>resolved duplicate>resolved returned>resolved
closed        note>closed reopen>reopened returned>closed
              discard_message>closed retry_message>closed
reopened      acknowledge>acknowledged hand_over>reopened note>reopened record>submitted tell>reopened
              discard_message>reopened retry_message>reopened
              resolve>resolved withdraw>withdrawn correct>reopened snooze>reopened wake>reopened take_over>reopened
              turn>reopened tell_details>reopened duplicate>reopened parent>reopened returned>reopened
              ask_lead>reopened approve>reopened send_back>reopened release>reopened
withdrawn     note>withdrawn reopen>reopened
              discard_message>withdrawn retry_message>withdrawn
"""


def expected() -> dict[tuple[Status, Move], Status]:
    """The table above as pairs."""
    follows, status = {}, Status.OPEN
    for word in PROMISED.split():
        if ">" in word:
            move, after = word.split(">")
            follows[status, Move(move)] = Status(after)
        else:
            status = Status(word)
    return follows


def build_escalation(
    status: Status = Status.OPEN, kind: RequestKind = RequestKind.CUSTOMER, **changes: Any
) -> Escalation:
    """An escalation of Wang's in some status."""
    escalation, _ = raise_escalation(REQUESTS[kind], 7, CHANNEL, WANG, NOW)
    return escalation.model_copy(update={"status": status, **changes})


REVIEWED = {
    Move.ASK_LEAD: ReviewState.OURS, Move.APPROVE: ReviewState.PENDING, Move.SEND_BACK: ReviewState.PENDING,
    Move.RELEASE: ReviewState.PENDING,
}  # fmt: skip
"""How far a lead looked at a case that is ready for a move."""


def ready(status: Status, move: Move, kind: RequestKind) -> Escalation:
    """An escalation in that status, on which nothing but the status can stand against the move."""
    snoozed = NOW + timedelta(hours=1) if move is Move.WAKE else None
    return build_escalation(
        status,
        kind,
        told_at=NOW if move in {Move.CLOSE, Move.TELL_DETAILS} else None,
        snoozed_until=snoozed,
        request_number="6251" if move is Move.RETURNED else None,
        owner=WANG.id,
        review=REVIEWED.get(move),
    )


def reason(escalation: Escalation, *args: Any, **more: Any) -> tuple[str, str | None]:
    """Why a step is refused, and under which field."""
    with pytest.raises(Refused) as refused:
        advance(escalation, step(*args, **more))
    (refusal,) = refused.value.refusals
    return refusal.reason, refusal.field


def why_not(status: Status, move: Move) -> str:
    """The reason for which a move that does not follow is refused."""
    if move is Move.ACKNOWLEDGE:
        return "needs_no_acknowledgement"
    is_unresolved = status in {Status.OPEN, Status.ACKNOWLEDGED, Status.SUBMITTED, Status.REOPENED}
    is_closing = move in {Move.CLOSE, Move.CLOSE_UNINFORMED}
    return "resolve_first" if is_closing and is_unresolved else "does_not_follow"


@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("status", Status)
def test_each_status_and_move_leads_where_it_was_promised(status: Status, move: Move, kind: RequestKind) -> None:
    escalation = ready(status, move, kind)
    after = expected().get((status, move))

    if after is None:
        assert reason(escalation, move) == (why_not(status, move), None)
        assert move not in list_moves(escalation)
    elif move in {Move.TELL, Move.CLOSE_UNINFORMED} and kind is RequestKind.PARTNER_CENTER:
        assert reason(escalation, move) == ("nobody_to_tell", None)
    else:
        moved, entry = advance(escalation, step(move, LI))
        assert moved.status is after
        assert (entry.status_from, entry.status_to, entry.seq) == (status, after, moved.version)
        assert (move in list_moves(escalation)) is (move not in OF_THE_PROGRAM)


def test_the_machine_is_the_promised_one() -> None:
    assert expected() == NEXT


@pytest.mark.parametrize("who", ["member", "owner", "lead"])
@pytest.mark.parametrize("move", BUT_RAISING)
def test_only_the_owner_or_a_lead_hands_over_corrects_and_snoozes(move: Move, who: str) -> None:
    status = next(status for status in Status if (status, move) in NEXT)
    actor = {"member": WANG, "owner": EMMA, "lead": LI}[who]
    escalation = ready(status, move, RequestKind.CUSTOMER).model_copy(update={"owner": EMMA.id})
    to_somebody: dict[str, Any] = {"new_owner": "U0NEW"} if move in {Move.HAND_OVER, Move.TAKE_OVER} else {}

    if who == "member" and move in {Move.HAND_OVER, Move.CORRECT, Move.SNOOZE, Move.TAKE_OVER, Move.RETURNED}:
        assert reason(escalation, move, actor, **to_somebody) == ("only_owner_or_lead", None)
    elif move in {Move.CLOSE_UNINFORMED, Move.APPROVE, Move.SEND_BACK} and who != "lead":
        assert reason(escalation, move, actor) == ("leads_only", None)
    else:
        assert advance(escalation, step(move, actor, **to_somebody))[1].by == actor.id


@pytest.mark.parametrize("move", [Move.HAND_OVER, Move.CORRECT])
def test_the_raiser_counts_as_the_owner_until_there_is_one(move: Move) -> None:
    assert reason(build_escalation(), move, EMMA) == ("only_owner_or_lead", None)
    assert advance(build_escalation(), step(move, WANG))


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u200e", "\x00"])
@pytest.mark.parametrize(
    ("move", "field"),
    [
        (Move.NOTE, "note"), (Move.RECORD, "request_number"), (Move.RESOLVE, "fix"), (Move.REOPEN, "reason"),
        (Move.WITHDRAW, "reason"), (Move.SNOOZE, "reason"), (Move.CLOSE_UNINFORMED, "reason"),
        (Move.ASK_LEAD, "reason"), (Move.SEND_BACK, "reason"),
    ],
)  # fmt: skip
def test_a_move_without_its_words_is_refused(move: Move, field: str, blank: str) -> None:
    status = next(status for status in Status if (status, move) in NEXT)

    assert reason(ready(status, move, RequestKind.CUSTOMER), move, LI, text=blank) == ("missing", field)


@pytest.mark.parametrize("move", WORDS)
def test_words_up_to_their_limit_are_kept_and_one_letter_more_is_refused(move: Move) -> None:
    status = next(status for status in Status if (status, move) in NEXT)
    limit = LINE_LIMIT if move is Move.RECORD else TEXT_LIMIT

    case = ready(status, move, RequestKind.CUSTOMER)
    assert advance(case, step(move, LI, text="云" * limit))[1].text == "云" * limit
    assert reason(case, move, LI, text="云" * (limit + 1))[0] == "too_long"


def test_handing_over_to_nobody_or_to_the_owner_is_refused() -> None:
    owned = build_escalation(Status.ACKNOWLEDGED, owner=EMMA.id)

    assert reason(owned, Move.HAND_OVER, EMMA, new_owner="") == ("missing", "owner")
    assert reason(owned, Move.HAND_OVER, EMMA, new_owner=EMMA.id) == ("nothing_changed", None)


def test_a_correction_that_changes_nothing_is_refused() -> None:
    same_title = f"  {REQUESTS[RequestKind.CUSTOMER].title}\n"

    assert reason(build_escalation(), Move.CORRECT, changes={"title": same_title}) == ("nothing_changed", None)


def test_a_correction_keeps_the_rules_of_the_form() -> None:
    assert reason(build_escalation(), Move.CORRECT, changes={"details": " "}) == ("missing", "details")


def test_a_correction_keeps_the_values_before() -> None:
    _, entry = advance(build_escalation(), step(Move.CORRECT, changes={"title": "Right", "severity": "C"}))

    assert entry.changes == {"title": [REQUESTS[RequestKind.CUSTOMER].title, "Right"], "severity": ["B", "C"]}


def test_a_customer_request_is_closed_only_after_the_customer_was_informed() -> None:
    resolved = build_escalation(Status.RESOLVED)
    assert reason(resolved, Move.CLOSE) == ("tell_customer_first", None)
    assert Move.CLOSE not in list_moves(resolved)

    informed, _ = advance(resolved, step(Move.TELL, EMMA))
    closed, _ = advance(informed, step(Move.CLOSE, LI))
    assert (closed.told_by, closed.closed_by, closed.closed_at) == (EMMA.id, LI.id, NOW)


def test_a_lead_closes_without_informing_and_says_why() -> None:
    resolved = build_escalation(Status.RESOLVED, promised_at=NOW)
    closed, entry = advance(resolved, step(Move.CLOSE_UNINFORMED, LI))

    assert (closed.status, closed.told_at, closed.promised_at, closed.closed_by) == (Status.CLOSED, None, None, LI.id)
    assert entry.text == "The customer has left us"
    informed, _ = advance(resolved, step(Move.TELL, EMMA))
    assert reason(informed, Move.CLOSE_UNINFORMED, LI) == ("already_told", None)
    assert Move.CLOSE_UNINFORMED not in list_moves(informed)


def test_a_partner_center_request_is_closed_without_informing_anybody() -> None:
    assert (
        advance(build_escalation(Status.RESOLVED, RequestKind.PARTNER_CENTER), step(Move.CLOSE))[0].status
        is Status.CLOSED
    )


def test_a_reopened_escalation_keeps_who_closed_it_and_needs_the_customer_informed_again() -> None:
    closed = build_escalation(
        Status.CLOSED, told_by=EMMA.id, told_at=NOW, closed_by=LI.id, closed_at=NOW, owner=EMMA.id,
        acknowledged_at=NOW, fix="Restarted",
    )  # fmt: skip
    again, _ = advance(closed, step(Move.REOPEN, at=NOW + timedelta(days=1)))

    assert (again.closed_by, again.closed_at, again.owner, again.fix) == (LI.id, NOW, EMMA.id, "Restarted")
    assert (again.told_by, again.told_at, again.acknowledged_at, again.reopened) == (None, None, None, 1)
    resolved, _ = advance(again, step(Move.RESOLVE))
    assert reason(resolved, Move.CLOSE) == ("tell_customer_first", None)


def test_informing_twice_is_refused_with_who_did() -> None:
    informed, _ = advance(build_escalation(Status.RESOLVED), step(Move.TELL, EMMA))

    with pytest.raises(Refused) as refused:
        advance(informed, step(Move.TELL, WANG))
    (refusal,) = refused.value.refusals
    assert (refusal.reason, refusal.values["who"], refusal.values["at"]) == ("already_told", EMMA.id, NOW)


def test_the_customer_is_kept_informed_while_it_lasts_and_hears_of_the_resolution() -> None:
    later, end = NOW + timedelta(hours=1), NOW + timedelta(hours=5)
    informed, entry = advance(build_escalation(), step(Move.TELL, EMMA, until=end, through=InformedBy.PHONE))
    assert (informed.told_by, informed.promised_at, informed.told_through) == (EMMA.id, end, InformedBy.PHONE)
    assert entry.changes["promised_at"] == [None, end.isoformat()]

    kept, _ = advance(informed, step(Move.TELL, WANG, later))
    assert (kept.told_by, kept.told_at, kept.promised_at, kept.told_through) == (WANG.id, later, None, None)

    detailed, _ = advance(kept, step(Move.TELL_DETAILS, WANG, later, until=end))
    assert (detailed.promised_at, detailed.told_through) == (end, InformedBy.PHONE)

    resolved, _ = advance(detailed, step(Move.RESOLVE, WANG, later))
    assert (resolved.told_at, resolved.promised_at) == (None, None)
    assert reason(resolved, Move.CLOSE) == ("tell_customer_first", None)


def test_a_promise_in_the_past_and_details_of_nothing_are_refused() -> None:
    told = build_escalation(told_at=NOW, told_by=WANG.id)

    assert reason(told, Move.TELL, until=NOW) == ("already_over", "until")
    assert reason(told, Move.TELL_DETAILS, through=None) == ("nothing_changed", None)
    assert reason(build_escalation(), Move.TELL_DETAILS) == ("not_told_yet", None)
    assert advance(told, step(Move.TELL_DETAILS, through=None, text="电话里说好了"))[0].told_through is None


@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("status", Status)
def test_every_status_is_reached_with_every_turn(status: Status, turn: Turn) -> None:
    before = {
        Status.CLOSED: [(Status.RESOLVED, Move.CLOSE)], Status.WITHDRAWN: [(Status.ACKNOWLEDGED, Move.WITHDRAW)],
    }.get(status, [])  # fmt: skip
    known: dict[str, Any] = {"duplicate_of": 3} if status is Status.WITHDRAWN else {"request_number": "6251"}
    escalation = build_escalation(
        before[0][0] if before else status, told_at=NOW, **(known if turn is Turn.VENDOR else {})
    )
    if escalation.turn is not turn:
        escalation, _ = advance(escalation, step(Move.TURN, turn=turn))
    for _, move in before:
        escalation, _ = advance(escalation, step(move))

    assert (escalation.status, escalation.turn) == (status, turn)


def test_recording_a_number_makes_it_21vianets_turn_and_their_call_makes_it_ours() -> None:
    filed, _ = advance(build_escalation(), step(Move.RECORD, severity_given=Severity.C))
    assert (filed.turn, filed.severity, filed.current_severity) == (Turn.VENDOR, Severity.B, Severity.C)
    assert reason(filed, Move.TURN, turn=Turn.VENDOR) == ("turn_already", None)

    called, _ = advance(filed, step(Move.CONTACT))
    assert (called.turn, called.first_contact_at) == (Turn.OURS, NOW)
    assert reason(called, Move.CONTACT) == ("already_contacted", None)

    with_customer, entry = advance(called, step(Move.TURN, turn=Turn.CUSTOMER))
    assert entry.changes == {"turn": ["ours", "customer"]}
    assert advance(with_customer, step(Move.RESOLVE))[0].turn is Turn.OURS


def test_a_case_that_21vianet_does_not_know_of_can_not_be_their_turn() -> None:
    asked = build_escalation(turn=Turn.CUSTOMER)

    assert reason(asked, Move.TURN, turn=Turn.VENDOR) == ("vendor_knows_nothing", None)
    assert advance(asked.model_copy(update={"request_number": "6251"}), step(Move.TURN, turn=Turn.VENDOR))
    assert advance(asked.model_copy(update={"duplicate_of": 3}), step(Move.TURN, turn=Turn.VENDOR))


def test_another_number_after_a_reopening_is_another_case_of_21vianets() -> None:
    called = build_escalation(Status.REOPENED, request_number="6251", first_contact_at=NOW, severity_given=Severity.C)

    again, _ = advance(called, step(Move.RECORD, text="6251"))
    other, _ = advance(called, step(Move.RECORD, text="6252"))
    assert (again.first_contact_at, again.severity_given) == (NOW, Severity.C)
    assert (other.first_contact_at, other.severity_given) == (None, None)


def test_a_second_acknowledgement_is_refused_with_who_has_it() -> None:
    taken, _ = advance(build_escalation(), step(Move.ACKNOWLEDGE, EMMA))

    with pytest.raises(Refused) as refused:
        advance(taken, step(Move.ACKNOWLEDGE, WANG))
    (refusal,) = refused.value.refusals
    assert (refusal.values["owner"], refusal.values["at"]) == (EMMA.id, NOW)


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RESOLVED])
def test_a_late_hand_over_is_acknowledged_without_going_back(status: Status) -> None:
    handed, _ = advance(build_escalation(status, owner=WANG.id, acknowledged_at=NOW), step(Move.HAND_OVER))
    assert (handed.owner, handed.acknowledged_at, handed.status) == (EMMA.id, None, status)

    taken, _ = advance(handed, step(Move.ACKNOWLEDGE, EMMA))
    assert (taken.status, taken.acknowledged_at) == (status, NOW)
    said = "needs_no_acknowledgement" if status is Status.RESOLVED else "already_acknowledged"
    assert reason(taken, Move.ACKNOWLEDGE, WANG) == (said, None)


@pytest.mark.parametrize("move", [Move.RECORD, Move.RESOLVE])
def test_who_acts_on_an_unowned_case_owns_it(move: Move) -> None:
    moved, _ = advance(build_escalation(), step(move, EMMA))

    assert (moved.owner, moved.acknowledged_at) == (EMMA.id, NOW)


def test_who_resolves_what_nobody_acknowledged_owns_it_and_nothing_waits() -> None:
    handed = build_escalation(owner=EMMA.id)
    resolved, _ = advance(handed, step(Move.RESOLVE, WANG))

    assert (resolved.owner, resolved.acknowledged_at) == (WANG.id, NOW)
    assert Move.ACKNOWLEDGE not in list_moves(resolved)


def test_what_21vianet_has_a_number_for_is_not_withdrawn_any_more() -> None:
    sent, _ = advance(build_escalation(), step(Move.RECORD))
    again, _ = advance(advance(sent, step(Move.RESOLVE))[0], step(Move.REOPEN))

    assert reason(again, Move.WITHDRAW) == ("already_sent", None)
    assert Move.WITHDRAW not in list_moves(again)


def test_a_withdrawal_keeps_who_did_it_and_why_and_a_reopening_its_own_reason() -> None:
    withdrawn, _ = advance(build_escalation(), step(Move.WITHDRAW, EMMA))
    again, _ = advance(withdrawn, step(Move.REOPEN, LI))

    assert (withdrawn.withdrawn_by, withdrawn.withdrawn_at, withdrawn.status_reason) == (
        EMMA.id,
        NOW,
        WORDS[Move.WITHDRAW],
    )
    assert (again.withdrawn_by, again.status_reason) == (EMMA.id, WORDS[Move.REOPEN])


# Snoozing ------------------------------------------------------------------------------------------------------------

END = NOW + timedelta(hours=2)


def snoozed(status: Status = Status.ACKNOWLEDGED, **changes: Any) -> Escalation:
    """An escalation of Emma's that she snoozed."""
    facts = {"owner": EMMA.id, "acknowledged_at": NOW, **changes}
    return advance(build_escalation(status, **facts), step(Move.SNOOZE, EMMA, until=END))[0]


def test_a_snooze_records_its_end_and_reason_and_changes_nothing_else() -> None:
    before = build_escalation(Status.SUBMITTED, owner=EMMA.id, active_at=NOW - timedelta(hours=1))
    after, entry = advance(before, step(Move.SNOOZE, EMMA, until=END))

    assert (after.snoozed_until, after.snoozed_by, after.snooze_reason) == (END, EMMA.id, WORDS[Move.SNOOZE])
    assert (after.status, after.owner, after.active_at) == (before.status, before.owner, before.active_at)
    assert (entry.text, entry.changes["snoozed_until"]) == (WORDS[Move.SNOOZE], [None, END.isoformat()])


def test_a_further_snooze_replaces_the_first_and_records_its_end_even_if_it_is_the_same() -> None:
    again, entry = advance(snoozed(), step(Move.SNOOZE, EMMA, until=END, text="Still waiting"))

    assert (again.snoozed_until, again.snooze_reason) == (END, "Still waiting")
    assert entry.changes["snoozed_until"] == [END.isoformat(), END.isoformat()]


@pytest.mark.parametrize(
    ("severity", "ahead", "why"),
    [
        ("B", timedelta(0), "already_over"), ("B", timedelta(minutes=-1), "already_over"),
        ("B", timedelta(days=30), ""), ("B", timedelta(days=30, seconds=1), "too_far_ahead"),
        ("A", timedelta(hours=4), ""), ("A", timedelta(hours=4, seconds=1), "too_far_ahead"),
        ("B", None, "missing"),
    ],
)  # fmt: skip
def test_the_end_of_a_snooze_lies_ahead_but_not_too_far(severity: str, ahead: timedelta | None, why: str) -> None:
    escalation = build_escalation(Status.ACKNOWLEDGED, owner=EMMA.id, severity=Severity(severity))
    until = None if ahead is None else NOW + ahead

    if why:
        assert reason(escalation, Move.SNOOZE, EMMA, until=until) == (why, "until")
    else:
        assert advance(escalation, step(Move.SNOOZE, EMMA, until=until))[0].snoozed_until == until


def test_how_far_ahead_is_the_installations_own_choice() -> None:
    strict = reminders.parse_reminder_times('[snooze]\nB = "1 h"')

    assert reason(build_escalation(owner=EMMA.id), Move.SNOOZE, EMMA, until=END, reminder_times=strict) == (
        "too_far_ahead",
        "until",
    )


@pytest.mark.parametrize(("by", "on_duty", "may"), [(WANG, False, False), (WANG, True, True), (LI, False, True)])
def test_an_unowned_escalation_is_snoozed_by_people_on_call_or_a_lead(by: Actor, on_duty: bool, may: bool) -> None:
    if may:
        assert advance(build_escalation(), step(Move.SNOOZE, by, on_call=on_duty))[0].owner is None
    else:
        assert reason(build_escalation(), Move.SNOOZE, by, on_call=on_duty) == ("only_on_duty_or_lead", None)


def test_a_person_on_call_does_not_snooze_an_escalation_of_another_owner() -> None:
    assert reason(build_escalation(owner=EMMA.id), Move.SNOOZE, WANG, on_call=True) == ("only_owner_or_lead", None)


@pytest.mark.parametrize("move", BUT_RAISING)
def test_a_snooze_ends_when_the_escalation_moves_on_and_not_by_a_note(move: Move) -> None:
    status = next(status for status in (Status.RESOLVED, *Status) if (status, move) in NEXT)
    ready_now = (
        snoozed(
            status,
            told_at=NOW if move in {Move.CLOSE, Move.TELL_DETAILS} else None,
            request_number="6251" if move is Move.RETURNED else None,
            review=REVIEWED.get(move),
        )
        if status not in {"closed"}
        else None
    )
    assert ready_now
    if move is Move.ACKNOWLEDGE:
        ready_now = ready_now.model_copy(update={"acknowledged_at": None})
    after, entry = advance(
        ready_now, step(move, LI, new_owner=WANG.id) if move in {Move.HAND_OVER, Move.TAKE_OVER} else step(move, LI)
    )

    if move in {
        Move.NOTE,
        Move.DUPLICATE,
        Move.PARENT,
        Move.TELL,
        Move.TELL_DETAILS,
        Move.CORRECT,
        Move.SNOOZE,
        Move.TAKE_OVER,
        Move.ASK_LEAD,
        Move.RELEASE,
        Move.DISCARD,
        Move.RETRY,
    }:
        assert after.snoozed_until
    else:
        assert (after.snoozed_until, after.snoozed_by, after.snooze_reason) == (None, None, None)
        assert entry.changes["snoozed_until"] == [END.isoformat(), None]


def test_taking_over_a_shift_accepts_its_escalations_and_their_waiting_goes_on() -> None:
    before = snoozed(Status.SUBMITTED, owner=EMMA.id, acknowledged_at=NOW)
    after, entry = advance(before, step(Move.TAKE_OVER, LI, new_owner=LI.id))

    assert (after.owner, after.acknowledged_at, after.snoozed_until) == (LI.id, NOW, END)
    assert entry.changes == {"owner": [EMMA.id, LI.id]}
    assert reason(after, Move.TAKE_OVER, LI, new_owner=LI.id) == ("nothing_changed", None)


def test_a_correction_of_the_severity_ends_a_snooze_that_may_be_too_long_now() -> None:
    assert advance(snoozed(), step(Move.CORRECT, EMMA, changes={"severity": "C"}))[0].snoozed_until is None


def test_what_is_not_snoozed_is_not_woken() -> None:
    assert reason(build_escalation(), Move.WAKE) == ("not_snoozed", None)
    assert Move.WAKE not in list_moves(build_escalation())
    assert Move.WAKE in list_moves(snoozed())


def test_raising_is_the_first_line_of_history_with_everything_asked() -> None:
    escalation, entry = raise_escalation(REQUESTS[RequestKind.CUSTOMER], 3, CHANNEL, WANG, NOW)

    assert (escalation.name, escalation.version, escalation.status) == ("CSP-3", 1, Status.OPEN)
    assert (entry.seq, entry.status_from, entry.by, entry.at) == (1, None, WANG.id, NOW)
    assert entry.changes["title"] == REQUESTS[RequestKind.CUSTOMER].title
    assert entry.changes["answers"]["tried"] == "Restarted Outlook"


def follows_by(escalation: Escalation, move: Move) -> bool:
    """Whether a case already repeats another, or is attached to one: the next step undoes it."""
    is_attached = escalation.parent is not None and escalation.parent_bond is not ParentBond.OVER
    return bool((move is Move.DUPLICATE and escalation.duplicate_of) or (move is Move.PARENT and is_attached))


def walk(data: st.DataObject, escalation: Escalation, actors: tuple[Actor, ...]) -> tuple[Escalation, HistoryEntry]:
    """One legal step of somebody's choice."""
    move = data.draw(st.sampled_from(list_moves(escalation)))
    by = data.draw(st.sampled_from(actors))
    at = escalation.changed_at + timedelta(minutes=1)
    changes: dict[str, Any] = {"changes": {"title": f"Corrected at {at}"}} if move is Move.CORRECT else {}
    to = {"new_owner": EMMA.id if escalation.owner != EMMA.id else WANG.id} if move is Move.HAND_OVER else {}
    words = {"text": f"Number of {at}"} if move in {Move.RECORD, Move.TELL_DETAILS} else {}
    original = {"original": None} if follows_by(escalation, move) else {}
    turn = {"turn": Turn.OURS if escalation.turn is not Turn.OURS else Turn.CUSTOMER} if move is Move.TURN else {}
    return advance(escalation, step(move, by, at, **to, **changes, **words, **turn, **original))


@given(data=st.data(), kind=st.sampled_from(RequestKind), length=st.integers(0, 15))
def test_the_history_holds_every_change(data: st.DataObject, kind: RequestKind, length: int) -> None:
    escalation, first = raise_escalation(REQUESTS[kind], 7, CHANNEL, WANG, NOW)
    raised, history = escalation, [first]
    for _ in range(length):
        escalation, entry = walk(data, escalation, (LI,))
        history.append(entry)

    assert escalation.version == len(history)
    assert [entry.seq for entry in history] == list(range(1, len(history) + 1))
    for before, entry in pairwise(history):
        assert entry.status_from == before.status_to
        assert NEXT[before.status_to, entry.move] == entry.status_to
        assert entry.at > before.at
    assert replay(raised, history) == escalation


def replay(raised: Escalation, history: list[HistoryEntry]) -> Escalation:
    """The escalation as its history alone tells it."""
    facts = raised.model_dump(mode="json")
    for entry in history[1:]:
        facts |= {name: after for name, (_, after) in entry.changes.items()}
        facts |= {"status": entry.status_to, "version": entry.seq, "changed_at": entry.at}
        if entry.move is not Move.SNOOZE:
            facts["active_at"] = entry.at
        is_free = not facts["duplicate_of"] if entry.move is Move.DUPLICATE else not facts["parent"]
        is_alone = entry.move in {Move.DUPLICATE, Move.PARENT} and is_free and not facts["acknowledged_at"]
        if entry.move in {Move.HAND_OVER, Move.REOPEN} or is_alone:
            facts["waiting_since"] = entry.at
    return Escalation.model_validate(facts)


@given(
    st.sampled_from(Status),
    st.sampled_from(BUT_RAISING),
    st.datetimes().map(lambda d: d.replace(tzinfo=NOW.tzinfo)),
)
def test_a_refused_step_changes_nothing(status: Status, move: Move, at: datetime) -> None:
    escalation = build_escalation(status)
    before = escalation.model_dump_json()
    with suppress(Refused):
        advance(escalation, step(move, EMMA, at))
    assert escalation.model_dump_json() == before
