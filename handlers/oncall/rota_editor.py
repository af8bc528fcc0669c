"""Describing the rota from Slack, for leads: one member, layer or seat at a time, shown before it is saved."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from handlers.blocks import block_kit, override_form, rota_editor
from handlers.blocks.rota_editor import TITLE
from handlers.blocks.schedule import Reader
from handlers.context import AT_SUBMIT, USUAL, House, Slack, Visitor
from handlers.epoch_stamps import ROOM
from handlers.i18n.rota_labels import NEAREST, fault_said
from handlers.i18n.words import Words
from handlers.oncall import rota_editor_form
from handlers.oncall.override_request import seen
from handlers.payloads import team_of, typed, user_of
from models.oncall.rota_editor import Revising
from models.rules.errors import refuse
from models.rules.rota.rota import Plan
from models.rules.rota.toml.tables import BadPlan, Fault

Ack = Callable[..., Any]
METADATA_LIMIT = 3000 - ROOM


class Editing:
    """The overview, the forms of the parts, and their previews."""

    def __init__(self, house: House, revising: Revising) -> None:
        self._house, self._revising = house, revising

    def open(self, body: dict[str, Any], client: Slack) -> None:
        """The button “Edit”, and “Back” from a form."""
        visitor = self._lead(body)
        view = rota_editor.overview(self._revising.plan(self._house.now()), visitor.words)
        _show(view, body, client)

    def pick(self, body: dict[str, Any], client: Slack) -> None:
        """A part was picked, or a new one is wanted: its form takes the place of the overview."""
        visitor = self._lead(body)
        action = body["actions"][0]
        value = str((action.get("selected_option") or action).get("value") or "")
        what, _, name = value.partition(" ")
        if what not in TITLE:
            raise refuse("unreadable")
        plan = self._revising.plan(self._house.now())
        name = rota_editor_form.full_name(what, name, plan)
        view = rota_editor.form(what, name, plan, None, visitor.words, _metadata(what, name))
        _show(view, body, client)

    def file(self, body: dict[str, Any], client: Slack) -> None:
        """“Show the file”."""
        visitor = self._lead(body)
        _show(rota_editor.file(self._revising.newest(self._house.now())[1], visitor.words), body, client)

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """A filled form: what would happen takes its place; what is wrong is said under its field."""
        visitor, view = self._lead(body), body["view"]
        carried = _carried(view)
        answers = {name: value for name, value in typed(view).items() if value}
        try:
            drawn = self._preview(carried, answers, visitor)
        except BadPlan as bad:
            ack(response_action="errors", errors=_faults(bad, view, visitor))
            return
        ack(response_action="update", view=drawn)

    def again(self, body: dict[str, Any], client: Slack) -> None:
        """From what would happen back to the form, with all that was typed."""
        visitor, carried = self._lead(body), _carried(body["view"])
        plan = self._revising.plan(self._house.now())
        what, name = carried["what"], carried["name"]
        view = rota_editor.form(what, name, plan, carried["answers"], visitor.words, _metadata(what, name))
        _show(view, body, client)

    def save(self, ack: Ack, body: dict[str, Any]) -> None:
        """Agreed: it is the newest version, unless something else would happen by now."""
        visitor, carried, now = self._lead(body), _carried(body["view"]), self._house.now()
        _, base = self._revising.newest(now)
        wanted = self._wanted(carried, carried["answers"])
        outcome = self._revising.outcome(wanted, now)
        if seen(outcome, now) != carried["shown"]:
            note = visitor.words("The rota changed meanwhile. This is what would happen now:")
            ack(response_action="update", view=self._preview(carried, carried["answers"], visitor, note))
            return
        self._revising.save(wanted, base, visitor.actor, now, self._house.settings.oncall_channel)
        ack(response_action="update", view=override_form.saved(outcome, [], self._reader(visitor, wanted)))

    def _preview(
        self, carried: Mapping[str, Any], answers: Mapping[str, Any], visitor: Visitor, note: str = ""
    ) -> block_kit.Block:
        now = self._house.now()
        wanted = self._wanted(carried, answers)
        outcome = self._revising.outcome(wanted, now)
        metadata = _metadata(carried["what"], carried["name"], answers, seen(outcome, now))
        if len(metadata) > METADATA_LIMIT:
            raise refuse("too_much_at_once")
        number, text = self._revising.newest(now)
        lost = number if "#" in text else None
        return rota_editor.preview(outcome, self._reader(visitor, wanted), metadata, lost, note)

    def _wanted(self, carried: Mapping[str, Any], answers: Mapping[str, Any]) -> Plan:
        plan = self._revising.plan(self._house.now())
        return rota_editor_form.edited(plan, carried["what"], carried["name"], answers, self._house.board.name_of)

    def _reader(self, visitor: Visitor, plan: Plan) -> Reader:
        return Reader(visitor.words, self._house.zone_of(visitor), plan, self._house.now())

    def _lead(self, body: dict[str, Any]) -> Visitor:
        fresh = AT_SUBMIT if body.get("type") == "view_submission" else USUAL
        visitor = self._house.admit(user_of(body), team_of(body), fresh)
        if not visitor.actor.is_lead:
            raise refuse("leads_only")
        return visitor


def _show(view: block_kit.Block, body: dict[str, Any], client: Slack) -> None:
    """In place of the open modal, or as a new one."""
    there = body.get("view") or {}
    if there.get("type") == "modal":
        client.views_update(view_id=there["id"], view=view, hash=there.get("hash"))
    else:
        client.views_open(trigger_id=body["trigger_id"], view=view)


def _metadata(what: str, name: str, answers: Mapping[str, Any] | None = None, shown: str = "") -> str:
    return json.dumps({"what": what, "name": name, "answers": answers or {}, "shown": shown}, ensure_ascii=False)


def _carried(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a view carries. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(str(view.get("private_metadata") or ""))
        answers = {str(name): rota_editor_form.plain(value) for name, value in dict(data["answers"]).items()}
        what, name, shown = str(data["what"]), str(data["name"]), str(data["shown"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise refuse("unreadable") from error
    if what not in TITLE:
        raise refuse("unreadable")
    return {"what": what, "name": name, "answers": answers, "shown": shown}


def _faults(bad: BadPlan, view: Mapping[str, Any], visitor: Visitor) -> dict[str, str]:
    """Each fault under its field, the others under the last one."""
    fields = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    said: dict[str, str] = {}
    for fault in bad.faults:
        key = str(fault.values.get("key") or "name")
        place = key if key in fields else fields[-1]
        said.setdefault(place, _said(fault, visitor.words))
    return said


def _said(fault: Fault, words: Words) -> str:
    nearest = [words(NEAREST, nearest=fault.nearest)] if fault.nearest else []
    return " ".join([fault_said(fault, words), *nearest])
