"""The one HTTP server of the sandbox: Slack's addresses, the control API and the page, for this machine only."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.sandbox import phone_api
from bot.sandbox.control import Control
from bot.sandbox.errors import InvalidAction
from bot.sandbox.http_api import HttpApi
from bot.sandbox.local_slack import LocalSlack

PAGE = Path(__file__).parent / "page"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(slack: LocalSlack, control: Control) -> web.Application:
    """Return all routes, behind the checks that every request has to pass."""
    app = web.Application(middlewares=[only_local, refusals], client_max_size=64 * 2**20)
    app.add_routes(HttpApi(slack).routes())
    app.add_routes(control.routes())
    app.add_routes(phone_api.routes(slack))
    app.add_routes(
        [
            web.get("/socket/{ticket}", _socket(slack)),
            web.get("/archives/{channel}/{ts}", permalink),
            web.get("/", index),
            web.get("/page/{path:.+}", page_file),
        ]
    )
    app.on_response_prepare.append(careful)
    return app


@web.middleware
async def only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other hosts (a name rebound to loopback) and pages of other sites in the same browser."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if not LOCAL_HOST.fullmatch(host):
        return web.json_response({"error": "wrong_host", "detail": host}, status=403)
    if origin and origin != f"http://{host}":
        return web.json_response({"error": "wrong_origin", "detail": origin}, status=403)
    return await handler(request)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn an :class:`InvalidAction` into an answer of the control API."""
    try:
        return await handler(request)
    except InvalidAction as problem:
        return web.json_response({"error": problem.error, "detail": problem.detail}, status=problem.status)


async def careful(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer to a browser carries."""
    if not request.path.startswith("/api/"):
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"


async def index(request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - every route is called alike
    """Answer with the page."""
    return _page_file(PAGE / "index.html")


async def page_file(request: web.Request) -> web.StreamResponse:
    """Answer with a file of the page's folder, never one above it."""
    wanted = (PAGE / request.match_info["path"]).resolve()
    if not wanted.is_relative_to(PAGE.resolve()):
        raise web.HTTPNotFound
    return _page_file(wanted)


async def permalink(request: web.Request) -> web.StreamResponse:
    """Redirect the address of a message to where the page shows it."""
    channel, match = (
        request.match_info["channel"],
        re.fullmatch(r"p(\d{10,})(\d{6})", request.match_info["ts"]),
    )
    if not match:
        raise web.HTTPNotFound
    ts, thread = f"{match[1]}.{match[2]}", request.query.get("thread_ts")
    inside = f"{thread}/{ts}" if thread and re.fullmatch(r"\d+\.\d{6}", thread) else ts
    if not channel.isalnum():
        raise web.HTTPNotFound
    return web.Response(status=302, headers={"Location": f"/#{channel}/{inside}"})


def _page_file(file: Path) -> web.StreamResponse:
    if not file.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(file, headers={"Cache-Control": "no-cache"})


def _socket(slack: LocalSlack) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        if slack.settings.slack_off or slack.faults.take("socket"):
            return web.Response(status=503)
        return await slack.delivery.socket.serve(request)

    return serve
