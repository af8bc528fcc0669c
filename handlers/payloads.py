"""Slack's dictionaries, read into small values. Everything here comes through a client, so nothing is trusted."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError

from handlers import ids
from handlers.i18n.erased_words import read_back
from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.request import ANSWERS, SHARED_ANSWERS, Request, RequestKind
from models.rules.times import FIRST_YEAR, LAST_YEAR

TYPED = "typed:"
"""Before the name of a customer that is not in the list."""
WAY = "csp_came_by"
"""What a press carries that was not made in Slack: how it came. Slack's payloads have no such field."""
AWARE = "csp_is_aware"
"""What a press by link carries whose person read which gap it opens, and pressed again."""
OWN_FIELDS = ("severity", "title", "details", "service")

Body = Mapping[str, Any]
D = TypeVar("D", bound=date)


def user_of(body: Body) -> str:
    """Return the Slack id of the person who did it; empty when there is none."""
    return str(body.get("user_id") or _inside(body, "user").get("id") or _inside(body, "event").get("user") or "")


def team_of(body: Body) -> str:
    """Return the workspace in which it was done; empty when there is none."""
    return str(body.get("team_id") or _inside(body, "team").get("id") or _inside(body, "user").get("team_id") or "")


def _inside(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def is_typed_line(body: Body) -> bool:
    """Return whether a delivery is what a person typed to the bot in its direct message.

    Messages of bots, edits, deletions and other subtypes are none.
    """
    event = _inside(body, "event")
    is_plain = not (event.get("subtype") or event.get("bot_id")) and event.get("type") == "message"
    return is_plain and event.get("channel_type") == "im" and bool(event.get("user") and event.get("ts"))


def line_key(body: Body) -> str:
    """Return a key of a typed line: the same however often its event is delivered."""
    event = _inside(body, "event")
    return f"line:{team_of(body)}:{event.get('channel')}:{event.get('ts')}"


def way_of(body: Body) -> str:
    """Return how a press came that was not made in Slack; empty for one that Slack delivered."""
    return str(body.get(WAY) or "")


def click_key(body: Body) -> str:
    """Return a key of this click: the same for a repeated delivery, another for a second click."""
    action = body["actions"][0]
    place = _inside(body, "container").get("message_ts") or _inside(body, "container").get("view_id") or ""
    return ":".join([team_of(body), user_of(body), place, str(action["action_id"]), str(action.get("action_ts", ""))])


def button_value(body: Body) -> str:
    """Return the value of the pressed button; empty when it has none."""
    return str(body["actions"][0].get("value") or "")


def submission_key(body: Body) -> str:
    """Return a key of the opened modal: however often it is submitted, it counts once."""
    view = body["view"]
    return f"{team_of(body)}:{view.get('root_view_id') or view['id']}"


def typed(view: Body) -> dict[str, Any]:
    """Return the values of a view's fields by block id: text, value, list of values, seconds or user id.

    Raises Refused when it is nothing that Slack sends.
    """
    values: Mapping[str, Mapping[str, Body]] = _inside(view, "state").get("values") or {}
    try:
        return {block_id: _answer(element) for block_id, elements in values.items() for element in elements.values()}
    except (TypeError, KeyError, AttributeError) as error:
        raise refuse("unreadable") from error


def _answer(element: Body) -> Any:
    for key in ("selected_option", "selected_options"):
        if key in element:
            chosen = element[key]
            return [str(option["value"]) for option in chosen] if isinstance(chosen, list) else _value(chosen)
    for key in ("value", "selected_user", "selected_date", "selected_time"):
        if key in element:
            return None if element[key] is None else read_back(_text(element[key]))
    if "selected_users" in element:
        return [_text(user) for user in element["selected_users"] or ()]
    return element.get("selected_date_time")


def _value(option: Body | None) -> str | None:
    return None if option is None else _text(option["value"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value


def customer_label(view: Body) -> tuple[str, str] | None:
    """Return text and value of the chosen customer, to offer it again after the form changed.

    Raises Refused when it is nothing that Slack sends.
    """
    try:
        option = view["state"]["values"]["customer_name"][ids.CUSTOMER]["selected_option"]
        return (str(option["text"]["text"]), str(option["value"])) if option else None
    except (TypeError, KeyError) as error:
        raise refuse("unreadable") from error


def request_of(answers: Mapping[str, Any], customer: Mapping[str, Any], source: str = "") -> Request:
    """Build a request as typed; ``customer`` is what the list knows of the customer. Raises Refused."""
    try:
        kind = RequestKind(answers.get("kind") or "")
    except ValueError as error:
        raise refuse("missing", "kind") from error
    wanted = {*ANSWERS[kind], *SHARED_ANSWERS}
    given = {name: answers[name] for name in wanted if answers.get(name)} | ({"source": source} if source else {})
    if started := answers.get("started"):
        given["started"] = instant(started, "started").isoformat()
    own = {name: answers.get(name) or "" for name in OWN_FIELDS}
    try:
        return Request.model_validate({"kind": kind, "answers": given, **own, **customer})
    except ValidationError as error:
        fields = {str(fault["loc"][0]) for fault in error.errors()}
        raise Refused(*(Refusal("missing", name) for name in sorted(fields))) from error


def instant(seconds: Any, field: str) -> datetime:
    """Return the instant chosen in a field, in UTC. Raises Refused when it is none."""
    try:
        whole = int(seconds)
    except (ValueError, TypeError, OverflowError) as error:
        raise refuse("unknown_choice", field) from error
    try:
        return in_calendar(datetime.fromtimestamp(whole, UTC), field)
    except (ValueError, OverflowError, OSError) as error:
        raise refuse("beyond_the_calendar", field) from error


def day(typed: Any, field: str) -> date | None:
    """Return the day chosen in a field; None for none. Raises Refused when it is no day."""
    if not typed:
        return None
    try:
        return in_calendar(date.fromisoformat(str(typed)), field)
    except ValueError as error:
        raise refuse("unknown_choice", field) from error


def finding_of(answers: Mapping[str, Any], today: date, zone: tzinfo) -> ReturnFinding:
    """Return 21Vianet's finding as its form says it; ``today`` is the day in the installation's ``zone``.

    Raises Refused.
    """
    on = day(answers.get("returned_on"), "returned_on")
    return ReturnFinding(on, str(answers.get("returned_number") or ""), today, zone)


def in_calendar(at: D, field: str | None = None) -> D:
    """Return the same date or instant. Raises Refused near the ends of the calendar."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise refuse("beyond_the_calendar", field)
    return at
