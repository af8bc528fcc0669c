"""Calls to Slack, and what each answer means for a message (``models.delivery``). Never retries."""

import json as jsonlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isnan
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.transport import NoAnswer, NotSent, Transport
from models.delivery import Answer, Verdict

EVENT_TYPE = "csp_escalate_outbox"
"""The metadata type under which our messages carry their outbox id."""
_PAGE = 200
_PAGES = 10
_ALT = 1000
_DEFAULT_WAIT, _LEAST_WAIT, _LONGEST_WAIT = 30.0, 1.0, 600.0

_NOT_ACCEPTED = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "accesslimited",
    "team_added_to_org",
}
# Slack documents that these may have partly succeeded.
_UNKNOWN = {
    "internal_error",
    "fatal_error",
    "request_timeout",
    "service_unavailable",
    "duplicate_message_not_found",
    "duplicate_channel_not_found",
}
_WORKSPACE = {
    "invalid_auth",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_authed",
    "missing_scope",
    "ekm_access_denied",
    "org_login_required",
    "enterprise_is_restricted",
    "not_allowed_token_type",
    "no_permission",
    "two_factor_setup_required",
    "access_denied",
    "team_access_not_granted",
}
_TARGET = {
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "user_not_found",
    "user_disabled",
    "user_not_visible",
    "cannot_dm_bot",
    "messages_tab_disabled",
    "is_inactive",
    "slack_connect_file_link_sharing_blocked",
    "channel_type_not_supported",
}
_ONE_PERMISSION = {"missing_scope", "no_permission", "not_allowed_token_type", "access_denied"}
"""Refused for want of a right: everything, when a message is; of a topic or a user group only that."""
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NOTHING_THERE = {"thread_not_found", "message_not_found"}


