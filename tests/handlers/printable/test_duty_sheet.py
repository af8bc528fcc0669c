"""The duty sheet: whom to call in which order until when, on one page of A4 whatever there is, and on a phone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser

from handlers.i18n.words import Words
from handlers.printable.duty_sheet import MOST_LEADS, MOST_NAMED, write_sheet
from handlers.printable.sheet_facts import SheetFacts, SheetPerson, find_people, find_without_contact, join_names
from models.rules.escalations.deadlines import AwaitedStep, Deadline
from models.rules.escalations.escalation import Status, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import raise_escalation
from models.rules.policy.reader import load_packaged
from models.rules.reach.channels import Channel
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.on_call import CoverageStatus, Slot
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.shifts import ON_LEAVE, Shift
from models.rules.times import ENDLESS
from tests.handlers.printing_browser import launch_browser
from tests.models.rules.reports.stories import SHANGHAI
from tests.models.samples import WANG, customer_request

NOW = datetime(2026, 11, 29, 3, 7, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
EIGHT = NOW.replace(hour=8, minute=0)
SEATS = ("primary", "backup", "azure", "m365", "英语 English", "night desk")
LI, WEI, EMMA = (
    SheetPerson("李娜 (Li Na)", "+86 138 0000 1111"), SheetPerson("王伟", "手机 139 0000 2222, 家 021-5555 6666"),
    SheetPerson("Emma Clarke", "", (Channel.WECOM_APP, Channel.HOOK)),
)  # fmt: skip
PEOPLE = {"李娜": LI, "王伟": WEI, "Emma Clarke": EMMA}
LONG = "Maximilian-Alexander von Hohenlohe-Langenburg (马克西米利安·亚历山大)"
A_LONG_CONTACT = "座机 +86 21 5555 6666 转 1234（仅夜间），微信 maximilian-hohenlohe-langenburg"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for the tests of this file."""
    with launch_browser(chromium) as browser:
        yield browser


def on_call(seat: str, person: str, until: datetime = EIGHT) -> OnCallEntry:
    return OnCallEntry(Slot(seat), person, NOW - 7 * HOUR, until, CoverageStatus.CONFIRMED)


def shift(seat: str, member: str, start: datetime, hours: int = 12, absent: str = "") -> Shift:
    return Shift(seat, 1, member, start, start + hours * HOUR, "days", absent)


def gaps(count: int) -> list[Gap]:
    return [
        Gap("primary", NOW + day * 24 * HOUR, NOW + (day * 24 + 2) * HOUR, GapReason.NOBODY) for day in range(count)
    ]


DUTY = SheetFacts(
    NOW, SHANGHAI, [on_call("backup", "Emma Clarke", EIGHT + 12 * HOUR), on_call("primary", "王伟")],
    [shift("primary", "李娜", EIGHT), shift("backup", "王伟", EIGHT + 12 * HOUR)], [], [], load_packaged(),
    PEOPLE, [LI],
)  # fmt: skip


def with_cases(facts: SheetFacts, count: int) -> SheetFacts:
    request = customer_request(severity="A", answers={"impact": "Nobody can work"})
    cases = [raise_escalation(request, number, "C1", WANG, NOW)[0] for number in range(1, count + 1)]
    filed = {"severity_given": Severity.B, "request_number": "20261129000417", "status": Status.SUBMITTED}
    cases[1::2] = [case.model_copy(update={**filed, "turn": Turn.VENDOR, "owner": WANG.id}) for case in cases[1::2]]
    deadlines = {
        case.number: Deadline(AwaitedStep.FIRST_ANSWER if case.owner else AwaitedStep.ACKNOWLEDGEMENT, NOW, NOW + HOUR)
        for case in cases
    }
    return replace(facts, cases=cases, deadlines=deadlines)


