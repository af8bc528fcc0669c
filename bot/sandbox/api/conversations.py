"""The ``conversations.*`` methods: which channels there are, who is in them, what was said."""

from collections.abc import Callable

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.conversation import Conversation, to_api_message
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.json_types import Json

TOPIC = 250
COMMERCIAL_ITEMS = 15
SCOPE_OF_TYPE = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}
TYPE_OF_KIND = {"channel": "public_channel", "group": "private_channel", "im": "im"}


def info(call: ApiCall) -> Json:
    """Describe a conversation."""
    place = call.place()
    channel = place.channel_object(call.slack.workspace.bot_user)
    if call.flag("include_num_members"):
        channel["num_members"] = len(place.members)
    return {"ok": True, "channel": channel}


def members(call: ApiCall) -> Json:
    """List the members of a conversation."""
    page, cursor = call.page_of(sorted(call.place().members))
    return {"ok": True, "members": page, **cursor}


def list_(call: ApiCall) -> Json:
    """List the conversations of some kinds."""
    types = set((call.text("types") or "public_channel").replace(" ", "").split(","))
    if not types <= SCOPE_OF_TYPE.keys():
        raise SlackError("invalid_types")
    for type_ in sorted(types):
        if SCOPE_OF_TYPE[type_] not in call.slack.scopes():
            provided = ",".join(sorted(call.slack.scopes()))
            raise SlackError("missing_scope", needed=SCOPE_OF_TYPE[type_], provided=provided)
    listed = [place for place in call.slack.workspace.conversations.values() if _listed(call, place, types)]
    page, cursor = call.page_of(listed)
    bot = call.slack.workspace.bot_user
    return {"ok": True, "channels": [place.channel_object(bot) for place in page], **cursor}


def history(call: ApiCall) -> Json:
    """Return the messages of a conversation, newest first."""
    place = _readable(call)
    shown = list(filter(_within(call), place.newest_roots()))
    page, cursor = call.page_of(shown, 100, _most(call))
    return {
        "ok": True,
        "messages": _message_objects(call, page),
        "has_more": bool(_next(cursor)),
        "pin_count": 0,
        **cursor,
    }


def replies(call: ApiCall) -> Json:
    """Return a thread, oldest first."""
    place = _readable(call)
    asked = place.messages.get(call.need("ts"))
    if asked is None:
        raise SlackError("thread_not_found")
    parent, *answers = place.thread(str(asked.get("thread_ts") or asked["ts"]))
    inside = list(filter(_within(call), answers))
    page, cursor = call.page_of(inside, 999, _most(call))
    return {"ok": True, "messages": _message_objects(call, [parent, *page]), "has_more": bool(_next(cursor)), **cursor}


def open_(call: ApiCall) -> Json:
    """Open the app's direct message with one person."""
    users = [user for user in call.text("users").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("not_implemented", detail="the sandbox has no group messages")
    person = call.slack.workspace.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.is_deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    place = call.slack.workspace.dm(person.id)
    channel = {"id": place.id}
    if call.flag("return_im"):
        channel = place.channel_object(call.slack.workspace.bot_user)
    return {"ok": True, "channel": channel, "no_op": True, "already_open": True}


def set_topic(call: ApiCall) -> Json:
    """Set the topic and, as Slack does, tell the channel who did. The same topic again changes nothing."""
    place, topic = call.place(), call.text("topic")
    if "topic" not in call.args:
        raise invalid_arguments("missing required field: topic")
    if place.dm_with:
        raise SlackError("method_not_supported_for_channel_type")
    if not call.is_inside(place):
        raise SlackError("not_in_channel")
    if len(topic) > TOPIC:
        raise SlackError("too_long")
    if place.is_archived:
        raise SlackError("is_archived")
    if topic != place.topic:
        place.topic, place.topic_by = topic, call.slack.workspace.bot_user
        place.topic_at = int(call.slack.clock.now())
        sentence = f"set the channel topic: {topic}" if topic else "cleared the channel topic"
        call.slack.say(place, {**call.slack.as_bot(), "subtype": "channel_topic", "topic": topic, "text": sentence})
    return {"ok": True, "channel": place.channel_object(call.slack.workspace.bot_user)}


def join(call: ApiCall) -> Json:
    """Let the bot join a public channel."""
    place = call.place()
    if place.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if place.is_archived:
        raise SlackError("is_archived")
    place.members.add(call.slack.workspace.bot_user)
    call.slack.notices.changed()
    return {"ok": True, "channel": place.channel_object(call.slack.workspace.bot_user)}


def _readable(call: ApiCall) -> Conversation:
    place = call.place()
    if not call.is_inside(place):
        raise SlackError("not_in_channel")
    return place


def _listed(call: ApiCall, place: Conversation, types: set[str]) -> bool:
    if TYPE_OF_KIND[place.kind] not in types or (place.is_archived and call.flag("exclude_archived")):
        return False
    return not place.is_private or call.is_inside(place)


def _within(call: ApiCall) -> Callable[[Json], bool]:
    """Return a check whether a message lies between ``oldest`` and ``latest``, and is old enough to be listed."""
    inclusive, lag = call.flag("inclusive"), call.slack.settings.history_lag
    oldest, latest = _moment(call, "oldest", 0.0), _moment(call, "latest", float("inf"))
    settled = call.slack.clock.now() - lag if lag else float("inf")

    def within(message: Json) -> bool:
        ts = float(message["ts"])
        inside = oldest <= ts <= latest if inclusive else oldest < ts < latest
        return inside and ts <= settled

    return within


def _moment(call: ApiCall, name: str, default: float) -> float:
    value = call.text(name)
    if not value or value == "now":
        return default
    try:
        return float(value)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _most(call: ApiCall) -> int:
    if not call.slack.settings.commercial:
        return 999
    call.args["limit"] = min(call.number("limit", COMMERCIAL_ITEMS), COMMERCIAL_ITEMS)
    return COMMERCIAL_ITEMS


def _next(cursor: Json) -> str:
    return str(cursor["response_metadata"]["next_cursor"])


def _message_objects(call: ApiCall, messages: list[Json]) -> list[Json]:
    with_metadata = call.flag("include_all_metadata")
    return [to_api_message(message, with_metadata=with_metadata) for message in messages]


WINDOW = "channel cursor include_all_metadata inclusive latest limit oldest"
CONVERSATIONS = {
    "conversations.info": ApiMethod(info, "tier3", "channel include_locale include_num_members", family="read"),
    "conversations.members": ApiMethod(members, "tier4", "channel cursor limit", family="read"),
    "conversations.list": ApiMethod(
        list_, "tier2", "cursor exclude_archived limit team_id types", tuple(SCOPE_OF_TYPE.values())
    ),
    "conversations.history": ApiMethod(history, "tier3", WINDOW, family="history"),
    "conversations.replies": ApiMethod(replies, "tier3", f"ts {WINDOW}", family="history"),
    "conversations.open": ApiMethod(open_, "tier3", "channel prevent_creation return_im users", ("im:write",)),
    "conversations.setTopic": ApiMethod(set_topic, "tier2", "channel topic", family="topic"),
    "conversations.join": ApiMethod(join, "tier3", "channel", ("channels:join",)),
}
