"""Raising an escalation: the form grows with the answers, loses nothing, says what is wrong where it is wrong."""

import copy
from typing import Any

import pytest
from sqlalchemy import event

from models.rules.errors import NotSaved
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Status
from models.rules.escalations.request import RequestKind
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.member import A_CUSTOMER_REQUEST, A_PARTNER_CENTER_REQUEST, Member

ALWAYS = ["kind"]


def test_the_command_alone_opens_the_form_with_the_first_choice_only(emma: Member) -> None:
    heard = emma.command()
    assert (heard.status, heard.told) == (200, [])
    assert emma.fields == ALWAYS
    assert emma.modal["title"]["text"] == "New escalation"


def test_the_form_speaks_the_language_of_the_person(wang: Member) -> None:
    wang.command("new")
    assert "呈报" in wang.modal["title"]["text"]


@pytest.mark.parametrize("text", ["new", "NEW", " new  ", ""])
def test_new_is_understood_however_it_is_typed(emma: Member, text: str) -> None:
    emma.command(text)
    assert emma.fields == ALWAYS


def test_the_global_shortcut_and_the_home_button_open_the_form(stage: Stage, emma: Member) -> None:
    stage.deliver(payloads.shortcut("U0EMMA", emma.trigger))
    assert emma.fields == ALWAYS
    stage.deliver(payloads.event("U0EMMA"))
    home = stage.slack.surfaces.homes["U0EMMA"]
    acted = payloads.button("home.new", "")
    stage.slack.surfaces.stacks.clear()
    stage.deliver(payloads.view_click("U0EMMA", emma.trigger, home, acted))
    assert emma.fields == ALWAYS


def test_a_message_fills_details_and_leaves_its_address(stage: Stage, emma: Member) -> None:
    said = "Mail <b>down</b> & <!channel>"
    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, said))
    emma.fill(kind="partner_center")
    assert emma.value("details") == said
    emma.fill(**{k: v for k, v in A_PARTNER_CENTER_REQUEST.items() if k not in {"kind", "details"}}).submit()
    escalation = stage.escalation()
    assert escalation.details == said
    assert escalation.answers["source"] == "https://csp.slack.com/archives/C0HELP/p1795000000000200"


def test_a_message_whose_address_slack_does_not_tell_can_be_escalated_too(stage: Stage, emma: Member) -> None:
    stage.slack.refuses = "message_not_found"
    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, "Mail is down"))
    assert emma.modal["callback_id"] == "form"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_message_can_be_escalated_and_survives_the_first_choice(stage: Stage, emma: Member, text: str) -> None:
    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, text))
    emma.fill(kind="customer")
    assert emma.value("details") == text[:3000]
    assert len(emma.modal["private_metadata"]) <= 3000


# Fields that depend on an answer -----------------------------------------------------------------------------------


