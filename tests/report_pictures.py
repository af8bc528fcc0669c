"""The README's pictures of a monthly report: the first page on A4, in Chinese and in English, of an invented month."""

from datetime import datetime, timedelta
from random import Random

from playwright.sync_api import Browser

from handlers.i18n.words import Words
from handlers.printable.page import render_page
from handlers.reports.figures import ReportReader
from handlers.reports.monthly_page import build_monthly_page
from models.rules.escalations.escalation import Move, Turn
from models.rules.escalations.request import Severity
from models.rules.reports.coverage import MonthCoverage, SeatCoverage
from models.rules.reports.monthly import build_report
from tests.models.rules.reports.stories import POLICY, SHANGHAI, Step, Story, judge, period_of

A4 = {"width": 794, "height": 1123}
CUSTOMERS = {"zh_CN": "云杉精密制造（苏州）有限公司", "en": "Harbour & Finch Trading (Shanghai) Co., Ltd."}
FIXES = {
    "zh_CN": (
        "在管理中心重新分配许可证后恢复。",
        "世纪互联修复了邮件路由，收发正常。",
        "更新 DNS 记录，等待生效后恢复。",
    ),
    "en": ("Licences assigned again.", "21Vianet repaired the mail route.", "DNS records corrected."),
}
MONTH = timedelta(days=31)
HOUR = timedelta(hours=1)


def page_of(language: str) -> str:
    """Return the page as HTML."""
    period = period_of("2026-10", datetime(2026, 11, 2, 9, tzinfo=SHANGHAI))
    judged = judge(_stories(language), period)
    seats = [SeatCoverage("primary", covered=MONTH), SeatCoverage("backup", covered=MONTH - HOUR, uncovered=HOUR)]
    report = build_report(judged, period, MonthCoverage(seats, MONTH, MONTH), CUSTOMERS[language])
    return render_page(build_monthly_page(report, ReportReader(Words.of(language), POLICY)))


def take_picture(browser: Browser, language: str) -> bytes:
    """Return the first page as PNG."""
    page = browser.new_page(viewport=A4)  # type: ignore[arg-type]  # a size
    page.set_content(page_of(language))
    page.evaluate("document.fonts.ready")
    shot = page.screenshot(animations="disabled")
    page.close()
    return shot


def _stories(language: str) -> list[Story]:
    """Return a month of a busy customer, the same each time."""
    chance = Random(4)
    return [_story(chance, language) for _ in range(34)]


def _story(chance: Random, language: str) -> Story:
    at = datetime(2026, 9, 26, 8, tzinfo=SHANGHAI) + timedelta(days=chance.uniform(0, 35))
    begin, severity = at, chance.choice("ABBBCC")
    steps: list[Step] = []

    def then(move: Move, hours: float, **more: object) -> None:
        nonlocal at
        at += timedelta(hours=hours)
        steps.append((move, f"{at:%Y-%m-%d %H:%M}", more))

    then(Move.ACKNOWLEDGE, chance.uniform(0.01, 0.2))
    if chance.random() < 0.7:
        given = Severity("C" if severity == "B" and chance.random() < 0.2 else severity)
        then(Move.RECORD, chance.uniform(0.1, 0.9), text=f"2026{chance.randrange(10**10):010}", severity_given=given)
        until = at + timedelta(hours=chance.choice((6, 8, 8)))
        then(Move.TELL, 0.1, until=f"{until:%Y-%m-%d %H:%M}")
        then(Move.CONTACT, chance.uniform(0.2, 5 if severity != "A" else 1.2))
        then(Move.TURN, 0.1, turn=Turn.CUSTOMER)
        then(Move.TELL, chance.uniform(0.2, 3))
    if chance.random() < 0.9:
        then(Move.RESOLVE, chance.uniform(2, 40), text=chance.choice(FIXES[language]))
    service = chance.choice(("azure", "m365", "m365", "m365", "power"))
    workload = {"azure": "Virtual Machines", "m365": "Exchange Online"}.get(service, "")
    return Story(f"{begin:%Y-%m-%d %H:%M}", steps, service, severity, answers={"workload": workload})
