"""The secret addresses of duty sheets: keep the rate, and send the page with strict headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor

from aiohttp import web

from bot.clock import Clock
from bot.slack.link_routes import PER_SERVER
from bot.slack.request_rate import RequestRate
from handlers.i18n.errors import TOO_OFTEN
from handlers.printable.duty_sheet import NO_SHEET, NOT_READ, write_notice
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

PER_SHEET = 30
"""Requests a minute for one duty sheet."""
_LONGEST = 100
SheetOf = Callable[[str], str | None]
"""The duty sheet of a secret."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_RETRY = {"Retry-After": "60"}


def sheet_path(secret: str) -> str:
    """Where the duty sheet of a secret is."""
    return f"/sheet/{secret}"


class SheetRoutes:
    """Answers GET and HEAD at every address that begins as those of sheets, also one that was cut or mistyped."""

    def __init__(self, sheet_of: SheetOf, pool: Executor, clock: Clock) -> None:
        self._sheet_of, self._pool = sheet_of, pool
        self._rate = RequestRate(clock.monotonic, PER_SHEET, PER_SERVER)
        self._notices = {notice: write_notice(notice) for notice in (NO_SHEET, NOT_READ, TOO_OFTEN)}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get(sheet_path("{secret:.*}"), self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show the sheet of a secret."""
        secret = request.match_info["secret"][:_LONGEST]
        if not self._rate.admit(secret):
            return _answer(self._notices[TOO_OFTEN], 429, _RETRY)
        try:
            sheet = await asyncio.get_running_loop().run_in_executor(self._pool, self._sheet_of, secret)
        except NotSaved:
            log.warning("a duty sheet could not be read from the database")
            return _answer(self._notices[NOT_READ], 503, _RETRY)
        return _answer(sheet) if sheet else _answer(self._notices[NO_SHEET], 404)


def _answer(page: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html", headers={**HEADERS, **(headers or {})})
