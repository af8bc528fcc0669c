"""A company in Feishu with one app, as strict as the real one: messages to one person, which can also ring their phone.

Codes and limits are those of https://open.feishu.cn/document/server-docs/im-v1/message/create and of
…/im-v1/buzz-messages/urgent_phone. A refusal has HTTP 400 and a code.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.access_tokens import AccessTokens
from bot.sandbox.json_types import Json
from bot.sandbox.usage_limits import FEISHU_APP, FEISHU_PERSON, HOUR, UsageCounter

APP_ID, APP_SECRET = "cli_sandbox", "feishu-app-sandbox"
OPEN_ID = "ou_"
"""How the id of a person in one app begins; in the sandbox their Slack id follows."""
MOST_BYTES = 150 * 1024
"""The longest request of a text."""
LONGEST_UUID = 50
MOST_PEOPLE = 200
"""The most people that one call can ring."""
RENEWED_BEFORE = 1800.0
"""Seconds before its end from which on another token is given; both are valid then."""
SHOWN_AS = {"urgent_app": "feishu_buzz", "urgent_sms": "feishu_sms", "urgent_phone": "feishu_phone"}
"""How a message can ring, by the end of the path. Text messages and calls use up the company's quota."""
MESSAGES = {
    10014: "app secret invalid", 99991661: "Missing access token for authorization", 99991663: "Invalid access token",
    99991400: "request trigger frequency limit", 99992351: "not a valid {open_id} or not exists",
    230001: "Your request contains an invalid request parameter.", 230013: "Bot has NO availability to this user.",
    230020: "This operation triggers the frequency limit.", 230024: "Reach the upper limit of urgent message.",
    230025: "The length of the message content reaches its limit.",
}  # fmt: skip
Reply = tuple[int, Json]
"""A status of HTTP and what was answered."""


@dataclass(frozen=True)
class FeishuCall:
    """One call of the app."""

    token: str
    query: Json
    content: Json
    size: int


@dataclass(frozen=True)
class SentText:
    """A text that was sent, and to whom (a Slack id)."""

    to: str
    text: str
    at: float


class FeishuTenant:
    """What Feishu knows of the company, its people and the messages of its app."""

    def __init__(
        self, now: Callable[[], float], has_person: Callable[[str], bool], show: Callable[[str, str, str], None]
    ) -> None:
        """``show`` gets the channel, the text and the person (a Slack id) of what appears on a phone."""
        self._now, self._has_person, self._show = now, has_person, show
        self._tokens = AccessTokens("t-", now, RENEWED_BEFORE)
        self._counter = UsageCounter()
        self._sent: dict[str, SentText] = {}
        self._ids: dict[str, str] = {}
        """The message that was sent last with a ``uuid``."""
        self.quota = 1000
        """How many more text messages and calls the company has paid for."""
        self.hidden: set[str] = set()
        """The people (Slack ids) for whom the app is not available."""

    def give_token(self, content: Json) -> Reply:
        """Answer ``auth/v3/tenant_access_token/internal``."""
        if (content.get("app_id"), content.get("app_secret")) != (APP_ID, APP_SECRET):
            return _refuse(10014, 200)
        token, seconds = self._tokens.give()
        return 200, {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": seconds}

    def write(self, call: FeishuCall) -> Reply:
        """Answer ``im/v1/messages``. The same ``uuid`` again within an hour is not sent again."""
        if refusal := self._refuse_caller(call, "write"):
            return refusal
        text, user = _read_text(call.content), self._find_person(call.content.get("receive_id"))
        if code := self._find_fault(call, text, user):
            return _refuse(code)
        uuid, now = str(call.content.get("uuid") or ""), self._now()
        id_ = self._ids.get(uuid, "")
        if not id_ or now - self._sent[id_].at >= HOUR:
            if self._counter.is_over(f"person {user}", FEISHU_PERSON, now):
                return _refuse(230020)
            id_ = f"om_{len(self._sent) + 1}"
            self._sent[id_] = SentText(str(user), str(text), now)
            if uuid:
                self._ids[uuid] = id_
            self._show("feishu_app", str(text), str(user))
        return 200, {"code": 0, "msg": "success", "data": {"message_id": id_, "msg_type": "text"}}

    def _find_fault(self, call: FeishuCall, text: str | None, user: str | None) -> int:
        """Return the code for which a message is refused; 0 for none."""
        uuid = call.content.get("uuid", "")
        is_uuid = isinstance(uuid, str) and len(uuid) <= LONGEST_UUID
        if call.query.get("receive_id_type") != "open_id" or text is None or not is_uuid:
            return 230001
        if user is None:
            return 99992351
        if user in self.hidden:
            return 230013
        return 230025 if call.size > MOST_BYTES else 0

    def ring(self, call: FeishuCall) -> Reply:
        """Answer ``im/v1/messages/:message_id/urgent_…``: ring the reader of a message."""
        how = str(call.query.get("urgent"))
        if refusal := self._refuse_caller(call, how):
            return refusal
        sent, people = self._sent.get(str(call.query.get("message"))), call.content.get("user_id_list")
        if how not in SHOWN_AS or sent is None or call.query.get("user_id_type", "open_id") != "open_id":
            return _refuse(230001)
        if not isinstance(people, list) or not 0 < len(people) <= MOST_PEOPLE:
            return _refuse(230001)
        others = [person for person in people if self._find_person(person) != sent.to]
        if len(others) == len(people):
            return _refuse(230001)
        if how != "urgent_app":
            if self.quota < 1:
                return _refuse(230024)
            self.quota -= 1
        self._show(SHOWN_AS[how], sent.text, sent.to)
        return 200, {"code": 0, "msg": "success", "data": {"invalid_user_id_list": others}}

    def _refuse_caller(self, call: FeishuCall, method: str) -> Reply | None:
        """Return the refusal of a call without a valid token, or of one too many; None for none."""
        if not call.token:
            return _refuse(99991661)
        if not self._tokens.is_valid(call.token):
            return _refuse(99991663)
        if self._counter.is_over(method, FEISHU_APP, self._now()):
            return _refuse(99991400, 429)
        return None

    def _find_person(self, open_id: object) -> str | None:
        user = str(open_id).removeprefix(OPEN_ID) if isinstance(open_id, str) and open_id.startswith(OPEN_ID) else ""
        return user if user and self._has_person(user) else None


def _refuse(code: int, status: int = 400) -> Reply:
    return status, {"code": code, "msg": MESSAGES[code]}


def _read_text(content: Json) -> str | None:
    """Return the text of a message of the kind ``text``; None for anything else."""
    try:
        written: Any = json.loads(content.get("content") or "") if content.get("msg_type") == "text" else None
    except (TypeError, ValueError):
        return None
    text = written.get("text") if isinstance(written, dict) else None
    return text if isinstance(text, str) and text else None
