"""The README's pictures of a night without Slack: the phone beside Slack, the page of a link, and the duty sheet."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, ViewportSize

from bot.sandbox.reach_file import write_reach_file
from bot.simulation.example_team import EXAMPLE_TEAM, add_example_team
from models.rules.rota.toml import reader
from tests.end_to_end.setup import PEOPLE, world
from tests.end_to_end.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHTS = {"en": ("U0EMMA", datetime(2026, 12, 24, 1, 50, tzinfo=SHANGHAI)),
          "zh": ("U0LINA", datetime(2026, 12, 20, 1, 50, tzinfo=SHANGHAI))}  # fmt: skip
"""In each language a person of the sandbox, and a night in which the example rota has them on call."""
CASE = {
    "customer_name": "云杉", "severity": "A", "title": "邮件全部退回", "details": "自 01:40 起", "service": "m365",
    "answers": {"impact": "销售与采购无法对外联系", "contact": "王伟 138 0013 8000"},
}  # fmt: skip
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 600}
HALF_A4: ViewportSize = {"width": 794, "height": 680}
MARGIN = 40  # pixels; a printer adds its own
LINK = re.compile(r"(\d{3})\D{0,12}(http://\S+/act/[\w-]+)")


def take_pictures(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each picture and its PNG. In each language somebody is called while Slack is off."""
    for language, (user, begins) in NIGHTS.items():
        with _night(begins, "en" if language == "en" else "zh_CN") as night:
            night.slack.settings(slack_off=True)
            night.slack.advance_clock(180)
            case = night.folder / "case.json"
            case.write_text(json.dumps(CASE), encoding="utf-8")
            night.run("escalations", "raise", "--from", str(case), "--as", "Wang Wei")
            number, address = night.until(lambda: _link(night, user), "a link to acknowledge", stride=0)  # noqa: B023 - called at once
            if language == "en":
                yield "call-desk-en", _desk(browser, night, user)
            else:
                yield "link-phone-zh", _acknowledged(browser, address, number)
            yield f"sheet-{language}", _duty_sheet(browser, night, language)


@contextmanager
def _night(begins: datetime, language: str) -> Iterator[World]:
    """A workspace with the example's team and rota, in which everybody is reached outside Slack too."""
    with (
        tempfile.TemporaryDirectory() as folder,
        world(Path(folder), language=language, begins=begins, with_phones=True) as made,
    ):
        add_example_team(made.sandbox)
        rota = made.folder / "rota.toml"
        rota.write_text(reader.example(), encoding="utf-8")
        made.run("rota", "import", str(rota))
        made.quiet(1)
        yield made


def _link(night: World, user: str) -> tuple[str, str] | None:
    """The number and the address of the newest link about the case that somebody got."""
    pages = night.slack.state("phone")["phone"]["messages"]
    texts = [page["text"] for page in pages if page["to"] == user and "CSP-1" in page["text"]]
    found = LINK.search(texts[-1]) if texts else None
    return (found[1], found[2]) if found else None


def _desk(browser: Browser, night: World, user: str) -> bytes:
    """The page of somebody whose phone rings while Slack is off."""
    page = _open(browser, f"{night.sandbox.page_url}?as={user}", DESK)
    page.wait_for_selector("html[data-ready]")
    page.locator(".phone").get_by_text("CSP-1").last.wait_for()
    return _shoot(page)


def _acknowledged(browser: Browser, address: str, number: str) -> bytes:
    """What a person reads who pressed the button behind a link."""
    page = _open(browser, address, PHONE)
    page.get_by_role("textbox").fill(number)
    page.get_by_role("button").click()
    page.get_by_text("✅").wait_for()
    return _shoot(page)


def _duty_sheet(browser: Browser, night: World, language: str) -> bytes:
    """The duty sheet as it is printed, with a number of everybody."""
    everybody = write_reach_file(night.sandbox.base_url, (*PEOPLE, *EXAMPLE_TEAM))
    (night.folder / "reach.toml").write_text(everybody, encoding="utf-8")
    file = night.folder / "sheet.html"
    night.run("rota", "sheet", "--output", str(file), locale="zh_CN" if language == "zh" else "en_GB")
    page = _open(browser, file.as_uri(), HALF_A4)
    page.emulate_media(media="print")
    page.add_style_tag(content=f"body {{ margin: {MARGIN}px }}")
    return _shoot(page)


def _open(browser: Browser, address: str, size: ViewportSize) -> Page:
    page = browser.new_page(viewport=size, reduced_motion="reduce")
    page.goto(address)
    page.evaluate("document.fonts.ready")
    return page


def _shoot(page: Page) -> bytes:
    shot = page.screenshot(animations="disabled", caret="hide")
    page.close()
    return shot
