"""What a person does outside of the buttons of messages and modals: commands, shortcuts, posts, App Home.

Each act refuses what Slack's own client would not let a person do.
"""

import base64
import mimetypes
from typing import Any

from bot.sandbox import payloads, response_urls
from bot.sandbox.conversation import Conversation
from bot.sandbox.errors import InvalidAction, SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser
from bot.sandbox.socket_server import SocketAck
from bot.sandbox.stored_file import StoredFile
from bot.sandbox.view_payload import as_sent

TROUBLE = "We had some trouble connecting. Try again?"


def place_of(slack: LocalSlack, person: SandboxUser, channel: str) -> Conversation:
    """Return a conversation this person is in."""
    place = slack.workspace.conversations.get(channel)
    if place is None or person.id not in place.members:
        raise InvalidAction("not_in_channel", f"{person.id} is not in {channel}")
    return place


def message_of(slack: LocalSlack, person: SandboxUser, where: Json) -> tuple[Conversation, Json]:
    """Return a message this person can see, their ephemeral messages included."""
    place = place_of(slack, person, str(where.get("channel")))
    ts = str(where.get("ts"))
    message = place.messages.get(ts) or place.ephemeral(ts)
    if message is None or message.get("deleted") or message.get("ephemeral_to", person.id) != person.id:
        raise InvalidAction("message_not_found", where)
    return place, message


def outcome(slack: LocalSlack, person: SandboxUser, ack: SocketAck, toast: str = TROUBLE) -> Json:
    """Return the answer of an act. When the bot did not accept it, the person sees a toast."""
    if ack.ok:
        return {"ok": True, "ms": ack.ms}
    slack.notices.toast(person.id, toast)
    error = "operation_timeout" if ack.error == "operation_timeout" else "dispatch_failed"
    return {"ok": False, "ms": ack.ms, "error": error, "detail": ack.error, "toast": toast}


