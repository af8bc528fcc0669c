"""The message that a shortcut was used on: its text as people read it, and its address."""

import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackClientError

from handlers.blocks import block_kit
from handlers.context import SlackResponder
from handlers.payloads import Body

_MARKED = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
"""Slack's marks in a text: links, mentions, channels. Signs that were typed come escaped."""


def read_text(body: Body) -> str:
    """Return a message's text, with what was forwarded in it: attachments, and mails that came in as files."""
    message = body.get("message") or {}
    return "\n".join(dict.fromkeys(part for part in _parts(message) if part.strip()))


def find_permalink(client: SlackResponder, body: Body) -> str:
    """Return a message's address; empty when Slack gives none, which must not stop the shortcut."""
    channel, ts = str((body.get("channel") or {}).get("id")), str((body.get("message") or {}).get("ts"))
    try:
        return str(client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except SlackClientError:
        return ""


def _parts(message: Body) -> Iterator[str]:
    yield _readable(message.get("text"))
    for attachment in _dictionaries(message.get("attachments")):
        yield _readable(attachment.get("title"))
        yield _readable(attachment.get("text") or attachment.get("fallback"))
    for file in _dictionaries(message.get("files")):
        yield str(file.get("title") or "")
        yield str(file.get("plain_text") or file.get("preview_plain_text") or file.get("preview") or "")


def _dictionaries(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _readable(marked: Any) -> str:
    """Return a text of Slack's without its marks: a link is its label and its address, a mention its name."""
    return block_kit.unescape(_MARKED.sub(_read_mark, str(marked or "")))


def _read_mark(match: re.Match[str]) -> str:
    target, label = match[1], match[2] or ""
    if target[0] in "@#!":
        return f"{target[0].replace('!', '@')}{label.lstrip('@#') or target[1:]}"
    address = target.removeprefix("mailto:")
    return address if not label or label in address else f"{label} ({address})"
