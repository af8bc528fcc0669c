"""The ``files.*`` methods: an upload in three steps (the second, the bytes, is no method), and its description."""

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.conversation import Conversation
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.json_types import Json
from bot.sandbox.limits import POST_TEXT
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.stored_file import OCTETS, StoredFile

ALT_TEXT = 1000
SNIPPET = 1_000_000  # bytes
MOST_CHANNELS = 100
KIND_OF_SHARE = {"channel": "public", "group": "private", "im": "private"}


def upload_url(call: ApiCall) -> Json:
    """Begin an upload (step one). Without step three it leaves no trace."""
    name, length = call.need("filename"), call.number("length", 0)
    if length < 1:
        raise invalid_arguments("length must be greater than 0 [json-pointer:/length]")
    if call.text("snippet_type") and length > SNIPPET:
        raise SlackError("snippet_too_large")
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    workspace = call.slack.workspace
    id_, now = workspace.ids.next("F"), int(call.slack.clock.now())
    call.slack.uploads[id_] = StoredFile(
        id_, name, OCTETS, b"", workspace.bot_user, now, alt_txt=call.text("alt_txt"), length=length
    )
    return {"ok": True, "upload_url": f"{call.slack.base_url}/upload/{id_}", "file_id": id_}


def receive(slack: LocalSlack, id_: str, content: bytes) -> tuple[int, str]:
    """Take the bytes (step two), exactly as many as were announced.

    Return the HTTP status and the text of the answer.
    """
    waiting = slack.uploads.get(id_)
    if waiting is None:
        return 404, ""
    if len(content) != waiting.length:
        problem = f"{waiting.name}: {len(content)} bytes instead of {waiting.length}"
        slack.notices.surprise("upload_length", problem)
        return 400, problem
    waiting.take(content)
    return 200, f"OK - {len(content)}"


def complete_upload(call: ApiCall) -> Json:
    """Finish an upload (step three), once: the files exist and are shared.

    Like Slack's, the answer does not name the message.
    """
    wanted = call.json("files")
    if (
        not isinstance(wanted, list)
        or not wanted
        or not all(isinstance(entry, dict) and entry.get("id") for entry in wanted)
    ):
        raise invalid_arguments("missing required field: files")
    if not all(_has_arrived(call, entry["id"]) for entry in wanted):
        raise SlackError("file_not_found")
    places = _destinations(call)
    content = _introduction(call) if places else {}
    thread = {"thread_ts": call.thread(places[0])} if places and call.text("thread_ts") else {}
    files = [_kept(call, entry).file_object() for entry in wanted]
    for place in places:
        call.slack.say(place, {**call.slack.as_bot(), **content, **thread, "files": files, "upload": True})
    return {"ok": True, "files": [{"id": file["id"], "title": file["title"]} for file in files]}


def info(call: ApiCall) -> Json:
    """Describe a file and where it was shared. While Slack works on it, neither kind nor shares are known."""
    workspace, id_ = call.slack.workspace, call.need("file")
    stored = workspace.files.get(id_)
    if stored is None or not workspace.can_be_seen(stored, workspace.bot_user):
        raise SlackError("file_not_found")
    file_object, base = stored.file_object(), call.slack.base_url
    file_object |= {key: f"{base}{file_object[key]}" for key in ("url_private", "url_private_download")}
    if call.slack.clock.now() < stored.ready_at:
        file_object |= {"mimetype": "", "filetype": "", "shares": {}, "channels": [], "groups": [], "ims": []}
    else:
        file_object |= _shares(call, id_)
    return {"ok": True, "file": file_object, "comments": [], "response_metadata": {"next_cursor": ""}}


def _has_arrived(call: ApiCall, id_: str) -> bool:
    return id_ in call.slack.uploads and bool(call.slack.uploads[id_].content)


def _destinations(call: ApiCall) -> list[Conversation]:
    """Return where to share; nowhere keeps the file private.

    ``channel_id`` is a channel, ``channels`` may name people.
    """
    if channel := call.text("channel_id"):
        if channel not in call.slack.workspace.conversations:
            raise SlackError("channel_not_found")
        return [_destination(call, channel)]
    several = [channel_id.strip() for channel_id in call.text("channels").split(",") if channel_id.strip()]
    if len(several) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    if len(several) > 1 and call.text("thread_ts"):
        raise invalid_arguments("thread_ts needs a single channel")
    return [_destination(call, channel_id) for channel_id in several]


def _destination(call: ApiCall, channel: str) -> Conversation:
    call.args["channel"] = channel
    place = call.place()
    if place.is_archived:
        raise SlackError("is_archived")
    if not call.is_inside(place):  # chat:write.public is of no use for files
        raise SlackError("not_in_channel")
    call.must_be_open(place)
    return place


def _introduction(call: ApiCall) -> Json:
    """Return the message's content: the comment, or else the blocks, or nothing. It can't carry metadata."""
    if call.text("initial_comment"):
        call.args |= {"text": call.text("initial_comment"), "blocks": None}
        return call.content(POST_TEXT)
    blocks = call.json("blocks", "invalid_blocks_format")
    if not blocks:
        return {"text": ""}
    content = call.content(POST_TEXT)
    if any(block["type"] == "markdown" for block in blocks):
        raise SlackError("internal_error")
    return content


def _kept(call: ApiCall, wanted: Json) -> StoredFile:
    stored = call.slack.uploads.pop(wanted["id"])
    stored.title = str(wanted.get("title") or "")
    stored.ready_at = call.slack.clock.now() + call.slack.settings.file_seconds
    call.slack.workspace.files[stored.id] = stored
    return stored


def _shares(call: ApiCall, id_: str) -> Json:
    shares: Json = {}
    seen: dict[str, list[str]] = {"channel": [], "group": [], "im": []}
    for channel, messages in call.slack.workspace.shares(id_).items():
        place = call.slack.workspace.conversations[channel]
        seen[place.kind].append(channel)
        places = [{key: message[key] for key in ("ts", "thread_ts") if key in message} for message in messages]
        shares.setdefault(KIND_OF_SHARE[place.kind], {})[channel] = places
    return {"shares": shares, "channels": seen["channel"], "groups": seen["group"], "ims": seen["im"]}


WRITE, READ = ("files:write",), ("files:read",)
FILES = {
    "files.getUploadURLExternal": ApiMethod(upload_url, "tier4", "filename length alt_txt snippet_type", WRITE),
    "files.completeUploadExternal": ApiMethod(
        complete_upload, "tier4", "files channel_id channels initial_comment thread_ts blocks", WRITE
    ),
    "files.info": ApiMethod(info, "tier4", "file count cursor limit page", READ),
}
