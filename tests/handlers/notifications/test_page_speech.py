"""What is read out of a page: the fact alone, without a link, short enough for a voice service."""

from datetime import timedelta

import pytest

from handlers.notifications.page_speech import MOST_READ_OUT, shorten
from models.rules.people import Person
from models.rules.reach.channels import Channel
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.store.database import Store
from tests.handlers.notifications.reach_duty import BOB, FILE, SECOND, ReachDuty
from tests.models.reminders.conftest import BOBS, DAY, MINUTE
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request


def phone_of_bob(store: Store, locale: str, tz: str = "Asia/Shanghai") -> ReachDuty:
    """Bob's phone rings with links, in his language."""
    reach = ReachDuty(store, parse_reach(FILE, CHINA))
    reach.pages.offer_links(reach.repositories.page_links, "https://bot.example.cn")
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale=locale, tz=tz), NOW))
    return reach


def read_out(reach: ReachDuty) -> list[str]:
    return [page.speech for channel, page in reach.phones.taken if channel is Channel.HOOK]


@pytest.mark.parametrize(
    ("locale", "speech"),
    [
        ("en-GB", "CSP-1 (severity A) waits for acknowledgement by 15:33."),
        ("zh-CN", "等待认领：CSP-1（严重性 A），请在 15:33 前认领。"),
    ],
)
def test_a_phone_speaks_the_fact_and_no_link(store: Store, locale: str, speech: str) -> None:
    reach = phone_of_bob(store, locale)
    reach.raised("A")

    reach.later(SECOND)

    assert "/act/" in reach.text()
    assert read_out(reach) == [speech]


@pytest.mark.parametrize(
    ("locale", "tz", "fact", "speech"),
    [
        (
            "en-GB", "Europe/London",
            "CSP-2, CSP-3 wait for acknowledgement, severity A. The earliest is due by 07:33 Europe/London.",
            "CSP-2, CSP-3 wait for acknowledgement, severity A.",
        ),
        (
            "zh-CN", "Asia/Shanghai", "等待认领：CSP-2、CSP-3，严重性 A。最早须在 15:33 前认领。",
            "等待认领：CSP-2、CSP-3，严重性 A。最早须在 15:33 前认领。",
        ),
    ],
)  # fmt: skip
def test_a_call_about_several_cases_says_until_when_the_first_is_due_as_far_as_there_is_room(
    store: Store, locale: str, tz: str, fact: str, speech: str
) -> None:
    reach = phone_of_bob(store, locale, tz)
    reach.raised("A")
    reach.later(timedelta())
    request = customer_request(severity="A", answers={"impact": "Nobody can work"})
    for key in ("2", "3"):
        reach.commands.raise_escalation(request, CHANNEL, WANG, reach.clock.at, key)

    reach.later(MINUTE)

    said = [page for channel, page in reach.phones.taken if channel is Channel.HOOK][-1]
    assert said.text.partition("\n")[0] == fact
    assert said.speech == speech
    assert len(speech) <= MOST_READ_OUT


@pytest.mark.parametrize(
    ("locale", "speech"), [("en-GB", "Your shift is not confirmed."), ("zh-CN", "你的班次尚未确认")]
)
def test_what_is_read_out_of_a_shift_is_short_too(store: Store, locale: str, speech: str) -> None:
    reach = phone_of_bob(store, locale)
    reach.clock.at = BOBS + 4 * DAY - 4 * MINUTE

    reach.later(timedelta())

    (said,) = read_out(reach)
    assert said.startswith(speech)
    assert len(said) <= MOST_READ_OUT


@pytest.mark.parametrize(
    ("fact", "speech"),
    [
        ("CSP-7 waits.\nContoso: Mail is down", "CSP-7 waits."),
        (f"CSP-7 has no number after 2 h. {'Please record it. ' * 5}", "CSP-7 has no number after 2 h."),
        (f"CSP-7 已有 2 小时没有编号。{'请尽快记录。' * 15}", "CSP-7 已有 2 小时没有编号。"),
        (f"Gap in the rota: {'Mon 2026-11-30 ' * 5}.", "Gap in the rota."),
        (f"值班表有缺口：{'2026-11-30 ' * 8}。", "值班表有缺口。"),
    ],
)
def test_a_long_fact_is_shortened_where_it_makes_sense(fact: str, speech: str) -> None:
    assert shorten(fact) == speech