class SlackClient(WebClient):
    """The SDK's client over our transport. Its calls raise ``slack_sdk.errors.SlackClientError`` and nothing
    else: ``SlackApiError`` when Slack says no, ``NotSent`` or ``NoAnswer`` when it could not be asked."""

    def __init__(self, token: str, base_url: str, transport: Transport, timeout: int) -> None:
        super().__init__(token=token, base_url=base_url, timeout=timeout, retry_handlers=[])
        self._transport = transport

    def api_call(  # noqa: PLR0913 - the SDK's own signature
        self,
        api_method: str,
        *,
        http_verb: str = "POST",  # noqa: ARG002 - Slack takes POST for every method
        files: object = None,  # noqa: ARG002 - we upload nothing
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,  # noqa: ARG002 - no OAuth flow here
    ) -> SlackResponse:
        """One call of a Web API method; see the class for what it raises."""
        url = self.base_url + api_method
        values = dict(json if json is not None else {**(data or {}), **(params or {})})
        token = values.pop("token", None) or self.token
        kind, body = _json_body(values) if json is not None else _form_body(values)
        sent = {**self.headers, **(headers or {}), "Content-Type": kind, "Authorization": f"Bearer {token}"}
        reply = self._transport.post(url, body, sent, float(self.timeout))
        response = SlackResponse(
            client=self,
            http_verb="POST",
            api_url=url,
            req_args={},
            data=_parsed(reply.body, reply.status),
            headers=dict(reply.headers),
            status_code=reply.status,
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response

    def give(self, url: str, content: bytes) -> None:
        """Send a file's bytes to where Slack wants them, without the token; raises like a call."""
        kind = {"Content-Type": "application/octet-stream"}
        reply = self._transport.post(url, content, kind, float(self.timeout))
        if reply.status != 200:
            error = {"ok": False, "error": f"http_{reply.status}"}
            said = SlackResponse(
                client=self, http_verb="POST", api_url="upload", req_args={}, data=error, headers=dict(reply.headers),
                status_code=reply.status,
            )  # fmt: skip
            raise SlackApiError("the upload was refused", said)  # type: ignore[no-untyped-call]


def _json_body(values: Mapping[str, Any]) -> tuple[str, bytes]:
    return "application/json;charset=utf-8", jsonlib.dumps(values).encode()


def _form_body(values: Mapping[str, Any]) -> tuple[str, bytes]:
    flat = {k: int(v) if isinstance(v, bool) else v for k, v in values.items() if v is not None}
    return "application/x-www-form-urlencoded", urlencode(flat).encode()


def _parsed(body: bytes, status: int) -> dict[str, Any]:
    try:
        answer = jsonlib.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return answer
    if status == 200:
        raise NoAnswer("the answer is not what Slack sends")
    return {"ok": False, "error": f"http_{status}"}


def error_of(failure: SlackApiError) -> str:
    """Slack's error code, or ``http_<status>`` when the answer was none of Slack's."""
    return str(failure.response.get("error") or f"http_{failure.response.status_code}")


def header_of(response: SlackResponse, name: str) -> str | None:
    """A header of an answer, whatever its case."""
    return next((str(v) for k, v in response.headers.items() if k.lower() == name.lower()), None)


def sort(failure: Exception) -> Answer:
    """Say what a failed call means for the message it carried."""
    if isinstance(failure, SlackApiError):
        return _sort_refusal(failure)
    if isinstance(failure, NotSent):
        return Answer(Verdict.NOT_ACCEPTED, error=str(failure))
    # A reset, a time-out, half an answer, or a surprise in the SDK: it may have been accepted, so look first.
    return Answer(Verdict.UNKNOWN, error=str(failure) if isinstance(failure, NoAnswer) else type(failure).__name__)


def _sort_refusal(failure: SlackApiError) -> Answer:
    status, error = failure.response.status_code, error_of(failure)
    if status == 429 or error in _NOT_ACCEPTED:
        return Answer(
            Verdict.NOT_ACCEPTED, error=error, retry_after=wait_of(header_of(failure.response, "retry-after"))
        )
    if status >= 500 or error.startswith("http_") or error in _UNKNOWN:
        return Answer(Verdict.UNKNOWN, error=error)
    if error in _WORKSPACE:
        return Answer(Verdict.WORKSPACE_BROKEN, error=error)
    if error in _TARGET or error.startswith("restricted_action"):
        return Answer(Verdict.TARGET_BROKEN, error=error)
    # All else is a plain "not like this": the content, or a code that is newer than this table.
    return Answer(Verdict.CONTENT_BROKEN, error=error)


def _sort_wish(answer: Answer) -> Answer:
    """What a refused topic or user group means: no message is harmed, and it is tried again until it is allowed."""
    refused = answer.verdict is Verdict.CONTENT_BROKEN or answer.error in _ONE_PERMISSION
    return replace(answer, verdict=Verdict.TARGET_BROKEN) if refused else answer


def _sort_look(answer: Answer) -> Answer:
    """What a failed look means: never anything about the message itself."""
    if answer.error == "missing_scope":
        # Some workspaces grant no history. Then the wait and ``client_msg_id`` are all there is against doubles.
        return replace(answer, verdict=Verdict.ABSENT)
    if answer.verdict is Verdict.CONTENT_BROKEN:
        return replace(answer, verdict=Verdict.ABSENT if answer.error in _NOTHING_THERE else Verdict.UNKNOWN)
    return answer


def wait_of(header: str | None) -> float:
    """Seconds to wait by a Retry-After header: 30 when it is missing or no number, between 1 and 600 else."""
    try:
        seconds = float(header) if header is not None else _DEFAULT_WAIT
    except ValueError:
        return _DEFAULT_WAIT
    return _DEFAULT_WAIT if isnan(seconds) else min(_LONGEST_WAIT, max(_LEAST_WAIT, seconds))


@dataclass(frozen=True)
class Found:
    """What a look brought: the timestamps of all copies, oldest first, and what that means."""

    copies: tuple[str, ...]
    answer: Answer


@dataclass(frozen=True)
class Uploaded:
    """What an upload brought: the id of the file, and how it went."""

    file: str
    answer: Answer


class Post:
    """The outbox's hands: posts, changes, deletes and looks, and says what came of it. Never raises."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client

    def post(
        self,
        mark: str,
        channel: str,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        thread_ts: str | None = None,
    ) -> Answer:
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
        return self._sent("chat.postMessage", message)

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> Answer:
        """Replace a message of ours. Its metadata stays, because none is given."""
        message = {
            "channel": channel,
            "ts": ts,
            "text": text,
            "blocks": list(blocks),
            "parse": "none",
            "link_names": False,
        }
        answer = self._sent("chat.update", message)
        return replace(answer, verdict=Verdict.GONE) if answer.error in _GONE else answer

    def delete(self, channel: str, ts: str) -> Answer:
        """Remove a message of ours; one that is gone already counts as removed."""
        answer = self._sent("chat.delete", {"channel": channel, "ts": ts})
        return Answer(Verdict.SENT, channel, ts) if answer.error == "message_not_found" else answer

    def set_topic(self, channel: str, compose: Callable[[str], str]) -> Answer:
        """Make a channel's topic what ``compose`` makes of it; nothing is said where it is so already."""
        try:
            response = self._client.api_call("conversations.info", params={"channel": channel})
            now = str((response["channel"].get("topic") or {}).get("value") or "")
            if (wanted := compose(now)) != now:
                self._client.api_call("conversations.setTopic", json={"channel": channel, "topic": wanted})
            return Answer(Verdict.SENT, channel=channel)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return _sort_wish(sort(failure))

    def set_group(self, group: str, users: Sequence[str]) -> Answer:
        """Have exactly these people in a user group, as far as Slack knows them; never none: it refuses that."""
        try:
            response = self._client.api_call("usergroups.users.list", params={"usergroup": group})
            if set(response["users"]) != set(users):
                self._fill(group, users)
            return Answer(Verdict.SENT)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return _sort_wish(sort(failure))

    def _fill(self, group: str, users: Sequence[str]) -> None:
        try:
            self._client.api_call("usergroups.users.update", json={"usergroup": group, "users": ",".join(users)})
        except SlackApiError as refusal:
            # One who has left must not keep the others out, and yesterday's people in.
            able = [user for user in users if self._is_active(user)] if error_of(refusal) == "invalid_users" else []
            if not able or len(able) == len(users):
                raise
            self._fill(group, able)

    def _is_active(self, user: str) -> bool:
        try:
            return not self._client.users_info(user=user)["user"].get("deleted")
        except SlackApiError as refusal:
            if error_of(refusal) in _TARGET:
                return False
            raise

    def upload(self, name: str, alt: str, content: bytes) -> Uploaded:
        """Give Slack a picture, shared with nobody yet: a message that shows it can carry a mark, the file's can't."""
        try:
            wanted = {"filename": name, "length": len(content), "alt_txt": alt[:_ALT]}
            begun = self._client.api_call("files.getUploadURLExternal", params=wanted)
            file = _text(begun["file_id"])
            self._client.give(_text(begun["upload_url"]), content)
            files = jsonlib.dumps([{"id": file, "title": name}])
            self._client.api_call("files.completeUploadExternal", params={"files": files})
            return Uploaded(file, Answer(Verdict.SENT))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return Uploaded("", sort(failure))

    def is_ready(self, file: str) -> Answer:
        """Whether Slack has done its work on a file: before, no message may show it."""
        try:
            known = self._client.api_call("files.info", params={"file": file})["file"]
            return Answer(Verdict.SENT if known.get("mimetype") else Verdict.NOT_YET)
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return sort(failure)

    def direct_channel(self, user: str) -> Answer:
        """The channel of direct messages with a person, in ``Answer.channel``."""
        try:
            response = self._client.api_call("conversations.open", json={"users": user})
            return Answer(Verdict.SENT, channel=_text(response["channel"]["id"]))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return sort(failure)

    def look(self, mark: str, channel: str, thread_ts: str | None, oldest: datetime) -> Found:
        """Find the messages that carry ``mark``: in the thread, or in the channel when there is none."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        query: dict[str, Any] = {
            "channel": channel,
            "ts": thread_ts,
            "oldest": f"{oldest.timestamp():.6f}",
            "limit": _PAGE,
        }
        found: list[str] = []
        try:
            for _ in range(_PAGES):
                page = self._client.api_call(method, params={**query, "include_all_metadata": True})
                found += [str(message["ts"]) for message in page["messages"] or () if _carries(message, mark)]
                query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or None
                if query["cursor"] is None:
                    return Found(tuple(sorted(found)), Answer(Verdict.SENT if found else Verdict.ABSENT, channel))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return Found((), _sort_look(sort(failure)))
        # Too much was posted since to see it all: what was not seen is not known to be absent.
        return Found(
            tuple(sorted(found)),
            Answer(Verdict.SENT if found else Verdict.UNKNOWN, channel, error="too_many"),
        )

    def _sent(self, method: str, message: Mapping[str, Any]) -> Answer:
        try:
            response = self._client.api_call(method, json={k: v for k, v in message.items() if v is not None})
            # A "yes" that does not say where is looked up like silence.
            return Answer(Verdict.SENT, channel=_text(response["channel"]), ts=_text(response["ts"]))
        except Exception as failure:  # the edge to Slack: every outcome, surprises too, has to be sorted
            return sort(failure)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise NoAnswer("the answer lacks a part")
    return value


def _carries(message: Mapping[str, Any], mark: str) -> bool:
    metadata = message.get("metadata") or {}
    marked = metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("id") == mark
    return bool(marked or message.get("client_msg_id") == mark)
