"""A Slack in a process of its own that does nothing but answer.

Web API calls get canned answers after a wait. On its one Socket Mode line it delivers at the same moment whatever it is
told to, and measures each acknowledgement.

It keeps nothing and judges nothing, so that next to nothing of what is measured is its own.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
TEAM = "T0SANDBOX"
_WAIT = 10.0
_IDENTITY: Json = {"ok": True, "team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT", "url": "https://csp.slack.com/"}


class LightSlack:
    """Its web application: ``/api/…`` for the app, ``/burst`` for whoever measures."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._stamps = itertools.count(1)
        self._calls: dict[str, int] = {}
        self._lines: list[web.WebSocketResponse] = []
        self._acked: dict[str, asyncio.Future[float]] = {}
        self._port = 0
        self.app = web.Application()
        self.app.router.add_post("/api/{method}", self._called)
        self.app.router.add_get("/line", self._line)
        self.app.router.add_post("/burst", self._burst)

    async def serve(self) -> None:
        """Announce the address on stdout and serve until the process ends."""
        runner = web.AppRunner(self.app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = int(runner.addresses[0][1])
        sys.stdout.write(f"{self._port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    async def _called(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self._calls[method] = self._calls.get(method, 0) + 1
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self._port}/line"})
        given = await request.post()
        await asyncio.sleep(self._latency)
        return web.json_response(self._answer(method, str(given.get("user") or "")))

    def _answer(self, method: str, user: str) -> Json:
        if method == "users.info":
            profile = {"display_name": user, "real_name": user}
            facts = {"id": user, "team_id": TEAM, "locale": "zh-CN", "tz": "Asia/Shanghai", "profile": profile}
            return {"ok": True, "user": facts}
        if method.startswith("views."):
            return {"ok": True, "view": {"id": f"V{next(self._stamps)}"}}
        if method == "chat.postMessage":
            return {"ok": True, "channel": "C0ESCAL", "ts": f"1795000000.{next(self._stamps):06d}"}
        return {**_IDENTITY, "channel": {"id": "D0SOMEBODY", "topic": {"value": ""}}, "messages": []}

    async def _line(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse(max_msg_size=8 * 2**20)
        await line.prepare(request)
        self._lines.append(line)
        await line.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0CSP"}})
        async for message in line:
            if message.type is WSMsgType.TEXT:
                self._heard(json.loads(message.data))
        self._lines.remove(line)
        return line

    def _heard(self, ack: Json) -> None:
        waiting = self._acked.get(str(ack.get("envelope_id")))
        if waiting and not waiting.done():
            waiting.set_result(time.monotonic())

    async def _burst(self, request: web.Request) -> web.Response:
        """Deliver all of these at the same moment; seconds to each acknowledgement, and all calls so far by method."""
        wanted = await request.json()
        seconds = await asyncio.gather(*(self._delivered(one["type"], one["payload"]) for one in wanted))
        return web.json_response({"seconds": seconds, "calls": self._calls})

    async def _delivered(self, kind: str, payload: Json) -> float:
        name = f"e{next(self._stamps)}"
        self._acked[name] = asyncio.get_running_loop().create_future()
        envelope = {"envelope_id": name, "type": kind, "payload": payload, "accepts_response_payload": True}
        began = time.monotonic()
        await self._lines[-1].send_json(envelope)
        try:
            return await asyncio.wait_for(self._acked[name], _WAIT) - began
        except TimeoutError:
            return _WAIT


def main() -> None:
    """Serve with the latency of ``BENCH_LATENCY`` seconds."""
    asyncio.run(LightSlack(float(os.environ["BENCH_LATENCY"])).serve())


if __name__ == "__main__":
    main()
