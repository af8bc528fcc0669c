"""Who raises a case while on call: not called, offered to take it at once; and what every raiser reads of who was
called."""

from datetime import timedelta

import pytest

from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

WANG_ON_CALL = OnCallPeople(("U0WANG",), ("U0EMMA",), ("U0LINA",), "C0ONCALL")
EMMA_ON_CALL = OnCallPeople(("U0EMMA",), ("U0LINA",), ("U0LINA",), "C0ONCALL")


def form(member: Member) -> str:
    member.command("new")
    member.fill(**A_CUSTOMER_REQUEST)
    return block_limits.read(member.modal["blocks"])


def called(stage: Stage) -> bool:
    """Whether somebody is called: that would be the first thing to be sent."""
    first = Outbox(stage.store).claim(NOW + timedelta(hours=1), "w")
    return first is not None and first.what is MessageKind.CALL


def test_whoever_is_on_call_is_offered_to_take_what_they_raise(stage: Stage, wang: Member) -> None:
    stage.duty = WANG_ON_CALL
    assert "我来认领" in form(wang)

    wang.fill(take=["yes"])
    heard = wang.submit()

    case = stage.escalation()
    assert (case.owner, [entry.move for entry in stage.queries.history(1)]) == (
        "U0WANG",
        [Move.RAISE, Move.ACKNOWLEDGE],
    )
    assert "你已认领。" in block_limits.read(heard.ack["view"]["blocks"])
    assert not called(stage)


def test_whoever_leaves_it_open_is_not_called_either(stage: Stage, wang: Member) -> None:
    stage.duty = WANG_ON_CALL
    form(wang)

    wang.submit()

    assert stage.escalation().owner is None
    assert not called(stage)


def test_others_are_offered_nothing_and_read_who_was_called(stage: Stage, wang: Member) -> None:
    stage.duty = EMMA_ON_CALL
    assert "我来认领" not in form(wang)

    heard = wang.submit()

    assert "已呼叫 U0EMMA。若无人认领，将呼叫备值班 U0LINA（时限 15 分钟）。" in block_limits.read(
        heard.ack["view"]["blocks"]
    )
    assert called(stage)


def test_whom_slack_was_never_asked_about_is_named_as_the_rota_does(stage: Stage, wang: Member) -> None:
    stage.duty = OnCallPeople(("U0EMMA",), ("U0LINA",), names={"U0EMMA": "艾玛"})
    form(wang)

    assert "已呼叫 艾玛。" in block_limits.read(wang.submit().ack["view"]["blocks"])


def test_the_form_opens_while_the_store_is_away(stage: Stage, wang: Member) -> None:
    wang.command("help")  # whoever was met is known

    def away() -> OnCallPeople:
        raise NotSaved

    object.__setattr__(stage.services, "on_duty", lambda _: away())

    wang.command("new")
    assert wang.modal["callback_id"] == "form"


@pytest.mark.parametrize("tampered", ["no", "yes"])
def test_what_is_taken_is_what_anybody_may_take(stage: Stage, wang: Member, tampered: str) -> None:
    """The box shows only for whoever is on call, but ticking it is no right of its own: all may acknowledge."""
    stage.duty = WANG_ON_CALL
    form(wang)
    stage.duty = EMMA_ON_CALL  # the shift ended meanwhile

    wang.fill(take=["yes"] if tampered == "yes" else [])
    wang.submit()

    assert (stage.escalation().owner == "U0WANG") == (tampered == "yes")
