"""Takes the pictures of the README: a story told by invented people in the local Slack, drawn by a real browser.

Run by ``make pictures``; writes ``docs/pictures/*.png``. No test: the pictures are looked at by people.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from bot.commands.sandbox_samples import CUSTOMERS
from bot.sandbox import Sandbox, SandboxOptions
from bot.simulation.example_team import add_example_team
from handlers import epoch_stamps
from models.customers.importer import import_customers
from models.oncall.rota_versions import import_rota
from models.rules.customers.csv_columns import read_sheet
from models.rules.rota.toml import reader
from models.store.database import Store
from tests import case_states, night_pictures, report_pictures, rota_charts
from tests.slack_driver import Actor, SlackDriver

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-lcd-text", "--font-render-hinting=none"),  # the same picture on every machine, and smaller
)
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 60.0  # seconds; a shared machine may be slow
MOST_BYTES = 150_000
COLOURS = 256  # a third of the size; by coverage, so that rare colours stay what they are
CHANNEL, ONCALL = "C0ESCAL", "C0ONCALL"
WATCH = "rota.watch"
LINA, WANG, EMMA = "U0LINA", "U0WANG", "U0EMMA"
Json = dict[str, Any]

CHINESE: Json = {
    "kind": "customer",
    "customer_name": "云杉",
    "service": "m365",
    "workload": "Exchange Online",
    "scope": "whole_tenant",
    "severity": "B",
    "title": "发往外部的邮件被退回，提示 550 5.7.708",
    "details": "自今天 08:40 起，全公司发往外部域的邮件全部退回；内部邮件正常。退信：550 5.7.708 Service unavailable",
    "impact": "销售与采购无法对外联系，约 140 人受影响。",
    "health": "normal",
    "tried": "已核对 SPF、DKIM 记录，未改动；在客户管理中心运行邮件跟踪，结果为“被拒”；已检查发送限制，未超限。",
    "lacks": ["tools"],
    "area": "none",
}
ENGLISH: Json = {
    "kind": "customer",
    "customer_name": "Harbour",
    "service": "m365",
    "workload": "SharePoint Online",
    "scope": "some_users",
    "affected": "25",
    "severity": "C",
    "title": "Project site turned read-only after the renewal",
    "details": "Since the renewal on Friday 25 people of the logistics team see “This site is read-only”.",
    "health": "normal",
    "tried": "Checked storage (61 % used) and permissions; took the licence away and gave it back.",
    "lacks": ["documentation", "tools"],
    "area": "none",
}
OURS: Json = {
    "kind": "partner_center",
    "category": "billing",
    "severity": "C",
    "title": "October invoice charges a subscription that was cancelled",
    "details": "The invoice lists 40 seats for a subscription that we cancelled on 3 September.",
    "tried": "Compared with the order history in Partner Center.",
    "invoice": "G-2026-1007",
}

TO_LOOK_AT: Json = {
    **CHINESE,
    "severity": "C",
    "title": "共享日历对同事只显示“忙碌”",
    "details": "自周一起，前台的共享日历除所有者外，其他同事全天只看到“忙碌”，看不到具体安排。",
    "impact": "前台无法安排会议室。",
    "tried": "已与另一个正常的日历对比共享权限，未发现差异。",
    "area": "how_to",
}


@dataclass(frozen=True)
class Stage:
    """The local Slack with the bot connected, driven from outside and looked at with a browser."""

    sandbox: Sandbox
    slack: SlackDriver
    browser: Browser

    def wait(self, seen: Callable[[], Any], what: str) -> Any:
        return self.slack.wait_for(seen, PATIENCE, what)

    def card(self, name: str, status: str = "") -> Json:
        """The card with this name, once it shows this status."""

        def shown() -> Json | None:
            cards = [
                message for message in self.slack.messages(CHANNEL) if f"{name} " in str(message.get("blocks", ""))
            ]
            return cards[0] if cards and status in str(cards[0]["blocks"]) else None

        found: Json = self.wait(shown, f"{name} {status}")
        return found

    def lines(self, name: str, count: int) -> None:
        """Wait until the card's thread has so many lines: a clock moved too soon would make them late."""
        card = self.card(name)
        self.wait(lambda: len(self.slack.thread(CHANNEL, card["ts"])) >= count, f"{count} lines below {name}")

    @property
    def now(self) -> float:
        """What time it is in this Slack."""
        return float(self.slack.state("clock")["clock"]["now"])

    def later(self, **span: float) -> None:
        self.slack.advance_clock(timedelta(**span).total_seconds())


