"""The rota editor in Slack, for leads: one member, layer or seat at a time, previewed before it is saved."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from handlers.blocks import block_kit, override_form, rota_editor
from handlers.blocks.rota_editor import TITLE
from handlers.blocks.schedule import ViewContext
from handlers.context import AT_SUBMIT, USUAL, CurrentUser, Services, SlackResponder
from handlers.epoch_stamps import ROOM
from handlers.i18n.rota_labels import NEAREST, describe_fault
from handlers.i18n.words import Words
from handlers.oncall import rota_editor_form
from handlers.oncall.override_request import fingerprint
from handlers.payloads import team_of, typed, user_of
from models.oncall.rota_editor import RotaEditor
from models.rules.errors import refuse
from models.rules.rota.rota import Rota
from models.rules.toml.tables import FileFault, InvalidFile

Ack = Callable[..., Any]
METADATA_LIMIT = 3000 - ROOM


class RotaEditorActions:
    """The overview, the forms of the parts, and their previews."""

    def __init__(self, services: Services, rota_editor_: RotaEditor) -> None:
        self._services, self._rota_editor = services, rota_editor_

    def open(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the overview: “Edit”, and “Back” from a form."""
        current_user = self._lead(body)
        view = rota_editor.overview(self._rota_editor.rota(self._services.now()), current_user.words)
        _show(view, body, client)

    def pick(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form of the part that was picked, or of a new one."""
        current_user = self._lead(body)
        action = body["actions"][0]
        value = str((action.get("selected_option") or action).get("value") or "")
        part, _, name = value.partition(" ")
        if part not in TITLE:
            raise refuse("unreadable")
        rota = self._rota_editor.rota(self._services.now())
        name = rota_editor_form.full_name(part, name, rota)
        view = rota_editor.form(part, name, rota, None, current_user.words, _metadata(part, name))
        _show(view, body, client)

    def file(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show the rota file."""
        current_user = self._lead(body)
        _show(rota_editor.file(self._rota_editor.newest(self._services.now())[1], current_user.words), body, client)

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Show the preview of a submitted form; errors appear under their fields."""
        current_user, view = self._lead(body), body["view"]
        carried = _carried(view)
        answers = {name: value for name, value in typed(view).items() if value}
        try:
            drawn = self._preview(carried, answers, current_user)
        except InvalidFile as bad:
            ack(response_action="errors", errors=_faults(bad, view, current_user))
            return
        ack(response_action="update", view=drawn)

    def again(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Go from the preview back to the form, with all that was typed."""
        current_user, carried = self._lead(body), _carried(body["view"])
        rota = self._rota_editor.rota(self._services.now())
        part, name = carried["what"], carried["name"]
        view = rota_editor.form(part, name, rota, carried["answers"], current_user.words, _metadata(part, name))
        _show(view, body, client)

    def save(self, ack: Ack, body: dict[str, Any]) -> None:
        """Save the new version. When its impact differs by now, show the new preview instead."""
        current_user, carried, now = self._lead(body), _carried(body["view"]), self._services.now()
        _, base = self._rota_editor.newest(now)
        wanted = self._apply_answers(carried, carried["answers"])
        impact = self._rota_editor.preview(wanted, now)
        if fingerprint(impact, now) != carried["shown"]:
            note = current_user.words("The rota has changed in the meantime. This is the result now:")
            ack(response_action="update", view=self._preview(carried, carried["answers"], current_user, note))
            return
        self._rota_editor.save(wanted, base, current_user.actor, now, self._services.settings.oncall_channel)
        ack(
            response_action="update",
            view=override_form.saved_view(impact, [], self._view_context(current_user, wanted)),
        )

    def _preview(
        self, carried: Mapping[str, Any], answers: Mapping[str, Any], current_user: CurrentUser, note: str = ""
    ) -> block_kit.Block:
        now = self._services.now()
        wanted = self._apply_answers(carried, answers)
        impact = self._rota_editor.preview(wanted, now)
        metadata = _metadata(carried["what"], carried["name"], answers, fingerprint(impact, now))
        if len(metadata) > METADATA_LIMIT:
            raise refuse("too_much_at_once")
        number, text = self._rota_editor.newest(now)
        lost = number if "#" in text else None
        return rota_editor.preview(impact, self._view_context(current_user, wanted), metadata, lost, note)

    def _apply_answers(self, carried: Mapping[str, Any], answers: Mapping[str, Any]) -> Rota:
        rota = self._rota_editor.rota(self._services.now())
        return rota_editor_form.edited(rota, carried["what"], carried["name"], answers, self._services.queries.name_of)

    def _view_context(self, current_user: CurrentUser, rota: Rota) -> ViewContext:
        return ViewContext(current_user.words, self._services.zone_of(current_user), rota, self._services.now())

    def _lead(self, body: dict[str, Any]) -> CurrentUser:
        fresh = AT_SUBMIT if body.get("type") == "view_submission" else USUAL
        current_user = self._services.admit(user_of(body), team_of(body), fresh)
        if not current_user.actor.is_lead:
            raise refuse("leads_only")
        return current_user


def _show(view: block_kit.Block, body: dict[str, Any], client: SlackResponder) -> None:
    """Show a view in place of the open modal, or as a new one."""
    open_view = body.get("view") or {}
    if open_view.get("type") == "modal":
        client.views_update(view_id=open_view["id"], view=view, hash=open_view.get("hash"))
    else:
        client.views_open(trigger_id=body["trigger_id"], view=view)


def _metadata(part: str, name: str, answers: Mapping[str, Any] | None = None, shown: str = "") -> str:
    return json.dumps({"what": part, "name": name, "answers": answers or {}, "shown": shown}, ensure_ascii=False)


def _carried(view: Mapping[str, Any]) -> dict[str, Any]:
    """Read a view's metadata. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(str(view.get("private_metadata") or ""))
        answers = {str(name): rota_editor_form.plain(value) for name, value in dict(data["answers"]).items()}
        part, name, shown = str(data["what"]), str(data["name"]), str(data["shown"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise refuse("unreadable") from error
    if part not in TITLE:
        raise refuse("unreadable")
    return {"what": part, "name": name, "answers": answers, "shown": shown}


def _faults(bad: InvalidFile, view: Mapping[str, Any], current_user: CurrentUser) -> dict[str, str]:
    """Return the sentence for each error by field; errors without a field go under the last one."""
    fields = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    sentences: dict[str, str] = {}
    for fault in bad.faults:
        key = str(fault.values.get("key") or "name")
        place = key if key in fields else fields[-1]
        sentences.setdefault(place, _describe_fault(fault, current_user.words))
    return sentences


def _describe_fault(fault: FileFault, words: Words) -> str:
    nearest = [words(NEAREST, nearest=fault.nearest)] if fault.nearest else []
    return " ".join([describe_fault(fault, words), *nearest])