async def command(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Send a slash command, the whole line."""
    place = place_of(slack, person, str(act.get("channel")))
    name, _, text = str(act.get("text", "")).strip().partition(" ")
    command = slack.manifest.command(name)
    if command is None or person.is_stranger:
        return _refused(slack, person, "unknown_command", f"{name} is not a valid command.")
    if act.get("thread_ts"):
        return _refused(slack, person, "not_in_thread", f"{name} is not supported in threads. Sorry!")
    written = _escaped(text.strip())
    if command.get("should_escape"):
        written = _with_mentions(slack, written)
    url = response_urls.issue(slack, person.id, place)
    payload = payloads.command(slack, person, place, name, written, url)
    ack = await slack.delivery.ask("slash_commands", f"{name} {text}".strip(), payload)
    result = outcome(slack, person, ack, f"{name} failed because the app did not respond.")
    if ack.ok and ack.payload:
        result |= _show_ack(slack, person, place, ack.payload)
    return result


async def shortcut(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Use a global shortcut."""
    callback_id = str(act.get("callback_id"))
    if slack.manifest.shortcut(callback_id, "global") is None or person.is_stranger:
        return _refused(slack, person, "unknown_shortcut", f"There is no shortcut {callback_id} here.")
    payload = payloads.global_shortcut(slack, person, callback_id)
    return outcome(slack, person, await slack.delivery.ask("interactive", f"shortcut {callback_id}", payload))


async def message_shortcut(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Use a shortcut on a message."""
    callback_id = str(act.get("callback_id"))
    place, message = message_of(slack, person, act)
    if slack.manifest.shortcut(callback_id, "message") is None or person.is_stranger:
        return _refused(slack, person, "unknown_shortcut", f"There is no shortcut {callback_id} here.")
    if "ephemeral_to" in message:
        raise InvalidAction("no_shortcut_on_ephemerals", "Slack does not show message shortcuts there")
    url = response_urls.issue(slack, person.id, place, message)
    payload = payloads.message_shortcut(slack, person, callback_id, place, message, url)
    return outcome(slack, person, await slack.delivery.ask("interactive", f"shortcut {callback_id}", payload))


async def home(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Open the app's Home tab, or with ``tab: messages`` its messages."""
    event: Json = {
        "user": person.id,
        "channel": slack.workspace.dm(person.id).id,
        "tab": act.get("tab", "home"),
    }
    view = slack.surfaces.homes.get(person.id)
    if view and event["tab"] == "home":
        event["view"] = as_sent(view)
    slack.emit("app_home_opened", event)
    return {"ok": True}


async def post(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Post a message. What is typed is stored escaped, as Slack does."""
    place = place_of(slack, person, str(act.get("channel")))
    if place.is_archived:
        raise InvalidAction("is_archived", place.id)
    if place.dm_with and slack.manifest.messages_tab_read_only:
        raise InvalidAction("read_only", "Sending messages to this app has been turned off.")
    files = [_upload(slack, person, upload) for upload in act.get("files") or []]
    content: Json = {"user": person.id, "team": person.team_id, "text": _escaped(str(act.get("text", "")))}
    if act.get("thread_ts"):
        content["thread_ts"] = _root_of(place, str(act["thread_ts"]))
    if files:
        content |= {"files": files, "subtype": "file_share"}
    content["client_msg_id"] = slack.workspace.ids.next("cm")
    return {"ok": True, "ts": slack.say(place, content)["ts"]}


async def edit(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Edit one's own message."""
    place, message = message_of(slack, person, act)
    if message["user"] != person.id or "ephemeral_to" in message:
        raise InvalidAction("cant_update_message", "only one's own messages")
    slack.edit(place, message["ts"], {"text": _escaped(str(act.get("text", "")))}, person.id)
    return {"ok": True}


async def delete(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Delete one's own message, or as an admin anybody's."""
    place, message = message_of(slack, person, act)
    if message["user"] != person.id and not person.is_admin:
        raise InvalidAction("cant_delete_message", "only one's own messages, or as an admin")
    slack.erase(place, message["ts"])
    return {"ok": True}


async def react(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Add or remove a reaction."""
    place, message = message_of(slack, person, act)
    name = str(act.get("name", "")).strip(":")
    slack.react(place, message["ts"], name, person.id, remove=bool(act.get("remove")))
    return {"ok": True}


async def dismiss(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Hide a message that only this person sees."""
    place, message = message_of(slack, person, act)
    if "ephemeral_to" not in message:
        raise InvalidAction("not_ephemeral", act.get("ts"))
    place.forget_ephemeral(message["ts"])
    slack.notices.changed()
    return {"ok": True}


def _refused(slack: LocalSlack, person: SandboxUser, error: str, toast: str) -> Json:
    slack.notices.toast(person.id, toast)
    return {"ok": False, "error": error, "toast": toast}


def _show_ack(slack: LocalSlack, person: SandboxUser, place: Conversation, payload: Any) -> Json:
    """Show the answer to a command that an ack may carry. A wrong one is shown to nobody."""
    try:
        answer = response_urls.read(slack, payload)
    except SlackError as problem:
        slack.notices.surprise("invalid_ack", f"command: {problem.error} {problem.extra}")
        return {"ok": False, "error": "invalid_ack", "detail": problem.answer()}
    response_urls.show(slack, {"channel": place.id, "user": person.id, "ts": None, "ephemeral": False}, answer)
    return {"ack": payload}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _with_mentions(slack: LocalSlack, text: str) -> str:
    """Replace names of people and channels by their ids, as ``should_escape`` asks for."""
    names = {f"@{person.name}": f"<@{person.id}|{person.name}>" for person in slack.workspace.people.values()}
    names |= {
        f"#{conversation.name}": f"<#{conversation.id}|{conversation.name}>"
        for conversation in slack.workspace.conversations.values()
    }
    return " ".join(names.get(word, word) for word in text.split(" "))


def _root_of(place: Conversation, ts: str) -> str:
    parent = place.messages.get(ts)
    if parent is None:
        raise InvalidAction("message_not_found", ts)
    return str(parent.get("thread_ts", ts))


def _upload(slack: LocalSlack, person: SandboxUser, wanted: Json) -> Json:
    name = str(wanted.get("name") or "file")
    kind = str(wanted.get("mimetype") or mimetypes.guess_type(name)[0] or "application/octet-stream")
    try:
        content = base64.b64decode(str(wanted.get("content", "")), validate=True)
    except ValueError:
        raise InvalidAction("not_base64", name) from None
    stored = StoredFile(slack.workspace.ids.next("F"), name, kind, content, person.id, int(slack.clock.now()))
    slack.workspace.files[stored.id] = stored
    return stored.file_object()
