"""A press shows its effect where it was made, and a press that came too late or twice is answered there."""

import json
from typing import Any

import pytest

from handlers.press_replies import reply
from tests.handlers import block_limits, payloads
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member

Json = dict[str, Any]
FORMS = ("record", "resolve", "note", "hand_over", "snooze", "withdraw", "correct")


def button(move: str, number: int = 1) -> Json:
    return payloads.button(f"card.{move}", json.dumps({"n": number, "v": 1}))


def shown_from_home(emma: Member) -> Json:
    """The modal that *Show* opens from the Home tab."""
    emma.raise_one()
    emma.stage.deliver(payloads.event(emma.user))
    home = emma.stage.slack.surfaces.homes[emma.user]
    show = payloads.button("look.show", json.dumps({"n": 1, "v": 1}))
    emma.stage.deliver(payloads.view_click(emma.user, emma.trigger, home, show))
    return emma.modal


def private(emma: Member, acted: Json) -> HandlerResult:
    """A press in a private answer: Slack sends no message with it."""
    pressed = payloads.click(emma.user, emma.trigger, acted)
    pressed["container"]["is_ephemeral"] = True
    del pressed["message"]
    return emma.stage.deliver(pressed)


def direct(emma: Member, acted: Json, blocks: list[Json]) -> HandlerResult:
    """A press in a direct message that shows these blocks."""
    pressed = payloads.click(emma.user, emma.trigger, acted)
    pressed["channel"]["id"] = "D0EMMA"
    pressed["message"]["blocks"] = blocks
    return emma.stage.deliver(pressed)


def actions(*acted: Json) -> Json:
    return {"type": "actions", "block_id": "b1", "elements": list(acted)}


SAID: Json = {"type": "section", "block_id": "b0", "text": {"type": "mrkdwn", "text": "Please acknowledge CSP-1"}}


def test_the_modal_that_show_opens_from_home_shows_the_press(stage: Stage, emma: Member) -> None:
    view = shown_from_home(emma)
    assert "nobody yet" in block_limits.read(view["blocks"])

    stage.deliver(payloads.view_click(emma.user, emma.trigger, view, button("acknowledge")))

    said = block_limits.read(emma.modal["blocks"])
    assert "Acknowledged" in said
    assert "nobody yet" not in said
    assert "card.acknowledge" not in json.dumps(emma.modal)
    assert "Acknowledged" in block_limits.read(stage.slack.surfaces.homes[emma.user]["blocks"])


@pytest.mark.parametrize(
    ("choice", "said"), [("look.history", "raised this escalation"), ("look.copy", "Mail is down")]
)
def test_the_menu_of_that_modal_answers_in_it(stage: Stage, emma: Member, choice: str, said: str) -> None:
    view = shown_from_home(emma)
    chosen = payloads.menu(f"{choice} {json.dumps({'n': 1, 'v': 1})}")

    heard = stage.deliver(payloads.view_click(emma.user, emma.trigger, view, chosen))

    assert heard.told == []
    assert said in block_limits.read(emma.modal["blocks"])
    assert "card.acknowledge" not in json.dumps(emma.modal)


def test_a_press_in_a_modal_that_was_closed_meanwhile_is_stored_and_no_error(
    stage: Stage, emma: Member, caplog: pytest.LogCaptureFixture
) -> None:
    view = shown_from_home(emma)
    stage.slack.surfaces.close(emma.user, view["id"])

    heard = stage.deliver(payloads.view_click(emma.user, emma.trigger, view, button("acknowledge")))

    assert (heard.status, stage.escalation().owner) == (200, emma.user)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_private_answer_is_replaced_by_the_card_as_it_is_now(stage: Stage, emma: Member) -> None:
    emma.raise_one()

    [answer] = private(emma, button("acknowledge")).told

    assert answer["replace_original"]
    assert "Acknowledged" in block_limits.read(answer["blocks"])
    assert "card.acknowledge" not in json.dumps(answer["blocks"])


