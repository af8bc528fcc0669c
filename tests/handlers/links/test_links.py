"""Acting by link: one press by one person, never by a program that opens links, refused as the buttons in Slack are."""

import asyncio
import html
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.clock import Clock
from bot.services import Repositories, build_services, reminder_settings
from bot.slack.http_server import HttpServer
from bot.slack.link_routes import HEADERS, PER_LINK
from handlers.i18n.entry_words import done_with_facts
from handlers.i18n.words import Words
from handlers.links.link_pages import LinkPages
from models.outbox.page_links import PageLinks
from models.rules.errors import SlackUnreachable
from models.rules.escalations.escalation import Move, Status
from models.rules.people import Actor, Person
from models.rules.policy import reader
from models.rules.reach.link import LASTS, LinkAction, WantedLink, number_of
from models.store.database import Store
from tests.handlers.harness import SETTINGS
from tests.models.reminders.conftest import BOBS, Duty
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request, step

ANN, BOB, CID = "U0ANN", "U0BOB", "U0CID"
FORM = "application/x-www-form-urlencoded"


class SilentSlack:
    """A directory that remembers people while Slack answers nothing."""

    def __init__(self, *people: Person) -> None:
        self._people = {person.id: person for person in people}

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:  # noqa: ARG002
        raise SlackUnreachable(user_id)

    def known(self, user_id: str) -> Person | None:
        return self._people.get(user_id)

    def changed(self, user: Any) -> None:
        pass

    def home_team(self) -> str:
        return TEAM


class LinkDuty(Duty):
    """A duty whose people act by links while Slack is away."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.now = NOW
        settings = replace(SETTINGS, language="en", leads=frozenset({"U0LINA"}))
        repositories = Repositories(store, reminder_settings(settings, reader.load_packaged()))
        people = [Person(id=user, team_id=TEAM, name=user, locale="en-US") for user in (BOB, CID, ANN)]
        self.commands, self.queries = repositories.commands, repositories.queries
        self.commands.remember(*((person, NOW) for person in people))
        services = build_services(repositories, SilentSlack(*people), lambda: self.now, settings)
        self.links = PageLinks(store, repositories.epoch)
        self.pages = LinkPages(services, self.links)
        self.rota()

    def raised(self) -> str:
        """Raise a case, and return the token of Bob's link to acknowledge it."""
        request = customer_request(severity="A", answers={"impact": "Nobody can work"})
        self.commands.raise_escalation(request, CHANNEL, WANG, NOW, "view-1")
        return self.link(LinkAction.ACKNOWLEDGE, "1", self.case().waiting_state)

    def link(self, action: LinkAction, value: str, state: str = "", person: str = BOB) -> str:
        return self.links.make(WantedLink(person, TEAM, action, value, state), "delivery", self.now)

    def wait(self, time: timedelta) -> bool:
        self.now += time
        return True

    def case(self) -> Any:
        case = self.queries.escalation(1)
        assert case
        return case

    def submit(self, token: str) -> tuple[int, str]:
        page = self.pages.submit(token, number_of(token))
        return page.status, html.unescape(page.html)


@pytest.fixture
def duty(store: Store) -> LinkDuty:
    return LinkDuty(store)


def test_a_case_is_acknowledged_by_link_while_slack_is_away_and_the_history_says_so(duty: LinkDuty) -> None:
    token = duty.raised()

    status, page = duty.submit(token)

    entry = duty.queries.history(1)[-1]
    assert (status, duty.case().owner, entry.move) == (200, BOB, Move.ACKNOWLEDGE)
    assert "CSP-1 is acknowledged" in page
    assert done_with_facts(entry, Words.of("en"), str).endswith("by link")
    assert done_with_facts(entry, Words.of("zh_CN"), str).endswith("通过链接")


def test_a_link_works_once(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.submit(token)

    assert duty.submit(token)[0] == 410
    assert len(duty.queries.history(1)) == 2


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda _, token: token[:-2] + "zz", "There is no such link"),
        (lambda _, token: "0000" + token[4:], "was restored or replaced"),
        (lambda duty, token: duty.wait(LASTS) and token, "has expired"),
        (lambda duty, token: duty.submit(token) and token, "was used already"),
        (lambda duty, token: duty.links.revoke(BOB, NOW) and token, "was revoked"),
        (lambda duty, token: [duty.pages.submit(token, "00") for _ in range(3)] and token, "is closed"),
    ],
)
def test_a_bad_link_says_which_and_nothing_of_the_case(duty: LinkDuty, spoil: Any, says: str) -> None:
    token = spoil(duty, duty.raised())
    entries = len(duty.queries.history(1))

    shown, pressed = duty.pages.show(token), duty.pages.submit(token, number_of(token))

    assert shown.status >= 400
    assert pressed.html == shown.html
    assert says in html.unescape(shown.html)
    assert "CSP-1" not in shown.html
    assert customer_request().title not in shown.html
    assert len(duty.queries.history(1)) == entries


