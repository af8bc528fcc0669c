"""Calendars at secret addresses, as a calendar program asks for them."""

import asyncio
import io
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import icalendar
import pytest

from bot import logs
from bot.calendar_feeds import CalendarFeeds
from bot.clock import Clock
from bot.http_server.feed_routes import FeedRoutes, feed_path
from bot.http_server.server import HttpServer
from handlers.i18n.words import Words
from models.oncall import calendar_feeds, rota_versions
from models.store.database import Store
from tests.sample_rotas import LI_AND_WANG_IN_TURN

Answers = list[tuple[int, Mapping[str, str], bytes]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with a rota of two people in turn."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    rota_versions.import_rota(store, LI_AND_WANG_IN_TURN, "cli", Clock().now() - timedelta(hours=1))
    yield store
    store.dispose()


def asked(store: Store, *visits: tuple[str, dict[str, str]]) -> Answers:
    """What the bot answers to these visits, one after another; it shows only its health page besides."""

    async def story() -> Answers:
        with ThreadPoolExecutor(2) as pool:
            web = HttpServer(lambda: (True, {}))
            web.add_routes(FeedRoutes(CalendarFeeds(store, Clock(), Words.of("en")), pool).routes())
            port = await web.start("127.0.0.1", 0)
            try:
                async with aiohttp.ClientSession() as session:
                    return [await visit(session, f"http://127.0.0.1:{port}{path}", more) for path, more in visits]
            finally:
                await web.stop()

    async def visit(
        session: aiohttp.ClientSession, url: str, more: dict[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        async with session.get(url, headers=more) as response:
            return response.status, response.headers, await response.read()

    return asyncio.run(story())


def test_the_team_sees_everybody_and_the_gaps_and_a_person_their_own(store: Store) -> None:
    now = Clock().now()
    paths = [feed_path(calendar_feeds.open_feed(store, whose, "cli", now)) for whose in (calendar_feeds.TEAM, "李娜")]

    answers = asked(store, *((path, {}) for path in paths))

    team, hers = (
        [(str(event["SUMMARY"]), event.start, event.end) for event in icalendar.Calendar.from_ical(body).events]
        for _, _, body in answers
    )
    assert {status for status, _, _ in answers} == {200}
    assert answers[0][1]["Content-Type"] == "text/calendar; charset=utf-8"
    assert {summary for summary, _, _ in team} >= {"primary: 李娜", "primary: 王伟", "backup: uncovered · no backup"}
    assert {summary for summary, _, _ in hers} == {"primary: 李娜"}
    assert min(start for _, start, _ in hers) < now - timedelta(days=27)
    assert now + timedelta(days=177) < max(end for _, _, end in hers) < now + timedelta(days=183)


def test_who_has_it_already_is_told_so_until_the_rota_changes(store: Store) -> None:
    path = feed_path(calendar_feeds.open_feed(store, calendar_feeds.TEAM, "cli", Clock().now()))
    first = asked(store, (path, {}))[0][1]

    known = asked(store, (path, {"If-None-Match": first["ETag"]}))[0]
    rota_versions.import_rota(store, LI_AND_WANG_IN_TURN + "# changed\n", "cli", Clock().now())
    anew = asked(store, (path, {"If-None-Match": first["ETag"]}))[0]

    assert (known[0], known[2]) == (304, b"")
    assert anew[0] == 200
    assert anew[1]["ETag"] != first["ETag"]
    changed = datetime.strptime(first["Last-Modified"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert changed <= Clock().now()


def test_unknown_and_ended_addresses_are_nowhere(store: Store) -> None:
    ended = calendar_feeds.open_feed(store, calendar_feeds.TEAM, "cli", Clock().now())
    calendar_feeds.revoke(store, calendar_feeds.TEAM, "cli", Clock().now())

    paths = [feed_path(one) for one in (ended, "x" * 43, "x" * 5000, "..%2f..", "%00", "")]

    assert [(status, body) for status, _, body in asked(store, *((path, {}) for path in paths))] == [(404, b"")] * 6


def test_no_secret_reaches_the_log(store: Store) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    secret = calendar_feeds.open_feed(store, calendar_feeds.TEAM, "cli", Clock().now())
    logs.set_up([], stream)
    try:
        asked(store, (feed_path(secret), {}), (feed_path("x" + secret), {}))
        store.dispose()
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.raiseExceptions = True
        logging.captureWarnings(False)

    assert secret not in stream.getvalue()
