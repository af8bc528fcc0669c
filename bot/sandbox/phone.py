"""The channels beside Slack, as strict as the real ones: WeCom, DingTalk, Feishu and a gateway that rings phones.

What arrives is shown on a phone beside Slack. Limits are those that the vendors publish. The app of Feishu is in
``bot.sandbox.feishu_tenant``.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.access_tokens import AccessTokens
from bot.sandbox.feishu_tenant import FeishuCall, FeishuTenant
from bot.sandbox.json_types import Json
from bot.sandbox.usage_limits import CALLS, FEISHU, ROBOT, TOGETHER, WECOM_APP, UsageCounter

MUTE = 600.0
"""Seconds that a robot of DingTalk is mute after more than 20 messages in a minute."""
BUSY_EVERY, BUSY_FOR = 1800.0, 3.0
"""Feishu takes nothing in the first seconds of full and half hours: then everybody's robots speak at once."""
MOST_BYTES = 2048
"""The longest text of WeCom, in UTF-8."""
MOST_DINGTALK, MOST_FEISHU = 20_000, 20 * 1024
"""The longest request of a robot of DingTalk and of Feishu, in bytes."""
SIGNATURE_AGE = 3600.0
DINGTALK_SECRET, FEISHU_SECRET, HOOK_SECRET, APP_SECRET = "SECsandbox", "feishu-sandbox", "hook-sandbox", "app-sandbox"
BY_KEYWORD, BY_ADDRESS, KEYWORD = "by-keyword", "by-address", "CSP"
"""Robots with these tokens ask for the keyword, or serve another address than ours; all others ask for a signature."""
KEPT = 200
"""So many messages stay on the phone."""
DROPPED = "dropped"


@dataclass(frozen=True)
class ChannelAnswer:
    """What a channel answers, and what became of the message where the answer does not say it."""

    status: int
    content: Json
    happened: str = ""