FULL = with_cases(
    replace(
        DUTY,
        on_call=[on_call(seat, list(PEOPLE)[at % 3]) for at, seat in enumerate(SEATS)],
        shifts=[shift(seat, "李娜", EIGHT + at * 12 * HOUR) for at in range(2) for seat in SEATS],
        gaps=gaps(12),
    ),
    60,
)
LONG_NAMES = replace(
    FULL,
    people={"李娜": SheetPerson(LONG, A_LONG_CONTACT), "王伟": SheetPerson(LONG, A_LONG_CONTACT)},
    leads=[SheetPerson(f"{LONG} {number}") for number in range(2 * MOST_LEADS)],
    name_of=lambda _: LONG,
)


class Rows(HTMLParser):
    """Collects the texts of the cells of each row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._is_in_cell = self._is_in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.rows[-1][-1] += data


def read(facts: SheetFacts, language: str = "en") -> list[list[str]]:
    """Return the rows of a sheet."""
    return Rows(write_sheet(facts, Words.of(language))).rows


def test_it_says_whom_to_call_in_which_order_and_until_when_each_is_on_call() -> None:
    assert read(DUTY)[1:4] == [
        ["1. primary", "王伟", "手机 139 0000 2222, 家 021-5555 6666", "Sun 29 Nov 08:00"],
        ["2. backup", "Emma Clarke", "No number; the bot writes by: WeCom, Phone or SMS", "Sun 29 Nov 20:00"],
        ["3. lead", "李娜 (Li Na)", "+86 138 0000 1111", ""],
    ]
    page = write_sheet(DUTY, Words.of("en"))
    assert "As of Sun 29 Nov 2026 03:07 · Asia/Shanghai (UTC+8)" in page
    assert "The next shift begins Sun 29 Nov 08:00" in page
    assert "Nobody answers? Call the next one in this order." in page
    assert all(hotline.number in page for hotline in DUTY.policy.hotlines)


def test_a_lead_who_is_on_call_is_marked_and_where_none_are_named_it_says_so() -> None:
    marked = read(replace(DUTY, leads=[WEI]))
    none = write_sheet(replace(DUTY, leads=[]), Words.of("en"))

    assert marked[1][:2] == ["1. primary, lead", "王伟"]
    assert not any(row[:1] == ["3. lead"] for row in marked)
    assert "No leads are named in CSP_LEADS." in none


def test_nobody_on_call_is_said_first_with_why_and_until_when() -> None:
    gap = Gap("primary", NOW - HOUR, EIGHT, GapReason.ON_LEAVE, ("李娜",))
    facts = replace(DUTY, on_call=[OnCallEntry(Slot("primary")), on_call("backup", "王伟")], gaps=[gap])

    page, rows = write_sheet(facts, Words.of("en")), read(facts)

    nobody = "nobody: uncovered\xa0· on leave (李娜 (Li Na))"  # no line begins with the dot
    assert rows[1:3] == [
        ["primary", nobody, "", "Sun 29 Nov 08:00"],
        ["1. backup", "王伟", WEI.contact, "Sun 29 Nov 08:00"],
    ]
    assert page.count('<tr class="urgent">') == 2  # here, and among the gaps
    assert any(row[0] == "in progress: Sun 29 Nov 02:07–08:00" for row in rows if row)


def test_who_has_not_taken_over_is_called_after_who_stays_on_call() -> None:
    due = shift("primary", "李娜", NOW - HOUR)
    stays = replace(on_call("primary", "王伟"), awaited="李娜", next=due)

    rows = read(replace(DUTY, on_call=[stays], leads=[]))

    late = "李娜 (Li Na): due since Sun 29 Nov 02:07, has not taken over yet"
    assert rows[1][3] == "李娜 (Li Na) takes over"
    assert rows[2] == ["2. primary", late, LI.contact, ""]


def test_without_a_rota_and_without_an_end_nothing_is_made_up() -> None:
    endless = read(replace(DUTY, on_call=[on_call("primary", "王伟", ENDLESS)]))
    empty = write_sheet(replace(DUTY, on_call=[], shifts=[], leads=[]), Words.of("en"))

    assert endless[1][3] == ""
    assert "Nobody is on call: there is no rota." in empty
    assert "Nobody is planned." in empty
    assert "The next shift begins" not in empty


def test_next_are_the_shifts_of_24_hours_and_the_next_of_each_seat_of_people_who_come() -> None:
    starts = (("primary", 1), ("primary", 12), ("primary", 23), ("primary", 30), ("backup", 40), ("backup", 60))
    shifts = [shift(seat, f"{seat} {hours}", NOW + hours * HOUR, 7) for seat, hours in starts]
    away = shift("backup", "on leave", NOW + 2 * HOUR, absent=ON_LEAVE)
    stays = [shift("azure", "stays", NOW + hours * HOUR, 8) for hours in (-4, 4)]

    listed = find_people(replace(DUTY, on_call=[], leads=[], shifts=[*shifts, away, *stays]))

    assert [person.name for person in listed] == ["primary 1", "primary 12", "primary 23", "backup 40"]


def test_it_names_everybody_without_a_number_also_leads() -> None:
    assert find_without_contact(replace(DUTY, leads=[SheetPerson("U0CID")])) == ["Emma Clarke", "U0CID"]


@pytest.mark.parametrize(
    ("in_rota", "in_slack", "said"),
    [
        ("李娜", "Li Na", "李娜 (Li Na)"),
        ("李娜", "李娜 Li Na", "李娜 Li Na"),
        ("李娜 Li Na", "li na", "李娜 Li Na"),
        ("Emma Clarke", "Emma Clarke", "Emma Clarke"),
        ("李娜", "", "李娜"),
    ],
)
def test_a_name_is_that_of_the_rota_and_that_of_slack_where_it_says_more(
    in_rota: str, in_slack: str, said: str
) -> None:
    assert join_names(in_rota, in_slack) == said


@pytest.mark.parametrize(("language", "says"), [("en", "B (high) · we asked for A"), ("zh_CN", "B（高） · 我方申请 A")])
def test_a_case_to_which_21vianet_gave_another_severity_shows_both(language: str, says: str) -> None:
    (case,) = with_cases(DUTY, 1).cases
    lowered = case.model_copy(update={"severity_given": Severity.B})

    assert says in write_sheet(replace(DUTY, cases=[lowered]), Words.of(language)).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["With 21Vianet", "follow up 21Vianet's first answer · due Sun 29 Nov 04:07"]),
        ("zh_CN", ["等世纪互联", "跟进世纪互联的首次响应 · 11月29日 周日 04:07 到期"]),
    ],
)
def test_a_case_shows_21vianets_number_who_must_do_what_and_until_when(language: str, says: list[str]) -> None:
    row = read(with_cases(DUTY, 2), language)[-1]
    new = read(with_cases(DUTY, 1), language)[-1]

    assert row[:1] + row[2:3] == ["CSP-2", "20261129000417"]
    assert [text.replace("\xa0", " ") for text in (row[3], row[5])] == says
    assert new[3].replace("\xa0", " ") == {"en": "Open · With us", "zh_CN": "待认领 · 轮到我们"}[language]


def test_a_case_that_is_overdue_is_red_and_says_since_when() -> None:
    late = replace(with_cases(DUTY, 1), now=NOW + 2 * HOUR)

    page = write_sheet(late, Words.of("en"))

    assert read(late)[-1][-1].replace("\xa0", " ") == "acknowledge it · overdue since Sun 29 Nov 04:07"
    assert page.count('<tr class="urgent">') == 1
    assert 'class="urgent"' not in write_sheet(with_cases(DUTY, 1), Words.of("en"))


def test_a_duplicate_that_waits_for_nothing_says_which_case_it_follows() -> None:
    (case,) = with_cases(DUTY, 1).cases

    rows = read(replace(DUTY, cases=[case.model_copy(update={"duplicate_of": 9})]))

    assert rows[-1][-1] == "follows CSP-9"


@pytest.mark.parametrize(("language", "says"), [("en", "王伟 (not confirmed yet)"), ("zh_CN", "王伟（尚未确认）")])
def test_who_has_not_confirmed_the_shift_is_marked(language: str, says: str) -> None:
    unsure = replace(on_call("backup", "王伟"), status=CoverageStatus.PLANNED)

    rows = read(replace(DUTY, on_call=[on_call("primary", "王伟"), unsure]), language)

    assert [row[1] for row in rows[1:3]] == ["王伟", says]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_a_number_is_large_enough_for_a_thumb_and_is_called_with_its_word(browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.set_content(write_sheet(FULL, Words.of("zh_CN")))

    numbers = page.locator('a[href^="tel:"]')
    heights = {number.bounding_box()["height"] >= 44 for number in numbers.all()}  # type: ignore[index]

    assert heights == {True}
    assert page.locator('a[href="tel:13900002222"]').first.inner_text() == "手机 139 0000 2222"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_in_the_dark_letters_are_light_and_on_paper_they_never_are(browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    page.set_content(write_sheet(FULL, Words.of("en")))
    colours = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"

    on_screen = page.evaluate(colours)
    page.emulate_media(media="print", color_scheme="dark")

    assert on_screen == ["rgb(236, 238, 241)", "rgb(21, 24, 27)"]
    assert page.evaluate(colours) == ["rgb(23, 25, 28)", "rgb(255, 255, 255)"]
    page.close()


@pytest.mark.parametrize(
    ("contact", "called"),
    [
        ("+86 138 0000 3333", ["+8613800003333"]),
        ("手机 139 0000 2222, 家 021-5555 6666", ["13900002222", "02155556666"]),
        ("138-0000-1111 (24h)", ["13800001111"]),
        ("座机 +86 21 5555 6666 转 1234（仅夜间）", ["+862155556666"]),
        ("021-5555 6666 ext. 12", ["02155556666"]),
        ("138 0000 1111 (139 0000 2222)", []),
        ("+86 (21) 5555 6666", []),
        ("138 0000 1111 139 0000 2222", []),
        ("微信 lina88", []),
        ('"><script>alert(1)</script> 13800001111', ["13800001111"]),
    ],
)
def test_a_phone_calls_a_number_that_can_be_read_in_one_way(contact: str, called: list[str]) -> None:
    def find_links(page: str) -> set[str]:
        return set(re.findall(r'href="([^"]*)"', page))

    without = write_sheet(replace(DUTY, people={}), Words.of("en"))

    page = write_sheet(replace(DUTY, people={"王伟": SheetPerson("<b>", contact)}), Words.of("en"))

    assert find_links(page) - find_links(without) == {f"tel:{number}" for number in called}
    assert "<script" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("language", ["zh_CN", "en", "both"])
@pytest.mark.parametrize("facts", [replace(DUTY, gaps=gaps(1)), FULL, LONG_NAMES], ids=["few", "full", "long names"])
def test_it_takes_one_page_and_a_screen_shows_all_of_it(browser: Browser, facts: SheetFacts, language: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_content(write_sheet(facts, Words.of(language)))

    shown, wide = page.locator("tbody tr:visible").count(), "document.documentElement.scrollWidth > innerWidth"
    assert page.evaluate(wide) is False, "a phone scrolls down, not sideways"
    assert page.locator(".on-paper:visible").count() == 0
    assert shown >= len(facts.cases) + len(facts.gaps)
    page.emulate_media(media="print")
    hidden = page.locator("tbody tr:not(:visible)").count()
    assert (page.locator(".on-paper:visible").count() > 0) is (hidden > 0) is bool(facts.cases)
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.close()


def test_it_names_the_first_without_a_number_and_counts_the_others() -> None:
    lacking = len(find_without_contact(LONG_NAMES))

    assert lacking > MOST_NAMED
    assert f", and {lacking - MOST_NAMED} more: " in write_sheet(LONG_NAMES, Words.of("en"))
    assert f"另有 {lacking - MOST_NAMED} 人" in write_sheet(LONG_NAMES, Words.of("zh_CN"))