def test_a_form_opened_from_a_private_answer_shows_its_effect_there(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    assert private(emma, button("resolve")).told == []

    [answer] = emma.fill(fix="Mail flow restored").submit().told

    assert (answer["url"], answer["replace_original"]) == (payloads.HOOK, True)
    assert "Resolved" in block_limits.read(answer["blocks"])


def test_a_form_opened_from_home_shows_its_effect_on_home(stage: Stage, emma: Member) -> None:
    view = shown_from_home(emma)
    stage.deliver(payloads.view_click(emma.user, emma.trigger, view, button("resolve")))

    emma.fill(fix="Mail flow restored").submit()

    assert "Resolved" in block_limits.read(stage.slack.surfaces.homes[emma.user]["blocks"])


def test_a_form_opened_from_a_card_answers_nowhere(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("resolve")

    assert emma.fill(fix="Mail flow restored").submit().told == []


def test_a_direct_message_shows_the_press_in_place_of_its_buttons(stage: Stage, emma: Member) -> None:
    emma.raise_one()

    [answer] = direct(emma, button("acknowledge"), [SAID, actions(button("acknowledge"), button("resolve"))]).told

    assert answer["replace_original"]
    assert block_limits.read(answer["blocks"]) == "Please acknowledge CSP-1\nCSP-1 · 👀 Acknowledged"
    assert "card." not in json.dumps(answer["blocks"])


def test_a_direct_message_about_several_keeps_the_buttons_of_the_others(stage: Stage, emma: Member) -> None:
    for _ in range(2):
        emma.raise_one()
    several = [SAID, actions(button("acknowledge", 1)), {**SAID, "accessory": button("acknowledge", 2)}]

    assert direct(emma, button("acknowledge"), several).told == []
    assert stage.escalation(1).owner == emma.user


@pytest.mark.parametrize(
    ("move", "filled", "said"),
    [
        ("resolve", {"fix": "Mail flow restored"}, "CSP-1 · ✅ Resolved · solved by ourselves"),
        ("record", {"request_number": "MS-4711"}, "CSP-1 · 📨 Submitted to 21Vianet"),
        ("hand_over", {"owner": "U0LINA"}, "CSP-1 · 🆕 Open"),
    ],
)
def test_a_form_opened_from_a_direct_message_shows_its_effect_there(
    emma: Member, move: str, filled: Json, said: str
) -> None:
    emma.raise_one()
    assert direct(emma, button(move), [SAID, actions(button("acknowledge"), button(move))]).told == []

    [answer] = emma.fill(**filled).submit().told

    assert (answer["url"], answer["replace_original"]) == (payloads.HOOK, True)
    assert block_limits.read(answer["blocks"]) == f"Please acknowledge CSP-1\n{said}"
    assert "card." not in json.dumps(answer["blocks"])


@pytest.mark.parametrize("left", ["", "null", "{", "7", "[" * 2000])
def test_a_form_that_lost_what_it_carried_of_a_direct_message_still_says_what_came_of_it(
    emma: Member, left: str
) -> None:
    emma.raise_one()
    direct(emma, button("resolve"), [SAID, actions(button("resolve"))])
    carried = emma.modal["private_metadata"].rpartition("\n")[0]

    heard = emma.fill(fix="Mail flow restored").submit(private_metadata=f"{carried}\n{left}")

    assert "Resolved" in heard.words


def test_a_form_opened_from_a_direct_message_about_several_or_a_long_one_leaves_it_to_the_outbox(
    stage: Stage, emma: Member
) -> None:
    for _ in range(2):
        emma.raise_one()
    long = {**SAID, "text": {"type": "mrkdwn", "text": "文" * 2900}}
    for message in ([SAID, actions(button("resolve", 1), button("resolve", 2))], [long, actions(button("resolve", 1))]):
        direct(emma, button("resolve"), message)
        assert len(emma.modal["private_metadata"]) < 100
    assert emma.fill(fix="Mail flow restored").submit().told == []
    assert stage.escalation(1).fix == "Mail flow restored"


@pytest.mark.parametrize("move", FORMS)
def test_a_press_delivered_twice_opens_its_form_once_and_says_nothing_of_an_error(
    stage: Stage, lina: Member, move: str, caplog: pytest.LogCaptureFixture
) -> None:
    lina.raise_one()
    press = payloads.click(lina.user, lina.trigger, button(move))
    stage.slack.calls.clear()

    first, again = stage.deliver(press), stage.deliver(press)

    assert (first.told, again.told) == ([], [])
    assert lina.modal["callback_id"] == f"sheet.{move}"
    assert stage.slack.calls == ["views.open"] * 2
    assert [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_every_other_way_to_a_form_may_be_delivered_twice_as_well(stage: Stage, emma: Member) -> None:
    ways = [
        payloads.command(emma.user, "new", emma.trigger),
        payloads.shortcut(emma.user, emma.trigger),
        payloads.message_shortcut(emma.user, emma.trigger, "Mail"),
        payloads.click(emma.user, emma.trigger, payloads.button("home.new", "")),
    ]
    for way in ways:
        assert stage.deliver(way).told == stage.deliver(way).told == []
        assert emma.modal["callback_id"] == "form"


def test_a_press_that_came_too_late_for_its_form_is_told_so_where_it_was_made(stage: Stage, emma: Member) -> None:
    view = shown_from_home(emma)
    stage.slack.refuses = "expired_trigger_id"
    assert "more than three seconds" in emma.press("note").text

    stage.slack.refuses = "expired_trigger_id"
    stage.deliver(payloads.view_click(emma.user, emma.trigger, view, button("note")))
    assert "more than three seconds" in block_limits.read(emma.modal["blocks"])


def test_on_the_home_tab_a_press_that_came_too_late_is_told_so_on_the_tab(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    stage.deliver(payloads.event(emma.user))
    home = stage.slack.surfaces.homes[emma.user]
    stage.slack.expired = True

    stage.deliver(payloads.view_click(emma.user, emma.trigger, home, payloads.button("home.new", "")))

    said = block_limits.read(stage.slack.surfaces.homes[emma.user]["blocks"])
    assert "more than three seconds" in said
    assert "Mail is down" in said


@pytest.mark.parametrize("label", ["I take over", "我接班"])
def test_the_reply_in_a_direct_message_stands_instead_of_the_request_for_this_press(label: str) -> None:
    asks = f"🤝 *Handover*\n\nPlease press “{label}”. Bob remains on call."
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": asks}}, {"type": "actions", "elements": []}]
    body = {
        "channel": {"id": "D0EMMA"}, "message": {"blocks": blocks}, "actions": [{"text": {"text": label}}],
    }  # fmt: skip
    answers: list[Json] = []

    reply("✅ You take over at 12:00.", body, lambda **answer: answers.append(answer))

    (answer,) = answers
    assert block_limits.read(answer["blocks"]).replace("\n", "") == "🤝 *Handover*✅ You take over at 12:00."


def test_a_reply_below_a_message_that_only_asks_keeps_it() -> None:
    asks = {"type": "section", "text": {"type": "mrkdwn", "text": "Please press “I take over”."}}
    body = {
        "channel": {"id": "D0EMMA"}, "message": {"blocks": [asks]}, "actions": [{"text": {"text": "I take over"}}],
    }  # fmt: skip
    answers: list[Json] = []

    reply("✅ Noted.", body, lambda **answer: answers.append(answer))

    assert answers[0]["blocks"][0] == asks
