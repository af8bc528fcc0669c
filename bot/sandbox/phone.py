"""The channels beside Slack, as strict as the real ones: WeCom, DingTalk, Feishu and a gateway that rings phones.

What arrives is shown on a phone beside Slack. Limits are those that the vendors publish.
"""

import base64
import hashlib
import hmac
import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.sandbox.json_types import Json

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
MUTE = 600.0
"""Seconds that a robot of DingTalk is mute after more than 20 messages in a minute."""
WECOM_APP = ((30, MINUTE), (1000, HOUR))
ROBOT = ((20, MINUTE),)
FEISHU = ((100, MINUTE), (5, 1.0))
CALLS = ((1, MINUTE), (5, HOUR), (20, DAY))
MOST_BYTES = 2048
SIGNATURE_AGE = 3600.0
DINGTALK_SECRET, FEISHU_SECRET, HOOK_SECRET, APP_SECRET = "SECsandbox", "feishu-sandbox", "hook-sandbox", "app-sandbox"
KEPT = 200
"""So many messages stay on the phone."""


@dataclass
class RateCounter:
    """Counts uses of one sender in windows."""

    uses: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def is_over(self, sender: str, limits: Sequence[tuple[int, float]], now: float, *, count_failures: bool) -> bool:
        """Count one use, and return whether it is over a limit. A use over it counts only with ``count_failures``."""
        uses = self.uses[sender]
        while uses and uses[0] <= now - max(per for _, per in limits):
            uses.popleft()
        over = any(sum(at > now - per for at in uses) >= most for most, per in limits)
        if not over or count_failures:
            uses.append(now)
        return over


class Phone:
    """The channels, and what people see of them."""

    def __init__(self, now: Callable[[], float], changed: Callable[[], None]) -> None:
        self._now, self._changed = now, changed
        self._counter = RateCounter()
        self._mute_until: dict[str, float] = {}
        self._tokens: set[str] = set()
        self._last = 0
        self.messages: list[Json] = []
        self.dropped = 0
        """How many messages WeCom dropped while it said that they were sent."""

    def answer(self, channel: str, query: Json, body: bytes, headers: Json) -> tuple[int, Json]:
        """Return status and body of the answer to one request."""
        try:
            content = json.loads(body) if body else {}
        except ValueError:
            return 400, {"errcode": 47001, "errmsg": "data format error"}
        if not isinstance(content, dict):
            return 400, {"errcode": 47001, "errmsg": "data format error"}
        if channel == "hook":
            return self._ring(content, body, headers)
        talk = {
            "token": self._give_token, "wecom_app": self._wecom_app, "wecom_bot": self._wecom_bot,
            "dingtalk_bot": self._dingtalk_bot, "feishu_bot": self._feishu_bot,
        }  # fmt: skip
        return 200, talk[channel](query, content)

    def _give_token(self, query: Json, _content: Json) -> Json:
        if query.get("corpsecret") != APP_SECRET:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        token = f"token-{len(self._tokens) + 1}"
        self._tokens.add(token)
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    def _wecom_app(self, query: Json, content: Json) -> Json:
        if query.get("access_token") not in self._tokens:
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        to, text = str(content.get("touser") or ""), _text_of(content)
        if not to:
            return {"errcode": 40035, "errmsg": "invalid parameter"}
        if len(text.encode()) > MOST_BYTES:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if self._counter.is_over(f"wecom_app {to}", WECOM_APP, self._now(), count_failures=False):
            self.dropped += 1
        else:
            self._show("wecom_app", text, to)
        return {"errcode": 0, "errmsg": "ok", "msgid": f"m{self._last}"}

    def _wecom_bot(self, query: Json, content: Json) -> Json:
        key, text = str(query.get("key") or ""), _text_of(content)
        if not key:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if len(text.encode()) > MOST_BYTES:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if self._counter.is_over(f"wecom_bot {key}", ROBOT, self._now(), count_failures=False):
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self._show("wecom_bot", text)
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk_bot(self, query: Json, content: Json) -> Json:
        """Answer as DingTalk does: a refusal has HTTP 200, and too many messages make a robot mute for ten minutes."""
        token, now = str(query.get("access_token") or ""), self._now()
        if not token:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp = str(query.get("timestamp") or "")
        signed = base64.b64encode(_hmac(DINGTALK_SECRET, f"{stamp}\n{DINGTALK_SECRET}")).decode()
        if query.get("sign") != signed or abs(now - float(stamp or 0) / 1000) > SIGNATURE_AGE:
            return {"errcode": 310000, "errmsg": "sign not match"}
        if now < self._mute_until.get(token, 0.0):
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        if self._counter.is_over(f"dingtalk {token}", ROBOT, now, count_failures=True):
            self._mute_until[token] = now + MUTE
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self._show("dingtalk_bot", _text_of(content))
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu_bot(self, query: Json, content: Json) -> Json:
        token, now = str(query.get("token") or ""), self._now()
        stamp = str(content.get("timestamp") or "")
        signed = base64.b64encode(_hmac(f"{stamp}\n{FEISHU_SECRET}", "")).decode()
        if content.get("sign") != signed or abs(now - float(stamp or 0)) > SIGNATURE_AGE:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if self._counter.is_over(f"feishu {token}", FEISHU, now, count_failures=False):
            return {"code": 9499, "msg": "too many request"}
        self._show("feishu_bot", str((content.get("content") or {}).get("text") or ""))
        return {"code": 0, "msg": "success", "StatusCode": 0}

    def _ring(self, content: Json, body: bytes, headers: Json) -> tuple[int, Json]:
        """Ring the phone of a number: once a minute, five times an hour, twenty times a day. Failures count."""
        stamp = str(headers.get("X-CSP-Timestamp") or "")
        signed = hmac.new(HOOK_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(str(headers.get("X-CSP-Signature") or ""), f"v1={signed}"):
            return 401, {"error": "signature"}
        to = str(content.get("to") or "")
        if self._counter.is_over(f"call {to}", CALLS, self._now(), count_failures=True):
            return 200, {"end": "refused", "code": "isv.BUSINESS_LIMIT_CONTROL"}
        self._show("hook", str(content.get("text") or ""), to)
        return 202, {"end": "accepted"}

    def _show(self, channel: str, text: str, to: str = "") -> None:
        self._last += 1
        self.messages.append({"id": self._last, "at": self._now(), "channel": channel, "to": to, "text": text})
        del self.messages[:-KEPT]
        self._changed()


def _text_of(content: Json) -> str:
    text = content.get("text")
    return str(text.get("content") or "") if isinstance(text, dict) else ""


def _hmac(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
