"""One person of the played Slack: types commands, fills forms, presses buttons, and hears the answers."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bot.sandbox.elements import as_state, elements
from bot.sandbox.view_state import complaints, typed_in
from tests.handlers import block_limits, payloads
from tests.handlers.harness import PEOPLE, HandlerResult, Stage

Json = dict[str, Any]


class Member:
    """One person and what they do."""

    def __init__(self, stage: Stage, user: str) -> None:
        self.stage, self.user = stage, user
        self.team = PEOPLE[user].team_id

    @property
    def trigger(self) -> str:
        return self.stage.slack.trigger(self.user)

    def command(self, text: str = "") -> HandlerResult:
        return self.stage.deliver(payloads.command(self.user, text, self.trigger, self.team))

    def type(self, text: str, thread: str = "", **more: Any) -> Json | None:
        """A line typed to the bot in its direct message; its one answer, or None."""
        before = len(self.stage.slack.posted)
        heard = self.stage.deliver(payloads.direct_message(self.user, text, thread, team=self.team, **more))
        assert heard.status == 200
        answers = self.stage.slack.posted[before:]
        assert len(answers) <= 1, answers
        return answers[0] if answers else None

    def press(self, move: str, number: int = 1, version: int = 1, value: str | None = None) -> HandlerResult:
        """A button of a card."""
        carried = json.dumps({"n": number, "v": version}) if value is None else value
        acted = payloads.button(f"card.{move}", carried)
        return self.stage.deliver(payloads.click(self.user, self.trigger, acted, self.team))

    def button(self, action_id: str, value: str) -> HandlerResult:
        """Any button of a message."""
        acted = payloads.button(action_id, value)
        return self.stage.deliver(payloads.click(self.user, self.trigger, acted, self.team))

    def choose(self, what: str, number: int = 1) -> HandlerResult:
        """An entry of the card's menu."""
        acted = payloads.menu(f"{what} {json.dumps({'n': number, 'v': 1})}")
        return self.stage.deliver(payloads.click(self.user, self.trigger, acted, self.team))

    @property
    def modal(self) -> Json:
        """The modal on top; there has to be one."""
        top = self.stage.slack.surfaces.top(self.user)
        assert top is not None
        return top

    @property
    def fields(self) -> list[str]:
        """The fields on the screen, in order."""
        return [block["block_id"] for block in self.modal["blocks"] if block["type"] == "input"]

    def value(self, name: str) -> Any:
        """What stands in a field now."""
        entry = next(iter(self.modal["state"]["values"][name].values()))
        value = next(value for key, value in entry.items() if key != "type")
        if isinstance(value, list):
            return [one["value"] for one in value]
        return value["value"] if isinstance(value, dict) else value

    def fill(self, **values: Any) -> "Member":
        """Fill fields in order; those that tell the bot at once do so."""
        for name, value in values.items():
            view = self.modal
            block, element = next((b, e) for b, e in elements(view["blocks"]) if b["block_id"] == name)
            entry = as_state(element, _as_chosen(element, value))
            sent = {name: {element["action_id"]: entry}}
            view["state"] = {"values": typed_in(view["state"]["values"], sent, view["blocks"])}
            if block.get("dispatch_action"):
                acted = {"type": element["type"], "block_id": name, "action_id": element["action_id"], **entry}
                self.stage.deliver(payloads.view_click(self.user, self.trigger, view, acted))
        return self

    def submit(self, **tampered: Any) -> HandlerResult:
        """The submit button; ``tampered`` replaces parts of the view that travels."""
        view = self.modal
        if not tampered:
            assert complaints(view["blocks"], view["state"]["values"]) == {}
        heard = self.stage.deliver(payloads.submission(self.user, self.trigger, {**view, **tampered}, self.team))
        if heard.ack.get("response_action") == "update":
            block_limits.view(heard.ack["view"])
            self.stage.slack.surfaces.update(view, heard.ack["view"], None)
        elif heard.ack.get("response_action") is None and heard.status == 200:
            self.stage.slack.surfaces.close(self.user, view["id"])
        return heard

    def suggest(self, query: str, view: Json | None = None) -> list[str]:
        """What the customer's typeahead offers."""
        heard = self.stage.deliver(payloads.suggestion(self.user, view or self.modal, query, self.team))
        block_limits.suggestions(heard.ack)
        return [option["text"]["text"] for option in heard.ack["options"]]

    def raise_one(self, **changes: Any) -> int:
        """A whole customer request, from the command to the record; its number."""
        self.command("new")
        usual = AN_URGENT_REQUEST if changes.get("severity") == "A" else A_CUSTOMER_REQUEST
        self._fill_as_before({**usual, **changes})
        heard = self.submit()
        assert heard.ack.get("response_action") == "update", heard
        return int(block_limits.read(heard.ack["view"]["blocks"]).split("CSP-")[1].split("*")[0])

    def _fill_as_before(self, values: Json) -> None:
        """Fill a form with answers. What the same form became by the same answers is not asked of the bot again."""
        form = json.dumps([self.modal["blocks"], values], sort_keys=True)
        if form in FILLED:
            filled, seconds = FILLED[form]
            self.modal.update(deepcopy(filled))
            self.stage.pass_seconds(seconds)
            return
        began = self.stage.seconds_passed
        self.fill(**values)
        filled = {part: self.modal[part] for part in ("blocks", "state", "private_metadata")}
        FILLED[form] = deepcopy(filled), self.stage.seconds_passed - began


FILLED: dict[str, tuple[Json, int]] = {}
"""Filled forms by the empty form and its answers, and the seconds that filling took on the stage's clock."""

A_CUSTOMER_REQUEST: Mapping[str, Any] = {
    "kind": "customer", "customer_name": ("Not in the list: 蓝天", "typed:蓝天"), "service": "m365",
    "scope": "one_user", "severity": "B", "title": "Mail is down", "details": "All mail bounces", "health": "normal",
    "tried": "Restarted", "lacks": ["tools"], "area": "none",
}  # fmt: skip
AN_URGENT_REQUEST: Mapping[str, Any] = {
    **{name: A_CUSTOMER_REQUEST[name] for name in ("kind", "customer_name", "service", "scope")}, "severity": "A",
    "title": "Mail is down", "details": "All mail bounces", "impact": "Nobody works", "contact": "Emma, 138 0013 8000",
}  # fmt: skip
"""Severity A asks for no more."""
A_PARTNER_CENTER_REQUEST: Mapping[str, Any] = {
    "kind": "partner_center", "category": "billing", "severity": "C", "title": "Invoice", "details": "It is blank",
}  # fmt: skip


def _as_chosen(element: Json, value: Any) -> Any:
    """An answer in the shape its element sends."""
    kind = element["type"]
    if kind == "checkboxes":
        return [{"value": one} for one in value]
    if kind == "external_select" and value is not None:
        return {"text": {"type": "plain_text", "text": value[0]}, "value": value[1]}
    if kind in {"static_select", "radio_buttons"} and value is not None:
        return {"value": value}
    return value
