"""Web pages are answered so often a minute, and no flood keeps others from theirs."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from bot.clock import Clock
from bot.slack.http_server import PER_SHEET, HttpServer, sheet_path
from bot.slack.link_routes import PER_LINK, PER_SERVER
from bot.slack.request_rate import RequestRate
from handlers.printable.duty_sheet import write_no_sheet


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


def test_a_duty_sheet_is_answered_thirty_times_a_minute() -> None:
    async def ask() -> list[int]:
        with ThreadPoolExecutor(1) as pool:
            web = HttpServer(lambda: (True, {}), pool)
            web.show_sheets(lambda secret: "sheet" if secret == "right" else None, Clock())
            port = await web.start("127.0.0.1", 0)
            url, statuses = f"http://127.0.0.1:{port}{sheet_path('right')}", []
            async with aiohttp.ClientSession() as session:
                for _ in range(PER_SHEET + 1):
                    async with session.get(url) as response:
                        statuses.append(response.status)
            await web.stop()
            return statuses

    assert asyncio.run(ask()) == [200] * PER_SHEET + [429]


def test_an_address_without_a_sheet_says_so_in_both_languages() -> None:
    page = write_no_sheet()

    assert "There is no duty sheet at this address" in page
    assert "此地址没有值班单" in page
