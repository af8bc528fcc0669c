"""Acting by link: one press by one person, never by a program that opens links, refused as the buttons in Slack are."""

import asyncio
import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.clock import Clock
from bot.http_server.link_routes import HEADERS, PER_LINK, LinkRoutes
from bot.http_server.server import HttpServer
from handlers.i18n.entry_words import done_with_facts
from handlers.i18n.words import Words
from handlers.links.link_pages import LinkPages
from models.escalations.commands import SentForm
from models.rules.escalations.escalation import Move, Status
from models.rules.people import Actor, Person
from models.rules.reach.link import LIFETIME, MAX_WRONG_NUMBERS, NUMBERS, LinkAction, number_of
from models.store.database import Store
from tests.handlers.databases import ON_BOTH
from tests.handlers.links.link_duty import BOB, CID, LinkDuty, read_page
from tests.models.reminders.conftest import MINUTE
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request, step

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def duty(store: Store) -> LinkDuty:
    return LinkDuty(store)


def revoke(duty: LinkDuty, token: str) -> str:
    """Revoke Bob's links, and return the token of one."""
    duty.links.revoke(BOB, NOW)
    return token


@ON_BOTH
def test_a_case_is_acknowledged_by_link_while_slack_is_away_and_the_history_says_so(duty: LinkDuty) -> None:
    token = duty.raised()

    status, page = duty.submit(token)

    entry = duty.queries.history(1)[-1]
    assert (status, duty.case().owner, entry.move) == (200, BOB, Move.ACKNOWLEDGE)
    assert "CSP-1 is acknowledged" in page
    assert done_with_facts(entry, Words.of("en"), str).endswith("by link")
    assert done_with_facts(entry, Words.of("zh_CN"), str).endswith("通过链接")


@pytest.mark.parametrize(
    ("locale", "minutes", "says"),
    [
        ("en-US", 0, "CSP-1 (severity A) waits for acknowledgement by 15:33 Asia/Shanghai."),
        ("zh-CN", 9, "等待认领：CSP-1（严重性 A），自 15:30 起，已超过认领时限北京时间 15:33。"),
    ],
)
def test_the_page_of_a_case_says_its_severity_and_until_when_before_the_press(
    duty: LinkDuty, locale: str, minutes: int, says: str
) -> None:
    duty.people.speaks(BOB, locale)
    duty.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale, tz="Asia/Shanghai"), NOW))
    token, case = duty.raised(), duty.case()
    duty.wait(minutes * MINUTE)

    page = read_page(duty.pages.show(token).html)

    assert says in page
    assert case.title not in page


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en-US", ["Next, by ", "submit it to 21Vianet", "csp-escalate escalations do CSP-1", "duty sheet"]),
        (
            "zh-CN",
            ["下一步，最迟 ", "提交给世纪互联", "escalations do CSP-1", "值班单", "严重性：A（严重）"],
        ),
    ],
)
def test_the_page_after_acknowledging_says_what_is_next_by_when_and_how_and_names_no_customer(
    duty: LinkDuty, locale: str, says: list[str]
) -> None:
    duty.people.speaks(BOB, locale)
    duty.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale, tz="Asia/Shanghai"), NOW))
    token, case = duty.raised(), duty.case()

    page = duty.submit(token)[1]

    assert all(part in page for part in says)
    assert case.title not in page
    assert case.customer_name not in page


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("", ["show CSP-1", "do CSP-1 answer details TEXT --as bob", "do CSP-1 number NUMBER --as bob"]),
        ("Mail bounces", ["show CSP-1", "do CSP-1 number NUMBER --as bob"]),
    ],
)
def test_the_page_after_acknowledging_names_the_commands_in_the_order_in_which_they_work_each_alone(
    duty: LinkDuty, details: str, expected: list[str]
) -> None:
    request = customer_request(severity="A", details=details, answers={"impact": "Nobody can work"})
    case = duty.commands.raise_escalation(request, CHANNEL, WANG, NOW, "view-1", SentForm(quick=True))
    token = duty.link(LinkAction.ACKNOWLEDGE, "1", case.waiting_state)

    page = duty.submit(token)[1]

    commands = [re.sub("<.*?>", "", each) for each in re.findall("<p><code>(.*?)</code></p>", page)]
    assert commands == [f"csp-escalate escalations {each}" for each in expected]
    assert page.count("csp-escalate") == len(commands)
    assert ("After that, to record" in page) is (not details)


