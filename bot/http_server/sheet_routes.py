"""The secret addresses of duty sheets: keep the rate, and send the page with strict headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor

from aiohttp import web

from bot.clock import Clock
from bot.http_server.request_rate import RequestRate
from bot.http_server.secret_pages import PER_SERVER, RETRY_LATER, answer_page, make_headers
from handlers.i18n.errors import TOO_OFTEN
from handlers.printable.duty_sheet import NO_SHEET, NOT_READ, write_notice
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

PER_SHEET = 30
"""Requests a minute for one duty sheet."""
_MAX_SECRET = 100
"""Characters of a secret that are looked at."""
FindSheet = Callable[[str], str | None]
"""Returns the page of the duty sheet at a secret address; None where there is none."""
HEADERS = make_headers("'unsafe-inline'")


def sheet_path(secret: str) -> str:
    """Return where the duty sheet of a secret is."""
    return f"/sheet/{secret}"


class SheetRoutes:
    """Answers GET and HEAD at every address that begins as those of sheets, also one that was cut or mistyped."""

    def __init__(self, find_sheet: FindSheet, pool: Executor, clock: Clock) -> None:
        self._find_sheet, self._pool = find_sheet, pool
        self._rate = RequestRate(clock.monotonic, PER_SHEET, PER_SERVER)
        self._notices = {notice: write_notice(notice) for notice in (NO_SHEET, NOT_READ, TOO_OFTEN)}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get(sheet_path("{secret:.*}"), self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show the sheet of a secret."""
        secret = request.match_info["secret"][:_MAX_SECRET]
        if not self._rate.admit(secret):
            return answer_page(self._notices[TOO_OFTEN], 429, {**HEADERS, **RETRY_LATER})
        try:
            sheet = await asyncio.get_running_loop().run_in_executor(self._pool, self._find_sheet, secret)
        except NotSaved:
            log.warning("a duty sheet could not be read from the database")
            return answer_page(self._notices[NOT_READ], 503, {**HEADERS, **RETRY_LATER})
        if sheet is None:
            return answer_page(self._notices[NO_SHEET], 404, HEADERS)
        return answer_page(sheet, 200, HEADERS)
