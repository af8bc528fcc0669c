"""The ``chat.*`` methods: post, change and delete messages."""

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.conversation import Conversation, to_api_message
from bot.sandbox.errors import SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.limits import POST_TEXT, UPDATE_TEXT

LOOKS = "icon_emoji icon_url link_names markdown_text mrkdwn parse username as_user attachments blocks text"


def post_message(call: ApiCall) -> Json:
    """Post a message."""
    place = call.place_to_speak()
    if len(call.text("text")) > POST_TEXT:  # Slack cuts here instead of refusing
        call.args["text"] = call.text("text")[:POST_TEXT]
    content, metadata = call.content(POST_TEXT), call.metadata()
    thread = call.thread(place)
    earlier = _same_client_msg_id(call, place)
    if earlier:
        return _posted(place, earlier)
    call.slack.pacing.post(place.id, call.slack.settings.rate_scale)
    fields = {
        **call.slack.as_bot(),
        **content,
        "metadata": metadata or None,
        "client_msg_id": call.text("client_msg_id") or None,
        "thread_ts": thread,
        "reply_broadcast": (call.flag("reply_broadcast") and bool(thread)) or None,
    }
    message = call.slack.say(place, {key: value for key, value in fields.items() if value is not None})
    return _posted(place, message)


def update(call: ApiCall) -> Json:
    """Change a message of the app."""
    place = call.place()
    message = call.message(place)
    if message.get("bot_id") != call.slack.workspace.bot_id:
        raise SlackError("cant_update_message")
    if place.is_archived:
        raise SlackError("is_archived")
    call.args.setdefault("text", message["text"] if call.args.get("blocks") is not None else "")
    content, metadata = call.content(UPDATE_TEXT, parse="client"), call.metadata()
    if metadata is not None:
        content["metadata"] = metadata or None
    edited = call.slack.edit(place, message["ts"], content, call.slack.workspace.bot_user)
    message_object = to_api_message(edited, with_metadata=True)
    return {"ok": True, "channel": place.id, "ts": edited["ts"], "text": edited["text"], "message": message_object}


def delete(call: ApiCall) -> Json:
    """Delete a message of the app."""
    place = call.place()
    message = call.message(place)
    if message.get("bot_id") != call.slack.workspace.bot_id:
        raise SlackError("cant_delete_message")
    call.slack.erase(place, message["ts"])
    return {"ok": True, "channel": place.id, "ts": message["ts"]}


def post_ephemeral(call: ApiCall) -> Json:
    """Show a message to one person only."""
    place, user = call.place_to_speak(), call.need("user")
    if user not in place.members:
        raise SlackError("user_not_in_channel")
    content = call.content(POST_TEXT)
    thread = call.thread(place)
    fields = {**call.slack.as_bot(), **content, "thread_ts": thread}
    shown = {key: value for key, value in fields.items() if value is not None}
    return {"ok": True, "message_ts": call.slack.whisper(place, user, shown)["ts"]}


def get_permalink(call: ApiCall) -> Json:
    """Return the address of a message."""
    place = call.place()
    message = call.message(place, name="message_ts")
    return {"ok": True, "channel": place.id, "permalink": call.slack.permalink(place, message["ts"])}


def _same_client_msg_id(call: ApiCall, place: Conversation) -> Json | None:
    """Return the message with this client_msg_id, where the workspace is set to look for it."""
    wanted = call.text("client_msg_id")
    if not wanted or not call.slack.settings.dedupe_client_msg_id:
        return None
    return next((message for message in place.messages.values() if message.get("client_msg_id") == wanted), None)


def _posted(place: Conversation, message: Json) -> Json:
    return {
        "ok": True,
        "channel": place.id,
        "ts": message["ts"],
        "message": to_api_message(message, with_metadata=True),
    }


CHAT = {
    "chat.postMessage": ApiMethod(
        post_message,
        "post",
        f"channel metadata reply_broadcast thread_ts unfurl_links unfurl_media client_msg_id {LOOKS}",
        ("chat:write",),
    ),
    "chat.update": ApiMethod(update, "tier3", f"channel ts metadata reply_broadcast file_ids {LOOKS}", ("chat:write",)),
    "chat.delete": ApiMethod(delete, "tier3", "channel ts as_user", ("chat:write",)),
    "chat.postEphemeral": ApiMethod(post_ephemeral, "tier4", f"channel user thread_ts {LOOKS}", ("chat:write",)),
    "chat.getPermalink": ApiMethod(get_permalink, "special", "channel message_ts"),
}
