"""The ``bookmarks.*`` and ``reactions.*`` methods."""

from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.errors import SlackError
from bot.sandbox.json_types import Json

MOST_BOOKMARKS = 100


def bookmarks_list(call: ApiCall) -> Json:
    """List the bookmarks of a channel."""
    place = call.place("channel_id")
    return {"ok": True, "bookmarks": list(call.slack.workspace.bookmarks.get(place.id, []))}


def bookmarks_add(call: ApiCall) -> Json:
    """Add a bookmark."""
    place = call.place("channel_id")
    kept = call.slack.workspace.bookmarks.setdefault(place.id, [])
    if call.need("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not call.text("link").startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    if len(kept) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    bookmark = {
        "id": call.slack.workspace.ids.next("Bk"),
        "channel_id": place.id,
        "title": call.need("title"),
        "link": call.text("link"),
        "emoji": call.text("emoji"),
        "type": "link",
    }
    kept.append(bookmark)
    call.slack.notices.changed()
    return {"ok": True, "bookmark": bookmark}


def bookmarks_edit(call: ApiCall) -> Json:
    """Change a bookmark."""
    bookmark = _bookmark(call)
    bookmark |= {key: call.text(key) for key in ("title", "link", "emoji") if key in call.args}
    call.slack.notices.changed()
    return {"ok": True, "bookmark": bookmark}


def bookmarks_remove(call: ApiCall) -> Json:
    """Remove a bookmark."""
    bookmark = _bookmark(call)
    call.slack.workspace.bookmarks[bookmark["channel_id"]].remove(bookmark)
    call.slack.notices.changed()
    return {"ok": True}


def reactions_add(call: ApiCall) -> Json:
    """Add a reaction to a message."""
    return _react(call, "already_reacted", remove=False)


def reactions_remove(call: ApiCall) -> Json:
    """Remove a reaction from a message."""
    return _react(call, "no_reaction", remove=True)


def reactions_get(call: ApiCall) -> Json:
    """Return the reactions of a message."""
    place = call.place()
    message = call.message(place, name="timestamp")
    shown = {key: message[key] for key in ("type", "text", "ts", "reactions") if key in message}
    return {"ok": True, "type": "message", "channel": place.id, "message": shown}


def _bookmark(call: ApiCall) -> Json:
    place, wanted = call.place("channel_id"), call.need("bookmark_id")
    for bookmark in call.slack.workspace.bookmarks.get(place.id, []):
        if bookmark["id"] == wanted:
            return bookmark
    raise SlackError("not_found")


def _react(call: ApiCall, unchanged: str, *, remove: bool) -> Json:
    place, name = call.place(), call.need("name").strip(":")
    if place.is_archived:
        raise SlackError("is_archived")
    message = call.message(place, name="timestamp")
    if not call.slack.react(place, message["ts"], name, call.slack.workspace.bot_user, remove=remove):
        raise SlackError(unchanged)
    return {"ok": True}


MARK, REACT = ("bookmarks:write",), ("reactions:write",)
LINK = "channel_id title link emoji"
THINGS = {
    "bookmarks.list": ApiMethod(bookmarks_list, "tier3", "channel_id", ("bookmarks:read",)),
    "bookmarks.add": ApiMethod(bookmarks_add, "tier2", f"{LINK} type access_level entity_id parent_id", MARK),
    "bookmarks.edit": ApiMethod(bookmarks_edit, "tier2", f"{LINK} bookmark_id", MARK),
    "bookmarks.remove": ApiMethod(bookmarks_remove, "tier2", "channel_id bookmark_id quip_section_id", MARK),
    "reactions.add": ApiMethod(reactions_add, "tier3", "channel name timestamp", REACT),
    "reactions.remove": ApiMethod(reactions_remove, "tier2", "channel name timestamp file file_comment", REACT),
    "reactions.get": ApiMethod(reactions_get, "tier3", "channel timestamp full file file_comment", ("reactions:read",)),
}