def main() -> None:
    """Tell the story and take every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    rota_charts.main()
    case_states.main()
    with stage() as on:
        the_form(on)
        the_gap(on)
        tell(on)
        the_page(on)
        the_life(on)
        the_review(on)
        the_reports(on.browser)
        for name, taken in night_pictures.take_pictures(on.browser):
            keep(taken, name)


@contextmanager
def stage() -> Iterator[Stage]:
    """Everything in a folder of its own, which is gone afterwards."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        sys.exit("No Chromium on this machine. On Debian: apt install chromium fonts-noto-cjk fonts-noto-color-emoji")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        with Sandbox(_options(Path(folder))) as sandbox:
            add_example_team(sandbox)
            slack = SlackDriver(sandbox.page_url)
            slack.connected(timeout=PATIENCE)
            slack.set_clock(_until_a_tuesday_morning())
            yield Stage(sandbox, slack, browser)
            slack.close()
        browser.close()


def _options(folder: Path) -> SandboxOptions:
    database = f"sqlite:///{folder / 'bot.db'}"
    store = Store(database)
    store.upgrade()
    import_customers(store, read_sheet(CUSTOMERS.encode()).lines, datetime.now(UTC))
    import_rota(store, reader.example(), "cli", datetime.now(UTC))
    store.dispose()
    return SandboxOptions(
        manifest=ROOT / "manifest.yml",
        bot_argv=(sys.executable, "-m", "bot", "run"),
        bot_env={"DATABASE_URL": database, "CSP_LANGUAGE": "both"},
        bot_log=folder / "bot.log",
    )


def _until_a_tuesday_morning() -> float:
    """Seconds from now to the next Tuesday, 09:12 in Shanghai: a support desk's ordinary day."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    day = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    return (day.replace(hour=9, minute=12, second=0) - now).total_seconds()


# The story ------------------------------------------------------------------------------------------------------


def tell(on: Stage) -> None:
    """Two customers' issues and one of our own, raised, taken, numbered, solved and closed."""
    wang, lina, emma = (on.slack.as_user(user) for user in (WANG, LINA, EMMA))
    _raise(on, emma, ENGLISH)
    on.lines("CSP-1", 1)
    on.later(minutes=4)
    _raise(on, wang, CHINESE)
    on.lines("CSP-2", 1)
    on.later(minutes=2)
    lina.click(on.card("CSP-2"), "card.acknowledge")
    on.lines("CSP-2", 2)
    on.later(minutes=3)
    wang.post("邮件跟踪结果：14 封都在出站时被拒。", thread_ts=on.card("CSP-2", "Acknowledged")["ts"])
    on.later(minutes=11)
    _say(on, lina, on.card("CSP-2"), "record", "20261101000417")
    on.lines("CSP-2", 4)
    on.later(minutes=4)
    emma.click(on.card("CSP-1"), "card.acknowledge")
    on.lines("CSP-1", 2)
    on.later(minutes=30)
    _raise(on, emma, OURS)
    on.lines("CSP-3", 1)


def finish(on: Stage) -> None:
    """21Vianet calls back; CSP-2 is solved, told and closed."""
    lina = on.slack.as_user(LINA)
    on.later(minutes=40)
    _press(lina, on.card("CSP-2"), "card.contact")
    on.lines("CSP-2", 5)
    on.later(minutes=10)
    _press(lina, on.card("CSP-2", "With us"), "card.turn.vendor")
    on.lines("CSP-2", 6)
    on.later(hours=1)
    _say(on, lina, on.card("CSP-2", "With 21Vianet"), "resolve", "世纪互联解除了租户的出站限制；客户试发正常。")
    on.lines("CSP-2", 7)
    on.later(minutes=5)
    lina.click(on.card("CSP-2", "Resolved"), "card.tell")
    on.lines("CSP-2", 8)
    on.wait(lambda: "card.close" in str(on.card("CSP-2")), "a button that closes")
    lina.click(on.card("CSP-2"), "card.close")
    on.lines("CSP-2", 9)
    on.card("CSP-2", "Closed")


def _raise(on: Stage, person: Actor, answers: Json) -> None:
    person.command("/csp-escalate")
    _fill(person, answers)
    answer = person.submit()
    assert answer["ok"], answer
    person.wait_for_modal(lambda modal: modal["callback_id"] == "done", PATIENCE)
    person.close()


