"""What a person does inside messages, modals and App Home: click, choose, search in a typeahead, submit, close."""

from typing import Any

from bot.sandbox import payloads, response_urls
from bot.sandbox.block_kit import judge_suggestions, judge_view
from bot.sandbox.conversation import to_api_message
from bot.sandbox.elements import VALUE_KEY, as_state, chosen, find
from bot.sandbox.errors import InvalidAction, SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser
from bot.sandbox.user_actions import TROUBLE, message_of, outcome
from bot.sandbox.view_payload import as_sent
from bot.sandbox.view_state import complaints, typed_in

DEFAULT_MIN_QUERY = 3
ACTIONS = frozenset({"clear", "update", "push", "errors"})


async def click(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Press a button or choose from a menu, on a message, a modal or App Home."""
    where = _where(act)
    if "channel" in where:
        return await _click_on_message(slack, person, act, where)
    view = _view(slack, person, where)
    block, element = find(view["blocks"], str(act.get("block_id")), str(act.get("action_id")))
    picked = chosen(element, act)
    _remember(slack, view, act.get("state"))
    if element["type"] in VALUE_KEY:
        entry = as_state(element, picked[VALUE_KEY[element["type"]]])
        _remember(slack, view, {block["block_id"]: {element["action_id"]: entry}})
    payload = payloads.view_click(slack, person, view, payloads.action(slack, block, element, picked))
    return outcome(slack, person, await _ask(slack, f"click {element['action_id']}", payload))


async def type_(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Keep what was typed into a view. The bot is not told."""
    _remember(slack, _view(slack, person, _where(act)), act.get("state"))
    return {"ok": True}


async def suggest(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Ask the bot for the options of a typeahead."""
    where, query = _where(act), str(act.get("query", ""))
    if "channel" in where:
        place, message = message_of(slack, person, where)
        blocks = message.get("blocks", [])
        channel = {"id": place.id, "name": payloads.channel_name(place)}
        payload: Json = {
            "container": where,
            "channel": channel,
            "message": to_api_message(message, with_metadata=False),
        }
    else:
        view = _view(slack, person, where)
        _remember(slack, view, act.get("state"))
        blocks = view["blocks"]
        payload = {"container": {"type": "view", "view_id": view["id"]}, "view": as_sent(view)}
    block, element = find(blocks, str(act.get("block_id")), str(act.get("action_id")))
    if len(query) < element.get("min_query_length", DEFAULT_MIN_QUERY):
        return {"ok": True, "options": [], "too_short": True}
    payload = payloads.suggestion(slack, person, payload, element, block, query)
    ack = await _ask(slack, f"suggest {element['action_id']} {query}", payload)
    problems = judge_suggestions(ack.payload) if ack.ok else []
    if not ack.ok or problems:
        if problems:
            slack.notices.surprise("invalid_ack", f"options: {problems}")
        return {
            "ok": False,
            "error": "invalid_ack" if problems else ack.error,
            "detail": problems,
            "options": [],
        }
    return {"ok": True, "ms": ack.ms, **ack.payload}


async def submit(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Press the submit button of a modal. Required fields are checked before anything is sent."""
    view = _view(slack, person, _where(act))
    top = slack.surfaces.top(person.id)
    if top is not view or view["submit"] is None:
        raise InvalidAction("cannot_submit", "only the top modal, and only one with a submit button")
    _remember(slack, view, act.get("state"))
    errors = complaints(view["blocks"], view["state"]["values"])
    if errors:
        return {"ok": False, "errors": errors, "by": "client"}
    payload = payloads.submission(slack, person, view)
    ack = await _ask(slack, f"submit {view['callback_id']}", payload)
    if not ack.ok:
        return outcome(slack, person, ack)
    try:
        return {"ms": ack.ms, **_respond(slack, person, view, ack.payload)}
    except SlackError as problem:
        slack.notices.surprise("invalid_ack", f"submit: {problem.error} {problem.extra}")
        slack.notices.toast(person.id, TROUBLE)
        return {
            "ok": False,
            "ms": ack.ms,
            "error": "invalid_ack",
            "detail": problem.answer(),
            "toast": TROUBLE,
        }


async def close(slack: LocalSlack, person: SandboxUser, act: Json) -> Json:
    """Close a modal with its cancel button or x; with ``clear_on_close``, all of them."""
    view = _view(slack, person, _where(act))
    everything = bool(view["clear_on_close"])
    gone = slack.surfaces.close(person.id, view["id"], everything=everything)
    slack.notices.changed()
    for view_id in gone:
        if view_id["notify_on_close"]:
            payload = payloads.closed(slack, person, view_id, is_cleared=everything)
            await _ask(slack, f"close {view_id['callback_id']}", payload)
    return {"ok": True}


def _respond(slack: LocalSlack, person: SandboxUser, view: Json, answer: Any) -> Json:
    """Do what the ack of a submission says. Raises :class:`SlackError` for an answer Slack does not understand."""
    answer = answer or {}
    action = answer.get("response_action") if isinstance(answer, dict) else "?"
    if action is not None and action not in ACTIONS:
        raise SlackError("invalid_response_action", detail=action)
    if action == "errors":
        return {"ok": False, "errors": _errors(view, answer.get("errors")), "by": "bot"}
    if action in {"update", "push"}:
        wanted = answer.get("view")
        judge_view(wanted, "modal", slack.can_show)
        _show(slack, person, view, action, wanted)
    else:
        slack.surfaces.close(person.id, view["id"], everything=action == "clear")
        if action is None and answer:
            slack.notices.surprise("invalid_ack", f"submit: Slack ignores {sorted(answer)}")
    slack.notices.changed()
    return {"ok": True, **({"response_action": action} if action else {})}


def _show(slack: LocalSlack, person: SandboxUser, view: Json, action: str, wanted: Json) -> None:
    if action == "push":
        slack.surfaces.push(person.id, wanted)
    else:
        slack.surfaces.update(view, wanted, None)


def _errors(view: Json, errors: Any) -> Json:
    """Show errors, which may only stand under input blocks of this view."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors", detail=errors)
    return errors


def _where(act: Json) -> Json:
    where = act.get("where") or {key: act[key] for key in ("view_id", "channel", "ts", "home") if key in act}
    if not isinstance(where, dict) or not where:
        raise InvalidAction("missing_where", "say {channel, ts}, {view_id} or {home: true}")
    return where


def _view(slack: LocalSlack, person: SandboxUser, where: Json) -> Json:
    """Return the open modal or Home that is meant. Nobody can act in another person's."""
    if where.get("home"):
        view = slack.surfaces.homes.get(person.id)
        if view is None:
            raise InvalidAction("no_home", person.id)
        return view
    try:
        owner, view = slack.surfaces.find(str(where.get("view_id")))
    except SlackError:
        raise InvalidAction("view_not_found", where) from None
    if owner != person.id:
        raise InvalidAction("not_your_view", where)
    return view


def _remember(slack: LocalSlack, view: Json, sent: Any) -> None:
    if isinstance(sent, dict):
        view["state"] = {"values": typed_in(view["state"]["values"], sent, view["blocks"])}
        slack.notices.changed()


async def _click_on_message(slack: LocalSlack, person: SandboxUser, act: Json, where: Json) -> Json:
    place, message = message_of(slack, person, where)
    block, element = find(message.get("blocks", []), str(act.get("block_id")), str(act.get("action_id")))
    acted = payloads.action(slack, block, element, chosen(element, act))
    url = response_urls.issue(slack, person.id, place, message)
    payload = payloads.message_click(slack, person, place, message, acted, url)
    return outcome(slack, person, await _ask(slack, f"click {element['action_id']}", payload))


async def _ask(slack: LocalSlack, name: str, payload: Json) -> Any:
    if not slack.manifest.interactivity:
        raise InvalidAction("interactivity_off", "the manifest does not enable interactivity")
    return await slack.delivery.ask("interactive", name, payload)
