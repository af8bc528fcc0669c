"""Drives the local Slack as people would: types commands, fills forms, clicks, and waits for what should appear.

    slack = SlackDriver(sandbox.page_url)
    emma = slack.as_user("U0EMMA")
    emma.command("/csp-escalate new")
    emma.fill({"Title": "Mail is down", "severity": "A"}).submit()
    slack.wait_for(lambda: slack.messages("C0ESCAL"), what="the card")

Speaks to the sandbox's control API only, with the standard library only; a driver may be used from many threads.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]
Seen = TypeVar("Seen")
PATIENCE = 120.0  # seconds for what takes milliseconds: the machine may be busy with other tests
ACK_SECONDS = 30.0  # a press is answered in three seconds, but not where the machine stands still for longer
SLICE = 0.25  # seconds between two looks at what no revision tells of, such as traffic


class Refused(AssertionError):
    """The sandbox says that nobody could have done this in Slack."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('error')}: {body.get('detail')}")
        self.body = body


class SlackDriver:
    """The workspace from outside: what is to be seen, and what may be done to it."""

    def __init__(self, page_url: str) -> None:
        self._address = urlsplit(page_url).netloc
        self._local = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    def as_user(self, user: str) -> "Actor":
        return Actor(self, user)

    # What is to be seen

    def state(self, *only: str, channel: str | None = None, newest: int | None = None) -> Json:
        """The workspace, or `only` these parts of it."""
        query = {"only": ",".join(only), "channel": channel or "", "messages": newest or ""}
        return self.get("state", **{key: value for key, value in query.items() if value})

    def everything_in(self, channel: str) -> list[Json]:
        """All of a channel, oldest first: thread replies and ephemerals too."""
        messages: list[Json] = self.state("messages", channel=channel)["messages"].get(channel, [])
        return messages

    def messages(self, channel: str) -> list[Json]:
        """What everybody sees in the channel itself, oldest first."""
        return [one for one in self.everything_in(channel) if _is_root(one) and "ephemeral_to" not in one]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The replies below a message, oldest first."""
        shown = [one for one in self.everything_in(channel) if "ephemeral_to" not in one]
        return [one for one in shown if one.get("thread_ts") == ts and one["ts"] != ts]

    def ephemerals(self, channel: str | None = None, user: str | None = None) -> list[Json]:
        """What single people were shown, in one channel or anywhere."""
        found = [one for said in self.state("messages")["messages"].items() for one in _tagged(*said)]
        hidden = [one for one in found if "ephemeral_to" in one]
        return [one for one in hidden if channel in (None, one["channel"]) and user in (None, one["ephemeral_to"])]

    def dms(self, user: str) -> list[Json]:
        """What the bot and this person wrote each other."""
        return self.messages(f"D{user[1:]}")

    def modal(self, user: str) -> Json | None:
        """The modal on top of this person's screen."""
        stack = self.state("views")["views"].get(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> Json | None:
        view: Json | None = self.state("homes")["homes"].get(user)
        return view

    def toasts(self, user: str | None = None, after: int = 0) -> list[str]:
        """What Slack itself told this person, such as that the app did not respond."""
        entries = self.get("toasts", after=after, **({"user": user} if user else {}))["entries"]
        return [entry["text"] for entry in entries]

    def traffic(self, after: int = 0, name: str | None = None) -> list[Json]:
        """Exchanges between Slack and the bot, oldest first; `name` is a method or what was delivered."""
        entries: list[Json] = self.get("traffic", after=after, limit=2000)["entries"]
        return [entry for entry in entries if name in (None, entry["name"])]

    def surprises(self, after: int = 0) -> list[Json]:
        """What a correct bot would never cause."""
        entries: list[Json] = self.get("surprises", after=after)["entries"]
        return entries

    def wait_for(self, predicate: Callable[[], Seen], timeout: float = PATIENCE, what: str = "it") -> Seen:
        """What `predicate` returns once it is true; looks again whenever the workspace changes."""
        deadline, revision = time.monotonic() + timeout, 0
        while True:
            seen_at = self.get("wait", after=0, timeout=0)["revision"]
            found = predicate()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {timeout:g} s for {what}; surprises: {self.surprises()}")
            revision = seen_at
            self.get("wait", after=revision, timeout=min(left, SLICE))

    # What may be done to it

    def advance_clock(self, seconds: float) -> None:
        self.post("clock", advance=seconds)

    def set_clock(self, offset: float) -> None:
        self.post("clock", offset=offset)

    def fault(self, method: str, mode: str, **more: Any) -> int:
        """Plans a fault for the next call of `method` ("*" = any); the modes are the control API's."""
        return int(self.post("fault", method=method, mode=mode, **more)["id"])

    def clear_faults(self) -> None:
        self.request("DELETE", "fault")

    def settings(self, **wanted: Any) -> None:
        """Latency, limits, ack time and more: the control API's settings."""
        self.post("settings", **wanted)

    def socket(self, do: str, *, leave_old_open: bool = False) -> None:
        """Refreshes, drops, silences, ... the bot's websocket connections."""
        self.post("socket", do=do, leave_old_open=leave_old_open)

    def connected(self, connections: int = 1, timeout: float = PATIENCE) -> None:
        """Waits until the bot has at least that many websocket connections."""
        self.wait_for(lambda: self.state("delivery")["delivery"]["connections"] >= connections, timeout, "a connection")

    def deliver(self, kind: str, payload: Json, **more: Any) -> list[Json]:
        """Delivers exactly this payload (again); the answer is one ack for each time."""
        acks: list[Json] = self.post("deliver", type=kind, payload=payload, **more)["acks"]
        return acks

    def last_delivered(self, name: str) -> Json:
        """The payload of the newest delivery with this name: to tamper with, or to deliver again."""
        found = [one for one in self.traffic(name=name) if one["direction"] == "in"]
        assert found, f"nothing was delivered as {name!r}"
        payload: Json = found[-1]["request"]
        return payload

    def event(self, event: Json) -> None:
        self.post("event", event=event)

    def person(self, id: str, **facts: Any) -> None:  # noqa: A002 - Slack's own word
        self.post("person", id=id, **facts)

    def channel(self, id: str, **facts: Any) -> None:  # noqa: A002 - Slack's own word
        self.post("channel", id=id, **facts)

    def usergroup(self, id: str, **facts: Any) -> None:  # noqa: A002 - Slack's own word
        self.post("usergroup", id=id, **facts)

    def app(self, do: str) -> Json:
        """Kills, terminates or starts the bot that the sandbox supervises."""
        return self.post("app", do=do)

    # The wire

    def get(self, name: str, /, **query: Any) -> Json:
        return self.request("GET", f"{name}?{urlencode(query)}" if query else name)

    def post(self, name: str, /, **body: Any) -> Json:
        return self.request("POST", name, body)

    def request(self, verb: str, name: str, body: Json | None = None) -> Json:
        """One control request; raises Refused for a 4xx."""
        sent = None if body is None else json.dumps(body).encode()
        connection = self._connection()
        try:
            connection.request(verb, f"/control/{name}", sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer: Json = json.loads(response.read() or b"{}")
        except (http.client.HTTPException, OSError):
            connection.close()
            raise
        if response.status >= 400:
            raise Refused(response.status, answer)
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._address, timeout=60)
            self._connections.append(self._local.connection)
        connection: http.client.HTTPConnection = self._local.connection
        return connection

    def close(self) -> None:
        """Closes the connections of all threads."""
        for connection in self._connections:
            connection.close()


class Actor:
    """One person of the workspace."""

    def __init__(self, slack: SlackDriver, user: str) -> None:
        self.slack = slack
        self.id = user

    # Talking

    def command(self, line: str, channel: str = "C0ESCAL") -> Json:
        """Types a slash command; the answer tells how the bot took it."""
        return self.act("command", text=line, channel=channel)

    def post(self, text: str, channel: str = "C0ESCAL", thread_ts: str | None = None, **more: Any) -> str:
        """Writes a message; the answer is its timestamp."""
        more |= {"thread_ts": thread_ts} if thread_ts else {}
        return str(self.act("post", text=text, channel=channel, **more)["ts"])

    def shortcut(self, callback_id: str) -> Json:
        return self.act("shortcut", callback_id=callback_id)

    def message_shortcut(self, callback_id: str, message: Json) -> Json:
        return self.act("message_shortcut", callback_id=callback_id, **self._place(message))

    def delete(self, message: Json) -> Json:
        return self.act("delete", **self._place(message))

    def open_home(self) -> Json:
        return self.act("home")

    # On messages

    def click(self, message: Json, what: str, **value: Any) -> Json:
        """Presses a button of a message (by its text or action_id), or chooses in one of its menus."""
        block, element = _find(message.get("blocks", []), what)
        where = self._place(message)
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return self.act("click", where=where, **ids, **_chosen(element, value))

    def labels(self, message: Json) -> list[str]:
        """What can be clicked on a message or view, as it reads."""
        return [_label(block, element) for block, element in _elements(message.get("blocks", []))]

    # In modals

    @property
    def modal(self) -> Json:
        """The modal on top; there has to be one."""
        modal = self.slack.modal(self.id)
        assert modal is not None, f"{self.id} has no modal open; toasts: {self.slack.toasts(self.id)}"
        return modal

    def wait_for_modal(self, holds: Callable[[Json], bool] = bool, timeout: float = PATIENCE) -> Json:
        """The modal on top, once there is one that `holds`."""

        def shown() -> Json | None:
            modal = self.slack.modal(self.id)
            return modal if modal and holds(modal) else None

        found = self.slack.wait_for(shown, timeout, f"a modal for {self.id}")
        assert found is not None
        return found

    def fill(self, values: Json) -> "Actor":
        """Fills fields of the top modal, by label, block_id or action_id, in order.

        A value is text, an option's text or value, a list of those, an id, a date, a number, None to empty it.
        Fields that tell the bot at once (dispatching inputs, menus beside text) do so, and what then changes in the
        form is waited for by whoever needs it.
        """
        for what, value in values.items():
            modal = self.modal
            block, element = _find(modal["blocks"], what)
            entry = _entry(element, value)
            ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
            if _tells_the_bot(block, element):
                picked = {key: one for key, one in entry.items() if key != "type"}
                self.act("click", where={"view_id": modal["id"]}, **ids, **picked)
            else:
                state = {block["block_id"]: {element["action_id"]: entry}}
                self.act("type", view_id=modal["id"], state=state)
        return self

    def press(self, what: str, **value: Any) -> Json:
        """Presses a button in the top modal, by its text or action_id."""
        modal = self.modal
        block, element = _find(modal["blocks"], what)
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return self.act("click", where={"view_id": modal["id"]}, **ids, **_chosen(element, value))

    def press_home(self, what: str, **value: Any) -> Json:
        """Presses a button in App Home."""
        home = self.slack.home(self.id)
        assert home is not None, f"{self.id} has no App Home"
        block, element = _find(home["blocks"], what)
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return self.act("click", where={"home": True}, **ids, **_chosen(element, value))

    def suggest(self, what: str, query: str) -> list[Json]:
        """What a typeahead of the top modal offers for `query`."""
        modal = self.modal
        block, element = _find(modal["blocks"], what)
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        answer = self.act("suggest", view_id=modal["id"], query=query, **ids)
        assert answer["ok"], answer
        groups = answer.get("option_groups") or [{"options": answer.get("options", [])}]
        return [option for group in groups for option in group["options"]]

    def choose(self, what: str, query: str, pick: str | None = None) -> "Actor":
        """Types into a typeahead and takes the option that reads `pick` (or the first)."""
        offered = self.suggest(what, query)
        chosen = [one for one in offered if pick in (None, one["text"]["text"], one["value"])]
        assert chosen, f"{what!r} offers {[one['text']['text'] for one in offered]} for {query!r}"
        return self.fill({what: chosen[0]})

    def submit(self, state: Json | None = None) -> Json:
        """Presses the top modal's submit button; the answer tells of errors under fields."""
        return self.act("submit", view_id=self.modal["id"], **({"state": state} if state is not None else {}))

    def close(self) -> Json:
        return self.act("close", view_id=self.modal["id"])

    def act(self, do: str, /, **more: Any) -> Json:
        """Any act of the control API."""
        return self.slack.post("act", user=self.id, do=do, **more)

    def _place(self, message: Json) -> Json:
        """Where a message is; the driver looks, messages do not say."""
        if "channel" in message:
            return {"channel": message["channel"], "ts": message["ts"]}
        for channel, said in self.slack.state("messages")["messages"].items():
            if any(one["ts"] == message["ts"] for one in said):
                return {"channel": channel, "ts": message["ts"]}
        raise AssertionError(f"no channel has a message {message['ts']}")


def _tagged(channel: str, said: list[Json]) -> list[Json]:
    return [{**one, "channel": channel} for one in said]


def _is_root(message: Json) -> bool:
    return bool(message.get("thread_ts", message["ts"]) == message["ts"] or message.get("reply_broadcast"))


def _elements(blocks: list[Json]) -> list[tuple[Json, Json]]:
    found = []
    for block in blocks:
        inside = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*inside, block.get("accessory"), block.get("element")]:
            if element and "action_id" in element:
                found.append((block, element))
    return found


