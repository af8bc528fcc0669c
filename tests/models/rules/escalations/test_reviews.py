"""A lead looks at a case before it goes: who may decide, how long it waits, and what is never held up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.errors import Refused
from models.rules.escalations.deadlines import AwaitedStep, find_deadline
from models.rules.escalations.escalation import Escalation, Move, ReviewState, Status
from models.rules.escalations.request import CHOICES
from models.rules.escalations.review_questions import QUESTIONS
from models.rules.escalations.reviews import ReviewPolicy, add_review, is_let_go, make_review_policy
from models.rules.escalations.transitions import advance, list_moves, list_moves_of, raise_escalation
from models.rules.policy import reader
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, customer_request, step

PACKAGED = reader.load_packaged()
POLICY = ReviewPolicy(PACKAGED.review, PACKAGED.reminder_times.review)
QUARTER = timedelta(minutes=15)
TO_LOOK_AT, OURS = {"area": "how_to"}, {"area": "account_setup", "matter": "licences"}


def raised(severity: str = "B", **answers: Any) -> Escalation:
    """A case that Wang raised, with how it is reviewed."""
    impact = {"impact": "All shops are closed"} if severity == "A" else {}
    request = customer_request(severity=severity, answers={**impact, **answers})
    return add_review(*raise_escalation(request, 7, CHANNEL, WANG, NOW), POLICY)[0]


def move(case: Escalation, made: Move, by: Any = LI, at: datetime = NOW, **more: Any) -> Escalation:
    return advance(case, step(made, by, at, review=POLICY, **more))[0]


def reason(case: Escalation, made: Move, by: Any = WANG, at: datetime = NOW) -> str:
    with pytest.raises(Refused) as refused:
        move(case, made, by, at)
    return refused.value.refusals[0].reason


@pytest.mark.parametrize(
    ("severity", "answers", "review", "wait"),
    [
        ("B", {"area": "none"}, None, None),
        ("B", TO_LOOK_AT, "pending", QUARTER),
        ("C", TO_LOOK_AT, "pending", QUARTER),
        ("A", {"several": "yes"}, "pending", timedelta()),
        ("B", OURS, "ours", None),
        ("A", OURS, "pending", timedelta()),
    ],
)
def test_a_case_is_reviewed_as_its_answers_say(
    severity: str, answers: dict[str, str], review: str | None, wait: timedelta | None
) -> None:
    case = raised(severity, **answers)

    assert (case.review, case.review_until) == (review, None if wait is None else NOW + wait)


def test_the_number_waits_until_a_lead_approved() -> None:
    case = raised(**TO_LOOK_AT)

    assert reason(case, Move.RECORD) == "review_pending"
    assert move(move(case, Move.APPROVE), Move.RECORD, WANG).status is Status.SUBMITTED


def test_without_a_lead_it_goes_when_the_time_is_over() -> None:
    case = raised(**TO_LOOK_AT)

    assert reason(case, Move.RECORD, at=NOW + QUARTER - timedelta(seconds=1)) == "review_pending"
    assert not is_let_go(case, NOW + QUARTER - timedelta(seconds=1))
    assert is_let_go(case, NOW + QUARTER)
    released = move(case, Move.RELEASE, at=NOW + QUARTER)
    assert move(released, Move.RECORD, WANG, NOW + QUARTER).is_escalated
    assert move(released, Move.APPROVE, at=NOW + QUARTER).review is ReviewState.APPROVED


def test_a_case_that_was_sent_back_is_answered_and_asked_again_solved_or_withdrawn() -> None:
    case = move(raised(**TO_LOOK_AT), Move.SEND_BACK)

    assert (case.review, case.reviewed_by, case.turn) == (ReviewState.SENT_BACK, LI.id, "ours")
    assert reason(case, Move.RECORD, at=NOW + timedelta(days=1)) == "review_sent_back"
    assert {Move.CORRECT, Move.ASK_LEAD, Move.RESOLVE, Move.WITHDRAW} <= set(list_moves_of(case, WANG, on_call=False))
    again = move(case, Move.ASK_LEAD, WANG, NOW + timedelta(hours=1))
    assert (again.review, again.review_until) == (ReviewState.PENDING, NOW + timedelta(hours=1) + QUARTER)
    assert again.reviewed_by is None


def test_what_is_ours_to_solve_is_solved_without_21vianet_or_goes_with_a_reason() -> None:
    case = raised(**OURS)

    assert reason(case, Move.RECORD) == "review_ours"
    solved = move(case, Move.RESOLVE, WANG)
    assert (solved.status, solved.is_escalated) == (Status.RESOLVED, False)
    assert reason(case, Move.ASK_LEAD, EMMA) == "only_holders_ask"
    assert move(case, Move.ASK_LEAD, WANG).review is ReviewState.PENDING


@pytest.mark.parametrize(
    ("decided", "refusal"), [(Move.APPROVE, "already_approved"), (Move.SEND_BACK, "already_sent_back")]
)
@pytest.mark.parametrize("second", [Move.APPROVE, Move.SEND_BACK])
def test_the_second_lead_reads_who_was_first(decided: Move, refusal: str, second: Move) -> None:
    case = move(raised(**TO_LOOK_AT), decided)

    with pytest.raises(Refused) as refused:
        move(case, second)
    assert (refused.value.refusals[0].reason, refused.value.refusals[0].values["who"]) == (refusal, LI.id)


@pytest.mark.parametrize("made", [Move.APPROVE, Move.SEND_BACK])
def test_only_leads_decide(made: Move) -> None:
    assert reason(raised(**TO_LOOK_AT), made, WANG) == "leads_only"
    assert made not in list_moves_of(raised(**TO_LOOK_AT), WANG, on_call=True)


def test_no_card_offers_to_let_it_go() -> None:
    assert Move.RELEASE not in list_moves(raised(**TO_LOOK_AT))


def test_a_correction_that_gives_the_reason_needs_no_lead_unless_a_lead_decided() -> None:
    why = {"why": "Our tools can't read the mail trace"}
    case = raised(**TO_LOOK_AT)

    assert move(case, Move.CORRECT, WANG, changes=why).review is None
    sent_back = move(case, Move.SEND_BACK)
    assert move(sent_back, Move.CORRECT, WANG, changes=why).review is ReviewState.SENT_BACK


def test_a_correction_keeps_the_time_unless_the_case_becomes_severity_a() -> None:
    case, later = raised(**TO_LOOK_AT), NOW + timedelta(minutes=5)
    urgent = {"severity": "A", "impact": "All shops", "contact": "138"}

    assert move(case, Move.CORRECT, WANG, later, changes={"title": "Mail"}).review_until == case.review_until
    assert move(case, Move.CORRECT, WANG, later, changes=urgent).review_until == later


def test_the_time_to_submit_counts_from_when_it_may_go() -> None:
    hour = PACKAGED.reminder_times.number["B"]
    case = move(raised(**TO_LOOK_AT), Move.ACKNOWLEDGE, WANG)

    def due(escalation: Escalation) -> tuple[AwaitedStep, datetime]:
        deadline = find_deadline(escalation, PACKAGED.reminder_times)
        assert deadline
        return deadline.step, deadline.due_at

    assert due(case) == (AwaitedStep.NUMBER, NOW + QUARTER + hour)
    released = move(case, Move.RELEASE, at=NOW + QUARTER + timedelta(seconds=4))
    assert due(released) == (AwaitedStep.NUMBER, NOW + QUARTER + hour)
    early = NOW + timedelta(minutes=3)
    assert due(move(case, Move.APPROVE, at=early)) == (AwaitedStep.NUMBER, early + hour)
    assert due(move(case, Move.SEND_BACK, at=early)) == (AwaitedStep.SENT_BACK, early + hour)
    assert due(move(raised(**OURS), Move.ACKNOWLEDGE, WANG)) == (AwaitedStep.SOLUTION, NOW + hour)


REVIEWS = st.sampled_from([None, *ReviewState])


@given(
    answers=st.fixed_dictionaries({}, optional={name: st.sampled_from([*map(str, CHOICES[name])]) for name in QUESTIONS
                                                if name in CHOICES}),
    review=REVIEWS,
    ahead=st.timedeltas(timedelta(), timedelta(days=2)),
)  # fmt: skip
def test_severity_a_is_never_stopped(answers: dict[str, str], review: ReviewState | None, ahead: timedelta) -> None:
    case = raised("A", **answers)
    assert case.review_until in {None, NOW}

    held = case.model_copy(update={"review": review, "review_until": NOW + ahead})
    assert move(held, Move.RECORD, WANG).is_escalated


@given(
    answers=st.fixed_dictionaries({}, optional={name: st.sampled_from([*map(str, CHOICES[name])]) for name in QUESTIONS
                                                if name in CHOICES}),
    severity=st.sampled_from("BC"),
)  # fmt: skip
def test_no_case_waits_for_a_lead_longer_than_a_lead_has_time(answers: dict[str, str], severity: str) -> None:
    case = raised(severity, **answers)
    if case.review is ReviewState.OURS:
        case = move(case, Move.ASK_LEAD, WANG)

    assert move(case, Move.RECORD, WANG, NOW + QUARTER).is_escalated


def test_where_there_is_no_lead_nothing_waits() -> None:
    request = customer_request(answers=TO_LOOK_AT)
    case = add_review(*raise_escalation(request, 7, CHANNEL, WANG, NOW), make_review_policy(PACKAGED, leads=()))[0]

    assert move(case, Move.RECORD, WANG).is_escalated


@pytest.mark.parametrize(
    ("fix", "own"),
    [
        ("as CSP-1: Removed the old password", "Removed the old password"),
        ("同 CSP-1：清除旧凭据", "清除旧凭据"),
        ("as CSP-3: as KB-1: Removed it", "Removed it"),
        ("Restarted: works again", "Restarted: works again"),
        (None, ""),
    ],
)
def test_the_fix_that_a_customer_reads_names_no_case_of_ours(fix: str | None, own: str) -> None:
    assert raised().model_copy(update={"fix": fix}).own_fix == own


@pytest.mark.parametrize("follows", [{"parent": 3}, {"duplicate_of": 3}, {"answers": {"incident_id": "MO123456"}}])
def test_what_followed_another_case_or_an_incident_was_not_solved_by_ourselves(
    follows: dict[str, Any],
) -> None:
    solved = raised().model_copy(update={"status": Status.RESOLVED})

    assert solved.is_solved_by_us
    assert not solved.model_copy(update=follows).is_solved_by_us
