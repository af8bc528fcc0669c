"""WeCom: the message of an app to one member, and the robot of a group.

Codes: https://developer.work.weixin.qq.com/document/path/90313
"""

from typing import Any
from urllib.parse import urlencode

from bot.clock import Clock
from bot.reach.app_tokens import App, AppTokens, TokenFields
from bot.reach.channel import PAUSE, CodeBook, PageText
from bot.reach.json_request import ChannelReply, JsonRequests
from models.rules.reach.channels import cut_to_bytes
from models.rules.reach.page import PageAnswer, PageEnd
from models.rules.reach.reach_plan import ReachAddress

API = "https://qyapi.weixin.qq.com"
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
        self._requests = requests
        self._tokens = AppTokens(clock, _CODES, TokenFields("access_token", "errcode", "expires_in"))

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once; a token that WeCom knows no more is replaced first."""
        answer = self._send(address, page)
        if answer.content.get("errcode") in _BAD_TOKEN:
            self._tokens.forget(_app_of(address))
            answer = self._send(address, page)
        if answer.failure:
            return answer.failure
        if answer.content.get("errcode") == 0 and answer.content.get("invaliduser"):
            return PageAnswer(PageEnd.REFUSED, "invaliduser")
        return _CODES.answer(answer.content.get("errcode"))

    def _send(self, address: ReachAddress, page: PageText) -> ChannelReply:
        token = self._tokens.find(_app_of(address), lambda: self._ask_token(address))
        if isinstance(token, PageAnswer):
            return ChannelReply(failure=token)
        url = f"{_base(address)}/cgi-bin/message/send?access_token={token}"
        return self._requests.post(url, _body(address, page))

    def _ask_token(self, address: ReachAddress) -> ChannelReply:
        corp, secret = _app_of(address)
        asked = urlencode({"corpid": corp, "corpsecret": secret})
        return self._requests.get(f"{_base(address)}/cgi-bin/gettoken?{asked}")


def _base(address: ReachAddress) -> str:
    return address.fields.get("url", API).rstrip("/")


def _app_of(address: ReachAddress) -> App:
    return address.fields["corp_id"], address.fields["secret"]


def _body(address: ReachAddress, page: PageText) -> dict[str, Any]:
    return {
        "touser": address.fields["to"], "msgtype": "text", "agentid": address.fields["agent_id"],
        "text": {"content": cut_to_bytes(page.text)}, "enable_duplicate_check": 0,
    }  # fmt: skip
