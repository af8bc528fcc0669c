"""The addresses of the channels beside Slack, with the faults of the workshop. ``Phone`` decides what is answered."""

from aiohttp import web

from bot.sandbox.broken_answers import BREAK
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack

PATHS = {
    "/phone/wecom/cgi-bin/gettoken": "token",
    "/phone/wecom/cgi-bin/message/send": "wecom_app",
    "/phone/wecom/cgi-bin/webhook/send": "wecom_bot",
    "/phone/dingtalk/robot/send": "dingtalk_bot",
    "/phone/feishu/{token}": "feishu_bot",
    "/phone/feishu_app/open-apis/auth/v3/tenant_access_token/internal": "feishu_app_token",
    "/phone/feishu_app/open-apis/im/v1/messages": "feishu_app",
    "/phone/feishu_app/open-apis/im/v1/messages/{message}/{urgent}": "feishu_app_urgent",
    "/phone/call": "hook",
}
"""Where each channel is called."""
METHODS = {"token": "GET", "feishu_app_urgent": "PATCH"}
"""By which method; all others by POST."""
HEADERS = ("X-CSP-Timestamp", "X-CSP-Signature", "Authorization")
"""The headers that a channel reads."""


def routes(slack: LocalSlack) -> list[web.RouteDef]:
    """Return the routes of all channels."""
    return [
        web.route(METHODS.get(channel, "POST"), path, _Answerer(slack, channel).answer)
        for path, channel in PATHS.items()
    ]


class _Answerer:
    def __init__(self, slack: LocalSlack, channel: str) -> None:
        self._slack, self._channel = slack, channel

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or as a planned fault wants; its method is named ``phone.<channel>``."""
        body, query = await request.read(), {**request.query, **request.match_info}
        headers = {name: request.headers.get(name, "") for name in HEADERS}

        happened = ""

        def work() -> web.Response:
            nonlocal happened
            answered = self._slack.phone.answer(self._channel, query, body, headers)
            happened = answered.happened or _refusal_in(answered.content)
            return web.json_response(answered.content, status=answered.status)

        fault = self._slack.faults.take(f"phone.{self._channel}")
        answer: web.StreamResponse = work() if fault is None else await BREAK[fault.mode](fault, request, work)
        status = f"fault: {fault.mode}" if fault else happened or str(answer.status)
        # Not the request: its address holds what would be a secret at a real vendor.
        self._slack.notices.passed("out", "phone", self._channel, status=status, ms=0, request=None, response=None)
        return answer


def _refusal_in(content: Json) -> str:
    """Return the code of an answer that is a refusal although its status says success; empty for all else."""
    code = content.get("errcode", content.get("code", 0))
    return "" if code == 0 else f"code {code}"
