"""Calendars at secret addresses, for calendar programs that ask again and again."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from email.utils import format_datetime

from aiohttp import web

from bot.calendar_feeds import Feed
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

FindFeed = Callable[[str, str], Feed | None]
"""Returns the calendar of a secret; the second argument is the ETag of what the caller has already."""


def feed_path(secret: str) -> str:
    """Return where the calendar of a secret is."""
    return f"/rota/{secret}.ics"


class FeedRoutes:
    """Answers GET and HEAD with a calendar. ``find_feed`` is called in ``pool``. The address is never logged."""

    def __init__(self, find_feed: FindFeed, pool: Executor) -> None:
        self._find_feed, self._pool = find_feed, pool

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get(feed_path(r"{secret:[\w-]{1,100}}"), self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Answer with a calendar, or 304 when the caller has it already."""
        secret, etag = request.match_info["secret"], request.headers.get("If-None-Match", "")
        try:
            feed = await asyncio.get_running_loop().run_in_executor(self._pool, self._find_feed, secret, etag)
        except NotSaved:
            log.warning("a calendar could not be read from the database")
            return web.Response(status=503, headers={"Retry-After": "60"})
        if feed is None:
            return web.Response(status=404)
        headers = {
            "ETag": feed.etag, "Last-Modified": format_datetime(feed.changed, usegmt=True),
            "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer",
        }  # fmt: skip
        if feed.body is None:
            return web.Response(status=304, headers=headers)
        return web.Response(body=feed.body, content_type="text/calendar", charset="utf-8", headers=headers)
