"""Send, change, delete and search for the messages of the outbox in Slack, and report the result."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackClientError

from bot.http_client.transport import NoResponse
from bot.slack.client import SlackClient
from bot.slack.error_codes import GONE, classify, classify_search, classify_setting
from bot.slack.user_group import UserGroup
from handlers.epoch_stamps import epoch_of
from models.rules.outbox.pace import FILES, OPENING
from models.rules.outbox.send_outcome import SendOutcome, SendResult

EVENT_TYPE = "csp_escalate_outbox"
"""The metadata type under which our messages carry their outbox id."""
CARD = re.compile(r"card:CSP-([1-9]\d{0,8})")
"""How a block of each card is named (``handlers.blocks.card``)."""
_PAGE_SIZE = 200
"""Messages in one page of a search."""
_MAX_PAGES = 10
"""Pages that a search reads at most."""
_MAX_ALT_TEXT = 1000
"""Characters that Slack takes of the text of a picture for people who can't see it."""
TOO_MANY = "too_many"
"""Our own error for a search that did not reach the end of the messages."""


@dataclass(frozen=True)
class SearchResult:
    """What a search found: the timestamps of all copies, oldest first, and what that means."""

    copies: tuple[str, ...]
    outcome: SendOutcome


@dataclass(frozen=True)
class PostedMessage:
    """A message of ours that is in a channel.

    ``mark`` is its outbox id, ``epoch`` the epoch it bears if any, ``card`` the number of the case whose card it is.
    """

    mark: str
    epoch: str | None
    text: str
    ts: str
    card: int | None


@dataclass(frozen=True)
class UploadResult:
    """The id of an uploaded file, empty where it failed; and the outcome."""

    file: str
    outcome: SendOutcome


