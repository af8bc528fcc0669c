"""The mark of the record: on all that is sent, and taken off, or refused, before anybody looks at what comes back."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from handlers import epoch_stamps, ids
from models.store import epoch
from models.store.database import Store
from models.store.tables import RECORD
from tests.handlers import payloads
from tests.handlers.harness import Stage
from tests.handlers.member import Member

Json = dict[str, Any]
EPOCH, OTHER = "aaaabbbb", "ccccdddd"
CARD = str(ids.EscalationSubject(1, 1))


def marked(value: str, by: str = EPOCH) -> str:
    return f"~{by}~{value}"


def set_epoch(store: Store, *, takes_unmarked: bool = False) -> None:
    values = {"epoch": EPOCH, "takes_unmarked": takes_unmarked}
    store.write(lambda connection: connection.execute(update(RECORD).values(values)))


@pytest.fixture
def marked_stage(stage: Stage, emma: Member) -> Stage:
    """A stage with one case, whose record takes its own mark only."""
    emma.raise_one()
    set_epoch(stage.store)
    stage.services.epoch.refresh()
    return stage


def test_buttons_menus_views_and_messages_bear_the_mark() -> None:
    button = {"type": "button", "action_id": "a", "value": CARD}
    menu = {"type": "overflow", "action_id": "b", "options": [{"text": {}, "value": "card.note {}"}]}
    message = {
        "channel": "C1", "blocks": [{"type": "actions", "elements": [button, menu]}],
        "metadata": {"event_type": "csp_escalate_outbox", "event_payload": {"id": "1"}},
    }  # fmt: skip

    sent = epoch_stamps.stamp(message, EPOCH)
    view = epoch_stamps.stamp({"view": {"type": "modal", "private_metadata": "{}", "blocks": []}}, EPOCH)

    elements = sent["blocks"][0]["elements"]
    assert elements[0]["value"] == marked(CARD)
    assert elements[1]["options"][0]["value"] == marked("card.note {}")
    assert epoch_stamps.epoch_of(sent) == EPOCH
    assert view["view"]["private_metadata"] == marked("{}")
    assert epoch_stamps.stamp(view, EPOCH) == view
    assert button["value"] == CARD


def test_what_people_type_and_choose_is_left_alone() -> None:
    typed = {"type": "plain_text_input", "action_id": "title", "value": marked("x", OTHER)}
    view: Json = {"type": "modal", "private_metadata": marked("{}"), "state": {"values": {"title": {"title": typed}}}}
    body = {"type": "view_submission", "view": view}

    assert epoch_stamps.strip(body) == {EPOCH}
    assert view["private_metadata"] == "{}"
    assert typed["value"] == marked("x", OTHER)


def test_a_press_on_a_card_of_this_record_does_what_it_says(marked_stage: Stage) -> None:
    heard = press(marked_stage, marked(CARD))

    assert heard.status == 200
    assert marked_stage.escalation().owner == "U0EMMA"


@pytest.mark.parametrize("value", [marked(CARD, OTHER), CARD])
def test_a_card_of_another_record_is_refused_and_applied_to_nothing(marked_stage: Stage, value: str) -> None:
    before = marked_stage.everything()

    heard = press(marked_stage, value)

    assert "before the database was restored or replaced" in heard.text
    assert marked_stage.everything() == before


def test_a_form_of_another_record_stays_open_and_says_so(marked_stage: Stage) -> None:
    view = {
        "id": "V1", "type": "modal", "callback_id": "sheet.note", "private_metadata": marked(CARD, OTHER),
        "blocks": [{"type": "input", "block_id": "note"}], "state": {"values": {"note": {"note": {"value": "Hi"}}}},
    }  # fmt: skip

    heard = marked_stage.deliver(payloads.submission("U0EMMA", "1.1", view))

    assert "before the database was restored or replaced" in heard.errors["note"]


def test_a_record_that_is_older_than_marks_takes_what_has_none_until_it_is_renewed(marked_stage: Stage) -> None:
    set_epoch(marked_stage.store, takes_unmarked=True)
    marked_stage.services.epoch.refresh()
    press(marked_stage, CARD)
    taken = marked_stage.escalation().owner

    marked_stage.store.write(epoch.renew)
    marked_stage.services.epoch.refresh()

    assert taken == "U0EMMA"
    assert "restored or replaced" in press(marked_stage, CARD).text


def test_a_renewal_by_another_replica_is_noticed_before_its_cards_are_refused(marked_stage: Stage) -> None:
    renewed = marked_stage.store.write(epoch.renew)

    press(marked_stage, marked(CARD, renewed))

    assert marked_stage.escalation().owner == "U0EMMA"


def press(stage: Stage, value: str) -> Any:
    acted = payloads.button("card.acknowledge", value)
    return stage.deliver(json.loads(json.dumps(payloads.click("U0EMMA", stage.slack.trigger("U0EMMA"), acted))))