def test_a_customer_request_asks_for_what_21vianet_and_the_rules_need(emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer")
    required = [b["block_id"] for b in emma.modal["blocks"] if b["type"] == "input" and not b.get("optional")]
    assert set(required) == {
        "kind", "customer_name", "service", "scope", "severity", "title", "details", "health", "tried", "lacks",
    }  # fmt: skip


def test_a_partner_center_request_asks_for_less(emma: Member) -> None:
    emma.command()
    emma.fill(kind="partner_center")
    required = [b["block_id"] for b in emma.modal["blocks"] if b["type"] == "input" and not b.get("optional")]
    assert set(required) == {"kind", "category", "severity", "title", "details"}


@pytest.mark.parametrize(
    ("first", "answer", "appears"),
    [
        ({"kind": "customer"}, {"service": "m365"}, {"workload", "area"}),
        ({"kind": "customer"}, {"scope": "some_users"}, {"affected"}),
        ({"kind": "customer"}, {"scope": "several_customers"}, {"affected"}),
        ({"kind": "customer"}, {"health": "incident"}, {"incident_id", "incident_over"}),
        ({"kind": "customer"}, {"more": ["yes"]}, {"started", "steps", "subscription_id", "contact", "language"}),
        ({"kind": "partner_center"}, {"category": "technical"}, {"page", "correlation_id"}),
        ({"kind": "partner_center"}, {"category": "billing"}, {"invoice", "charge_period", "order_id"}),
        ({"kind": "partner_center"}, {"category": "customer_subscription"}, {"subscription_id"}),
    ],
)
def test_a_dependent_field_appears_only_after_its_answer(
    emma: Member, first: dict[str, Any], answer: dict[str, Any], appears: set[str]
) -> None:
    emma.command()
    emma.fill(**first)
    before = set(emma.fields)
    assert not before & appears
    emma.fill(**answer)
    assert set(emma.fields) - before == appears


def test_severity_a_makes_the_impact_a_must_and_says_whose_decision_it_is(emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", severity="A")
    impact = next(b for b in emma.modal["blocks"] if b.get("block_id") == "impact")
    assert not impact.get("optional")
    assert "OSPA" in block_limits.read(emma.modal["blocks"])


def test_a_billing_issue_is_not_offered_severity_a(emma: Member) -> None:
    emma.command()
    emma.fill(kind="partner_center", category="billing")
    severity = next(b for b in emma.modal["blocks"] if b.get("block_id") == "severity")
    assert [one["value"] for one in severity["element"]["options"]] == ["B", "C"]


def test_the_form_says_where_screenshots_belong_and_asks_for_no_secrets(emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", more=["yes"])
    said = block_limits.read(emma.modal["blocks"])
    assert "screenshots" in said
    assert "Never share passwords" in said


def test_switching_the_kind_and_back_loses_nothing(emma: Member) -> None:
    emma.command()
    answers = {
        **A_CUSTOMER_REQUEST,
        "scope": "some_users",
        "affected": "25",
        "health": "incident",
        "incident_id": "EX1",
    }
    emma.fill(
        **{**answers, "more": ["yes"], "steps": "Open Outlook", "contact": "Emma, 9-18", "impact": "Nobody works"}
    )
    emma.fill(kind="partner_center", category="technical", page="Orders", correlation_id="abc")
    assert "customer_name" not in emma.fields
    emma.fill(kind="customer")
    kept = {name: emma.value(name) for name in emma.fields}
    assert kept["customer_name"] == "typed:蓝天"
    for name, value in {**answers, "steps": "Open Outlook", "contact": "Emma, 9-18"}.items():
        if name != "customer_name":
            assert kept[name] == value, name
    emma.fill(kind="partner_center")
    assert (emma.value("page"), emma.value("correlation_id")) == ("Orders", "abc")


def test_what_left_the_screen_is_not_recorded(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", scope="some_users", affected="25", health="incident", incident_id="EX1")
    emma.fill(**{**A_CUSTOMER_REQUEST, "scope": "one_user"}).submit()
    assert "affected" not in stage.escalation().answers
    assert "incident_id" not in stage.escalation().answers


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_the_longest_answers_fit_into_what_slack_carries(emma: Member, text: str) -> None:
    emma.command()
    emma.fill(
        **{**A_CUSTOMER_REQUEST, "title": text[:150], "details": text, "tried": text[:1000], "impact": text[:1000]}
    )
    emma.fill(more=["yes"], steps=text[:1000], contact=text[:200], subscription_id=text[:200])
    emma.fill(kind="partner_center", category="billing", invoice=text[:200], charge_period=text[:200])
    assert len(emma.modal["private_metadata"]) <= 3000
    assert emma.value("details") == text
    assert emma.value("title") == text[:150]


def test_a_form_that_was_closed_meanwhile_is_no_error(stage: Stage, emma: Member) -> None:
    emma.command()
    view = emma.modal
    stage.slack.surfaces.close("U0EMMA", view["id"])
    acted = {
        "type": "radio_buttons",
        "block_id": "kind",
        "action_id": "form.kind",
        "selected_option": {"value": "customer"},
    }
    heard = stage.deliver(payloads.view_click("U0EMMA", emma.trigger, view, acted))
    assert (heard.status, heard.told) == (200, [])


# The customer ------------------------------------------------------------------------------------------------------


def test_a_customer_that_is_not_in_the_list_can_be_typed_in(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer")
    assert emma.suggest("Contoso & <Sons>") == ["Not in the list: Contoso & <Sons>"]
    emma.fill(
        **{**A_CUSTOMER_REQUEST, "customer_name": ("Not in the list: Contoso", "typed:Contoso & <Sons>")}
    ).submit()
    assert stage.escalation().customer_name == "Contoso & <Sons>"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_name_typed_gets_an_answer_slack_takes(emma: Member, text: str) -> None:
    emma.command()
    emma.fill(kind="customer")
    emma.suggest(text)


def test_the_typeahead_of_an_unknown_or_foreign_person_is_empty(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer")
    view = emma.modal
    for user in ("U0TOM", "U0ROBOT", "U0GONE", "U0FAR"):
        Member(stage, user).command("help")
        heard = stage.deliver(payloads.suggestion(user, view, "蓝天"))
        assert heard.ack.get("options", []) == []


# Submitting --------------------------------------------------------------------------------------------------------


def test_a_submission_is_recorded_and_answered_with_the_text_to_copy(stage: Stage, emma: Member) -> None:
    emma.command()
    heard = emma.fill(**A_CUSTOMER_REQUEST).submit()
    escalation = stage.escalation()
    assert (escalation.status, escalation.raised_by, escalation.channel) == (Status.OPEN, "U0EMMA", "C0ESCAL")
    assert escalation.kind is RequestKind.CUSTOMER
    said = block_limits.read(heard.ack["view"]["blocks"])
    assert "CSP-1" in said
    assert "All mail bounces" in said
    assert "Customer requests" in said


def test_the_confirmation_reads_chinese_to_who_reads_chinese(wang: Member) -> None:
    wang.command()
    heard = wang.fill(**A_CUSTOMER_REQUEST).submit()
    assert "客户请求" in block_limits.read(heard.ack["view"]["blocks"])


def test_a_partner_center_request_is_recorded_too(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_PARTNER_CENTER_REQUEST, invoice="INV-1").submit()
    escalation = stage.escalation()
    assert escalation.kind is RequestKind.PARTNER_CENTER
    assert escalation.answers["invoice"] == "INV-1"
    assert escalation.customer_name == ""


def test_the_same_submission_delivered_again_is_the_same_escalation(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)
    payload = payloads.submission("U0EMMA", emma.trigger, emma.modal)
    first, second = stage.deliver(payload), stage.deliver(payload)
    assert first.ack == second.ack
    assert len(stage.everything()) == 1


def test_every_form_opened_anew_is_a_new_escalation(emma: Member) -> None:
    assert [emma.raise_one(), emma.raise_one()] == [1, 2]


def test_blanks_do_not_count_as_an_answer_and_the_sentence_stands_under_the_field(wang: Member, stage: Stage) -> None:
    wang.command()
    errors = wang.fill(**{**A_CUSTOMER_REQUEST, "title": " \u200b\t", "details": "\u2060"}).submit().errors
    assert set(errors) == {"title", "details"}
    assert set(errors.values()) == {"请填写此项。"}
    assert stage.everything() == []


def test_corrected_errors_are_accepted_in_the_same_form(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**{**A_CUSTOMER_REQUEST, "title": " "})
    assert emma.submit().errors == {"title": "Please fill this in."}
    emma.fill(title="Mail is down").submit()
    assert len(stage.everything()) == 1


def test_a_number_of_people_has_to_be_a_number(emma: Member) -> None:
    emma.command()
    emma.fill(**{**A_CUSTOMER_REQUEST, "scope": "some_users"})
    assert set(emma.fill(affected="many").submit().errors) == {"affected"}


def test_a_store_that_cannot_be_written_leaves_the_form_open_and_says_so(
    stage: Stage, emma: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)

    def locked(*_: object, **_more: object) -> None:
        raise NotSaved

    with monkeypatch.context() as patched:
        patched.setattr(stage.commands, "raise_escalation", locked)
        errors = emma.submit().errors
    assert list(errors.values()) == ["Not saved. Please try again in a moment."]
    emma.submit()
    assert len(stage.everything()) == 1


@pytest.mark.parametrize("trouble", ["max_page_count = 1", "query_only = ON"], ids=["disk full", "read-only"])
def test_a_disk_that_takes_nothing_leaves_the_form_open_with_all_that_was_typed(
    stage: Stage, emma: Member, trouble: str
) -> None:
    """SQLite itself refuses here, as it does on a full or read-only disk."""
    emma.command()
    emma.fill(**{**A_CUSTOMER_REQUEST, "details": "云" * 2900})
    typed = copy.deepcopy(emma.modal["state"])

    def set_up(raw: Any, *_: object) -> None:
        raw.execute(f"PRAGMA {trouble}")

    event.listen(stage.store.engine, "checkout", set_up)
    errors = [emma.submit().errors for _ in range(2)]
    assert [list(error.values()) for error in errors] == [["Not saved. Please try again in a moment."]] * 2
    assert emma.modal["state"] == typed

    event.remove(stage.store.engine, "checkout", set_up)
    stage.store.engine.dispose()
    assert emma.submit().ack["response_action"] == "update"
    assert stage.escalation().details == "云" * 2900


def test_slack_not_saying_who_somebody_is_leaves_the_form_open(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)
    stage.people.away = True
    errors = emma.submit().errors
    assert list(errors.values()) == ["Slack did not answer just now. Please try again in a moment."]
    assert stage.everything() == []


def test_a_bug_is_told_with_a_number_that_stands_in_the_log(
    stage: Stage, emma: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage.commands, "raise_escalation", broken)
    said = next(iter(emma.submit().errors.values()))
    reference = said.split("report ")[1].rstrip(".")
    assert reference in caplog.text
    assert "All mail bounces" not in caplog.text


def test_severity_a_comes_back_after_a_look_at_a_billing_request(wang: Member) -> None:
    wang.command()
    wang.fill(kind="customer", severity="A")
    wang.fill(kind="partner_center", category="billing")
    wang.modal["state"]["values"]["severity"]["form.severity"]["selected_option"] = None  # it is not offered there
    wang.fill(kind="customer")
    offered = next(block for block in wang.modal["blocks"] if block.get("block_id") == "severity")
    assert offered["element"]["initial_option"]["value"] == "A"


@pytest.mark.parametrize(("on_call", "person"), [(False, "emma"), (True, "emma"), (False, "wang")])
def test_every_raiser_sees_that_severity_a_and_one_user_do_not_go_together(
    stage: Stage, request: pytest.FixtureRequest, on_call: bool, person: str
) -> None:
    somebody: Member = request.getfixturevalue(person)
    stage.duty = OnCallPeople((somebody.user,) if on_call else ("U0LINA",))
    said = {"emma": "Severity A, but the scope is one user", "wang": "严重性为 A，影响范围却是单个用户"}[person]
    somebody.command("new")

    def warned(**answers: Any) -> bool:
        somebody.fill(**answers)
        return said in block_limits.read(somebody.modal["blocks"])

    assert not warned(kind="customer", scope="one_user", severity="B")
    assert warned(severity="A")
    assert not warned(scope="whole_tenant")
    assert warned(scope="one_user")
    assert not warned(kind="partner_center")


def test_a_workload_of_another_service_is_not_recorded(stage: Stage, emma: Member) -> None:
    """As when the form's redrawing was lost."""
    emma.command("new")
    emma.fill(**A_CUSTOMER_REQUEST, workload="OneDrive")
    state = emma.modal["state"]
    (service,) = state["values"]["service"].values()
    service["selected_option"]["value"] = "power"

    assert "not a workload of this service" in emma.submit(state=state).errors["workload"]
    assert stage.everything() == []
