"""The addresses of links: read the request, keep the rate, and send the page with strict headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from urllib.parse import parse_qs

from aiohttp import web

from bot.clock import Clock
from bot.slack.request_rate import RequestRate
from handlers.links.link_pages import LinkPages, WebPage, style_source

log = logging.getLogger(__name__)

BARE, PATH = "/act", "/act/{token:.*}"
"""Every address that begins so is answered with a page, also one that was cut or mistyped."""
_LONGEST = 80
PER_LINK, PER_SERVER = 10, 300
"""Requests a minute for one link, and for all of them."""
_MOST_BYTES = 1024
_READ_TIME = 5.0
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {style_source()}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
}


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
        if (request.content_length or 0) > _MOST_BYTES:
            return web.Response(status=413, headers=HEADERS)
        async with asyncio.timeout(_READ_TIME):
            body = await request.content.read(_MOST_BYTES)
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=5)
        numbers, is_aware = fields.get("number", []), fields.get("aware") == ["yes"]
        # A form that is sent by a person has one number.
        number = numbers[0] if len(numbers) == 1 else ""
        return await self._answer(token, lambda: self._pages.submit(token, number, is_aware=is_aware))

    async def _answer(self, token: str, work: Callable[[], WebPage]) -> web.Response:
        # A flood of made-up links must not keep anybody from theirs.
        rate = self._rate if self._pages.looks_ours(token) else self._strangers
        if not rate.admit(token):
            page, headers = self._pages.show_busy(), {**HEADERS, "Retry-After": "60"}
            return web.Response(text=page.html, status=page.status, content_type="text/html", headers=headers)
        page = await asyncio.get_running_loop().run_in_executor(self._pool, work)
        return web.Response(text=page.html, status=page.status, content_type="text/html", headers=HEADERS)


def _token_of(request: web.Request) -> str:
    return request.match_info.get("token", "")[:_LONGEST]


def _is_prefetch(request: web.Request) -> bool:
    purpose = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return "prefetch" in purpose or "preview" in purpose


def _is_foreign(request: web.Request) -> bool:
    """Return whether another site sends the form."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