class SlackMessages:
    """Send, change, delete and search for messages in Slack. Every method returns its result and never raises."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._own: set[object] = set()

    @property
    def time(self) -> str | None:
        """Slack's own time when it last answered, as one of its timestamps."""
        return self._client.time

    def post(
        self,
        mark: str,
        channel: str,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        thread_ts: str | None = None,
    ) -> SendOutcome:
        """Post a message that carries ``mark`` (the outbox id) in its metadata and as ``client_msg_id``."""
        message = {
            "channel": channel,
            "text": text,
            "blocks": list(blocks) or None,
            "thread_ts": thread_ts,
            "client_msg_id": mark,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": mark}},
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return self._send("chat.postMessage", message)

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> SendOutcome:
        """Replace a message of ours. Its metadata stays, because none is given."""
        message = {
            "channel": channel,
            "ts": ts,
            "text": text,
            "blocks": list(blocks),
            "parse": "none",
            "link_names": False,
        }
        outcome = self._send("chat.update", message)
        return replace(outcome, result=SendResult.GONE) if outcome.error in GONE else outcome

    def delete(self, channel: str, ts: str) -> SendOutcome:
        """Remove a message of ours; one that is gone already counts as removed."""
        outcome = self._send("chat.delete", {"channel": channel, "ts": ts})
        return SendOutcome(SendResult.SENT, channel, ts) if outcome.error == "message_not_found" else outcome

    def set_topic(self, channel: str, compose: Callable[[str], str]) -> SendOutcome:
        """Make a channel's topic what ``compose`` makes of it; nothing is said where it is so already."""
        try:
            response = self._client.api_call("conversations.info", params={"channel": channel})
            current = str((response["channel"].get("topic") or {}).get("value") or "")
            if (wanted := compose(current)) != current:
                self._client.api_call("conversations.setTopic", json={"channel": channel, "topic": wanted})
            return SendOutcome(SendResult.SENT, channel=channel)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return classify_setting(classify(failure))

    def set_group(self, group: str, users: Sequence[str]) -> SendOutcome:
        """Have these people in a user group, as far as they can be; never none: Slack refuses that."""
        try:
            filled = UserGroup(self._client, group).fill(users)
            return SendOutcome(SendResult.SENT, members=filled.members, left_out=tuple(filled.left_out.items()))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return classify_setting(classify(failure))

    def upload_picture(self, name: str, alt: str, content: bytes) -> UploadResult:
        """Upload a picture that nobody sees yet: the message that shows it can carry a mark, the file itself can't."""
        try:
            file = self._upload({"filename": name, "alt_txt": alt[:_MAX_ALT_TEXT]}, content)
            files = json.dumps([{"id": file, "title": name}])
            self._client.api_call("files.completeUploadExternal", params={"files": files})
            return UploadResult(file, SendOutcome(SendResult.SENT))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return UploadResult("", replace(classify(failure), scope=FILES))

    def upload_file(self, name: str, content: bytes) -> UploadResult:
        """Upload a file that nobody sees before :meth:`share`."""
        try:
            return UploadResult(self._upload({"filename": name}, content), SendOutcome(SendResult.SENT))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return UploadResult("", replace(classify(failure), scope=FILES))

    def _upload(self, description: Mapping[str, Any], content: bytes) -> str:
        """Send the bytes of a file to Slack, and return its id. Raises what the client raises."""
        begun = self._client.api_call("files.getUploadURLExternal", params={**description, "length": len(content)})
        self._client.upload_bytes(_text(begun["upload_url"]), content)
        return _text(begun["file_id"])

    def share(self, mark: str, file: str, channel: str, blocks: Sequence[Mapping[str, Any]]) -> SendOutcome:
        """Share an uploaded file, with blocks of which the first carries ``mark``: such a message has no metadata.

        Slack does not say where the message is. What Slack refuses for the file's sake is the content's fault.
        """
        marked = [{**blocks[0], "block_id": mark}, *blocks[1:]]
        wanted = {"files": json.dumps([{"id": file}]), "channel_id": channel, "blocks": json.dumps(marked)}
        try:
            self._client.api_call("files.completeUploadExternal", params=wanted)
            return SendOutcome(SendResult.SENT, channel=channel)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            outcome = replace(classify(failure), scope=FILES)
            is_refused = outcome.result in (SendResult.WORKSPACE_BROKEN, SendResult.TARGET_BROKEN)
            return replace(outcome, result=SendResult.CONTENT_BROKEN) if is_refused else outcome

    def is_ready(self, file: str) -> SendOutcome:
        """Return whether Slack has processed a file, as SENT or NOT_YET: before, no message may show it."""
        try:
            uploaded = self._client.api_call("files.info", params={"file": file})["file"]
            return SendOutcome(SendResult.SENT if uploaded.get("mimetype") else SendResult.NOT_YET)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return replace(classify(failure), scope=FILES)

    def open_direct_channel(self, user: str) -> SendOutcome:
        """Open the direct messages with a person, and return their channel in ``SendOutcome.channel``."""
        try:
            response = self._client.api_call("conversations.open", json={"users": user})
            return SendOutcome(SendResult.SENT, channel=_text(response["channel"]["id"]))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            outcome = replace(classify(failure), scope=OPENING)
            # Slack says the same of a token and of a person; a token that works was not meant.
            is_theirs = outcome.error == "account_inactive" and self._token_works()
            return replace(outcome, result=SendResult.TARGET_BROKEN) if is_theirs else outcome

    def _token_works(self) -> bool:
        try:
            self._client.auth_test()
        except SlackClientError:
            return False
        return True

    def newest(self, channel: str) -> list[PostedMessage] | None:
        """Return one page of the newest messages of ours in a channel; None when Slack can't be asked now."""
        try:
            own = self._own_ids()
            wanted = {"channel": channel, "limit": _PAGE_SIZE, "include_all_metadata": True}
            page = self._client.api_call("conversations.history", params=wanted)
        except SlackClientError:
            return None
        return [posted for message in page.get("messages") or () if (posted := _read_posted(message, own))]

    def search(self, mark: str, channel: str, thread_ts: str | None, oldest: datetime) -> SearchResult:
        """Find the messages that carry ``mark``: in the thread, or in the channel when there is none."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        query: dict[str, Any] = {
            "channel": channel,
            "ts": thread_ts,
            "oldest": f"{oldest.timestamp():.6f}",
            "limit": _PAGE_SIZE,
        }
        timestamps: list[str] = []
        try:
            own = self._own_ids()
            for _ in range(_MAX_PAGES):
                page = self._client.api_call(method, params={**query, "include_all_metadata": True})
                timestamps += [str(message["ts"]) for message in page["messages"] or () if _carries(message, mark, own)]
                query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or None
                if query["cursor"] is None:
                    return SearchResult(
                        tuple(sorted(timestamps)),
                        SendOutcome(SendResult.SENT if timestamps else SendResult.ABSENT, channel),
                    )
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return SearchResult((), classify_search(classify(failure)))
        # Too much was posted since to see it all: what was not seen is not known to be absent.
        return SearchResult(
            tuple(sorted(timestamps)),
            SendOutcome(SendResult.SENT if timestamps else SendResult.UNKNOWN, channel, error=TOO_MANY),
        )

    def _own_ids(self) -> set[object]:
        """Return how Slack names the author of our messages; asked once. Raises what the client raises."""
        if not self._own:
            who = self._client.auth_test()
            self._own = {who.get("user_id"), who.get("bot_id")} - {None}
        return self._own

    def _send(self, method: str, message: Mapping[str, Any]) -> SendOutcome:
        try:
            response = self._client.api_call(method, json={k: v for k, v in message.items() if v is not None})
            # A "yes" that does not say where is looked up like silence.
            return SendOutcome(SendResult.SENT, channel=_text(response["channel"]), ts=_text(response["ts"]))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be classified
            return classify(failure)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise NoResponse("the answer lacks a part")
    return value


def _carries(message: Mapping[str, Any], mark: str, own: set[object]) -> bool:
    """Return whether a message is ours and carries a mark: everybody in the channel can read a mark, and copy it."""
    metadata = message.get("metadata") or {}
    marked = metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("id") == mark
    is_ours = own & {message.get("user"), message.get("bot_id")}
    shares = any(block.get("block_id") == mark for block in message.get("blocks") or ())
    return bool(is_ours and (marked or shares or message.get("client_msg_id") == mark))


def _read_posted(message: Mapping[str, Any], own: set[object]) -> PostedMessage | None:
    """Return a message that Slack lists, if it is ours; None when another app wrote it, whatever it claims."""
    metadata = message.get("metadata") or {}
    mark = (metadata.get("event_payload") or {}).get("id")
    is_ours = metadata.get("event_type") == EVENT_TYPE and own & {message.get("user"), message.get("bot_id")}
    if not is_ours or not isinstance(mark, str):
        return None
    return PostedMessage(
        mark, epoch_of(message), str(message.get("text") or ""), str(message.get("ts") or ""), _card(message)
    )


def _card(message: Mapping[str, Any]) -> int | None:
    """Return the number of the case whose card a message is; None when it is none."""
    matches = (CARD.fullmatch(str(block.get("block_id") or "")) for block in message.get("blocks") or ())
    return next((int(match[1]) for match in matches if match), None)
