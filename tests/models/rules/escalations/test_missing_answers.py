"""A quickly raised case: what may follow, and what must be there before 21Vianet's number can be recorded."""

from typing import Any

import pytest

from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.request import Request, RequestKind, Severity, find_missing
from models.rules.escalations.transitions import advance, list_moves_of, missing_before_filing, raise_escalation
from models.rules.people import Actor
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, customer_request, partner_center_request, step

SHORT = Request(kind=RequestKind.CUSTOMER, customer_name="蓝天", severity=Severity.B, title="Mail is down", details="")
REST = ("service", "scope", "details", "health", "tried", "lacks")
ANSWERS: dict[str, Any] = {
    "service": "m365", "scope": "one_user", "details": "All mail bounces", "health": "normal", "tried": "Restarted",
    "lacks": ["tools"], "impact": "Nobody can work", "incident_id": "EX226574",
}  # fmt: skip


def quick(**changes: Any) -> Escalation:
    """A case that Wang raised quickly."""
    return raise_escalation(SHORT.model_copy(update=changes), 7, CHANNEL, WANG, NOW, quick=True)[0]


def corrected(case: Escalation, by: Actor = WANG, **changes: Any) -> Escalation:
    return advance(case, step(Move.CORRECT, by, changes=changes))[0]


def reasons(case: Escalation, move: Move, by: Actor = WANG, **more: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        advance(case, step(move, by, **more))
    return [(refusal.reason, refusal.field) for refusal in refused.value.refusals]


def test_all_but_three_answers_may_follow() -> None:
    assert missing_before_filing(quick()) == REST
    assert missing_before_filing(quick(severity=Severity.A)) == ("service", "details", "impact", "contact")


@pytest.mark.parametrize("name", ["customer_name", "title"])
def test_the_three_may_not(name: str) -> None:
    with pytest.raises(Refused) as refused:
        quick(**{name: " \u200b"})

    assert [(refusal.reason, refusal.field) for refusal in refused.value.refusals] == [("missing", name)]


def test_a_request_of_our_own_is_never_quick() -> None:
    request = partner_center_request(details="")

    with pytest.raises(Refused):
        raise_escalation(request, 7, CHANNEL, WANG, NOW, quick=True)


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKNOWLEDGED, Status.REOPENED])
@pytest.mark.parametrize("name", REST)
def test_the_number_is_refused_while_any_answer_is_missing(status: Status, name: str) -> None:
    case = corrected(quick(), **{other: ANSWERS[other] for other in REST if other != name})
    case = case.model_copy(update={"status": status})

    assert reasons(case, Move.RECORD) == [("answers_missing", None)]
    assert missing_before_filing(case) == (name,)
    complete = corrected(case, **{name: ANSWERS[name]})
    assert advance(complete, step(Move.RECORD))[0].status is Status.SUBMITTED


def test_answers_come_one_after_the_other_and_none_goes_again() -> None:
    case = quick()
    for name in REST:
        case = corrected(case, **{name: ANSWERS[name]})
        assert name not in missing_before_filing(case)
        if find_missing(case):
            assert reasons(case, Move.CORRECT, changes={name: ""}) == [("missing", name)]


def test_what_a_correction_newly_requires_may_follow_until_all_was_there_once() -> None:
    case = corrected(quick(), severity="A", health="incident")
    assert {"impact", "contact"} <= set(missing_before_filing(case))

    complete = corrected(case, **ANSWERS, contact="138 0013 8000")
    assert missing_before_filing(complete) == ()
    assert reasons(complete, Move.CORRECT, changes={"impact": ""}) == [("missing", "impact")]


def test_a_complete_request_stays_complete() -> None:
    case = raise_escalation(customer_request(), 7, CHANNEL, WANG, NOW)[0]

    assert missing_before_filing(case) == ()
    missing = [("missing", "impact"), ("missing", "contact")]
    assert reasons(case, Move.CORRECT, changes={"severity": "A"}) == missing


def test_who_raised_it_its_owner_and_leads_add_the_missing_answers_and_nobody_else() -> None:
    owned = advance(quick(), step(Move.ACKNOWLEDGE, EMMA))[0]
    other = Actor("U0OTHER", WANG.team_id)

    assert [Move.CORRECT in list_moves_of(owned, by, False) for by in (WANG, EMMA, LI, other)] == [
        True,
        True,
        True,
        False,
    ]
    assert reasons(owned, Move.CORRECT, other) == [("only_holders_add_answers", None)]
    complete = corrected(owned, EMMA, **ANSWERS)
    assert reasons(complete, Move.CORRECT, WANG) == [("only_owner_or_lead", None)]


def test_all_other_moves_go_on_without_the_missing_answers() -> None:
    case = advance(quick(), step(Move.ACKNOWLEDGE, EMMA))[0]
    solved = advance(case, step(Move.RESOLVE, EMMA))[0]
    for move in (Move.NOTE, Move.TELL, Move.RESOLVE, Move.TELL, Move.CLOSE):
        case = advance(case, step(move, EMMA))[0]

    assert case.status is Status.CLOSED
    withdrawn = advance(quick(), step(Move.WITHDRAW, EMMA))[0]
    assert [missing_before_filing(ended) for ended in (case, solved, withdrawn)] == [(), (), ()]
    assert missing_before_filing(advance(solved, step(Move.REOPEN, EMMA))[0]) == REST