@ON_BOTH
def test_a_link_works_once(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.submit(token)

    again, page = duty.submit(token)

    assert again == 410
    assert "✅ Done" in page
    assert "This link was used already: 15:30 Asia/Shanghai on Sun 22 Nov." in page
    assert "What it is for is done" in page  # pressing twice must not look like a failure
    assert "Nothing was done" not in page
    assert len(duty.queries.history(1)) == 2


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda _, token: token[:-2] + "zz", "There is no such link"),
        (lambda _, token: token[:9], "There is no such link"),
        (lambda _, token: "0000" + token[4:-3], "There is no such link"),
        (lambda *_: "xyz", "There is no such link"),
        (lambda *_: "", "There is no such link"),
        (lambda _, token: "0000" + token[4:], "was restored or replaced"),
        (lambda duty, token: duty.wait(LIFETIME) and token, "has expired"),
        (lambda duty, token: duty.submit(token) and revoke(duty, token), "This link was used already"),
        (lambda duty, token: duty.submit(token) and duty.wait(LIFETIME) and token, "This link was used already"),
        (revoke, "was revoked"),
        (lambda duty, token: [duty.pages.submit(token, "00") for _ in range(3)] and token, "is closed"),
    ],
)
@ON_BOTH
def test_a_bad_link_says_which_and_nothing_of_the_case(duty: LinkDuty, spoil: Any, says: str) -> None:
    token = spoil(duty, duty.raised())
    entries = len(duty.queries.history(1))

    shown, pressed = duty.pages.show(token), duty.pages.submit(token, number_of(token))

    assert shown.status >= 400
    assert pressed.html == shown.html
    assert says in read_page(shown.html)
    assert "CSP-1" not in shown.html
    assert customer_request().title not in shown.html
    assert len(duty.queries.history(1)) == entries


def test_who_is_too_late_reads_who_was_first(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor(CID, TEAM), NOW), "click")

    shown = read_page(duty.pages.show(token).html)
    status, page = duty.submit(token)

    assert ("<form" in shown, "cid" in shown) == (False, True)
    assert status == 409
    assert "cid" in page


def test_who_was_first_themselves_reads_that_it_is_done(duty: LinkDuty) -> None:
    first, second = duty.raised(), duty.link(LinkAction.ACKNOWLEDGE, "1", duty.case().waiting_state)
    duty.submit(first)

    shown = duty.pages.show(second)
    status, page = duty.submit(second)

    assert (shown.status, "<form" in shown.html, "You acknowledged CSP-1 already" in read_page(shown.html)) == (
        200,
        False,
        True,
    )

    assert status == 200
    assert "✅ Done" in page
    assert "You acknowledged CSP-1 already" in page
    assert len(duty.queries.history(1)) == 2


def test_a_link_of_a_case_that_ended_says_which_by_whom_and_when(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.commands.move(1, step(Move.WITHDRAW, WANG, NOW), "click")

    shown = duty.pages.show(token)
    status, page = duty.submit(token)

    assert "<form" not in shown.html
    said = f"CSP-1 is Withdrawn ({WANG.id}, 15:30 Asia/Shanghai on Sun 22 Nov)"
    assert said in read_page(shown.html)

    assert status == 409
    assert said in page


@pytest.mark.parametrize("token", ["", "../act", "xyz", "a/b", "%E6%9D%8E"])
def test_every_address_of_links_answers_with_a_page(duty: LinkDuty, token: str) -> None:
    (answer,) = asyncio.run(_visit(duty.pages, token, [("GET", {}, None)]))

    assert answer[0] == 404
    assert all(says in answer[2] for says in ("There is no such link", "没有这个链接"))  # who reads it is not known


@ON_BOTH
def test_a_link_of_an_earlier_state_does_nothing(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor(CID, TEAM), NOW), "click-1")
    later = replace(step(Move.HAND_OVER, Actor(CID, TEAM), NOW + timedelta(minutes=1)), new_owner=WANG.id)
    duty.commands.move(1, later, "click-2")

    shown, (status, page) = read_page(duty.pages.show(token).html), duty.submit(token)

    assert status == 409
    assert all("was reassigned or reopened after this link was sent" in each for each in (shown, page))
    assert "<form" not in shown
    assert duty.case().owner == WANG.id


