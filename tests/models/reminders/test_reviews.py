"""A request that should be looked at: leads are asked, and after the time the program lets it go and says so."""

from datetime import timedelta
from typing import Any

import pytest

from models.escalations.commands import SentForm
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, ReviewState
from models.rules.escalations.reviews import ReviewPolicy
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import PROGRAM
from models.rules.policy import reader
from tests.models.reminders.conftest import HOUR, MINUTE, REMINDER_SETTINGS, Duty, EnqueuedMessage
from tests.models.samples import CHANNEL, EMMA, LI, NOW, WANG, customer_request, step

POLICY = ReviewPolicy(reader.load_packaged().review, reader.load_packaged().reminder_times.review)
QUARTER = 15 * MINUTE


def asked(duty: Duty, **changes: Any) -> Escalation:
    """A case of Wang's that a lead should look at."""
    answers = {"area": "how_to", "impact": "All shops", "entitled": "yes", "several": "yes"}
    request = customer_request(**changes, answers=answers)
    return duty.commands.raise_escalation(request, CHANNEL, WANG, NOW, "view", SentForm(review=POLICY))


def moves(duty: Duty) -> list[tuple[Move, str]]:
    return [(entry.move, entry.by) for entry in EscalationQueries(duty.store).history(1)]


def said(duty: Duty) -> list[EnqueuedMessage]:
    return [one for one in duty.said("review:1") if one.what is MessageKind.REMINDER]


def test_leads_are_asked_at_once_and_told_with_the_raiser_when_it_may_go(duty: Duty) -> None:
    asked(duty)
    duty.ticks(NOW, NOW + HOUR)

    assert [(one.to, one.at - NOW) for one in said(duty)] == [
        (LI.id, timedelta()), (WANG.id, QUARTER), (LI.id, QUARTER),
    ]  # fmt: skip
    assert moves(duty) == [(Move.RAISE, WANG.id), (Move.RELEASE, PROGRAM)]
    assert duty.commands.move(1, step(Move.RECORD, WANG, NOW + HOUR), "record").is_escalated


def test_severity_a_goes_at_once_and_leads_hear_of_it_once(duty: Duty) -> None:
    asked(duty, severity="A")
    duty.ticks(NOW, NOW + MINUTE)

    assert [one.to for one in said(duty)] == [WANG.id, LI.id]
    assert moves(duty) == [(Move.RAISE, WANG.id), (Move.RELEASE, PROGRAM)]


def test_a_decision_in_time_is_told_to_whom_it_concerns_and_nothing_is_let_go(duty: Duty) -> None:
    asked(duty)
    duty.ticks(NOW, NOW + 2 * MINUTE)
    duty.commands.move(1, step(Move.APPROVE, LI, NOW + 3 * MINUTE), "approve")
    duty.ticks(NOW + 3 * MINUTE, NOW + HOUR)

    assert [one.to for one in said(duty)] == [LI.id, WANG.id]
    assert moves(duty) == [(Move.RAISE, WANG.id), (Move.APPROVE, LI.id)]


def test_a_case_that_was_sent_back_and_asked_again_is_let_go_after_its_own_time(duty: Duty) -> None:
    asked(duty)
    duty.commands.move(1, step(Move.SEND_BACK, LI, NOW + MINUTE), "back")
    duty.commands.move(1, step(Move.ASK_LEAD, WANG, NOW + HOUR, review=POLICY), "again")
    duty.ticks(NOW + HOUR, NOW + HOUR + QUARTER - MINUTE)
    assert moves(duty)[-1] == (Move.ASK_LEAD, WANG.id)

    duty.ticks(NOW + HOUR + QUARTER, NOW + 2 * HOUR)
    assert moves(duty)[-1] == (Move.RELEASE, PROGRAM)


def test_a_number_that_comes_before_the_tick_lets_it_go_in_the_same_transaction(duty: Duty) -> None:
    asked(duty)
    with pytest.raises(Refused):
        duty.commands.move(1, step(Move.RECORD, WANG, NOW + MINUTE), "early")
    duty.commands.move(1, step(Move.RECORD, WANG, NOW + QUARTER), "record")

    assert moves(duty) == [(Move.RAISE, WANG.id), (Move.RELEASE, PROGRAM), (Move.RECORD, WANG.id)]


def test_two_replicas_let_it_go_once(duty: Duty) -> None:
    asked(duty)
    other = duty.replica(REMINDER_SETTINGS)
    for engine in (duty.engine, other, duty.engine):
        engine.tick(NOW + QUARTER)

    assert [move for move, _ in moves(duty)].count(Move.RELEASE) == 1
    assert len(said(duty)) == 3


def test_a_case_that_is_solved_meanwhile_is_not_let_go(duty: Duty) -> None:
    asked(duty)
    duty.ticks(NOW, NOW + MINUTE)
    duty.commands.move(1, step(Move.RESOLVE, EMMA, NOW + 2 * MINUTE), "resolve")
    duty.ticks(NOW + 2 * MINUTE, NOW + HOUR)

    assert [one.to for one in said(duty)] == [LI.id]
    assert Move.RELEASE not in dict(moves(duty))
    case = EscalationQueries(duty.store).escalation(1)
    assert case
    assert (case.review, case.is_escalated) == (ReviewState.PENDING, False)
