"""Uploads in three steps, pictures in blocks, topics: as strict as Slack about what may follow what."""

import json
import struct
import urllib.error
import urllib.request
import zlib
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from tests.bot.sandbox.conftest import section
from tests.slack_driver import SlackDriver

Json = dict[str, Any]


def png(width: int = 4, height: int = 2) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(width)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def error_of(client: WebClient, method: str, **args: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=args)
    answer = caught.value.response.data
    assert isinstance(answer, dict)
    return answer


def put(url: str, content: bytes, kind: str = "application/octet-stream") -> tuple[int, str]:
    request = urllib.request.Request(url, content, {"Content-Type": kind}, method="POST")  # noqa: S310 - our own sandbox
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, problem.read().decode()


def begun(client: WebClient, content: bytes, name: str = "rota.png", **more: Any) -> tuple[str, str]:
    """Step one: the file's id and where its bytes go."""
    answer = client.files_getUploadURLExternal(filename=name, length=len(content), **more)
    return str(answer["file_id"]), str(answer["upload_url"])


def uploaded(client: WebClient, content: bytes, name: str = "rota.png", **more: Any) -> str:
    """Steps one and two: a file that still has to be completed."""
    id_, url = begun(client, content, name, **more)
    assert put(url, content)[0] == 200
    return id_


def kept(client: WebClient, slack: SlackDriver, content: bytes, name: str = "rota.png", **more: Any) -> str:
    """A file Slack has done its work on."""
    id_ = uploaded(client, content, name)
    client.files_completeUploadExternal(files=[{"id": id_, "title": "Rota"}], **more)
    slack.advance_clock(2)
    return id_


def picture(**file: str) -> Json:
    return {"type": "image", "alt_text": "Who is on call", "slack_file": file}


def test_a_picture_is_posted_with_its_comment(client: WebClient, slack: SlackDriver) -> None:
    id_ = uploaded(client, png(), alt_txt="Week 48")
    answer = client.files_completeUploadExternal(
        files=[{"id": id_, "title": "Rota"}], channel_id="C0ESCAL", initial_comment="This week"
    )

    assert answer["files"] == [{"id": id_, "title": "Rota"}]
    (message,) = slack.messages("C0ESCAL")
    file = message["files"][0]
    assert (message["text"], message["user"]) == ("This week", "U0BOT")
    assert (file["id"], file["title"], file["name"], file["alt_txt"]) == (id_, "Rota", "rota.png", "Week 48")
    assert (file["mimetype"], file["original_w"], file["original_h"]) == ("image/png", 4, 2)


def test_bytes_may_come_as_a_form(client: WebClient, slack: SlackDriver) -> None:
    id_, url = begun(client, b"\0\xff" * 20, "x.bin")
    body = (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\n\r\n' + b"\0\xff" * 20 + b"\r\n--b--\r\n"
    )

    assert put(url, body, "multipart/form-data; boundary=b") == (200, "OK - 40")
    client.files_completeUploadExternal(files=[{"id": id_}], channel_id="C0ESCAL")
    assert slack.messages("C0ESCAL")[0]["files"][0]["size"] == 40


def test_a_file_may_answer_in_a_thread(client: WebClient, slack: SlackDriver) -> None:
    parent = str(client.chat_postMessage(channel="C0ESCAL", text="parent")["ts"])
    id_ = uploaded(client, png())
    client.files_completeUploadExternal(
        files=[{"id": id_}], channel_id="C0ESCAL", thread_ts=parent, blocks=json.dumps([section("Blocks")])
    )

    (reply,) = slack.thread("C0ESCAL", parent)
    assert (reply["blocks"][0]["text"]["text"], reply["files"][0]["id"]) == ("Blocks", id_)


def test_a_comment_wins_over_blocks(client: WebClient, slack: SlackDriver) -> None:
    id_ = uploaded(client, png())
    client.files_completeUploadExternal(
        files=[{"id": id_}], channel_id="C0ESCAL", initial_comment="Words", blocks=json.dumps([section("Blocks")])
    )

    message = slack.messages("C0ESCAL")[0]
    assert (message["text"], "blocks" in message) == ("Words", False)


@pytest.mark.parametrize("content", [png()[:-1], png() + b"\0", b""])
def test_bytes_of_another_length_are_refused(client: WebClient, slack: SlackDriver, content: bytes) -> None:
    id_, url = begun(client, png())

    assert put(url, content)[0] == 400
    assert error_of(client, "files.completeUploadExternal", files=[{"id": id_}])["error"] == "file_not_found"
    assert [surprise["kind"] for surprise in slack.surprises()] == ["upload_length"]


def test_an_address_nobody_gave_takes_nothing(sandbox: Sandbox) -> None:
    assert put(f"{sandbox.base_url}/upload/F0NOBODY", b"x")[0] == 404


def test_an_upload_is_completed_once(client: WebClient) -> None:
    id_ = uploaded(client, png())
    client.files_completeUploadExternal(files=[{"id": id_}])

    assert error_of(client, "files.completeUploadExternal", files=[{"id": id_}])["error"] == "file_not_found"


