"""A small Bolt app to try the page with: one form, one card, one Home. It knows nothing of our bot."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

Json = dict[str, Any]

SCOPES = [
    *("commands", "chat:write", "channels:read", "channels:manage", "im:write", "users:read"),
    *("files:read", "files:write", "usergroups:write"),
]
MANIFEST: Json = {
    "display_information": {"name": "Practice"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "Practice", "always_online": True},
        "slash_commands": [
            {
                "command": "/practise",
                "description": "Opens the practice form",
                "usage_hint": "[form | card | whisper]",
            }
        ],
        "shortcuts": [
            {
                "name": "Practise",
                "type": "global",
                "callback_id": "global_practice",
                "description": "Opens the form",
            },
            {
                "name": "About this",
                "type": "message",
                "callback_id": "about",
                "description": "Opens the form",
            },
        ],
    },
    "oauth_config": {"scopes": {"bot": SCOPES}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.im"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}
CUSTOMERS = {"1": "上海晨光贸易有限公司", "2": "北京长城数据 Great Wall Data", "3": "Contoso (China)"}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


def practice_app(client: WebClient) -> App:
    """The app, ready to be connected."""
    app = App(client=client, signing_secret="not used on a socket", token_verification_enabled=False)
    app.command("/practise")(_command)
    app.shortcut("global_practice")(_shortcut)
    app.shortcut("about")(_about)
    app.options("customer")(_customers)
    app.action("kind")(_switch)
    app.view("practice_form")(_submit)
    app.action("take")(_take)
    app.action("away")(_away)
    app.event("message")(_echo)
    app.event("app_home_opened")(_home)
    return app


def form(kind: str = "customer", title: str = "") -> Json:
    """A form with a question that depends on another, a typeahead, and fields of several kinds."""
    kinds = [option("Customer request", "customer"), option("Partner Center request", "partner")]
    chosen = next(one for one in kinds if one["value"] == kind)
    blocks = [
        _input(
            "kind",
            "What is it about?",
            {"type": "radio_buttons", "options": kinds, "initial_option": chosen},
            tells=True,
        ),
        *(
            [_input("customer", "Customer", {"type": "external_select", "min_query_length": 1})]
            if kind == "customer"
            else []
        ),
        *(
            [
                _input(
                    "area",
                    "Area",
                    {"type": "static_select", "options": [option("Billing", "b"), option("Technical", "t")]},
                )
            ]
            if kind == "partner"
            else []
        ),
        _input(
            "title",
            "Title",
            {"type": "plain_text_input", "max_length": 60, **({"initial_value": title} if title else {})},
        ),
        _input("since", "Since", {"type": "datepicker"}, optional=True),
        _input("watchers", "Who should know?", {"type": "multi_users_select"}, optional=True),
        _input(
            "tried",
            "Tried",
            {"type": "checkboxes", "options": [option("Service health", "h"), option("Coaching", "c")]},
            optional=True,
        ),
    ]
    return {
        "type": "modal",
        "callback_id": "practice_form",
        "title": plain("Practice form"),
        "submit": plain("Raise"),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def _input(name: str, label: str, element: Json, *, tells: bool = False, optional: bool = False) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "dispatch_action": tells,
        "optional": optional,
        "element": {**element, "action_id": name},
    }


def card(title: str, state: str) -> list[Json]:
    away = {
        "title": plain("Really?"),
        "text": plain("It will be gone."),
        "confirm": plain("Yes, away"),
        "deny": plain("Keep it"),
    }
    return [
        {"type": "header", "block_id": f"head {state}", "text": plain(title)},
        {
            "type": "section",
            "block_id": f"state {state}",
            "fields": [{"type": "mrkdwn", "text": f"*State*\n{state}"}],
        },
        {
            "type": "actions",
            "block_id": f"buttons {state}",
            "elements": [
                {
                    "type": "button",
                    "action_id": "take",
                    "text": plain("Take it"),
                    "style": "primary",
                    "value": title,
                },
                {
                    "type": "button",
                    "action_id": "away",
                    "text": plain("Away"),
                    "style": "danger",
                    "confirm": away,
                },
            ],
        },
    ]


def _command(ack: Callable[[], None], body: Json, client: WebClient, respond: Callable[[str], None]) -> None:
    ack()
    word = body["text"].partition(" ")[0]
    if word == "card":
        title = body["text"].removeprefix("card ")
        client.chat_postMessage(channel=body["channel_id"], text=title, blocks=card(title, "new"))
    elif word == "whisper":
        respond("A *private* answer to `&lt;you&gt;`")
    else:
        client.views_open(trigger_id=body["trigger_id"], view=form())


def _shortcut(ack: Callable[[], None], body: Json, client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=body["trigger_id"], view=form())


def _about(ack: Callable[[], None], body: Json, client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=body["trigger_id"], view=form(title=body["message"]["text"]))


def _customers(ack: Callable[..., None], payload: Json) -> None:
    wanted = payload["value"].lower()
    ack(options=[option(name, key) for key, name in CUSTOMERS.items() if wanted in name.lower()])


def _switch(ack: Callable[[], None], body: Json, client: WebClient) -> None:
    ack()
    kind = body["actions"][0]["selected_option"]["value"]
    client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=form(kind))


def _submit(ack: Callable[..., None], view: Json, client: WebClient) -> None:
    title = view["state"]["values"]["title"]["title"]["value"]
    if title == "Never answered":
        return
    if len(title) < 5:
        ack(response_action="errors", errors={"title": "标题太短 Too short"})
        return
    ack()
    client.chat_postMessage(channel="C0ESCAL", text=title, blocks=card(title, "new"))


def _take(ack: Callable[[], None], body: Json, client: WebClient) -> None:
    ack()
    message, title = body["message"], body["actions"][0]["value"]
    client.chat_update(channel=body["channel"]["id"], ts=message["ts"], text=title, blocks=card(title, "taken"))
    client.chat_postMessage(
        channel=body["channel"]["id"], thread_ts=message["ts"], text=f"Taken by <@{body['user']['id']}>"
    )
    client.chat_postMessage(channel=body["user"]["id"], text=f"You took {title}")


def _away(ack: Callable[[], None], body: Json, client: WebClient) -> None:
    ack()
    client.chat_delete(channel=body["channel"]["id"], ts=body["message"]["ts"])


def _home(event: Json, client: WebClient) -> None:
    hello = {"type": "header", "block_id": "hello", "text": plain(f"Home of {event['user']}")}
    client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [hello]})


def _echo(event: Json, client: WebClient) -> None:
    if event.get("bot_id") or event.get("channel_type") != "im":
        return
    thread = event.get("thread_ts") or event["ts"]
    client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=f"Heard “{event['text']}”")