def _label(block: Json, element: Json) -> str:
    """How a person would call this element."""
    if element["type"] == "button":
        return str(element["text"]["text"])
    if "label" in block:
        return str(block["label"]["text"])
    return str(element.get("placeholder", {}).get("text") or block.get("text", {}).get("text") or element["action_id"])


def _action_id(block: Json, element: Json) -> str:
    return str(element["action_id"])


def _block_id(block: Json, element: Json) -> str:
    return str(block["block_id"])


def _find(blocks: list[Json], what: str) -> tuple[Json, Json]:
    """The element with this action_id, label or block_id; there has to be exactly one."""
    known = _elements(blocks)
    for naming in (_action_id, _label, _block_id):
        found = [(block, element) for block, element in known if naming(block, element) == what]
        if len(found) == 1:
            return found[0]
        assert not found, f"{what!r} is there {len(found)} times"
    raise AssertionError(f"no {what!r} here, but {[_label(*one) for one in known]}")


VALUE_KEY = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def _entry(element: Json, value: Any) -> Json:
    """One entry of a view's state, from what a person would say."""
    key = VALUE_KEY.get(element["type"], "value")
    if key == "selected_option":
        value = None if value is None else _option(element, value)
    elif key == "selected_options":
        value = [_option(element, one) for one in value or []]
    return {"type": element["type"], key: value}


def _option(element: Json, wanted: Any) -> Json:
    """The option that reads or is worth `wanted`."""
    if isinstance(wanted, dict):
        return wanted
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options: list[Json] = [option for group in groups for option in group["options"]]
    for option in options:
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise AssertionError(f"{wanted!r} is not offered, but {[one['text']['text'] for one in options]}")


def _chosen(element: Json, value: Json) -> Json:
    """`option="..."` or `value=...` of a click, in the key that the element's type wants."""
    if not value or element["type"] == "button":
        return value
    wanted = value.get("option", value.get("value"))
    entry = _entry(element, wanted)
    return {key: one for key, one in entry.items() if key != "type"}


def _tells_the_bot(block: Json, element: Json) -> bool:
    if block["type"] == "input":
        return bool(block.get("dispatch_action"))
    return bool(element["type"] != "button")
