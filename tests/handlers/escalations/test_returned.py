"""A case that 21Vianet returned as inappropriate, recorded in its form, shown on its card and in its history."""

from datetime import timedelta

import pytest

from models.rules.escalations.escalation import Status, Turn
from tests.handlers.harness import Stage
from tests.handlers.member import Member

FOUND = {"returned_on": "2026-11-22", "returned_number": "R-77", "returned_words": "Do it in Partner Center"}


@pytest.fixture
def filed(stage: Stage, emma: Member) -> Member:
    """Emma, who raised a case, has it, and recorded its number."""
    emma.raise_one()
    emma.press("acknowledge")
    emma.press("record")
    emma.fill(request_number="625112200012345").submit()
    return emma


def test_the_owner_records_it_from_the_menu_and_the_card_shows_it(stage: Stage, filed: Member) -> None:
    filed.choose("card.returned")
    assert filed.value("returned_on") == "2026-11-22"

    assert filed.fill(**FOUND).submit().ack == {}

    case = stage.escalation()
    assert (case.status, case.turn, str(case.returned_on)) == (Status.SUBMITTED, Turn.OURS, "2026-11-22")
    shown = filed.command("show CSP-1").text
    assert "Returned as inappropriate" in shown
    assert "2026-11-22 · R-77 · Do it in Partner Center" in shown
    history = filed.command("history CSP-1").text
    assert "recorded that 21Vianet returned it as inappropriate · 2026-11-22 · R-77" in history


def test_a_return_answers_the_number_on_every_screen_until_it_is_taken_back(stage: Stage, filed: Member) -> None:
    filed.choose("card.returned")
    filed.fill(**FOUND).submit()

    answered = stage.queries.timeline(1).facts
    filed.choose("card.returned")
    filed.fill(returned_on=None).submit()

    assert answered.answered_at is not None
    assert stage.queries.timeline(1).facts.answered_at is None


def test_the_form_shows_what_was_recorded_and_takes_it_back_without_a_day(stage: Stage, filed: Member) -> None:
    filed.choose("card.returned")
    filed.fill(**FOUND).submit()

    filed.choose("card.returned")

    assert [filed.value(name) for name in FOUND] == list(FOUND.values())
    filed.fill(returned_on=None).submit()
    assert stage.escalation().returned_on is None
    assert "did not return it after all" in filed.command("history CSP-1").text


def test_a_day_ahead_is_refused_under_its_field(stage: Stage, filed: Member) -> None:
    filed.choose("card.returned")

    refused = filed.fill(**{**FOUND, "returned_on": "2027-11-20"}).submit()

    assert list(refused.errors) == ["returned_on"]
    assert stage.escalation().returned_on is None


def test_the_day_is_the_installations_and_never_before_the_case_was_raised(stage: Stage, emma: Member) -> None:
    stage.later(timedelta(hours=9))  # 22 November 16:30 in London, the 23rd in Beijing
    emma.raise_one()
    emma.press("acknowledge")
    emma.press("record")
    emma.fill(request_number="625112200012345").submit()

    emma.choose("card.returned")
    offered = emma.value("returned_on")
    refused = emma.fill(**FOUND).submit()

    assert offered == "2026-11-23"
    assert refused.errors == {
        "returned_on": "CSP-1 was raised on 2026-11-23. Choose that day, or a later one on which 21Vianet returned it."
    }
    assert stage.escalation().returned_on is None


def test_who_may_not_record_it_reads_who_may(stage: Stage, filed: Member, wang: Member) -> None:
    assert "U0EMMA" in wang.choose("card.returned").text


def test_a_case_without_a_number_is_not_offered_it(stage: Stage, emma: Member) -> None:
    emma.raise_one()

    assert "card.returned" not in str(emma.command("show CSP-1").told[0]["blocks"])
    assert "has no number of 21Vianet" in emma.choose("card.returned").text


def test_a_lead_sees_areas_and_customers_and_a_member_their_own_cases(
    stage: Stage, filed: Member, wang: Member
) -> None:
    filed.choose("card.returned")
    filed.fill(**FOUND).submit()

    seen_by_lead = Member(stage, "U0LINA").command("returned").words
    own = filed.command("returned").words
    nothing = wang.command("退回率").words

    assert "1 件中 1 件" in seen_by_lead
    assert "蓝天" in seen_by_lead
    assert "Your cases that 21Vianet returned" in own
    assert "Leads see areas, customers and the returned cases, but no figures by person" in own
    assert "蓝天" not in own
    assert "2026-11-22 · R-77" in own
    assert "此期间没有呈报过。" in nothing
