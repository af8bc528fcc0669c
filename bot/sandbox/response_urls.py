"""The response_url: it takes five answers within thirty minutes after a person acted."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.block_kit import judge_message, with_ids
from bot.sandbox.checks import CheckReport
from bot.sandbox.conversation import Conversation
from bot.sandbox.errors import SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.limits import POST_TEXT
from bot.sandbox.local_slack import LocalSlack

USES, LIFETIME, REMEMBERED = 5, 30 * 60, 5000


@dataclass
class ResponseMessage:
    """What the app wants to show through a response_url or in the ack of a command."""

    text: str
    blocks: list[Json] | None
    in_channel: bool
    replace: bool
    delete: bool
    thread_ts: str | None
    pings: list[str]


def issue(slack: LocalSlack, user: str, place: Conversation, message: Json | None = None) -> str:
    """Return a new response_url for what ``user`` did in ``place``, perhaps on ``message``."""
    id_ = slack.workspace.ids.next("R")
    if len(slack.responses) >= REMEMBERED:
        del slack.responses[next(iter(slack.responses))]
    slack.responses[id_] = {
        "user": user,
        "channel": place.id,
        "ts": message["ts"] if message else None,
        "ephemeral": bool(message and "ephemeral_to" in message),
        "until": slack.clock.now() + LIFETIME,
        "left": USES,
    }
    return f"{slack.base_url}/response/{id_}"


def use(slack: LocalSlack, id_: str, body: Any) -> None:
    """Show what was sent to a response_url. Raises :class:`SlackError` for a wrong body or a used-up address."""
    entry = slack.responses.get(id_)
    if entry is None:
        raise SlackError("invalid_url")
    if slack.clock.now() > entry["until"]:
        raise SlackError("expired_url")
    if entry["left"] <= 0:
        raise SlackError("used_url")
    answer = read(slack, body)
    entry["left"] -= 1
    show(slack, entry, answer)


def read(slack: LocalSlack, body: Any) -> ResponseMessage:
    """Return the answer in a body, checked as any message. Raises :class:`SlackError`."""
    if isinstance(body, str):
        body = {"text": body}
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    text, blocks = str(body.get("text") or ""), body.get("blocks")
    report = CheckReport() if blocks is None else judge_message(blocks, slack.can_show)
    report.heard(text)
    if not text and not blocks and not body.get("delete_original"):
        raise SlackError("no_text")
    if len(text) > POST_TEXT:
        raise SlackError("msg_too_long")
    return ResponseMessage(
        text,
        blocks,
        body.get("response_type") == "in_channel",
        bool(body.get("replace_original")),
        bool(body.get("delete_original")),
        body.get("thread_ts"),
        report.pings,
    )


def show(slack: LocalSlack, entry: Json, answer: ResponseMessage) -> None:
    """Show the answer: in the place of the original, or as a new message."""
    place = slack.workspace.conversations[entry["channel"]]
    content: Json = {**slack.as_bot(), "text": answer.text}
    if answer.blocks is not None:
        content["blocks"] = with_ids(answer.blocks, slack.workspace.ids)
    if answer.pings:
        content["pings"] = answer.pings
    if (answer.replace or answer.delete) and entry["ts"]:
        _change_original(slack, place, entry, content, delete=answer.delete)
        return
    if answer.thread_ts:
        content["thread_ts"] = answer.thread_ts
    if answer.in_channel:
        slack.say(place, content)
    else:
        slack.whisper(place, entry["user"], content)


def _change_original(slack: LocalSlack, place: Conversation, entry: Json, content: Json, *, delete: bool) -> None:
    ts = entry["ts"]
    if entry["ephemeral"]:
        original = place.ephemeral(ts)
        if original is not None and delete:
            place.forget_ephemeral(ts)
        elif original is not None:
            original.pop("blocks", None)
            original.update(content)
        slack.notices.changed()
    elif ts in place.messages:
        if delete:
            slack.erase(place, ts)
        else:
            slack.edit(place, ts, {"blocks": None, "pings": None, **content}, slack.workspace.bot_user)