BEGINNINGS: dict[str, tuple[Json, str]] = {
    "without a name": ({"length": 3}, "invalid_arguments"),
    "without a length": ({"filename": "a.png"}, "invalid_arguments"),
    "a length of nothing": ({"filename": "a.png", "length": 0}, "invalid_arguments"),
    "a length in words": ({"filename": "a.png", "length": "three"}, "invalid_length"),
    "a description too long": ({"filename": "a.png", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    "a snippet too long": ({"filename": "a", "length": 1_000_001, "snippet_type": "text"}, "snippet_too_large"),
}


@pytest.mark.parametrize(("args", "error"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_beginning_is_refused(client: WebClient, args: Json, error: str) -> None:
    assert error_of(client, "files.getUploadURLExternal", **args)["error"] == error


ENDS: dict[str, tuple[Json, str]] = {
    "a channel nobody knows": ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
    "a person as channel": ({"channel_id": "U0EMMA"}, "channel_not_found"),
    "a private channel without the bot": ({"channel_id": "C0SECRET"}, "channel_not_found"),
    "a channel without the bot": ({"channel_id": "C0OPEN"}, "not_in_channel"),
    "an archived channel": ({"channel_id": "C0OLD"}, "is_archived"),
    "no thread of this name": ({"channel_id": "C0ESCAL", "thread_ts": "1.000000"}, "cannot_reply_to_message"),
    "a thread of two channels": ({"channels": "C0ESCAL,C0ONCALL", "thread_ts": "1.000000"}, "invalid_arguments"),
    "more channels than fit": ({"channels": ",".join(["C0ESCAL"] * 101)}, "channels_limit_exceeded"),
    "blocks that break a limit": ({"channel_id": "C0ESCAL", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
    "a markdown block": (
        {"channel_id": "C0ESCAL", "blocks": [{"type": "markdown", "text": "x"}]},
        "internal_error",
    ),
}


@pytest.mark.parametrize(("args", "error"), ENDS.values(), ids=ENDS)
def test_a_refused_share_leaves_the_upload_as_it_was(
    client: WebClient, slack: SlackDriver, args: Json, error: str
) -> None:
    slack.post("channel", id="C0SECRET", is_private=True)
    slack.post("channel", id="C0OPEN")
    slack.post("channel", id="C0OLD", is_archived=True, members=["U0BOT"])
    id_ = uploaded(client, png())

    assert error_of(client, "files.completeUploadExternal", files=[{"id": id_}], **args)["error"] == error
    assert client.files_completeUploadExternal(files=[{"id": id_}], channel_id="C0ESCAL")["ok"]


@pytest.mark.parametrize("files", [[], [{"title": "no id"}], "F1"])
def test_a_completion_names_its_files(client: WebClient, files: Any) -> None:
    assert error_of(client, "files.completeUploadExternal", files=files)["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("method", "scope"),
    [
        ("files.getUploadURLExternal", "files:write"),
        ("files.completeUploadExternal", "files:write"),
        ("files.info", "files:read"),
        ("usergroups.users.update", "usergroups:write"),
        ("conversations.setTopic", "channels:manage"),
    ],
)
def test_without_its_scope_a_method_is_closed(client: WebClient, slack: SlackDriver, method: str, scope: str) -> None:
    slack.settings(scopes=["chat:write"])

    refused = error_of(client, method, channel="C0ESCAL")

    assert (refused["error"], refused["needed"]) == ("missing_scope", scope)


@pytest.mark.usefixtures("still")
def test_a_file_is_told_of_once_slack_is_done_with_it(client: WebClient, slack: SlackDriver, sandbox: Sandbox) -> None:
    id_ = uploaded(client, png())
    client.files_completeUploadExternal(files=[{"id": id_}], channel_id="C0ESCAL")
    early = client.files_info(file=id_)["file"]
    slack.advance_clock(2)
    file = client.files_info(file=id_)["file"]

    ts = slack.messages("C0ESCAL")[0]["ts"]
    assert (early["mimetype"], early["shares"], early["size"]) == ("", {}, len(png()))
    assert (file["mimetype"], file["shares"]) == ("image/png", {"public": {"C0ESCAL": [{"ts": ts}]}})
    assert (file["channels"], file["url_private"]) == (["C0ESCAL"], f"{sandbox.base_url}/files/{id_}")


def test_a_file_the_bot_can_not_see_is_not_found(client: WebClient, slack: SlackDriver) -> None:
    slack.post("channel", id="C0OPEN", members=["U0EMMA"])
    slack.as_user("U0EMMA").act("post", channel="C0OPEN", text="", files=[{"name": "a.txt", "content": "aGk="}])
    hidden = slack.messages("C0OPEN")[0]["files"][0]["id"]

    assert error_of(client, "files.info", file=hidden)["error"] == "file_not_found"
    assert error_of(client, "files.info", file="F0NOBODY")["error"] == "file_not_found"


def test_blocks_show_a_picture_slack_is_done_with(client: WebClient, slack: SlackDriver, sandbox: Sandbox) -> None:
    id_ = kept(client, slack, png())

    client.chat_postMessage(channel="C0ESCAL", text="By id", blocks=[picture(id=id_)])
    client.chat_postMessage(channel="C0ESCAL", text="By url", blocks=[picture(url=f"{sandbox.base_url}/files/{id_}")])
    client.views_publish(user_id="U0EMMA", view={"type": "home", "blocks": [picture(id=id_)]})

    assert slack.messages("C0ESCAL")[0]["blocks"][0]["slack_file"] == {"id": id_}


@pytest.mark.usefixtures("still")
def test_a_picture_is_shown_too_early(client: WebClient) -> None:
    id_ = uploaded(client, png())
    client.files_completeUploadExternal(files=[{"id": id_}])

    refused = error_of(client, "chat.postMessage", channel="C0ESCAL", text="x", blocks=[section(), picture(id=id_)])

    assert (refused["error"], refused["errors"]) == (
        "invalid_blocks",
        ["invalid slack file [json-pointer:/blocks/1/slack_file]"],
    )


@pytest.mark.parametrize(("name", "content"), [("a.csv", b"a,b"), ("only-named.png", b"not a picture")])
def test_only_pictures_are_shown(client: WebClient, slack: SlackDriver, name: str, content: bytes) -> None:
    id_ = kept(client, slack, content, name)

    home = {"type": "home", "blocks": [picture(id=id_)]}
    refused = error_of(client, "views.publish", user_id="U0EMMA", view=home)

    assert refused["error"] == "invalid_arguments"
    assert "invalid slack file [json-pointer:/view/blocks/0/slack_file]" in refused["response_metadata"]["messages"][0]


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({"id": "F12345678", "url": "https://files.example/F12345678"}, "must define exactly one of: id, url"),
        ({"id": "rota"}, "input must match regex pattern: ^[F][A-Z0-9]{8,}$"),
        ({"id": "F12345678"}, "invalid slack file"),
        ({"url": "https://files.example/files/F12345678"}, "invalid slack file"),
    ],
)
def test_a_picture_is_named_wrongly(client: WebClient, file: Json, problem: str) -> None:
    refused = error_of(client, "chat.postMessage", channel="C0ESCAL", text="x", blocks=[picture(**file)])

    assert refused["error"] == "invalid_blocks"
    assert problem in refused["errors"][0]


def test_an_upload_meets_faults_too(client: WebClient, slack: SlackDriver) -> None:
    slack.fault("upload", "http_500")
    id_, url = begun(client, png())

    assert put(url, png())[0] == 500
    assert put(url, png())[0] == 200
    assert client.files_completeUploadExternal(files=[{"id": id_}])["ok"]


# Topics


def topics(client: WebClient, slack: SlackDriver) -> WebClient:
    slack.settings(scopes=["channels:write.topic", "channels:read", "groups:read", "chat:write"])
    return client


def test_a_topic_is_set_in_front_of_everybody(client: WebClient, slack: SlackDriver) -> None:
    topics(client, slack).conversations_setTopic(channel="C0ONCALL", topic="On call: 王伟 Wang Wei")
    client.conversations_setTopic(channel="C0ONCALL", topic="On call: 王伟 Wang Wei")

    topic = client.conversations_info(channel="C0ONCALL")["channel"]["topic"]
    assert (topic["value"], topic["creator"]) == ("On call: 王伟 Wang Wei", "U0BOT")
    (message,) = slack.messages("C0ONCALL")
    assert (message["subtype"], message["topic"]) == ("channel_topic", "On call: 王伟 Wang Wei")


def test_a_topic_has_250_characters(client: WebClient, slack: SlackDriver) -> None:
    topics(client, slack)

    assert client.conversations_setTopic(channel="C0ONCALL", topic="值" * 250)["ok"]
    assert error_of(client, "conversations.setTopic", channel="C0ONCALL", topic="值" * 251)["error"] == "too_long"


def test_a_direct_message_has_no_topic(client: WebClient, slack: SlackDriver) -> None:
    direct = client.conversations_open(users="U0EMMA")["channel"]["id"]
    topics(client, slack)
    slack.settings(scopes=["channels:write.topic", "groups:write.topic", "im:write.topic", "im:write"])

    refused = error_of(client, "conversations.setTopic", channel=direct, topic="x")

    assert refused["error"] == "method_not_supported_for_channel_type"


def test_a_topic_is_set_by_members_with_the_scope_of_the_kind(client: WebClient, slack: SlackDriver) -> None:
    topics(client, slack)
    slack.post("channel", id="C0OPEN")
    slack.post("channel", id="C0SECRET", is_private=True, members=["U0BOT"])

    def refused(channel: str) -> str:
        return str(error_of(client, "conversations.setTopic", channel=channel, topic="x")["error"])

    assert (refused("C0OPEN"), refused("C0SECRET")) == ("not_in_channel", "missing_scope")
