"""Remediation records in Slack: leads begin and edit them, an action's owner marks it done with one press."""

import json

import pytest
from sqlalchemy import func, select

from models.rules.outbox.message_kinds import MessageKind
from models.store.tables import OUTBOX
from tests.handlers import payloads
from tests.handlers.harness import Stage
from tests.handlers.member import Member

ASKED = {"requested_on": "2026-11-20", "requested_by": "刘工", "request": "Too many how-to questions", "plan": "Train"}
ACTION = {"text": "Train the desk", "owner": "U0EMMA", "due": "2026-11-27"}
R1, R1_A1 = json.dumps({"r": 1, "a": 0}), json.dumps({"r": 1, "a": 1})


@pytest.fixture
def lead(stage: Stage) -> Member:
    """Li Na, a lead."""
    return Member(stage, "U0LINA")


def begin(lead: Member) -> None:
    """A record with an action of Emma's."""
    lead.button("remediation.new", json.dumps({"r": 0, "a": 0}))
    assert lead.fill(**ASKED).submit().ack["response_action"] == "update"
    lead.button("remediation.action", R1)
    assert lead.fill(**ACTION).submit().ack["response_action"] == "update"


def test_a_lead_begins_a_record_adds_an_action_and_sees_both(stage: Stage, lead: Member) -> None:
    begin(lead)

    listed = lead.command("remediation").words
    assert "R-1" in listed
    lead.button("remediation.show", R1)
    shown = json.dumps(lead.modal["blocks"], ensure_ascii=False)
    assert all(text in shown for text in ("刘工", "Too many how-to questions", "Train the desk", "U0EMMA"))
    record = stage.services.remediation_records.find(1)
    assert record is not None
    assert str(record.actions[0].due) == "2026-11-27"


def test_actions_are_added_one_after_the_other_in_one_modal_and_a_repeated_form_adds_nothing(
    stage: Stage, lead: Member
) -> None:
    begin(lead)
    lead.button("remediation.show", R1)
    view_id = lead.modal["id"]
    for text in ("One", "Two"):
        lead.button("remediation.action", R1)
        form = {**lead.fill(**{**ACTION, "text": text}).modal, "id": view_id, "root_view_id": view_id}
        for _ in range(2):
            stage.deliver(payloads.submission(lead.user, lead.trigger, form, lead.team))

    record = stage.services.remediation_records.find(1)
    assert record is not None
    assert [action.text for action in record.actions] == ["Train the desk", "One", "Two"]


def test_the_form_shows_what_was_recorded_and_a_change_is_kept(stage: Stage, lead: Member) -> None:
    begin(lead)

    lead.button("remediation.edit", R1)

    assert lead.value("plan") == "Train"
    lead.fill(minutes="Agreed", review_on="2026-12-20").submit()
    record = stage.services.remediation_records.find(1)
    assert record is not None
    assert (record.minutes, str(record.review_on), record.plan) == ("Agreed", "2026-12-20", "Train")


def test_the_owner_sees_their_action_and_marks_it_done_with_one_press(
    stage: Stage, lead: Member, emma: Member, wang: Member
) -> None:
    begin(lead)
    assert "Train the desk" in emma.command("整改").words
    assert "只有组长" in wang.command("remediation").text

    refused = wang.button("remediation.done", R1_A1)
    done = emma.button("remediation.done", R1_A1)

    assert "U0EMMA" in refused.text
    assert "Done: “Train the desk”." in done.words
    record = stage.services.remediation_records.find(1)
    assert record is not None
    assert record.actions[0].done_by == "U0EMMA"


@pytest.mark.parametrize("what", ["new", "show", "edit", "action", "change", "close", "reopen", "packet.en"])
def test_whoever_is_no_lead_is_refused_at_every_button(lead: Member, emma: Member, what: str) -> None:
    begin(lead)

    assert emma.button(f"remediation.{what}", R1).text == "Only leads can do this."


def test_whoever_is_no_lead_can_not_send_a_form(stage: Stage, lead: Member, emma: Member) -> None:
    begin(lead)
    lead.button("remediation.edit", R1)

    heard = stage.deliver(payloads.submission("U0EMMA", emma.trigger, {**lead.modal, "id": "V-other"}, emma.team))

    assert "Only leads can do this." in str(heard.ack)


def test_a_record_is_closed_after_its_actions(stage: Stage, lead: Member) -> None:
    begin(lead)
    assert "R-1" in lead.button("remediation.close", R1).text

    lead.button("remediation.done", R1_A1)
    lead.button("remediation.close", R1)

    record = stage.services.remediation_records.find(1)
    assert record is not None
    assert not record.is_open


def test_the_packet_is_asked_for_once_until_it_has_arrived(stage: Stage, lead: Member) -> None:
    begin(lead)

    for _ in range(2):
        lead.button("remediation.packet.zh_CN", R1)

    assert "会议材料将" in str(lead.modal["blocks"])
    count = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.what == MessageKind.PACKET)
    assert stage.store.read(lambda connection: connection.scalar(count)) == 1


@pytest.mark.parametrize("value", ["", "x", "[]", '{"r": -1}', '{"r": 99}'])
def test_tampered_values_are_refused(lead: Member, value: str) -> None:
    assert lead.button("remediation.show", value).status == 200
    assert lead.stage.slack.surfaces.top("U0LINA") is None
