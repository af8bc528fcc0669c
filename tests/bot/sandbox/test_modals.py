"""Modals behave as in Slack's own client: triggers, typed text, required fields, stacks, answers of the bot."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.errors import SlackError
from bot.sandbox.ids import IdSequence
from bot.sandbox.triggers import Triggers
from tests.bot.sandbox.conftest import Json, button, keeps, menu, modal, plain, section, text_input
from tests.slack_driver import PATIENCE, Actor, Refused, SlackDriver

LATE = "We had some trouble connecting. Try again?"


@pytest.fixture
def emma(slack: SlackDriver) -> Actor:
    return slack.as_user("U0EMMA")


@pytest.fixture
def opens(connected: App, emma: Actor) -> Callable[..., None]:
    """Makes the command open a modal of these blocks, and has Emma type it."""
    views: list[Json] = []

    def listen(ack: Any, client: WebClient, body: Json) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=views[-1])

    connected.command("/small")(listen)

    def open_(*blocks: Json, **more: Any) -> None:
        views.append(modal(*blocks, **more))
        assert emma.command("/small")["ok"]
        emma.wait_for_modal()

    return open_


def section_menu() -> Json:
    return section("Kind", block_id="kind", accessory=menu("mail", "phone", action_id="kind"))


def test_a_trigger_opens_one_modal_within_three_seconds() -> None:
    now = 100.0
    triggers = Triggers(IdSequence(), lambda: now)
    first, second = triggers.issue("U0EMMA"), triggers.issue("U0EMMA")

    assert triggers.exchange(first) == "U0EMMA"
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        triggers.exchange(first)
    now += 3.1
    with pytest.raises(SlackError, match="expired_trigger_id"):
        triggers.exchange(second)
    with pytest.raises(SlackError, match="invalid_trigger_id"):
        triggers.exchange("made.up")


def test_how_long_a_trigger_is_valid_is_a_setting(connected: App, client: WebClient, emma: Actor) -> None:
    refused: list[str] = []

    def listen(ack: Any, client: WebClient, body: Json) -> None:
        with pytest.raises(SlackApiError) as refusal:
            client.views_open(trigger_id=body["trigger_id"], view=modal(section()))
        refused.append(refusal.value.response["error"])
        ack()

    connected.command("/small")(listen)
    emma.slack.settings(trigger_seconds=0)

    assert emma.command("/small")["ok"]
    assert refused == ["expired_trigger_id"]


def test_a_form_is_filled_and_sent(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    got: list[Json] = []
    connected.view("form")(keeps(got))
    opens(text_input(), text_input("more", "More") | {"optional": True})

    assert emma.fill({"Title": "Mail is down <&>"}).submit()["ok"]

    values = got[0]["view"]["state"]["values"]
    assert values["title"]["title"] == {"type": "plain_text_input", "value": "Mail is down <&>"}
    assert values["more"]["more"]["value"] is None
    assert emma.slack.modal("U0EMMA") is None


def test_a_required_field_is_asked_for_before_anything_is_sent(opens: Callable[..., None], emma: Actor) -> None:
    opens(text_input(), text_input("short", "Short", min_length=3, max_length=5))
    sent = len(emma.slack.traffic())

    assert emma.submit() == {
        "ok": False,
        "errors": dict.fromkeys(("title", "short"), "Please complete this required field."),
        "by": "client",
    }
    emma.fill({"Title": " ", "Short": "abcdef"})
    assert emma.submit()["errors"] == {"short": "Please enter at most 5 characters."}
    assert len(emma.slack.traffic()) == sent


def test_the_bots_errors_stand_under_their_fields(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    connected.view("form")(lambda ack: ack(response_action="errors", errors={"title": "Not this one"}))
    opens(text_input())

    answer = emma.fill({"Title": "x"}).submit()

    assert (answer["ok"], answer["errors"], answer["by"]) == (False, {"title": "Not this one"}, "bot")
    assert emma.modal["state"]["values"]["title"]["title"]["value"] == "x"


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {"words": "x"}},
        {"response_action": "update", "view": {"type": "modal", "title": plain("x" * 25), "blocks": []}},
        {"response_action": "update", "view": {"type": "home", "blocks": []}},
        {"response_action": "vanish"},
    ],
)
def test_a_wrong_answer_to_a_submission_is_only_some_trouble(
    answer: Json, opens: Callable[..., None], connected: App, emma: Actor
) -> None:
    connected.view("form")(lambda ack: ack(**answer))
    opens(text_input(), section(block_id="words"))

    told = emma.fill({"Title": "x"}).submit()

    assert (told["ok"], told["error"], told["toast"]) == (False, "invalid_ack", LATE)
    assert emma.slack.toasts("U0EMMA") == [LATE]
    assert emma.modal["title"]["text"] == "Form"
    assert [surprise["kind"] for surprise in emma.slack.surprises()] == ["invalid_ack"]


def test_an_answer_may_update_push_or_clear(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    answers: list[Json] = [
        {"response_action": "update", "view": modal(section(), title=plain("Updated"))},
        {"response_action": "push", "view": modal(section(), title=plain("Pushed"))},
        {"response_action": "clear"},
    ]
    connected.view("form")(lambda ack: ack(**answers.pop(0)))
    opens(section())
    first = emma.modal

    assert emma.submit()["response_action"] == "update"
    assert (emma.modal["id"], emma.modal["title"]["text"]) == (first["id"], "Updated")
    assert emma.modal["hash"] != first["hash"]
    assert emma.submit()["response_action"] == "push"
    assert (emma.modal["root_view_id"], emma.modal["previous_view_id"]) == (first["id"], first["id"])
    assert emma.submit()["response_action"] == "clear"
    assert emma.slack.modal("U0EMMA") is None


def test_what_was_typed_survives_only_under_the_same_ids(
    opens: Callable[..., None], client: WebClient, emma: Actor
) -> None:
    opens(text_input("a", "A"), text_input("b", "B"), section_menu())
    emma.fill({"A": "kept", "B": "lost"})
    renamed = text_input("b", "B", action_id="b2", initial_value="fresh")

    client.views_update(view_id=emma.modal["id"], view=modal(text_input("a", "A", initial_value="no"), renamed))

    values = emma.modal["state"]["values"]
    assert values["a"]["a"]["value"] == "kept"
    assert values["b"] == {"b2": {"type": "plain_text_input", "value": "fresh"}}


def test_a_menu_beside_text_tells_the_bot_at_once(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    def changed(ack: Any, client: WebClient, body: Json) -> None:
        ack()
        kind = body["actions"][0]["selected_option"]["value"]
        view = modal(text_input(), section_menu(), title=plain(kind))
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    connected.action("kind")(changed)
    opens(text_input(), section_menu())

    emma.fill({"Title": "typed", "kind": "phone"})

    view = emma.wait_for_modal(lambda modal: modal["title"]["text"] == "phone")
    assert view["state"]["values"]["title"]["title"]["value"] == "typed"
    assert view["state"]["values"]["kind"]["kind"]["selected_option"]["value"] == "phone"


def test_a_stale_hash_conflicts(opens: Callable[..., None], client: WebClient, emma: Actor) -> None:
    opens(section())
    stale = emma.modal
    client.views_update(view_id=stale["id"], hash=stale["hash"], view=modal(section()))

    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=stale["id"], hash=stale["hash"], view=modal(section()))


def test_three_modals_are_the_most(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    refused: list[str] = []
    heard = threading.Event()

    def push(ack: Any, client: WebClient, body: Json) -> None:
        ack()
        try:
            client.views_push(trigger_id=body["trigger_id"], view=modal({"type": "actions", "elements": [button()]}))
        except SlackApiError as refusal:
            refused.append(refusal.response["error"])
            heard.set()

    connected.action("press")(push)
    opens({"type": "actions", "elements": [button()]})
    for depth in (2, 3):
        emma.press("Press")
        emma.slack.wait_for(lambda depth=depth: len(emma.slack.state("views")["views"]["U0EMMA"]) == depth)  # type: ignore[misc]
    emma.press("Press")

    assert heard.wait(PATIENCE)
    assert refused == ["push_limit_reached"]


def test_closing_tells_who_asked_and_may_clear_all(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    closed: list[Json] = []
    connected.view_closed("form")(keeps(closed))
    opens(section(), notify_on_close=True)
    emma.close()
    opens(section(), notify_on_close=True, clear_on_close=True)
    emma.close()
    opens(section())
    emma.close()

    assert [one["is_cleared"] for one in closed] == [False, True]
    assert emma.slack.modal("U0EMMA") is None


def test_a_typeahead_offers_what_the_bot_answers(opens: Callable[..., None], connected: App, emma: Actor) -> None:
    asked: list[str] = []

    def suggest(ack: Any, payload: Json) -> None:
        asked.append(payload["value"])
        ack(options=[{"text": plain(f"Contoso {n}"), "value": str(n)} for n in range(2)])

    connected.options("customer")(suggest)
    field = {"type": "external_select", "action_id": "customer", "min_query_length": 2}
    opens({"type": "input", "block_id": "customer", "label": plain("Customer"), "element": field})

    assert emma.suggest("Customer", "c") == []
    assert [one["value"] for one in emma.suggest("Customer", "co")] == ["0", "1"]
    emma.choose("Customer", "con", "Contoso 1")
    assert asked == ["co", "con"]
    assert emma.modal["state"]["values"]["customer"]["customer"]["selected_option"]["value"] == "1"


def test_a_typeahead_with_a_wrong_answer_shows_an_error(
    opens: Callable[..., None], connected: App, emma: Actor
) -> None:
    connected.options("customer")(lambda ack: ack(options=[{"text": plain("x" * 76), "value": "1"}]))
    field = {"type": "external_select", "action_id": "customer", "min_query_length": 0}
    opens({"type": "input", "block_id": "customer", "label": plain("Customer"), "element": field})

    with pytest.raises(AssertionError, match="invalid_ack"):
        emma.suggest("Customer", "")


def test_nobody_acts_in_anothers_modal_or_with_what_is_not_offered(
    opens: Callable[..., None], emma: Actor, slack: SlackDriver
) -> None:
    opens(section_menu())

    with pytest.raises(Refused, match="not_your_view"):
        slack.as_user("U0WANG").act("submit", view_id=emma.modal["id"])
    where = {"view_id": emma.modal["id"]}
    with pytest.raises(Refused, match="no_such_option"):
        emma.act("click", where=where, block_id="kind", action_id="kind", selected_option={"value": "fax"})
    with pytest.raises(Refused, match="no_such_element"):
        emma.act("click", where=where, block_id="kind", action_id="gone")


def test_a_late_answer_keeps_the_modal_open_and_says_so(
    opens: Callable[..., None], connected: App, emma: Actor
) -> None:
    late = threading.Event()
    connected.view("form")(lambda ack: (late.wait(PATIENCE), ack()))
    opens(section())
    emma.slack.settings(ack_seconds=0.1)

    told = emma.submit()

    assert (told["error"], told["toast"]) == ("operation_timeout", LATE)
    assert emma.modal["title"]["text"] == "Form"
    late.set()
    assert [surprise["kind"] for surprise in emma.slack.surprises()] == ["not_acked"]
