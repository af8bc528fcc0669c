"""Payloads as Slack sends them, one function for each kind of delivery. Shapes only."""

import itertools
from typing import Any

Json = dict[str, Any]

HOME, ELSEWHERE = "T0SANDBOX", "T0OTHER"
HOOK = "https://hooks.slack.com/actions/T0SANDBOX/1/abc"
_stamps = itertools.count(1)


def stamp() -> str:
    """A timestamp no other payload has."""
    return f"1795000000.{next(_stamps):06d}"


def command(user: str, text: str, trigger: str, team: str = HOME, url: str = HOOK) -> Json:
    """A slash command; what was typed comes escaped."""
    typed = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "token": "gone", "team_id": team, "team_domain": "csp", "channel_id": "C0ESCAL", "channel_name": "csp",
        "user_id": user, "user_name": user.lower(), "command": "/csp-escalate", "text": typed, "api_app_id": "A0CSP",
        "is_enterprise_install": "false", "response_url": url, "trigger_id": trigger,
    }  # fmt: skip


def interaction(kind: str, user: str, trigger: str, team: str = HOME) -> Json:
    """What every interactive payload begins with."""
    return {
        "type": kind, "token": "gone", "team": {"id": team, "domain": "csp"}, "api_app_id": "A0CSP", "enterprise": None,
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": team},
        "is_enterprise_install": False, "trigger_id": trigger,
    }  # fmt: skip


def click(user: str, trigger: str, acted: Json, team: str = HOME, url: str = HOOK) -> Json:
    """A click on a message in a channel."""
    message = {"type": "message", "ts": "1795000000.000100", "user": "U0BOT", "bot_id": "B0BOT", "text": "card"}
    return {
        **interaction("block_actions", user, trigger, team),
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": "C0ESCAL", "is_ephemeral": False},
        "channel": {"id": "C0ESCAL", "name": "csp-escalations"}, "message": message, "state": {"values": {}},
        "response_url": url, "actions": [{"block_id": "b1", "action_ts": stamp(), **acted}],
    }  # fmt: skip


def button(action_id: str, value: str) -> Json:
    """The action of a pressed button."""
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "x"}, "value": value}


def menu(value: str) -> Json:
    """The action of a choice in the card's menu."""
    option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    return {"type": "overflow", "action_id": "card.more", "selected_option": option}


def view_click(user: str, trigger: str, view: Json, acted: Json) -> Json:
    """An answer in a modal, or a button of the Home tab: no response_url."""
    return {
        **interaction("block_actions", user, trigger),
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [{"action_ts": stamp(), **acted}],
    }


def submission(user: str, trigger: str, view: Json, team: str = HOME) -> Json:
    """A modal's submit button."""
    return {**interaction("view_submission", user, trigger, team), "view": view, "response_urls": []}


def closed(user: str, view: Json) -> Json:
    """A modal that was closed."""
    return {**interaction("view_closed", user, ""), "view": view, "is_cleared": False}


def suggestion(user: str, view: Json, query: str, team: str = HOME) -> Json:
    """A keystroke in the customer's typeahead."""
    base = interaction("block_suggestion", user, "", team)
    where = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
    return {**base, "action_id": "form.customer_name", "block_id": "customer_name", "value": query, **where}


def shortcut(user: str, trigger: str, callback_id: str = "escalate", team: str = HOME) -> Json:
    """A global shortcut: no channel, no response_url."""
    return {**interaction("shortcut", user, trigger, team), "callback_id": callback_id, "action_ts": stamp()}


def message_shortcut(
    user: str, trigger: str, text: str, team: str = HOME, callback_id: str = "escalate_message"
) -> Json:
    """A shortcut on a message; the message's text comes escaped."""
    typed = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        **interaction("message_action", user, trigger, team),
        "callback_id": callback_id, "action_ts": stamp(), "channel": {"id": "C0HELP", "name": "help"},
        "message_ts": "1795000000.000200", "response_url": HOOK,
        "message": {"type": "message", "user": "U0WANG", "ts": "1795000000.000200", "text": typed},
    }  # fmt: skip


def event(user: str, kind: str = "app_home_opened", team: str = HOME, **more: Any) -> Json:
    """An event of the Events API."""
    inner = {"type": kind, "user": user, "channel": "D0X", "event_ts": stamp(), "tab": "home", **more}
    return {
        "token": "gone", "team_id": team, "api_app_id": "A0CSP", "type": "event_callback", "event_id": f"Ev{stamp()}",
        "event_time": 1795000000, "event": inner,
        "authorizations": [{"team_id": team, "user_id": "U0BOT", "is_bot": True, "is_enterprise_install": False}],
    }  # fmt: skip


def direct_message(user: str, text: str, thread: str = "", team: str = HOME, **more: Any) -> Json:
    """The event of a line that was typed to the bot in its direct message; the text comes escaped."""
    typed = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    where = {"channel": f"D{user[1:]}", "channel_type": "im", **({"thread_ts": thread} if thread else {})}
    return event(user, "message", team, **{"ts": stamp(), "text": typed, **where, **more})
