"""Requests as they are typed: what is kept, what is refused and under which field."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rules.errors import Refused
from models.rules.escalations.request import (
    ANSWER_LIMIT,
    LINE_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    IssueCategory,
    Request,
    ServiceHealth,
    Severity,
    check_complete,
    clean,
    is_blank,
    required_fields,
)
from tests.models.samples import NOW, customer_request, partner_center_request

FAMILY = "👨‍👩‍👧‍👦"
ARABIC = "\u202bلا يعمل البريد\u202c"


def refusals(request: Request) -> set[tuple[str | None, str]]:
    """Field and reason of everything that is wrong with a request."""
    try:
        check_complete(request, NOW)
    except Refused as refused:
        return {(refusal.field, refusal.reason) for refusal in refused.refusals}
    return set()


def without(request: Request, name: str) -> Request:
    """The request with one field unanswered."""
    if name in Request.model_fields:
        return request.model_copy(update={name: ""})
    return request.model_copy(update={"answers": {k: v for k, v in request.answers.items() if k != name}})


COMPLETE = {
    "customer": customer_request(),
    "customer, severity A": customer_request(severity="A", answers={"impact": "All shops are closed"}),
    "customer, incident shown": customer_request(answers={"health": ServiceHealth.INCIDENT, "incident_id": "EX226574"}),
    "partner center": partner_center_request(),
    "partner center, severity A": partner_center_request(severity="A", answers={"impact": "No orders"}),
}
NEEDED = [(kind, name) for kind, request in COMPLETE.items() for name in required_fields(request)]


def test_nothing_has_to_be_lacking_for_what_only_the_reseller_can_do() -> None:
    ours = customer_request(answers={"area": "account_setup", "matter": "licences"})

    assert {"tried", "lacks"} & set(required_fields(ours)) == set()
    assert {"tried", "lacks"} <= set(required_fields(customer_request(answers={"matter": "charges"})))


@pytest.mark.parametrize("request_", COMPLETE.values(), ids=COMPLETE)
def test_a_complete_request_is_kept_as_it_is(request_: Request) -> None:
    assert check_complete(request_, NOW) == request_


@pytest.mark.parametrize(("kind", "name"), NEEDED)
@pytest.mark.parametrize("blank", [None, "", "  \n", "\u200b\u200d\u2060", "\u202e\u200f", "\x00", "\u3164"])
def test_a_needed_field_left_blank_is_refused_under_it(kind: str, name: str, blank: str | None) -> None:
    unanswered = without(COMPLETE[kind], name)
    if blank is not None and name in Request.model_fields:
        unanswered = unanswered.model_copy(update={name: blank})
    elif blank is not None:
        unanswered = unanswered.model_copy(update={"answers": {**unanswered.answers, name: blank}})

    assert (name, "missing") in refusals(unanswered)


def test_which_fields_each_request_needs() -> None:
    customer = ("customer_name", "service", "scope", "title", "details", "health", "tried", "lacks")
    assert required_fields(COMPLETE["customer"]) == customer
    urgent = ("customer_name", "service", "title", "details", "impact", "contact")
    assert required_fields(COMPLETE["customer, severity A"]) == urgent
    assert set(required_fields(COMPLETE["customer, incident shown"])) - set(customer) == {"incident_id"}
    assert required_fields(COMPLETE["partner center"]) == ("category", "title", "details")


def test_every_fault_is_reported_at_once() -> None:
    wrong = customer_request(title="", details="x" * (TEXT_LIMIT + 1), answers={"scope": "galaxy", "tried": None})

    assert refusals(wrong) == {
        ("title", "missing"), ("details", "too_long"), ("scope", "unknown_choice"), ("tried", "missing"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("title", TITLE_LIMIT), ("details", TEXT_LIMIT), ("customer_name", LINE_LIMIT), ("service", LINE_LIMIT),
        ("tried", ANSWER_LIMIT), ("impact", ANSWER_LIMIT), ("contact", LINE_LIMIT), ("subscription_id", LINE_LIMIT),
    ],
)  # fmt: skip
@pytest.mark.parametrize("letter", ["x", "&", "云", "🇨"])
def test_text_up_to_its_limit_is_kept_and_one_letter_more_is_refused(name: str, limit: int, letter: str) -> None:
    def with_text(text: str) -> Request:
        facts: dict[str, Any] = {name: text} if name in Request.model_fields else {"answers": {name: text}}
        return customer_request(**facts)

    assert refusals(with_text(letter * limit)) == set()
    assert refusals(with_text(letter * (limit + 1))) == {(name, "too_long")}


@pytest.mark.parametrize("text", [FAMILY * 100, ARABIC, "line\n" * 500 + "end", "👩🏽‍💻🏳️‍🌈🇨🇳", "e\u0301té", "\ta\tb"])
def test_what_people_write_is_kept_whole(text: str) -> None:
    kept = check_complete(customer_request(details=text), NOW).details

    assert kept == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("text", ["\x00half\x00", "a\ud800b", "bell\x07", "\x1b[31mred"])
def test_control_characters_are_taken_out(text: str) -> None:
    kept = check_complete(customer_request(details=text, customer_name=text, domain=text, answers={"why": text}), NOW)

    for value in (kept.details, kept.customer_name, kept.domain, kept.answers["why"]):
        assert not {unicodedata.category(char) for char in value} & {"Cc", "Cs"}
        assert value


@given(st.text(st.characters()))
@example("e\x00\u0301")
@example("\r\r\n\n\r")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)

    assert clean(once) == once
    assert "\x00" not in once
    once.encode("utf-8")  # lone surrogates would raise
    assert is_blank(text) <= is_blank(once)


@pytest.mark.parametrize("visible", ["0", "。", "👍", "\u0301", "ا"])
def test_one_visible_character_is_an_answer(visible: str) -> None:
    assert not is_blank(f"\u200b{visible}\u200b")


def test_billing_is_never_severity_a() -> None:
    billing = {"category": IssueCategory.BILLING, "impact": "No orders"}

    assert refusals(partner_center_request(severity="A", answers=billing)) == {("severity", "billing_is_never_a")}
    assert refusals(partner_center_request(severity="B", answers=billing)) == set()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("scope", "galaxy", "unknown_choice"), ("health", "fine", "unknown_choice"),
        ("lacks", ["sleep"], "unknown_choice"), ("lacks", ["tools", "sleep"], "unknown_choice"),
        ("affected", "many", "not_a_number"), ("affected", "-1", "not_a_number"), ("affected", "²", "not_a_number"),
    ],
)  # fmt: skip
def test_an_answer_outside_the_choices_is_refused(name: str, value: object, reason: str) -> None:
    assert refusals(customer_request(answers={name: value})) == {(name, reason)}


@pytest.mark.parametrize("number", ["0", "120", "１２０"])
def test_a_number_of_people_may_be_typed_in_full_width(number: str) -> None:
    assert refusals(customer_request(answers={"affected": number})) == set()


@pytest.mark.parametrize(("minutes", "wrong"), [(-90, set()), (4, set()), (6, {("started", "in_the_future")})])
def test_a_problem_began_before_it_is_reported(minutes: int, wrong: set[tuple[str, str]]) -> None:
    """A clock that is a little ahead is forgiven."""
    started = (NOW + timedelta(minutes=minutes)).isoformat()
    for request in (customer_request, partner_center_request):
        assert refusals(request(answers={"started": started})) == wrong


def test_answers_of_the_other_kind_are_dropped() -> None:
    kept = check_complete(
        partner_center_request(answers={"scope": "one_user", "incident_id": "EX1", "invoice": " G1 "}), NOW
    )

    assert kept.answers == {"category": IssueCategory.TECHNICAL, "invoice": "G1"}
    assert kept.severity is Severity.C
