"""Enterprise Grid: a workspace of an organisation is served like any other; of an app that the whole organisation
installed, payloads name no workspace, and the person's own counts."""

from typing import Any

import pytest

from tests.handlers import payloads
from tests.handlers.harness import ELSEWHERE, HOME, Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

Json = dict[str, Any]
ORG = {"id": "E0ORG", "name": "The Organisation"}


def of_a_workspace(payload: Json) -> Json:
    """The app is installed in one workspace of an organisation."""
    commands = {"enterprise_id": ORG["id"], "enterprise_name": ORG["name"]} if "command" in payload else {}
    return {**payload, **commands, "enterprise": ORG, "is_enterprise_install": False}


def of_all(payload: Json) -> Json:
    """The app is installed for all of the organisation: interactions say ``"team": null``."""
    if "command" in payload:
        return {**payload, "enterprise_id": ORG["id"], "enterprise_name": ORG["name"], "is_enterprise_install": "true"}
    if payload["type"] == "event_callback":
        return {**payload, "enterprise_id": ORG["id"], "authorizations": [{**payload["authorizations"][0],
                "enterprise_id": ORG["id"], "team_id": None, "is_enterprise_install": True}]}  # fmt: skip
    return {**payload, "team": None, "enterprise": ORG, "is_enterprise_install": True}


@pytest.fixture(params=[of_a_workspace, of_all], ids=["one workspace", "the whole organisation"])
def grid(request: pytest.FixtureRequest, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage whose deliveries come as an organisation's do, of either kind."""
    deliver = stage.deliver
    monkeypatch.setattr(stage, "deliver", lambda payload: deliver(request.param(payload)))
    return stage


def test_a_case_is_raised_and_moved_as_in_any_workspace(grid: Stage) -> None:
    emma = Member(grid, "U0EMMA")
    assert emma.raise_one() == 1
    emma.press("acknowledge")
    assert grid.escalation().owner == "U0EMMA"
    assert "CSP-1" in emma.command("list").words
    emma.command("new")
    emma.fill(kind="customer")
    assert emma.suggest("蓝天") != []


def test_the_same_submission_delivered_in_both_shapes_is_one_case(stage: Stage) -> None:
    emma = Member(stage, "U0EMMA")
    emma.command("new")
    emma.fill(**A_CUSTOMER_REQUEST)
    sent = payloads.submission("U0EMMA", "1.1", emma.modal)
    assert [stage.deliver(shape(sent)).ack["response_action"] for shape in (of_a_workspace, of_all)] == ["update"] * 2
    assert stage.queries.count_all() == 1


def test_home_opens_in_either(grid: Stage) -> None:
    assert grid.deliver(payloads.event("U0EMMA")).status == 200
    assert "views.publish" in grid.slack.calls


@pytest.mark.parametrize("user", [{"id": "U0FAR", "team_id": ELSEWHERE}, {"id": "U0EMMA"}, {}], ids=str)
def test_who_is_of_another_workspace_of_the_organisation_or_of_none_is_refused(stage: Stage, user: Json) -> None:
    Member(stage, "U0EMMA").raise_one()
    before = stage.everything()
    acted = payloads.button("card.acknowledge", '{"n": 1, "v": 1}')
    heard = stage.deliver({**of_all(payloads.click("U0EMMA", "1.1", acted)), "user": user})

    assert heard.status == 200
    assert "workspace" in heard.text
    assert stage.everything() == before


def test_a_command_that_names_only_the_organisation_is_refused(stage: Stage) -> None:
    command = of_all(payloads.command("U0EMMA", "list", "1.1"))
    heard = stage.deliver({**command, "team_id": None})

    assert heard.status == 200
    assert HOME not in str(heard)
    assert "workspace" in str(heard.ack) + str(heard.told)
