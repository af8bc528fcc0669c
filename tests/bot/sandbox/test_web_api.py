"""The Web API answers as Slack would: who may call what, how often, and what each wrong call is told."""

import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from tests.bot.sandbox.conftest import Json, button, modal, section
from tests.slack_driver import SlackDriver

CARD: Json = {"channel": "C0ESCAL", "text": "card"}
METADATA = {"event_type": "outbox", "event_payload": {"id": "1"}}


def error_of(client: WebClient, method: str, **args: Any) -> str:
    with pytest.raises(SlackApiError) as refusal:
        client.api_call(method, json=args)
    return str(refusal.value.response["error"])


def posted(client: WebClient, **more: Any) -> str:
    return str(client.api_call("chat.postMessage", json={**CARD, **more})["ts"])


REFUSED = {
    "no text and no blocks": ("chat.postMessage", {"channel": "C0ESCAL"}, "no_text"),
    "a channel nobody knows": ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    "a channel's name": (
        "chat.postMessage",
        {"channel": "#csp-escalations", "text": "x"},
        "channel_not_found",
    ),
    "a channel the bot is not in": ("chat.postMessage", {"channel": "C0OUT", "text": "x"}, "not_in_channel"),
    "a private channel it is not in": (
        "chat.postMessage",
        {"channel": "C0SECRET", "text": "x"},
        "channel_not_found",
    ),
    "an archived channel": ("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived"),
    "blocks that are no list": (
        "chat.postMessage",
        {**CARD, "blocks": {"type": "section"}},
        "invalid_blocks_format",
    ),
    "blocks that are not JSON": ("chat.postMessage", {**CARD, "blocks": "[{"}, "invalid_blocks_format"),
    "an unknown block": ("chat.postMessage", {**CARD, "blocks": [{"type": "x"}]}, "invalid_blocks"),
    "metadata without a payload": (
        "chat.postMessage",
        {**CARD, "metadata": {"event_type": "x"}},
        "invalid_metadata_format",
    ),
    "metadata that is too large": (
        "chat.postMessage",
        {**CARD, "metadata": {"event_type": "x", "event_payload": {"id": "x" * 17_000}}},
        "metadata_too_large",
    ),
    "a thread that is not there": (
        "chat.postMessage",
        {**CARD, "thread_ts": "1.000001"},
        "cannot_reply_to_message",
    ),
    "an update of nothing": ("chat.update", {**CARD, "ts": "1.000001"}, "message_not_found"),
    "a deletion of nothing": ("chat.delete", {"channel": "C0ESCAL", "ts": "1.000001"}, "message_not_found"),
    "a permalink to nothing": (
        "chat.getPermalink",
        {"channel": "C0ESCAL", "message_ts": "1.1"},
        "message_not_found",
    ),
    "a whisper to an outsider": (
        "chat.postEphemeral",
        {"channel": "C0ONCALL", "user": "U0TOM", "text": "x"},
        "user_not_in_channel",
    ),
    "history of a channel it is not in": ("conversations.history", {"channel": "C0OUT"}, "not_in_channel"),
    "history from a date in words": (
        "conversations.history",
        {"channel": "C0ESCAL", "oldest": "monday"},
        "invalid_ts_oldest",
    ),
    "history of 1,000 a page": (
        "conversations.history",
        {"channel": "C0ESCAL", "limit": 1000},
        "invalid_limit",
    ),
    "history after a made-up cursor": (
        "conversations.history",
        {"channel": "C0ESCAL", "cursor": "abc"},
        "invalid_cursor",
    ),
    "a thread nobody started": (
        "conversations.replies",
        {"channel": "C0ESCAL", "ts": "1.1"},
        "thread_not_found",
    ),
    "a missing argument": ("users.info", {}, "invalid_arguments"),
    "a person nobody knows": ("users.info", {"user": "U0NONE"}, "user_not_found"),
    "an empty user group": (
        "usergroups.users.update",
        {"usergroup": "S0ONCALL", "users": ""},
        "no_users_provided",
    ),
    "a group with somebody who left": (
        "usergroups.users.update",
        {"usergroup": "S0ONCALL", "users": "U0WANG,U0GONE"},
        "invalid_users",
    ),
    "a group with a stranger": (
        "usergroups.users.update",
        {"usergroup": "S0ONCALL", "users": "U0OTHER"},
        "failed_for_some_users",
    ),
    "a group with a guest": (
        "usergroups.users.update",
        {"usergroup": "S0ONCALL", "users": "U0WANG,U0TOM"},
        "single_channel_guests_cannot_be_added",
    ),
    "a group with a bot": ("usergroups.users.update", {"usergroup": "S0ONCALL", "users": "U0BOT"}, "invalid_user"),
    "a group nobody made": ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
    "a direct message with a bot": ("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot"),
    "a direct message with somebody who left": ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
    "a modal without a trigger": ("views.open", {"view": modal()}, "invalid_arguments"),
    "a modal with a made-up trigger": (
        "views.open",
        {"view": modal(), "trigger_id": "1.2.3"},
        "invalid_trigger_id",
    ),
    "an update of a closed modal": ("views.update", {"view": modal(), "view_id": "V0"}, "not_found"),
    "a Home for nobody": (
        "views.publish",
        {"view": {"type": "home", "blocks": []}, "user_id": "U0X"},
        "invalid_arguments",
    ),
    "a modal as Home": ("views.publish", {"view": modal(), "user_id": "U0EMMA"}, "invalid_arguments"),
    "the same reaction twice": (
        "reactions.add",
        {"channel": "C0ESCAL", "name": "eyes", "timestamp": "TS"},
        "already_reacted",
    ),
    "a reaction that is not there": (
        "reactions.remove",
        {"channel": "C0ESCAL", "name": "x", "timestamp": "TS"},
        "no_reaction",
    ),
    "another's message to change": ("chat.update", {**CARD, "ts": "THEIRS"}, "cant_update_message"),
    "another's message to delete": (
        "chat.delete",
        {"channel": "C0ESCAL", "ts": "THEIRS"},
        "cant_delete_message",
    ),
    "an update of 4,001 characters": (
        "chat.update",
        {"channel": "C0ESCAL", "ts": "TS", "text": "x" * 4001},
        "msg_too_long",
    ),
    "a method nobody knows": ("chat.shout", CARD, "unknown_method"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_slack_refuses(case: str, client: WebClient, slack: SlackDriver) -> None:
    slack.channel("C0OUT")
    slack.channel("C0SECRET", is_private=True)
    slack.channel("C0OLD", is_archived=True, members=["U0BOT"])
    slack.person("U0GONE", is_deleted=True)
    slack.person("U0OTHER", team_id="T0OTHER")
    theirs, own = slack.as_user("U0EMMA").post("hello"), posted(client)
    client.reactions_add(channel="C0ESCAL", name="eyes", timestamp=own)
    method, args, error = REFUSED[case]
    known = {key: {"TS": own, "THEIRS": theirs}.get(str(value), value) for key, value in args.items()}

    assert error_of(client, method, **known) == error


def test_the_refusal_of_a_block_says_where_it_is_wrong(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(**CARD, blocks=[section(), section("x" * 3001)])

    told = "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    assert refusal.value.response["errors"] == [told]
    assert refusal.value.response["response_metadata"]["messages"] == [f"[ERROR] {told}"]


def test_a_token_must_be_the_right_one(sandbox: Sandbox) -> None:
    def auth(token: str | None) -> str:
        return error_of(WebClient(token, base_url=sandbox.api_url), "auth.test")

    assert auth("xoxb-made-up") == "invalid_auth"
    assert auth(None) == "not_authed"
    assert auth(sandbox.app_token) == "not_allowed_token_type"
    assert (
        error_of(WebClient(sandbox.bot_token, base_url=sandbox.api_url), "apps.connections.open")
        == "not_allowed_token_type"
    )


def test_a_revoked_token_opens_nothing(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(closed_groups=True)
    assert error_of(client, "usergroups.users.update", usergroup="S0ONCALL", users="U0WANG") == "permission_denied"
    slack.settings(token_revoked=True)

    assert error_of(client, "auth.test") == "token_revoked"


def test_a_token_in_the_address_is_not_read(sandbox: Sandbox) -> None:
    with urllib.request.urlopen(f"{sandbox.api_url}auth.test?token={sandbox.bot_token}") as answer:  # noqa: S310
        assert b"not_authed" in answer.read()


def test_a_missing_scope_is_named_with_what_was_granted(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(scopes=["chat:write", "commands"])

    with pytest.raises(SlackApiError) as refusal:
        client.conversations_history(channel="C0ESCAL")

    answer = refusal.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "channels:history",
        "chat:write,commands",
    )


def test_which_scope_is_needed_depends_on_the_conversation(client: WebClient, slack: SlackDriver) -> None:
    slack.channel("C0SECRET", is_private=True, members=["U0BOT"])

    with pytest.raises(SlackApiError) as refusal:
        client.conversations_history(channel="C0SECRET")

    assert refusal.value.response["needed"] == "groups:history"
    client.conversations_history(channel="D0EMMA")


def test_each_answer_tells_the_scopes_granted(client: WebClient) -> None:
    headers = {key.lower(): value for key, value in dict(client.auth_test().headers).items()}

    assert "channels:history" in headers["x-oauth-scopes"].split(",")


def test_a_method_or_argument_nobody_documents_is_a_surprise(client: WebClient, slack: SlackDriver) -> None:
    posted(client, colour="red")
    error_of(client, "chat.shout")

    assert [(surprise["kind"], surprise["detail"]) for surprise in slack.surprises()] == [
        ("unknown_argument", "chat.postMessage: colour"),
        ("unknown_method", "chat.shout"),
    ]


@pytest.mark.usefixtures("still")
def test_a_channel_takes_a_short_burst_and_then_one_post_a_second(client: WebClient, slack: SlackDriver) -> None:
    for _ in range(4):
        posted(client)

    with pytest.raises(SlackApiError) as refusal:
        posted(client)

    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "1"
    assert posted(client, channel="C0ONCALL")
    slack.advance_clock(1)
    assert posted(client)


@pytest.mark.usefixtures("still")
def test_a_method_may_be_called_so_often_a_minute(client: WebClient, slack: SlackDriver) -> None:
    for _ in range(20):
        client.usergroups_list()

    with pytest.raises(SlackApiError) as refusal:
        client.usergroups_list()

    assert 0 < int(refusal.value.response.headers["Retry-After"]) <= 60
    slack.advance_clock(60)
    client.usergroups_list()


@pytest.mark.usefixtures("still")
def test_limits_can_be_scaled_and_switched_off(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(rate_scale=0)
    assert len({posted(client) for _ in range(50)}) == 50

    slack.settings(rate_scale=1)
    for _ in range(4):
        posted(client)
    assert error_of(client, "chat.postMessage", **CARD) == "ratelimited"


@pytest.mark.usefixtures("still")
def test_history_of_an_app_sold_outside_the_marketplace_is_slow(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(rate_scale=0)
    for _ in range(20):
        posted(client)
    slack.settings(rate_scale=1, commercial=True)

    assert len(client.conversations_history(channel="C0ESCAL")["messages"]) == 15
    assert error_of(client, "conversations.history", channel="C0ESCAL") == "ratelimited"


def test_metadata_is_told_only_to_who_asks(client: WebClient) -> None:
    posted(client, metadata=METADATA)

    assert "metadata" not in client.conversations_history(channel="C0ESCAL")["messages"][0]
    asked = client.conversations_history(channel="C0ESCAL", include_all_metadata=True)
    assert asked["messages"][0]["metadata"] == METADATA


def test_an_update_keeps_metadata_unless_it_is_emptied(client: WebClient, slack: SlackDriver) -> None:
    ts = posted(client, metadata=METADATA)

    client.chat_update(channel="C0ESCAL", ts=ts, text="changed")
    assert slack.messages("C0ESCAL")[0]["metadata"] == METADATA
    client.chat_update(channel="C0ESCAL", ts=ts, text="changed", metadata={})
    assert "metadata" not in slack.messages("C0ESCAL")[0]


def test_an_update_keeps_blocks_unless_it_brings_others(client: WebClient, slack: SlackDriver) -> None:
    ts = posted(client, blocks=[section("old", block_id="a")])

    client.chat_update(channel="C0ESCAL", ts=ts, text="changed")
    assert slack.messages("C0ESCAL")[0]["blocks"][0]["block_id"] == "a"
    client.chat_update(channel="C0ESCAL", ts=ts, text="changed", blocks=[section("new", block_id="b")])
    assert slack.messages("C0ESCAL")[0]["blocks"][0]["block_id"] == "b"


def test_a_post_is_cut_after_40000_characters(client: WebClient, slack: SlackDriver) -> None:
    posted(client, text="x" * 40_001)

    assert len(slack.messages("C0ESCAL")[0]["text"]) == 40_000


def test_history_shows_newest_first_and_pages(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(rate_scale=0)
    stamps = [posted(client, text=str(n)) for n in range(5)]
    posted(client, thread_ts=stamps[0], text="a reply")

    first = client.conversations_history(channel="C0ESCAL", limit=3)
    rest = client.conversations_history(channel="C0ESCAL", cursor=first["response_metadata"]["next_cursor"])

    assert [one["ts"] for one in [*first["messages"], *rest["messages"]]] == stamps[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    since = client.conversations_history(channel="C0ESCAL", oldest=stamps[3])
    assert [one["text"] for one in since["messages"]] == ["4"]
    including = client.conversations_history(channel="C0ESCAL", oldest=stamps[3], inclusive=True)
    assert [one["text"] for one in including["messages"]] == ["4", "3"]


def test_replies_begin_with_their_parent(client: WebClient) -> None:
    parent = posted(client, text="parent")
    answers = [posted(client, text=str(n), thread_ts=parent) for n in range(2)]

    thread = client.conversations_replies(channel="C0ESCAL", ts=parent, oldest=answers[0])

    assert [one["text"] for one in thread["messages"]] == ["parent", "1"]
    assert thread["messages"][0]["reply_count"] == 2


def test_a_young_message_may_not_be_found_yet(client: WebClient, slack: SlackDriver) -> None:
    slack.settings(history_lag=30)
    posted(client)

    assert client.conversations_history(channel="C0ESCAL")["messages"] == []
    slack.advance_clock(31)
    assert len(client.conversations_history(channel="C0ESCAL")["messages"]) == 1


def test_a_deleted_parent_leaves_a_tombstone_over_its_replies(client: WebClient, slack: SlackDriver) -> None:
    parent = posted(client)
    posted(client, thread_ts=parent, text="reply")

    client.chat_delete(channel="C0ESCAL", ts=parent)

    assert client.conversations_history(channel="C0ESCAL")["messages"] == []
    thread = client.conversations_replies(channel="C0ESCAL", ts=parent)["messages"]
    assert [one.get("subtype") for one in thread] == ["tombstone", None]
    assert error_of(client, "chat.update", channel="C0ESCAL", ts=parent, text="x") == "message_not_found"


def test_client_msg_id_is_ignored_unless_the_workspace_looks_at_it(client: WebClient, slack: SlackDriver) -> None:
    assert posted(client, client_msg_id="one") != posted(client, client_msg_id="one")

    slack.settings(dedupe_client_msg_id=True)
    assert posted(client, client_msg_id="two") == posted(client, client_msg_id="two")


def test_whom_a_message_pings_is_noted(client: WebClient, slack: SlackDriver) -> None:
    ts = posted(client, text="<!channel>", blocks=[section("<@U0EMMA>")])
    assert slack.messages("C0ESCAL")[0]["pings"] == ["<@U0EMMA>", "<!channel>"]

    client.chat_update(channel="C0ESCAL", ts=ts, text="@here", parse="none")
    assert "pings" not in slack.messages("C0ESCAL")[0]
    client.chat_update(channel="C0ESCAL", ts=ts, text="@here")
    assert slack.messages("C0ESCAL")[0]["pings"] == ["@here"]


def test_people_are_told_with_locale_only_on_request(client: WebClient) -> None:
    assert "locale" not in client.users_info(user="U0LINA")["user"]
    user = client.users_info(user="U0LINA", include_locale=True)["user"]
    assert (user["locale"], user["tz_offset"], user["profile"].get("email")) == ("zh-CN", 8 * 3600, None)
    guest = client.users_info(user="U0TOM")["user"]
    assert (guest["is_restricted"], guest["is_ultra_restricted"]) == (True, True)


def test_a_user_group_is_replaced_as_a_whole(client: WebClient, slack: SlackDriver) -> None:
    client.usergroups_users_update(usergroup="S0ONCALL", users=["U0EMMA", "U0LINA"])

    assert slack.state("usergroups")["usergroups"][0]["users"] == ["U0EMMA", "U0LINA"]
    client.usergroups_disable(usergroup="S0ONCALL")
    assert client.usergroups_list()["usergroups"] == []
    client.usergroups_enable(usergroup="S0ONCALL")
    assert client.usergroups_users_list(usergroup="S0ONCALL")["users"] == ["U0EMMA", "U0LINA"]


def test_a_file_is_shared_in_three_steps(client: WebClient, slack: SlackDriver) -> None:
    client.files_upload_v2(channel="C0ESCAL", content="a,b\n", filename="export.csv", initial_comment="Here")

    message = slack.messages("C0ESCAL")[0]
    assert (message["text"], message["files"][0]["name"], message["files"][0]["size"]) == (
        "Here",
        "export.csv",
        4,
    )


def test_bookmarks_are_kept_and_messages_have_an_address(
    client: WebClient, slack: SlackDriver, sandbox: Sandbox
) -> None:
    client.bookmarks_add(channel_id="C0ESCAL", title="Portal", type="link", link="https://portal.example")
    ts = posted(client)

    assert slack.state("bookmarks")["bookmarks"]["C0ESCAL"][0]["title"] == "Portal"
    link = client.chat_getPermalink(channel="C0ESCAL", message_ts=ts)["permalink"]
    assert link == f"{sandbox.page_url}archives/C0ESCAL/p{ts.replace('.', '')}"


def test_a_message_to_a_person_lands_in_their_direct_message(client: WebClient, slack: SlackDriver) -> None:
    answer = client.chat_postMessage(
        channel="U0EMMA", text="hello", blocks=[{"type": "actions", "elements": [button()]}]
    )

    assert answer["channel"] == client.conversations_open(users="U0EMMA")["channel"]["id"]
    assert [one["text"] for one in slack.dms("U0EMMA")] == ["hello"]


def test_a_home_is_published_and_guarded_by_its_hash(client: WebClient, slack: SlackDriver) -> None:
    home: Json = {"type": "home", "blocks": [section("one")]}
    first = client.views_publish(user_id="U0EMMA", view=home)["view"]
    second = client.views_publish(user_id="U0EMMA", view=home, hash=first["hash"])["view"]

    assert second["id"] == first["id"]
    assert error_of(client, "views.publish", user_id="U0EMMA", view=home, hash=first["hash"]) == "hash_conflict"
