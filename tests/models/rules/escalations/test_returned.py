"""A case that 21Vianet returned as inappropriate: what is recorded, who may, and how it is corrected."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, Status, Turn
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.transitions import advance, list_moves, raise_escalation
from models.rules.people import Actor
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, customer_request, step

TODAY = NOW.date()


def build_case(*moves: Move) -> Escalation:
    """A case of Wang's after some moves."""
    escalation = raise_escalation(customer_request(), 1, CHANNEL, WANG, NOW)[0]
    for move in moves:
        escalation = advance(escalation, step(move))[0]
    return escalation


def give_back(escalation: Escalation, on: date | None = TODAY, by: Actor = WANG, **more: Any) -> Escalation:
    """Record 21Vianet's finding."""
    return advance(escalation, step(Move.RETURNED, by, finding=ReturnFinding(on, "R-77", TODAY), **more))[0]


def test_a_returned_case_keeps_day_number_and_words_and_is_ours_to_act_on() -> None:
    returned = give_back(build_case(Move.RECORD))

    assert returned.status is Status.SUBMITTED
    assert (returned.returned_on, returned.returned_number) == (TODAY, "R-77")
    assert returned.returned_words == "This can be done in Partner Center"
    assert returned.turn is Turn.OURS


def test_a_closed_case_can_be_returned_later_and_stays_closed() -> None:
    closed = build_case(Move.RECORD, Move.RESOLVE, Move.TELL, Move.CLOSE)
    closed = closed.model_copy(update={"turn": Turn.CUSTOMER})

    returned = give_back(closed)

    assert (returned.status, returned.turn) == (Status.CLOSED, Turn.CUSTOMER)


def test_a_case_that_was_never_escalated_can_not_be_returned() -> None:
    case = build_case(Move.RESOLVE)

    with pytest.raises(Refused) as refused:
        give_back(case)

    assert refused.value.refusals[0].reason == "never_escalated"
    assert Move.RETURNED not in list_moves(case)


def test_the_finding_is_never_in_the_future() -> None:
    case = build_case(Move.RECORD)

    with pytest.raises(Refused) as refused:
        give_back(case, TODAY + timedelta(days=1))

    assert [(r.reason, r.field) for r in refused.value.refusals] == [("found_in_the_future", "returned_on")]


def test_the_finding_is_never_before_the_case_was_raised() -> None:
    case = build_case(Move.RECORD)

    with pytest.raises(Refused) as refused:
        give_back(case, TODAY - timedelta(days=1))

    assert [(r.reason, r.field) for r in refused.value.refusals] == [("found_before_raised", "returned_on")]


def test_the_day_on_which_it_was_raised_is_that_of_the_installation() -> None:
    night = NOW.replace(hour=20)
    case = raise_escalation(customer_request(), 1, CHANNEL, WANG, night)[0]
    case = advance(case, step(Move.RECORD, at=night))[0]
    finding = ReturnFinding(TODAY, "R-77", TODAY + timedelta(days=1), ZoneInfo("Asia/Shanghai"))

    with pytest.raises(Refused):
        advance(case, step(Move.RETURNED, at=night, finding=finding))


@pytest.mark.parametrize(("on", "text", "field"), [(None, "x", "returned_on"), (TODAY, " ", "returned_words")])
def test_day_and_words_are_needed(on: date | None, text: str, field: str) -> None:
    case = build_case(Move.RECORD)

    with pytest.raises(Refused) as refused:
        give_back(case, on, text=text)

    assert [(r.reason, r.field) for r in refused.value.refusals] == [("missing", field)]


def test_only_the_owner_or_a_lead_records_it() -> None:
    case = build_case(Move.RECORD)

    with pytest.raises(Refused) as refused:
        give_back(case, by=EMMA)

    assert refused.value.refusals[0].reason == "only_owner_or_lead"
    assert give_back(case, by=LI).returned_on == TODAY


def test_a_correction_changes_what_differs_and_leaves_the_turn() -> None:
    returned = replace_turn(give_back(build_case(Move.RECORD)), Turn.VENDOR)
    tomorrow = TODAY + timedelta(days=1)

    corrected, entry = advance(
        returned, replace(step(Move.RETURNED), finding=ReturnFinding(tomorrow, "R-77", tomorrow))
    )

    assert corrected.turn is Turn.VENDOR
    assert entry.changes == {"returned_on": ["2026-11-22", "2026-11-23"]}


def test_a_finding_recorded_by_mistake_is_taken_back_and_the_history_keeps_it() -> None:
    returned = give_back(build_case(Move.RECORD))

    cleared, entry = advance(returned, replace(step(Move.RETURNED, text=""), finding=ReturnFinding(None, "", TODAY)))

    assert (cleared.returned_on, cleared.returned_number, cleared.returned_words) == (None, None, None)
    assert entry.changes["returned_on"] == ["2026-11-22", None]


def test_the_same_finding_again_is_refused() -> None:
    returned = give_back(build_case(Move.RECORD))

    with pytest.raises(Refused) as refused:
        give_back(returned)

    assert refused.value.refusals[0].reason == "nothing_changed"


def replace_turn(escalation: Escalation, turn: Turn) -> Escalation:
    """The case with another turn."""
    return escalation.model_copy(update={"turn": turn})