class Phone:
    """The channels, and what people see of them."""

    def __init__(
        self,
        now: Callable[[], float],
        changed: Callable[[], None],
        has_person: Callable[[str], bool] = lambda _user: True,
    ) -> None:
        """``has_person`` says whether a Slack id is that of a person of the company."""
        self._now, self._changed = now, changed
        self._counter = UsageCounter()
        self._mute_until: dict[str, float] = {}
        self.tokens = AccessTokens("token-", now)
        """Those of WeCom's app."""
        self.feishu = FeishuTenant(now, has_person, self._show)
        self._last = 0
        self.messages: list[Json] = []
        self.dropped = 0
        """How many messages were dropped although their sender was told that they were sent."""

    def answer(self, channel: str, query: Json, body: bytes, headers: Json) -> ChannelAnswer:
        """Return the answer to one request."""
        try:
            content = json.loads(body) if body else {}
        except ValueError:
            content = None
        if not isinstance(content, dict):
            return ChannelAnswer(400, {"errcode": 47001, "errmsg": "data format error"})
        if channel == "hook":
            return self._ring(content, body, headers)
        if channel == "wecom_app":
            return self._wecom_app(query, content)
        if channel.startswith("feishu_app"):
            return self._feishu_app(channel, FeishuCall(_bearer(headers), query, content, len(body)))
        talk = {
            "token": self._give_token, "wecom_bot": self._wecom_bot, "dingtalk_bot": self._dingtalk_bot,
            "feishu_bot": self._feishu_bot,
        }  # fmt: skip
        return ChannelAnswer(200, talk[channel](query, content, len(body)))

    def _give_token(self, query: Json, _content: Json, _size: int) -> Json:
        if query.get("corpsecret") != APP_SECRET:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        token, seconds = self.tokens.give()
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds}

    def _wecom_app(self, query: Json, content: Json) -> ChannelAnswer:
        """Answer as WeCom does: what is over the limit of a member is dropped, and said to be sent."""
        if not self.tokens.is_valid(token := str(query.get("access_token") or "")):
            ended = {"errcode": 42001, "errmsg": "access_token expired"}
            return ChannelAnswer(
                200, ended if self.tokens.is_known(token) else {"errcode": 40014, "errmsg": "invalid access_token"}
            )
        to, text = str(content.get("touser") or ""), _text_of(content)
        if not to:
            return ChannelAnswer(200, {"errcode": 40035, "errmsg": "invalid parameter"})
        if len(text.encode()) > MOST_BYTES:
            return ChannelAnswer(200, {"errcode": 45002, "errmsg": "content size out of limit"})
        is_over = self._counter.is_over(f"wecom_app {to}", WECOM_APP, self._now())
        if is_over:
            self.dropped += 1
        else:
            self._show("wecom_app", text, to)
        said = {"errcode": 0, "errmsg": "ok", "msgid": f"m{self._last}"}
        return ChannelAnswer(200, said, DROPPED if is_over else "")

    def _feishu_app(self, channel: str, call: FeishuCall) -> ChannelAnswer:
        answer = {
            "feishu_app_token": lambda: self.feishu.give_token(call.content),
            "feishu_app": lambda: self.feishu.write(call), "feishu_app_urgent": lambda: self.feishu.ring(call),
        }  # fmt: skip
        return ChannelAnswer(*answer[channel]())

    def _wecom_bot(self, query: Json, content: Json, _size: int) -> Json:
        key, text = str(query.get("key") or ""), _text_of(content)
        if not key:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if len(text.encode()) > MOST_BYTES:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if self._counter.is_over(f"wecom_bot {key}", ROBOT, self._now()):
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self._show("wecom_bot", text)
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk_bot(self, query: Json, content: Json, size: int) -> Json:
        """Answer as DingTalk does: a refusal has HTTP 200, and too many messages make a robot mute for ten minutes."""
        token, text, now = str(query.get("access_token") or ""), _text_of(content), self._now()
        if not token:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        if lacks := self._find_dingtalk_lack(token, text, query):
            return {"errcode": 310000, "errmsg": lacks}
        if size > MOST_DINGTALK:
            return {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}
        if now >= self._mute_until.get(token, 0.0) and self._counter.is_over(f"dingtalk {token}", ROBOT, now):
            self._mute_until[token] = now + MUTE
        if now < self._mute_until.get(token, 0.0):
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self._show("dingtalk_bot", text)
        return {"errcode": 0, "errmsg": "ok"}

    def _find_dingtalk_lack(self, token: str, text: str, query: Json) -> str:
        """Return what a robot of DingTalk misses in a message; empty for nothing."""
        if token == BY_KEYWORD:
            return "" if KEYWORD in text else "keywords not in content"
        if token == BY_ADDRESS:
            return "ip not in whitelist"
        stamp = str(query.get("timestamp") or "")
        is_signed = query.get("sign") == _base64(_hmac(DINGTALK_SECRET, f"{stamp}\n{DINGTALK_SECRET}"))
        return "" if is_signed and self._is_recent(stamp, 1000) else "sign not match"

    def _feishu_bot(self, query: Json, content: Json, size: int) -> Json:
        """Answer as Feishu does: a refusal has HTTP 200, and full and half hours are busy."""
        token, now = str(query.get("token") or ""), self._now()
        text = str((content.get("content") or {}).get("text") or "")
        if refusal := self._find_feishu_lack(token, text, content):
            return refusal
        if size > MOST_FEISHU:
            return {"code": 9499, "msg": "Bad Request"}
        if now % BUSY_EVERY < BUSY_FOR:
            return {"code": 11232, "msg": "frequency limited"}
        if self._counter.is_over(f"feishu {token}", FEISHU, now):
            return {"code": 9499, "msg": "too many request"}
        self._show("feishu_bot", text)
        return {"code": 0, "msg": "success", "StatusCode": 0}

    def _find_feishu_lack(self, token: str, text: str, content: Json) -> Json | None:
        """Return the refusal of a message that lacks what a robot of Feishu asks for; None for nothing."""
        if token == BY_KEYWORD:
            return None if KEYWORD in text else {"code": 19024, "msg": "Key Words Not Found"}
        if token == BY_ADDRESS:
            return {"code": 19022, "msg": "Ip Not Allowed"}
        stamp = str(content.get("timestamp") or "")
        is_signed = content.get("sign") == _base64(_hmac(f"{stamp}\n{FEISHU_SECRET}", ""))
        is_good = is_signed and self._is_recent(stamp, 1)
        return None if is_good else {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}

    def _ring(self, content: Json, body: bytes, headers: Json) -> ChannelAnswer:
        """Ring the phone of a number: once a minute, five times an hour, twenty times a day. Failures count.

        Two calls within one second are both blocked, also the one that was accepted.
        """
        stamp = str(headers.get("X-CSP-Timestamp") or "")
        signed = hmac.new(HOOK_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(str(headers.get("X-CSP-Signature") or ""), f"v1={signed}"):
            return ChannelAnswer(401, {"error": "signature"})
        to, now = str(content.get("to") or ""), self._now()
        last = self._counter.last_use(f"call {to}")
        if self._counter.is_over(f"call {to}", CALLS, now):
            if last is not None and now - last < TOGETHER:
                self._hang_up(to, last)
            return ChannelAnswer(200, {"end": "refused", "code": "isv.BUSINESS_LIMIT_CONTROL"})
        self._show("hook", str(content.get("text") or ""), to)
        return ChannelAnswer(202, {"end": "accepted"})

    def _hang_up(self, to: str, since: float) -> None:
        """Take back the call to a number that another call followed at once."""
        kept = [
            message
            for message in self.messages
            if (message["channel"], message["to"]) != ("hook", to) or message["at"] < since
        ]
        if len(kept) < len(self.messages):
            self.dropped += len(self.messages) - len(kept)
            self.messages = kept
            self._changed()

    def _is_recent(self, stamp: str, per_second: int) -> bool:
        return stamp.isdigit() and abs(self._now() - int(stamp) / per_second) <= SIGNATURE_AGE

    def _show(self, channel: str, text: str, to: str = "") -> None:
        self._last += 1
        self.messages.append({"id": self._last, "at": self._now(), "channel": channel, "to": to, "text": text})
        del self.messages[:-KEPT]
        self._changed()


def _text_of(content: Json) -> str:
    text = content.get("text")
    return str(text.get("content") or "") if isinstance(text, dict) else ""


def _bearer(headers: Json) -> str:
    kind, _, token = str(headers.get("Authorization") or "").partition(" ")
    return token if kind == "Bearer" else ""


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _hmac(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
