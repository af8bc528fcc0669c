"""The payloads Slack sends for what people do: commands, shortcuts, clicks, submissions, typeahead. Shapes only."""

from typing import Any

from bot.sandbox.conversation import Conversation, to_api_message
from bot.sandbox.elements import VALUE_KEY
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser
from bot.sandbox.view_payload import as_sent


def channel_name(place: Conversation) -> str:
    """Return the name of a conversation for an app that may not be in it."""
    if place.dm_with:
        return "directmessage"
    return "privategroup" if place.is_private else place.name


def command(
    slack: LocalSlack, person: SandboxUser, place: Conversation, name: str, text: str, response_url: str
) -> Json:
    """Return the payload of a slash command."""
    workspace = slack.workspace
    return {
        "token": "sandbox",
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": place.id,
        "channel_name": channel_name(place),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": slack.triggers.issue(person.id),
    }


def interaction(slack: LocalSlack, person: SandboxUser, kind: str) -> Json:
    """Return what every interactive payload begins with. For a stranger, ``team`` is their own organisation."""
    workspace = slack.workspace
    domain = "other-org" if person.is_stranger else workspace.team_domain
    return {
        "type": kind,
        "token": "sandbox",
        "team": {"id": person.team_id, "domain": domain},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": workspace.app_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def global_shortcut(slack: LocalSlack, person: SandboxUser, callback_id: str) -> Json:
    """Return the payload of a global shortcut, without channel and response_url."""
    return {
        **interaction(slack, person, "shortcut"),
        "callback_id": callback_id,
        "action_ts": slack.workspace.next_ts(slack.clock.now()),
        "trigger_id": slack.triggers.issue(person.id),
    }


def message_shortcut(
    slack: LocalSlack, person: SandboxUser, callback_id: str, place: Conversation, message: Json, response_url: str
) -> Json:
    """Return the payload of a message shortcut."""
    return {
        **interaction(slack, person, "message_action"),
        "callback_id": callback_id,
        "action_ts": slack.workspace.next_ts(slack.clock.now()),
        "trigger_id": slack.triggers.issue(person.id),
        "channel": {"id": place.id, "name": channel_name(place)},
        "message_ts": message["ts"],
        "message": to_api_message(message, with_metadata=False),
        "response_url": response_url,
    }


def action(slack: LocalSlack, block: Json, element: Json, chosen: Json) -> Json:
    """Return one entry of ``actions``."""
    named = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    return {**named, **chosen, "action_ts": slack.workspace.next_ts(slack.clock.now())}


def message_click(
    slack: LocalSlack, person: SandboxUser, place: Conversation, message: Json, acted: Json, response_url: str
) -> Json:
    """Return the payload of a click on a message. For an ephemeral message it has only its place, not its content."""
    ephemeral = "ephemeral_to" in message
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": place.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    key = VALUE_KEY.get(acted["type"])
    entry: dict[str, Any] = {"type": acted["type"], key: acted[key]} if key in acted else {}
    values = {acted["block_id"]: {acted["action_id"]: entry}} if entry else {}
    message = {} if ephemeral else {"message": to_api_message(message, with_metadata=False)}
    return {
        **interaction(slack, person, "block_actions"),
        "container": container,
        "trigger_id": slack.triggers.issue(person.id),
        "channel": {"id": place.id, "name": channel_name(place)},
        **message,
        "state": {"values": values},
        "response_url": response_url,
        "actions": [acted],
    }


def view_click(slack: LocalSlack, person: SandboxUser, view: Json, acted: Json) -> Json:
    """Return the payload of a click in a modal or App Home."""
    return {
        **interaction(slack, person, "block_actions"),
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": slack.triggers.issue(person.id),
        "view": as_sent(view),
        "actions": [acted],
    }


def suggestion(slack: LocalSlack, person: SandboxUser, where: Json, element: Json, block: Json, query: str) -> Json:
    """Return the payload of a keystroke in a typeahead, without trigger and response_url.

    ``where`` holds the view, or message and channel.
    """
    return {
        **interaction(slack, person, "block_suggestion"),
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
        **where,
    }


def submission(slack: LocalSlack, person: SandboxUser, view: Json) -> Json:
    """Return the payload of a submitted modal."""
    return {
        **interaction(slack, person, "view_submission"),
        "trigger_id": slack.triggers.issue(person.id),
        "view": as_sent(view),
        "response_urls": [],
    }


def closed(slack: LocalSlack, person: SandboxUser, view: Json, *, is_cleared: bool) -> Json:
    """Return the payload of a closed modal."""
    return {**interaction(slack, person, "view_closed"), "view": as_sent(view), "is_cleared": is_cleared}
