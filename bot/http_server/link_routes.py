"""The addresses of links: read the request, keep the rate, and send the page with strict headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from urllib.parse import parse_qs

from aiohttp import web

from bot.clock import Clock
from bot.http_server.request_rate import RequestRate
from bot.http_server.secret_pages import PER_SERVER, RETRY_LATER, answer_page, make_headers
from handlers.links.link_pages import LinkPages, WebPage, style_source

log = logging.getLogger(__name__)

BARE, PATH = "/act", "/act/{token:.*}"
"""Every address that begins so is answered with a page, also one that was cut or mistyped."""
PER_LINK = 10
"""Requests a minute for one link."""
_MAX_TOKEN = 80
"""Characters of a token that are looked at."""
_MAX_BODY = 1024
"""The largest form, in bytes."""
_MAX_FIELDS = 5
_READ_TIMEOUT = 5.0
"""Seconds for a form to arrive."""
HEADERS = make_headers(style_source(), form_action="'self'")


class LinkRoutes:
    """Answers GET, HEAD and POST. GET and HEAD do nothing."""

    def __init__(self, pages: LinkPages, pool: Executor, clock: Clock) -> None:
        self._pages, self._pool = pages, pool
        self._rate, self._strangers = (RequestRate(clock.monotonic, PER_LINK, PER_SERVER) for _ in range(2))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        acts = ((web.get, self.show), (web.post, self.submit))
        return [make(path, act) for path in (BARE, PATH) for make, act in acts]

    async def show(self, request: web.Request) -> web.Response:
        """Show the page of a link."""
        token, is_look = _token_of(request), request.method == "GET" and not _is_prefetch(request)
        return await self._answer(token, lambda: self._pages.show(token, is_look=is_look))

    async def submit(self, request: web.Request) -> web.Response:
        """Take the form of a page."""
        token = _token_of(request)
        if request.content_type != "application/x-www-form-urlencoded" or _is_foreign(request):
            return web.Response(status=415, headers=HEADERS)
        if (request.content_length or 0) > _MAX_BODY:
            return web.Response(status=413, headers=HEADERS)
        async with asyncio.timeout(_READ_TIMEOUT):
            body = await request.content.read(_MAX_BODY)
        try:
            fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MAX_FIELDS)
        except ValueError:
            return web.Response(status=413, headers=HEADERS)
        numbers, is_aware = fields.get("number", []), fields.get("aware") == ["yes"]
        is_program = "comment" in fields  # a person doesn't see this field
        # A form that is sent by a person has one number.
        number = numbers[0] if len(numbers) == 1 else ""
        submitted = partial(self._pages.submit, token, number, is_aware=is_aware, is_program=is_program)
        return await self._answer(token, submitted)

    async def _answer(self, token: str, work: Callable[[], WebPage]) -> web.Response:
        # A flood of made-up links must not keep anybody from theirs.
        rate = self._rate if self._pages.looks_ours(token) else self._strangers
        if not rate.admit(token):
            page = self._pages.show_busy()
            return answer_page(page.html, page.status, {**HEADERS, **RETRY_LATER})
        page = await asyncio.get_running_loop().run_in_executor(self._pool, work)
        return answer_page(page.html, page.status, HEADERS)


def _token_of(request: web.Request) -> str:
    return request.match_info.get("token", "")[:_MAX_TOKEN]


def _is_prefetch(request: web.Request) -> bool:
    purpose = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return "prefetch" in purpose or "preview" in purpose


def _is_foreign(request: web.Request) -> bool:
    """Return whether another site sends the form."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