def test_who_is_too_late_reads_who_was_first(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor(CID, TEAM), NOW), "click")

    status, page = duty.submit(token)

    assert status == 409
    assert CID in page


def test_a_link_of_an_earlier_state_does_nothing(duty: LinkDuty) -> None:
    token = duty.raised()
    duty.commands.move(1, step(Move.ACKNOWLEDGE, Actor(CID, TEAM), NOW), "click-1")
    later = replace(step(Move.HAND_OVER, Actor(CID, TEAM), NOW + timedelta(minutes=1)), new_owner=WANG.id)
    duty.commands.move(1, later, "click-2")

    assert duty.submit(token)[0] == 409
    assert duty.case().owner == WANG.id


def test_a_shift_is_confirmed_and_a_gap_is_taken_by_link(duty: LinkDuty) -> None:
    shift = f'{{"seat": "primary", "n": 1, "at": "{BOBS.isoformat()}", "who": "bob"}}'
    confirmed = duty.submit(duty.link(LinkAction.CONFIRM, shift))
    duty.leave("bob", NOW, NOW + timedelta(hours=2), at=NOW)
    duty.tick(NOW)
    duty.now = NOW + timedelta(seconds=1)

    status, page = duty.submit(duty.link(LinkAction.TAKE_GAP, '{"gap": 1, "v": 0}', person=ANN))

    assert confirmed[0] == 200
    assert status == 200, page
    assert duty.rota_store.rota(NOW)


def test_a_shift_of_somebody_else_is_refused_as_in_slack(duty: LinkDuty) -> None:
    shift = f'{{"seat": "primary", "n": 1, "at": "{BOBS.isoformat()}", "who": "bob"}}'

    status, page = duty.submit(duty.link(LinkAction.CONFIRM, shift, person=CID))

    assert status == 409
    assert "bob" in page


def test_links_are_kept_hashed(duty: LinkDuty, store: Store) -> None:
    token = duty.raised()

    with store.path.open("rb") as file:
        assert token.encode() not in file.read()


# Programs that open links ---------------------------------------------------------------------------------------------

SCANNERS: dict[str, list[tuple[str, dict[str, str], bytes | None]]] = {
    "asks for the head": [("HEAD", {}, None)],
    "opens the page": [("GET", {}, None)],
    "opens the page again and again": [("GET", {}, None)] * 5,
    "fetches ahead": [("GET", {"Sec-Purpose": "prefetch;prerender"}, None)],
    "asks what is allowed": [("OPTIONS", {}, None)],
    "puts": [("PUT", {"Content-Type": FORM}, b"number=11")],
    "submits nothing": [("POST", {}, None)],
    "submits the form as it is": [("GET", {}, None), ("POST", {"Content-Type": FORM}, b"number=")],
    "fills in words": [("POST", {"Content-Type": FORM}, b"number=test")],
    "fills in every number at once": [
        ("POST", {"Content-Type": FORM}, urlencode([("number", n) for n in range(10, 100)]).encode())
    ],
    "fills in one number after the other": [
        ("POST", {"Content-Type": FORM}, f"number={n}".encode()) for n in ("12", "99", "55", "31")
    ],
    "sends JSON": [("POST", {"Content-Type": "application/json"}, b'{"number": "RIGHT"}')],
    "sends a form of another site": [("POST", {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}, b"number=RIGHT")],
    "sends parts": [("POST", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--")],
}


async def _visit(pages: LinkPages, token: str, requests: list[tuple[str, dict[str, str], bytes | None]]) -> list[Any]:
    with ThreadPoolExecutor(1) as pool:
        web = HttpServer(lambda: (True, {}), pool)
        web.show_links(pages, Clock())
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
    guesses = [request for request in SCANNERS[scanner] if number_of(token).encode() not in (request[2] or b"")]

    asyncio.run(_visit(duty.pages, token, guesses if "one number" in scanner else SCANNERS[scanner]))

    assert duty.case().status is Status.OPEN
    assert len(duty.queries.history(1)) == 1


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


def test_a_link_is_answered_ten_times_a_minute(duty: LinkDuty) -> None:
    token = duty.raised()

    answers = asyncio.run(_visit(duty.pages, token, [("GET", {}, None)] * (PER_LINK + 1)))

    assert [status for status, _, _ in answers] == [200] * PER_LINK + [429]