def test_a_wrong_number_says_how_many_tries_are_left(duty: LinkDuty) -> None:
    token = duty.raised()

    pages = [duty.pages.submit(token, number).html for number in ("", "00", "01")]

    assert [
        f"Nothing was done. {left} left." in page
        for left, page in zip(("3 tries are", "2 tries are", "1 try is"), pages, strict=True)
    ] == [True] * 3


def test_links_are_kept_hashed(duty: LinkDuty, store: Store) -> None:
    token = duty.raised()

    with store.path.open("rb") as file:
        assert token.encode() not in file.read()


# Programs that open links ---------------------------------------------------------------------------------------------

LINKS, MOST_ACTED = 200, 7
"""Of so many links a program that guesses hits 0.7 on average; more than seven less than once in a million runs."""
SCANNERS: dict[str, list[tuple[str, dict[str, str], bytes | None]]] = {
    "asks for the head": [("HEAD", {}, None)],
    "opens the page": [("GET", {}, None)],
    "opens the page again and again": [("GET", {}, None)] * 5,
    "fetches ahead": [("GET", {"Sec-Purpose": "prefetch;prerender"}, None)],
    "asks what is allowed": [("OPTIONS", {}, None)],
    "puts": [("PUT", {"Content-Type": FORM}, b"number=RIGHT")],
    "submits nothing": [("POST", {}, None)],
    "submits the form as it is": [("GET", {}, None), ("POST", {"Content-Type": FORM}, b"number=")],
    "fills in words": [("POST", {"Content-Type": FORM}, b"number=test")],
    "fills in every number at once": [
        ("POST", {"Content-Type": FORM}, urlencode([("number", n) for n in NUMBERS]).encode())
    ],
    "fills in many numbers at once": [("POST", {"Content-Type": FORM}, b"number=RIGHT" + b"&number=555" * 20)],
    "fills in some numbers at once": [("POST", {"Content-Type": FORM}, b"number=RIGHT&number=555")],
    "fills in every field": [("GET", {}, None), ("POST", {"Content-Type": FORM}, b"number=RIGHT&comment=RIGHT")],
    "sends JSON": [("POST", {"Content-Type": "application/json"}, b'{"number": "RIGHT"}')],
    "sends a form of another site": [("POST", {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}, b"number=RIGHT")],
    "sends parts": [("POST", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--")],
}


async def _visit(pages: LinkPages, token: str, requests: list[tuple[str, dict[str, str], bytes | None]]) -> list[Any]:
    with ThreadPoolExecutor(1) as pool:
        web = HttpServer(lambda: (True, {}))
        web.add_routes(LinkRoutes(pages, pool, Clock()).routes())
        port = await web.start("127.0.0.1", 0)
        answers = []
        async with aiohttp.ClientSession() as session:
            for method, headers, body in requests:
                url, right = f"http://127.0.0.1:{port}/act/{token}", number_of(token).encode()
                content = body.replace(b"RIGHT", right) if body else body
                async with session.request(method, url, headers=headers, data=content) as response:
                    answers.append((response.status, dict(response.headers), await response.text()))
        await web.stop()
        return answers


@pytest.mark.parametrize("scanner", SCANNERS)
def test_no_program_that_opens_links_acts(duty: LinkDuty, scanner: str) -> None:
    token = duty.raised()

    answers = asyncio.run(_visit(duty.pages, token, SCANNERS[scanner]))

    assert all(status < 500 for status, _, _ in answers)
    assert duty.case().status is Status.OPEN
    assert len(duty.queries.history(1)) == 1


def test_a_program_that_guesses_acts_only_where_it_guessed_right_and_at_most_as_often_as_computed(
    duty: LinkDuty,
) -> None:
    chance, acted = random.Random(20261129), []
    for number in range(1, LINKS + 1):
        token = duty.raised(number)
        guesses = [str(guess) for guess in chance.sample(NUMBERS, MAX_WRONG_NUMBERS + 1)]

        answers = [duty.pages.submit(token, guess).status for guess in guesses]

        is_right = number_of(token) in guesses[:MAX_WRONG_NUMBERS]
        assert (len(duty.queries.history(number)) == 2, 200 in answers) == (is_right, is_right)
        acted.append(is_right)
    assert sum(acted) <= MOST_ACTED


def test_the_form_tells_no_program_the_shape_of_the_number_and_hides_the_field_that_programs_fill(
    duty: LinkDuty,
) -> None:
    page = duty.pages.show(duty.raised()).html

    assert not re.search("pattern|maxlength|minlength|placeholder", page)
    assert 'name="number" inputmode="numeric" required' in page  # digits only on a phone
    assert '<p class="empty" aria-hidden="true"><label>Leave this empty<input name="comment" tabindex="-1"' in page


def test_a_field_that_only_programs_fill_costs_a_person_no_try(duty: LinkDuty) -> None:
    token = duty.raised()

    pages = [duty.pages.submit(token, "000", is_program=True) for _ in range(MAX_WRONG_NUMBERS + 1)]

    assert {page.status for page in pages} == {409}
    assert "A field that nobody sees was filled in" in pages[-1].html
    assert duty.submit(token)[0] == 200


def test_a_person_acts_over_http_and_the_page_loads_nothing(duty: LinkDuty) -> None:
    token = duty.raised()
    requests: list[tuple[str, dict[str, str], bytes | None]] = [
        ("GET", {}, None), ("POST", {"Content-Type": FORM}, b"number=RIGHT"),
    ]  # fmt: skip

    opened, pressed = asyncio.run(_visit(duty.pages, token, requests))

    assert (opened[0], pressed[0]) == (200, 200)
    assert duty.case().owner == BOB
    for _, headers, page in (opened, pressed):
        assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        assert "Set-Cookie" not in headers
        assert "src=" not in page
        assert "http" not in page


def test_links_of_this_record_are_told_from_made_up_ones_without_the_store(duty: LinkDuty) -> None:
    token = duty.raised()

    assert duty.pages.looks_ours(token)
    assert not duty.pages.looks_ours(f"0000{token[4:]}")


def test_a_link_of_somebody_who_left_does_nothing(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.people.left(BOB)

    status, page = duty.submit(token)

    assert status == 409
    assert "CSP-1" not in page
    assert duty.case().status is Status.OPEN


def test_a_link_is_answered_ten_times_a_minute(duty: LinkDuty) -> None:
    token = duty.raised()

    answers = asyncio.run(_visit(duty.pages, token, [("GET", {}, None)] * (PER_LINK + 1)))

    assert [status for status, _, _ in answers] == [200] * PER_LINK + [429]
    assert all(says in answers[-1][2] for says in ("Wait a minute", "请稍候"))


def test_after_acknowledging_the_page_offers_the_next_case_that_its_reader_was_called_about(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.raised(2)

    status, page = duty.submit(token)

    assert (status, duty.case().status) == (200, Status.ACKNOWLEDGED)
    assert "CSP-2 (severity A) waits for acknowledgement by 15:33 Asia/Shanghai." in page
    (action,) = re.findall(r'action="[^"]*?([\w-]+)"', page)
    status, page = duty.submit(action)
    assert (status, duty.case(2).status) == (200, Status.ACKNOWLEDGED)
    assert "<form" not in page


def test_who_was_too_late_for_one_case_is_offered_the_next_and_others_are_not_offered_it(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.raised(2)
    of_another = duty.link(LinkAction.ACKNOWLEDGE, "1", duty.case().waiting_state, person=CID)
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor("U0DAN", TEAM), NOW), "click-1")

    refused = [duty.submit(each) for each in (token, of_another)]

    assert [status for status, _ in refused] == [409, 409]
    assert ["CSP-2 (severity A) waits" in page for _, page in refused] == [True, False]


def test_a_link_whose_case_is_done_leads_to_the_next_case_only_with_the_number_of_the_message(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.raised(2)
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor("U0DAN", TEAM), NOW), "click-1")

    opened = read_page(duty.pages.show(token).html)

    assert "Go on to the next case" in opened
    assert "CSP-2" not in opened
    assert "CSP-2" not in duty.pages.submit(token, "000").html


def test_a_used_link_says_nothing_of_its_case_before_its_number_is_entered_again(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.raised(2)
    duty.submit(token)

    opened, wrong = (read_page(page.html) for page in (duty.pages.show(token), duty.pages.submit(token, "000")))
    by_program = read_page(duty.pages.submit(token, number_of(token), is_program=True).html)

    for page in (opened, wrong, by_program):
        assert "Show what is next" in page
        assert "CSP-" not in page
    assert "2 tries are left" in wrong
    closed = [duty.pages.submit(token, "000").html for _ in range(MAX_WRONG_NUMBERS - 1)][-1]
    assert "<form" not in closed
    assert "CSP-" not in duty.submit(token)[1]