def _fill(person: Actor, answers: Json) -> None:
    person.wait_for_modal(timeout=PATIENCE)
    for name, value in answers.items():
        person.wait_for_modal(_has(name), PATIENCE)
        if name == "customer_name":
            person.choose(name, value)
        else:
            person.fill({name: value})


def _has(field: str) -> Callable[[Json], bool]:
    return lambda modal: field in {block["block_id"] for block in modal["blocks"]}


def _say(on: Stage, person: Actor, card: Json, move: str, text: str) -> None:
    _press(person, card, f"card.{move}")
    person.wait_for_modal(timeout=PATIENCE)
    person.fill({f"sheet.{move}": text})
    answer = person.submit()
    assert answer["ok"], answer
    on.wait(lambda: on.slack.modal(person.id) is None, "the sheet to close")


def _press(person: Actor, card: Json, action_id: str) -> None:
    """Press a button of a card, or choose the same in its menu."""
    elements = [one for block in card["blocks"] if block["type"] == "actions" for one in block["elements"]]
    if any(one["action_id"] == action_id for one in elements):
        person.click(card, action_id)
        return
    options = next(one["options"] for one in elements if one["action_id"] == "card.more")
    chosen = next(one for one in options if epoch_stamps.read(one["value"]).startswith(f"{action_id} "))
    person.click(card, "card.more", option=chosen["value"])


# The pictures ---------------------------------------------------------------------------------------------------


def the_form(on: Stage) -> None:
    """The form as it is filled in, on a phone in Chinese and at a desk in English."""
    for user, answers, phone, name in ((WANG, CHINESE, True, "form-phone-zh"), (EMMA, ENGLISH, False, "form-desk-en")):
        person = on.slack.as_user(user)
        person.command("/csp-escalate")
        _fill(person, answers)
        with page(on, user, phone=phone) as shown:  # opened only now: a page keeps what was typed into itself
            shown.locator("[data-block=title]").wait_for()
            shown.locator("[data-block=kind]").scroll_into_view_if_needed()
            take(shown, name)
        person.close()


def the_gap(on: Stage) -> None:
    """Whoever has the coming night is on leave, and the on-call channel asks who takes it."""
    told = on.wait(lambda: _said(on, "On call now"), "who is on duty")
    for user in re.findall(r": <@(\w+)> · ", told["text"]):
        for asked in on.wait(partial(_asked, on, user), "the questions for the watch"):
            on.slack.as_user(user).click(asked, WATCH)
    on.wait(lambda: "rota.step_in" not in str(on.slack.messages(ONCALL)), "quiet")
    somebody = on.slack.as_user(re.findall(r"Next: <@(\w+)>", told["text"])[0])
    tonight = datetime.fromtimestamp(on.now, ZoneInfo("Asia/Shanghai")).replace(hour=20, minute=0, second=0)
    night = {"start": tonight, "end": tonight + timedelta(hours=12)}
    somebody.command("/csp-escalate leave")
    somebody.wait_for_modal(_has("start"), PATIENCE)
    somebody.fill({**{name: int(at.timestamp()) for name, at in night.items()}, "why": "发烧"})
    somebody.submit()
    somebody.wait_for_modal(lambda modal: "start" not in str(modal["blocks"]), PATIENCE)
    somebody.submit()
    on.wait(lambda: _said(on, "🕳️"), "the card of the gap")
    with page(on, EMMA) as shown:
        shown.locator(f"[data-place={ONCALL}]").click()
        shown.get_by_role("button", name="Take it").last.wait_for()
        take(shown, "gap-desk-en")


def _asked(on: Stage, user: str) -> list[Json]:
    """The messages that ask somebody to confirm a shift: the one that began, and perhaps the next."""
    return [{**one, "channel": f"D{user[1:]}"} for one in on.slack.dms(user) if WATCH in str(one)]


def _said(on: Stage, words: str) -> Json | None:
    said = [message for message in on.slack.messages(ONCALL) if words in message["text"]]
    return said[-1] if said else None


