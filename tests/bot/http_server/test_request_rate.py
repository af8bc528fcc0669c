"""Web pages are answered so often a minute, and no flood keeps others from theirs."""

import asyncio
import html
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from bot.clock import Clock
from bot.http_server.link_routes import PER_LINK
from bot.http_server.request_rate import RequestRate
from bot.http_server.secret_pages import PER_SERVER
from bot.http_server.server import HttpServer
from bot.http_server.sheet_routes import PER_SHEET, SheetRoutes, sheet_path
from models.rules.errors import NotSaved


def test_a_minute_later_a_page_is_answered_again() -> None:
    now = [0.0]
    rate = RequestRate(lambda: now[0], per_key=2, together=10)

    first = [rate.admit("link") for _ in range(3)]
    now[0] = 61.0

    assert first == [True, True, False]
    assert rate.admit("link")


def test_what_is_remembered_of_pages_stays_small() -> None:
    now = [0.0]
    rate = RequestRate(lambda: now[0], per_key=1, together=5)
    for _ in range(40):
        now[0] += 61.0
        rate.admit(f"link-{now[0]}")

    assert len(rate._keys) <= 6


def test_a_flood_of_made_up_links_keeps_nobody_from_theirs() -> None:
    ours, strangers = (RequestRate(lambda: 0.0, PER_LINK, PER_SERVER) for _ in range(2))

    flood = [strangers.admit(f"made-up-{n}") for n in range(PER_SERVER + 1)]

    assert flood == [True] * PER_SERVER + [False]
    assert ours.admit("ours")


def test_a_duty_sheet_is_answered_thirty_times_a_minute_and_every_other_answer_is_a_page_in_both_languages() -> None:
    def sheet_of(secret: str) -> str | None:
        if secret == "locked":
            raise NotSaved
        return "sheet" if secret == "right" else None

    async def ask(*secrets: str) -> list[tuple[int, str]]:
        with ThreadPoolExecutor(1) as pool:
            web = HttpServer(lambda: (True, {}))
            web.add_routes(SheetRoutes(sheet_of, pool, Clock()).routes())
            port = await web.start("127.0.0.1", 0)
            answers = []
            async with aiohttp.ClientSession() as session:
                for secret in secrets:
                    async with session.get(f"http://127.0.0.1:{port}{sheet_path(secret)}") as response:
                        answers.append((response.status, await response.text()))
                        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
            await web.stop()
            return answers

    *shown, often, locked, wrong, cut = asyncio.run(ask(*["right"] * (PER_SHEET + 1), "locked", "wrong", ""))

    assert shown == [(200, "sheet")] * PER_SHEET
    assert [answer[0] for answer in (often, locked, wrong, cut)] == [429, 503, 404, 404]
    for (_, page), english, chinese in (
        (often, "Wait a minute", "请稍候"), (locked, "can't be read now", "暂时无法读取"),
        (wrong, "There is no duty sheet at this address", "此地址没有值班单"), (cut, "There is no", "此地址没有"),
    ):  # fmt: skip
        assert english in html.unescape(page)
        assert chinese in page
