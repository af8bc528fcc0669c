"""What people do outside of modals reaches the bot as from Slack, and its answers reach them."""

import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.sandbox import Sandbox
from tests.bot.sandbox.conftest import Json, button, keeps, menu, section
from tests.slack_driver import Actor, Refused, SlackDriver


@pytest.fixture
def emma(slack: SlackDriver) -> Actor:
    return slack.as_user("U0EMMA")


def card(client: WebClient, *elements: Json) -> Json:
    blocks = [
        section("*Card*"),
        {"type": "actions", "block_id": "acts", "elements": list(elements or [button()])},
    ]
    answer = client.chat_postMessage(channel="C0ESCAL", text="card", blocks=blocks)
    return {"channel": "C0ESCAL", "ts": answer["ts"], "blocks": blocks}


def answer_to(url: str, **body: Any) -> int:
    payload = str(body).replace("'", '"').replace("True", "true").encode()
    request = urllib.request.Request(url, payload, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


def test_a_command_carries_who_where_and_what(connected: App, emma: Actor) -> None:
    got: list[Json] = []
    connected.command("/small")(keeps(got))

    assert emma.command("/small  show  A&B <x>", channel="D0EMMA")["ok"]

    sent = got[0]
    assert (sent["user_id"], sent["channel_id"], sent["channel_name"]) == (
        "U0EMMA",
        "D0EMMA",
        "directmessage",
    )
    assert (sent["command"], sent["text"]) == ("/small", "show  A&amp;B &lt;x&gt;")
    assert sent["trigger_id"]
    assert sent["response_url"].startswith("http://127.0.0.1:")


def test_an_ack_with_text_is_shown_to_who_typed(connected: App, emma: Actor, slack: SlackDriver) -> None:
    connected.command("/small")(lambda ack: ack("Only you see this"))

    emma.command("/small")

    assert [(ephemeral["text"], ephemeral["ephemeral_to"]) for ephemeral in slack.ephemerals()] == [
        ("Only you see this", "U0EMMA")
    ]


def test_a_command_the_bot_never_acks_fails_for_the_person(connected: App, emma: Actor, slack: SlackDriver) -> None:
    connected.command("/small")(lambda logger: None)  # noqa: ARG005 - Bolt injects by name
    slack.settings(ack_seconds=0.2)

    told = emma.command("/small new")

    assert told["error"] == "operation_timeout"
    assert slack.toasts("U0EMMA") == ["/small failed because the app did not respond."]
    assert slack.toasts("U0LINA") == []


def test_a_command_fails_at_once_while_nobody_is_connected(emma: Actor) -> None:
    told = emma.command("/small")

    assert (told["ok"], told["error"]) == (False, "dispatch_failed")
    assert told["ms"] < 10_000  # an answer would be waited for thirty seconds


def test_slack_knows_only_the_manifests_commands_and_not_in_threads(emma: Actor, slack: SlackDriver) -> None:
    assert emma.command("/large")["error"] == "unknown_command"
    assert emma.act("command", channel="C0ESCAL", text="/small", thread_ts="1.1")["error"] == "not_in_thread"
    slack.person("U0OTHER", team_id="T0OTHER", channels=["C0ESCAL"])
    assert slack.as_user("U0OTHER").command("/small")["error"] == "unknown_command"
    with pytest.raises(Refused, match="not_in_channel"):
        slack.as_user("U0TOM").command("/small", channel="C0ONCALL")


def test_a_click_brings_the_message_and_a_way_to_answer(connected: App, client: WebClient, emma: Actor) -> None:
    got: list[Json] = []
    connected.action("press")(keeps(got, text="done"))

    assert emma.click(card(client), "Press")["ok"]

    assert emma.slack.wait_for(emma.slack.ephemerals)[0]["text"] == "done"
    assert (got[0]["container"]["type"], got[0]["message"]["text"]) == ("message", "card")
    assert got[0]["actions"][0]["action_ts"]


def test_a_click_on_an_ephemeral_does_not_repeat_its_text(connected: App, client: WebClient, emma: Actor) -> None:
    got: list[Json] = []
    connected.action("press")(keeps(got, text="!", replace_original=True))
    blocks = [{"type": "actions", "block_id": "acts", "elements": [button()]}]
    client.chat_postEphemeral(channel="C0ESCAL", user="U0EMMA", text="psst", blocks=blocks)

    emma.click(emma.slack.ephemerals()[0], "Press")

    assert got[0]["container"]["is_ephemeral"]
    assert "message" not in got[0]
    emma.slack.wait_for(
        lambda: [ephemeral["text"] for ephemeral in emma.slack.ephemerals()] == ["!"], what="the replacement"
    )
    with pytest.raises(Refused, match="message_not_found"):
        emma.slack.as_user("U0WANG").click(emma.slack.ephemerals()[0] | {"blocks": blocks}, "Press")


def test_a_menu_on_a_message_tells_what_was_chosen(connected: App, client: WebClient, emma: Actor) -> None:
    got: list[Json] = []
    connected.action("more")(keeps(got))
    message = card(client, menu("edit", "drop", kind="overflow", action_id="more"))
    message["blocks"] = emma.slack.messages("C0ESCAL")[0]["blocks"]

    emma.click(message, "more", option="drop")

    assert got[0]["actions"][0]["selected_option"]["value"] == "drop"


def test_shortcuts_say_what_slack_knows_of_them(connected: App, emma: Actor) -> None:
    got: list[Json] = []
    connected.shortcut("new")(keeps(got))
    connected.shortcut("this")(keeps(got))
    ts = emma.post("Mail is <down> & out")

    assert emma.shortcut("new")["ok"]
    assert emma.message_shortcut("this", {"channel": "C0ESCAL", "ts": ts})["ok"]

    assert "channel" not in got[0]
    assert "response_url" not in got[0]
    assert got[1]["message"]["text"] == "Mail is &lt;down&gt; &amp; out"
    assert got[1]["channel"]["id"] == "C0ESCAL"


def test_app_home_is_opened_published_and_clicked(connected: App, emma: Actor) -> None:
    def opened(client: WebClient, event: Json) -> None:
        view = {"type": "home", "blocks": [{"type": "actions", "elements": [button()]}]}
        client.views_publish(user_id=event["user"], view=view)

    got: list[Json] = []
    connected.event("app_home_opened")(opened)
    connected.action("press")(keeps(got))
    emma.open_home()
    emma.slack.wait_for(lambda: emma.slack.home("U0EMMA"), what="the Home")

    assert emma.press_home("Press")["ok"]
    assert got[0]["view"]["type"] == "home"


def test_only_subscribed_events_are_sent(connected: App, emma: Actor, slack: SlackDriver) -> None:
    heard: list[str] = []
    connected.event("message")(lambda event: heard.append(event["text"]))
    emma.post("hello", channel="D0EMMA")
    emma.post("hello all")

    slack.wait_for(lambda: heard, what="the message event")
    assert heard == ["hello all"]
    slack.wait_for(lambda: slack.traffic(name="message"), what="the traffic")
    assert [one["request"]["event"]["channel"] for one in slack.traffic(name="message")] == ["C0ESCAL"]


def test_a_response_url_answers_five_times_in_thirty_minutes(connected: App, emma: Actor, slack: SlackDriver) -> None:
    got: list[Json] = []
    connected.command("/small")(keeps(got))
    emma.command("/small")
    emma.command("/small")
    urls = [one["response_url"] for one in got]

    assert [answer_to(urls[0], text=str(n)) for n in range(6)] == [200, 200, 200, 200, 200, 404]
    assert answer_to(urls[1], text="x", response_type="in_channel") == 200
    assert [message["text"] for message in slack.messages("C0ESCAL")] == ["x"]
    assert answer_to(urls[1], blocks=[{"type": "hologram"}]) == 400
    slack.advance_clock(30 * 60 + 1)
    assert answer_to(urls[1], text="too late") == 404


def test_an_answer_may_replace_or_delete_the_message_clicked(
    connected: App, client: WebClient, emma: Actor, slack: SlackDriver
) -> None:
    got: list[Json] = []
    connected.action("press")(keeps(got))
    emma.click(card(client), "Press")
    url = got[0]["response_url"]

    answer_to(url, text="replaced", replace_original=True)
    assert [(message["text"], message.get("blocks")) for message in slack.messages("C0ESCAL")] == [("replaced", None)]
    answer_to(url, delete_original=True)
    assert slack.messages("C0ESCAL") == []


def test_people_edit_delete_and_react(emma: Actor, slack: SlackDriver) -> None:
    ts = emma.post("helo")
    message = {"channel": "C0ESCAL", "ts": ts}
    emma.act("edit", text="hello", **message)
    emma.act("react", name="eyes", **message)

    shown = slack.messages("C0ESCAL")[0]
    assert (shown["text"], shown["edited"]["user"], shown["reactions"][0]["users"]) == (
        "hello",
        "U0EMMA",
        ["U0EMMA"],
    )
    with pytest.raises(Refused, match="cant_delete_message"):
        slack.as_user("U0WANG").delete(message)
    slack.as_user("U0LINA").delete(message)
    assert slack.messages("C0ESCAL") == []


def test_a_file_needs_the_apps_token(sandbox: Sandbox, emma: Actor, slack: SlackDriver) -> None:
    emma.post("see", files=[{"name": "shot.png", "content": "aGVsbG8="}])
    file = slack.messages("C0ESCAL")[0]["files"][0]
    url = f"{sandbox.base_url}{file['url_private']}"

    with urllib.request.urlopen(url) as anybody:  # noqa: S310
        assert b"Sign in" in anybody.read()
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {sandbox.bot_token}"})  # noqa: S310
    with urllib.request.urlopen(request) as app:  # noqa: S310
        assert app.read() == b"hello"