def the_page(on: Stage) -> None:
    """The channel with its cards and a thread, private answers, the Home tab, the workshop."""
    with page(on, EMMA) as shown:
        _thread(shown, "CSP-2")
        take(shown, "card-desk-en")
    with page(on, LINA, phone=True) as shown:
        _card(shown, "CSP-2").evaluate("card => card.scrollIntoView({block: 'start'})")
        take(shown, "card-phone-zh")
    finish(on)
    with page(on, LINA) as shown:
        _private(on, shown, LINA, "/csp-escalate history CSP-2", "CSP-2")
        take(shown, "history-desk-zh")
    with page(on, EMMA, phone=True) as shown:
        _private(on, shown, EMMA, "/csp-escalate list", "CSP-3")
        take(shown, "list-phone-en")
    with page(on, EMMA) as shown:
        shown.locator(".bar-toggle").click()
        shown.get_by_role("tab", name="Traffic").click()
        shown.locator(".traffic-row").first.wait_for()
        take(shown, "workshop-desk-en")
    with page(on, LINA) as shown:
        shown.locator("[data-place=home]").click()
        shown.get_by_text("CSP-3").first.wait_for()
        take(shown, "home-desk-zh")


def the_life(on: Stage) -> None:
    """Li Na asks for the picture of CSP-2's life, and reads it on her phone."""
    lina, place = on.slack.as_user(LINA), f"D{LINA[1:]}"
    _press(lina, on.card("CSP-2", "Closed"), "look.picture")
    on.wait(lambda: "'image'" in str(on.slack.messages(place)), "the picture")
    with page(on, LINA, phone=True) as shown:
        shown.evaluate(f"document.querySelector('[data-place={place}]').click()")
        picture = shown.locator(".place .message img").last
        picture.wait_for()
        picture.scroll_into_view_if_needed()
        take(shown, "life-phone-zh")


def the_review(on: Stage) -> None:
    """Wang Wei gives no reason for a problem in an area of ours, and Li Na, a lead, reads why she should look."""
    lina, place = on.slack.as_user(LINA), f"D{LINA[1:]}"
    _raise(on, on.slack.as_user(WANG), TO_LOOK_AT)
    on.wait(lambda: "card.approve" in str(on.slack.dms(lina.id)), "the question to the lead")
    with page(on, LINA, phone=True) as shown:
        shown.evaluate(f"document.querySelector('[data-place={place}]').click()")
        shown.get_by_role("button", name="批准").last.wait_for()
        shown.locator(".place .message").last.evaluate("message => message.scrollIntoView({block: 'start'})")
        take(shown, "review-phone-zh")


def _card(shown: Page, name: str) -> Locator:
    return shown.locator(".place .message:not(.is-private)", has_text=f"{name} ·").first


def _thread(shown: Page, name: str) -> None:
    _card(shown, name).locator(".reply-bar").click()
    shown.get_by_role("complementary").wait_for()
    _card(shown, name).scroll_into_view_if_needed()


def _private(on: Stage, shown: Page, user: str, line: str, awaited: str) -> None:
    on.slack.as_user(user).command(line)
    answer = shown.locator(".message.is-private", has_text=awaited).last
    answer.wait_for()
    answer.scroll_into_view_if_needed()


@contextmanager
def page(on: Stage, user: str, *, phone: bool = False) -> Iterator[Page]:
    """The page as this person sees it."""
    size = PHONE if phone else DESK
    context = on.browser.new_context(viewport=size, has_touch=phone, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE * 1000)
    shown = context.new_page()
    shown.goto(f"{on.sandbox.page_url}?as={user}")
    shown.wait_for_selector("html[data-ready]")
    yield shown
    context.close()


def the_reports(browser: Browser) -> None:
    """The monthly report as it is printed."""
    for language, name in (("zh_CN", "report-zh"), ("en", "report-en")):
        keep(report_pictures.take_picture(browser, language), name)


def take(shown: Page, name: str) -> None:
    """One picture, once every font is there."""
    shown.evaluate("document.fonts.ready")
    shown.mouse.move(0, 0)
    shown.evaluate("document.activeElement.blur()")
    keep(shown.screenshot(animations="disabled", caret="hide"), name)


def keep(taken: bytes, name: str) -> None:
    """Write a picture; one that is too large for the README is an error."""
    file = PICTURES / f"{name}.png"
    shot = Image.open(BytesIO(taken)).convert("RGB")
    shot.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    sys.stdout.write(f"{file.relative_to(ROOT)}  {size // 1000} kB\n")
    if size > MOST_BYTES:
        sys.exit(f"{file.name} is larger than {MOST_BYTES // 1000} kB")


if __name__ == "__main__":
    main()
