"""WeCom: the message of an app to one member, and the robot of a group.

Codes: https://developer.work.weixin.qq.com/document/path/90313
"""

import threading
from typing import Any
from urllib.parse import urlencode

from bot.clock import Clock
from bot.reach.channel import PAUSE, CodeBook, PageText
from bot.reach.json_request import ChannelReply, JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer, PageEnd
from models.rules.reach.reach_plan import ReachAddress

API = "https://qyapi.weixin.qq.com"
_TOKEN_LEFT = 300.0
"""Seconds before its end at which a token is asked for again."""
_BAD_TOKEN = frozenset({40014, 42001, 41001})
_CODES = CodeBook(
    refused={40001, 40008, 40013, 40056, 40058, 41002, 48002, 50001, 60011, 60020, 81013, 93000, 301002},
    pauses={45009: PAUSE, 45033: PAUSE},
)


class WecomBot:
    """A robot in a group. It mentions a person by their mobile number."""

    def __init__(self, requests: JsonRequests) -> None:
        self._requests = requests

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        text: dict[str, Any] = {"content": cut_to_bytes(page.text)}
        if mobile := address.fields.get("mobile"):
            text["mentioned_mobile_list"] = [mobile]
        answer = self._requests.post(address.fields["url"], {"msgtype": "text", "text": text})
        return answer.failure or _CODES.answer(answer.content.get("errcode"))


class WecomApp:
    """An app of one's own, which writes to one member."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests, self._clock = requests, clock
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once; a token that WeCom knows no more is replaced first."""
        answer = self._send(address, page)
        if answer.content.get("errcode") in _BAD_TOKEN:
            self._forget_token(address)
            answer = self._send(address, page)
        if answer.failure:
            return answer.failure
        if answer.content.get("errcode") == 0 and answer.content.get("invaliduser"):
            return PageAnswer(PageEnd.REFUSED, "invaliduser")
        return _CODES.answer(answer.content.get("errcode"))

    def _send(self, address: ReachAddress, page: PageText) -> ChannelReply:
        token = self._find_token(address)
        if isinstance(token, PageAnswer):
            return ChannelReply(failure=token)
        url = f"{_base(address)}/cgi-bin/message/send?access_token={token}"
        return self._requests.post(url, _body(address, page))

    def _find_token(self, address: ReachAddress) -> str | PageAnswer:
        """Return the token of an app; without one nothing was sent yet, so an unknown outcome is a refused one."""
        key, now = _app_of(address), self._clock.monotonic()
        with self._lock:
            kept = self._tokens.get(key)
        if kept and kept[1] > now:
            return kept[0]
        asked = urlencode({"corpid": address.fields["corp_id"], "corpsecret": address.fields["secret"]})
        answer = self._requests.get(f"{_base(address)}/cgi-bin/gettoken?{asked}")
        if answer.failure:
            return PageAnswer(PageEnd.REFUSED, answer.failure.code, answer.failure.retry_after or PAUSE)
        token, code = answer.content.get("access_token"), answer.content.get("errcode")
        if code != 0 or not isinstance(token, str):
            return _CODES.answer(code if code else None)
        lasts = answer.content.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int) else 0.0
        with self._lock:
            self._tokens[key] = (token, now + seconds - _TOKEN_LEFT)
        return token

    def _forget_token(self, address: ReachAddress) -> None:
        with self._lock:
            self._tokens.pop(_app_of(address), None)


def _base(address: ReachAddress) -> str:
    return address.fields.get("url", API).rstrip("/")


def _app_of(address: ReachAddress) -> tuple[str, str]:
    return address.fields["corp_id"], address.fields["secret"]


def _body(address: ReachAddress, page: PageText) -> dict[str, Any]:
    return {
        "touser": address.fields["to"], "msgtype": "text", "agentid": address.fields["agent_id"],
        "text": {"content": cut_to_bytes(page.text)}, "enable_duplicate_check": 0,
    }  # fmt: skip
