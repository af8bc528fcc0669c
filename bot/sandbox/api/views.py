"""The ``views.*`` methods: modals opened by a trigger, changed by id and hash, and App Home."""

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.block_kit import judge_view
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.json_types import Json
from bot.sandbox.view_payload import as_sent


def open_(call: ApiCall) -> Json:
    """Open a modal."""
    view = _judged(call, "modal")
    return _shown(call, call.slack.surfaces.open(_person(call), view))


def push(call: ApiCall) -> Json:
    """Open a modal above the present one."""
    view = _judged(call, "modal")
    return _shown(call, call.slack.surfaces.push(_person(call), view))


def update(call: ApiCall) -> Json:
    """Change an open view."""
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise invalid_arguments("missing required field: view_id or external_id")
    wanted = call.json("view")
    _, view = call.slack.surfaces.find(view_id, external_id)
    judge_view(wanted, view["type"], call.slack.can_show)
    return _shown(call, call.slack.surfaces.update(view, wanted, call.text("hash") or None))


def publish(call: ApiCall) -> Json:
    """Replace the App Home of a person."""
    user = call.need("user_id")
    if not call.slack.manifest.home_tab:
        raise SlackError("not_enabled")
    if user not in call.slack.workspace.people:
        raise invalid_arguments("invalid user_id [json-pointer:/user_id]")
    view = _judged(call, "home")
    return _shown(call, call.slack.surfaces.publish(user, view, call.text("hash") or None))


def _judged(call: ApiCall, kind: str) -> Json:
    view: Json = call.json("view")
    judge_view(view, kind, call.slack.can_show)
    return view


def _person(call: ApiCall) -> str:
    """Return who acted, and use the trigger up."""
    return call.slack.triggers.exchange(call.need("trigger_id"))


def _shown(call: ApiCall, view: Json) -> Json:
    call.slack.notices.changed()
    return {"ok": True, "view": as_sent(view)}


VIEWS = {
    "views.open": ApiMethod(open_, "tier4", "view trigger_id interactivity_pointer"),
    "views.push": ApiMethod(push, "tier4", "view trigger_id interactivity_pointer"),
    "views.update": ApiMethod(update, "tier4", "view view_id external_id hash"),
    "views.publish": ApiMethod(publish, "tier4", "view user_id hash"),
}
