"""Two answers of a form given so quickly that their redrawings overlap."""

import copy

from bot.sandbox.elements import elements
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage
from tests.handlers.member import A_PARTNER_CENTER_REQUEST, Member


def _answer(wang: Member, view: payloads.Json, name: str, value: str) -> payloads.Json:
    """The delivery of one answer, given on a view as it looked then."""
    block, element = next((b, e) for b, e in elements(view["blocks"]) if b["block_id"] == name)
    chosen = {"selected_option": next(one for one in element["options"] if one["value"] == value)}
    entry = {"type": element["type"], **chosen}
    view["state"]["values"].setdefault(name, {})[element["action_id"]] = entry
    acted = {"block_id": block["block_id"], "action_id": element["action_id"], **entry}
    return payloads.view_click(wang.user, wang.trigger, copy.deepcopy(view), acted)


def _two_answers(wang: Member) -> tuple[payloads.Json, payloads.Json]:
    wang.command()
    wang.fill(kind="customer")
    view = copy.deepcopy(wang.modal)
    return _answer(wang, view, "service", "m365"), _answer(wang, view, "scope", "some_users")


def test_the_later_of_two_quick_answers_wins_over_a_form_drawn_meanwhile(stage: Stage, wang: Member) -> None:
    earlier, later = _two_answers(wang)
    stage.deliver(earlier)
    stage.deliver(later)
    assert {"workload", "affected"} <= set(wang.fields)


def test_an_answer_that_was_overtaken_on_its_way_undoes_nothing(stage: Stage, wang: Member) -> None:
    earlier, later = _two_answers(wang)
    stage.deliver(later)
    stage.deliver(earlier)
    assert {"workload", "affected"} <= set(wang.fields)


def test_a_form_whose_redrawing_was_lost_shows_at_submit_what_is_missing(stage: Stage, wang: Member) -> None:
    wang.command()
    stage.slack.refuses = "internal_error"  # the answer is heard, its redrawing never arrives
    wang.fill(kind="partner_center")
    lost = stage.slack.surfaces
    assert "category" not in wang.fields

    heard = wang.submit()

    assert heard.ack["response_action"] == "update"
    assert {"category", "severity", "title", "details"} <= set(wang.fields)
    assert wang.value("kind") == "partner_center"
    assert "之前没有显示" in block_limits.read(wang.modal["blocks"])
    wang.fill(**{**A_PARTNER_CENTER_REQUEST, "kind": "partner_center"}).submit()
    assert stage.escalation().title == "Invoice"
    assert lost.top("U0WANG") is not None


def test_what_was_typed_stays_when_the_form_is_shown_as_it_should_be(stage: Stage, wang: Member) -> None:
    wang.command()
    wang.fill(**A_PARTNER_CENTER_REQUEST)
    for _ in range(2):
        stage.slack.refuses = "internal_error"
        wang.fill(kind="customer")

    wang.submit()

    assert {"customer_name", "service", "scope"} <= set(wang.fields)
    assert wang.value("title") == "Invoice"
    assert stage.everything() == []
