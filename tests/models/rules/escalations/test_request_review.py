"""What a request is looked at for: every rule with its outcome, and what is asked for it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.customers.record_fields import CustomerRecord
from models.rules.escalations.request import CHOICES, RequestKind, Severity, required_fields
from models.rules.escalations.request_review import review_answers, review_request
from models.rules.escalations.review_questions import (
    MATTERS,
    MOST_AT_ONCE,
    QUESTIONS,
    AdminCenter,
    find_questions,
    read_record,
)
from models.rules.policy import reader
from models.rules.policy.review_rules import Outcome, PointWeight, ReviewPoint, SupportArea
from tests.models.samples import customer_request, partner_center_request

POLICY = reader.load_packaged()
RULES = POLICY.review
FIT, REVIEW, OURS = Outcome.FIT, Outcome.REVIEW, Outcome.OURS
WHY = {"why": "Our tools can't read the mail trace of 21Vianet"}
NONE = {"area": "none", "steps": "Send a mail"}

EVERY_RULE: list[tuple[dict[str, Any], Outcome, list[str]]] = [
    ({}, FIT, []),
    (NONE, FIT, []),
    *[({"area": area, "steps": "1"}, REVIEW, ["no_reason"]) for area in MATTERS],
    *[({"area": area, "steps": "1", **WHY}, FIT, []) for area in MATTERS],
    ({"area": "how_to", "why": " \u200b", "steps": "1"}, REVIEW, ["no_reason"]),
    ({"area": "account_setup", "matter": "licences", "steps": "1", **WHY}, OURS, ["licences"]),
    ({"area": "account_setup", "matter": "password", "steps": "1", **WHY}, OURS, ["password"]),
    (
        {"area": "billing", "matter": "charges", "agreement": "indirect_ospa", "steps": "1", **WHY},
        OURS,
        ["indirect_billing"],
    ),
    ({"area": "billing", "matter": "charges", "agreement": "ospa", "steps": "1", **WHY}, FIT, []),
    ({"area": "billing", "matter": "charges", "steps": "1"}, REVIEW, ["no_reason"]),
    ({**NONE, "health": "incident", "incident_id": "EX1"}, REVIEW, ["open_incident"]),
    ({**NONE, "health": "incident", "incident_id": "EX1", "incident_over": "no"}, REVIEW, ["open_incident"]),
    ({**NONE, "health": "incident", "incident_id": "EX1", "incident_over": "yes"}, FIT, []),
    ({**NONE, "health": "advisory"}, FIT, []),
    ({**NONE, "admin_center": "not_tried"}, REVIEW, ["not_tried"]),
    ({**NONE, "admin_center": "no_privileges"}, FIT, ["no_privileges"]),
    *[({**NONE, "admin_center": done}, FIT, []) for done in ("tried", "coached", "both")],
    ({"area": "client", "matter": "network", "steps": "1", **WHY}, REVIEW, ["network"]),
    ({"area": "software", "matter": "third_party", "steps": "1", **WHY}, REVIEW, ["third_party"]),
    ({"area": "performance", "matter": "custom_code", "steps": "1", **WHY}, REVIEW, ["custom_code"]),
    ({**NONE, "several": "yes"}, REVIEW, ["several_problems"]),
    ({**NONE, "several": "no"}, FIT, []),
    ({**NONE, "sold": "no"}, REVIEW, ["sold_by_another"]),
    ({**NONE, "sold": "yes"}, FIT, []),
    ({**NONE, "delegated": "no"}, FIT, ["no_privileges"]),
    ({"area": "none"}, FIT, ["no_steps"]),
    ({"area": "billing", "matter": "licences"}, OURS, ["licences"]),
]


@pytest.mark.parametrize(("answers", "outcome", "points"), EVERY_RULE, ids=str)
def test_each_answer_has_its_outcome_and_its_points(
    answers: dict[str, Any], outcome: Outcome, points: list[str]
) -> None:
    review = review_request(customer_request(answers=answers), RULES)

    assert (review.outcome, [point.key for point in review.points]) == (outcome, points)


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ({"impact": "All shops closed", "entitled": "yes", "available": "yes"}, []),
        ({"impact": "All shops closed"}, ["not_entitled"]),
        ({"impact": "All shops closed", "entitled": "no", "available": "no"}, ["not_entitled", "nobody_available"]),
        ({}, ["not_entitled", "no_impact"]),
    ],
)
def test_what_severity_a_lacks_is_a_hint_and_never_more(answers: dict[str, Any], points: list[str]) -> None:
    review = review_request(customer_request(severity="A", answers=answers), RULES)

    assert (review.outcome, [point.key for point in review.points]) == (FIT, points)


def test_a_request_of_our_own_is_looked_at_for_one_problem_only() -> None:
    assert review_request(partner_center_request(), RULES).points == ()
    assert review_request(partner_center_request(answers={"several": "yes"}), RULES).outcome is REVIEW


def test_every_point_is_decided_by_the_packaged_rules_and_met_by_some_answer() -> None:
    met = {point for _, _, points in EVERY_RULE for point in points}

    assert set(RULES.points) == set(ReviewPoint)
    assert set(ReviewPoint) - met == {"not_entitled", "nobody_available", "no_impact"}
    assert all(rule.source for key, rule in RULES.points.items() if key not in {"several_problems", "no_steps"})
    decided_by_us = {key for key, rule in RULES.points.items() if rule.weight is PointWeight.OURS}
    assert set(RULES.own_work) == decided_by_us


def test_an_installation_may_change_what_a_point_decides_and_which_areas_need_a_reason() -> None:
    own = (
        reader.packaged_text()
        .replace('key = "no_steps"\ndecides = "hint"', 'key = "no_steps"\ndecides = "review"')
        .replace('"how_to", ', "")
        .replace('key = "not_tried"\ndecides = "review"', 'key = "not_tried"\ndecides = "off"')
    )
    rules = reader.parse_policy(own).review

    assert review_request(customer_request(answers={"area": "none"}), rules).outcome is REVIEW
    assert review_request(customer_request(answers={"area": "how_to", "steps": "1"}), rules).outcome is FIT
    assert review_request(customer_request(answers={**NONE, "admin_center": "not_tried"}), rules).outcome is FIT


def test_a_policy_from_before_reviews_is_reviewed_by_the_packaged_rules() -> None:
    before = reader.packaged_text().split("# What a request is looked at for")[0]

    assert reader.parse_policy(before).review == RULES


ANSWERS = st.fixed_dictionaries(
    {"kind": st.sampled_from(list(RequestKind)), "severity": st.sampled_from(list(Severity))},
    optional={
        "service": st.just("m365"),
        "title": st.sampled_from(["Mail is down", "另外日历也打不开"]),
        "why": st.sampled_from(["", "No tools"]),
        **{name: st.sampled_from(["", *map(str, CHOICES[name])]) for name in QUESTIONS if name in CHOICES},
        "health": st.sampled_from(["normal", "incident"]),
    },
)
ON_RECORD = st.dictionaries(st.sampled_from(["sold", "entitled", "delegated"]), st.sampled_from(["yes", "no"]))


@given(answers=ANSWERS, on_record=ON_RECORD)
def test_at_any_time_at_most_two_more_fields_are_asked(answers: dict[str, str], on_record: dict[str, str]) -> None:
    answers = {**answers, **on_record}
    shown = find_questions(answers, RULES, on_record)

    assert len([name for name in shown if not answers.get(name)]) <= MOST_AT_ONCE
    assert not set(shown) & set(on_record)


@given(answers=ANSWERS)
def test_severity_a_is_asked_for_nothing_that_it_needs(answers: dict[str, str]) -> None:
    answers = {**answers, "kind": RequestKind.CUSTOMER, "severity": Severity.A}
    request = customer_request(severity="A")

    assert not set(find_questions(answers, RULES, {})) & set(required_fields(request))
    assert required_fields(request) == ("customer_name", "service", "title", "details", "impact", "contact")


def test_questions_come_one_after_the_other_as_answers_call_for_them() -> None:
    answers: dict[str, Any] = {"kind": "customer", "severity": "B"}
    assert find_questions(answers, RULES, {}) == ()

    answers |= {"service": "m365"}
    assert find_questions(answers, RULES, {}) == ("area",)

    answers |= {"area": SupportArea.CLIENT}
    assert find_questions(answers, RULES, {}) == ("area", "matter", "why")

    answers |= {"matter": "network", "why": "No tools"}
    assert find_questions(answers, RULES, {}) == ("area", "matter", "why", "admin_center", "sold")

    answers |= {"admin_center": AdminCenter.TRIED, "sold": "yes", "health": "incident"}
    assert find_questions(answers, RULES, {})[-3:] == ("incident_over", "admin_center", "sold")


@pytest.mark.parametrize(
    ("services", "sold"),
    [(("Microsoft 365",), "yes"), (("Exchange Online",), "yes"), (("Azure",), ""), ((), ""), (("office 365",), "yes")],
)
def test_the_record_says_what_we_sold(services: tuple[str, ...], sold: str) -> None:
    known = read_record(CustomerRecord(services, delegated="no", agreement="ospa"), POLICY.service("m365"))

    assert known.get("sold", "") == sold
    assert (known["delegated"], known["agreement"]) == ("no", "ospa")
    assert review_answers({"kind": "customer", **known}, RULES).points[0].key == "no_privileges"
