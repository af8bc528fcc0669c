"""Reviews in the conversation: what the raiser reads, who may decide, and what a press does twice."""

import pytest

from models.rules.escalations.escalation import ReviewState, Status
from tests.handlers import block_limits
from tests.handlers.harness import Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

TO_LOOK_AT = {"area": "how_to"}
OURS = {"area": "account_setup", "matter": "licences"}


def test_the_form_and_the_confirmation_say_that_a_lead_looks_and_why(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**{**A_CUSTOMER_REQUEST, **TO_LOOK_AT})
    assert "A lead looks at it before it goes to 21Vianet." in block_limits.read(emma.modal["blocks"])
    assert emma.fields[emma.fields.index("area") + 1 :][:2] == ["matter", "why"]

    told = block_limits.read(emma.submit().ack["view"]["blocks"])

    assert "A lead looks at it before it goes to 21Vianet." in told
    assert "The area is the reseller's own, and no reason says why" in told
    assert stage.escalation().review is ReviewState.PENDING


def test_what_is_ours_comes_with_the_way_to_do_it(stage: Stage, emma: Member) -> None:
    emma.command()
    told = block_limits.read(emma.fill(**{**A_CUSTOMER_REQUEST, **OURS}).submit().ack["view"]["blocks"])

    assert "This is ours to solve." in told
    assert "Customers › select the customer › Subscriptions" in told
    assert "ours to solve" in emma.press("record").text
    emma.press("resolve")
    emma.fill(fix="Changed the licences in Partner Center").submit()
    assert (stage.escalation().status, stage.escalation().is_escalated) == (Status.RESOLVED, False)


def test_the_number_waits_and_the_refusal_names_the_time(stage: Stage, emma: Member) -> None:
    emma.raise_one(**TO_LOOK_AT)

    heard = emma.press("record")

    assert "CSP-1 waits for a lead to look at it. It may go without a lead from <!date^" in heard.text
    assert stage.escalation().request_number is None


def test_nobody_is_named_twice_when_the_owner_raised_it(emma: Member, wang: Member) -> None:
    emma.raise_one(**OURS)

    assert wang.press("ask_lead").text == "只有 <@U0EMMA> 或组长可以请组长审核。"


@pytest.mark.parametrize("pressed", ["approve", "send_back"])
def test_only_a_lead_decides(stage: Stage, emma: Member, pressed: str) -> None:
    emma.raise_one(**TO_LOOK_AT)

    assert "Only leads can do this." in emma.press(pressed).text
    assert stage.escalation().review is ReviewState.PENDING


def test_a_lead_approves_with_one_press_and_the_next_press_reads_who_was_first(
    stage: Stage, emma: Member, lina: Member
) -> None:
    emma.raise_one(**TO_LOOK_AT)
    assert "The area is the reseller's own" in emma.command("show CSP-1").words
    lina.press("approve")

    assert stage.escalation().review is ReviewState.APPROVED
    shown = emma.command("show CSP-1").words
    assert "Approved" in shown
    assert "A lead looks at it" not in shown
    assert "<@U0LINA> 已批准 CSP-1" in lina.press("approve").text
    emma.press("record")
    emma.fill(request_number="6251").submit()
    assert stage.escalation().is_escalated


def test_a_lead_sends_it_back_with_a_note_and_its_raiser_asks_again(stage: Stage, emma: Member, lina: Member) -> None:
    emma.raise_one(**TO_LOOK_AT)
    lina.press("send_back")
    assert lina.modal["submit"]["text"] == "退回给负责人"
    lina.fill(reason="Which steps were tried?").submit()
    assert "sent CSP-1 back" in emma.press("record").text
    shown = emma.command("show CSP-1").words
    assert "Reasons for the review" in shown
    assert "A lead looks at it before" not in shown
    assert "Which steps were tried?" in shown

    emma.press("ask_lead")
    emma.fill(reason="All steps of the article, see the thread").submit()

    case = stage.escalation()
    assert case.review is ReviewState.PENDING
    assert "asked a lead to look at it" in emma.command("history CSP-1").words
    assert "Which steps were tried?" in emma.command("history CSP-1").words
    assert "Which steps were tried?" not in emma.command("show CSP-1").words


def test_severity_a_goes_whatever_its_answers_are(stage: Stage, emma: Member) -> None:
    emma.raise_one(severity="A")
    assert stage.escalation().review is None

    emma.press("record")
    emma.fill(request_number="6251").submit()
    assert stage.escalation().is_escalated
