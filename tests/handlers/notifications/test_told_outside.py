"""When Slack is back, its late messages say who was told by another way, and ask for nothing that is done."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import block_kit, command_answers, told_outside
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.notifications.message import Message
from models.escalations import erasing
from models.outbox.pages import ToldPerson
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import Move, Turn
from models.rules.people import Actor, Person
from models.rules.policy import reader
from models.rules.reach.channels import Channel
from models.rules.reach.link import LinkAction, WantedLink
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.rota.rota import Rota
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.databases import ON_BOTH
from tests.handlers.notifications.reach_duty import BOB, FILE, LINA, SECOND, ReachDuty
from tests.models.reminders.conftest import BOBS, DAY, MINUTE
from tests.models.samples import NOW, TEAM, WANG, step


@pytest.fixture
def reach(store: Store) -> ReachDuty:
    return ReachDuty(store, parse_reach(FILE, CHINA))


def shown(messages: Sequence[Message], user: str | None) -> str:
    return "\n".join(block_limits.read(message.blocks) for message in messages if message.user == user)


@ON_BOTH
def test_a_late_call_says_how_its_reader_was_told(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.later(SECOND)

    said = shown(reach.slack_is_back(), BOB)

    assert "Told by the WeCom group robot at " in said
    assert "Told by phone or SMS at " in said


def test_a_late_call_says_it_in_the_language_of_its_reader(reach: ReachDuty) -> None:
    reach.commands.remember((Person(id=BOB, team_id=TEAM, name="bob", locale="zh-CN"), NOW))
    reach.raised("B")
    reach.later(6 * MINUTE)

    said = shown(reach.slack_is_back(), BOB)

    assert "已于 " in said
    assert " 通过企业微信群机器人告知。" in said


def test_a_call_that_slack_takes_in_time_says_nothing_of_other_ways(reach: ReachDuty) -> None:
    reach.raised("B")

    assert "Told by" not in shown(reach.slack_is_back(), BOB)


def test_a_late_reminder_of_a_gap_and_its_card_say_who_was_told(reach: ReachDuty) -> None:
    reach = ReachDuty(reach.store, parse_reach(FILE.replace('"cid"', f'"{LINA}"'), CHINA))
    reach.leave("bob", NOW, NOW + 60 * MINUTE, at=NOW)
    reach.leave("cid", NOW, NOW + 60 * MINUTE, at=NOW)
    reach.later(5 * MINUTE)

    messages = reach.slack_is_back()

    card = next(message for message in messages if message.blocks[0]["type"] == "header")
    assert "Told outside Slack" in block_limits.read(card.blocks)
    assert re.search(r"Feishu group robot · \n1[56]:\d\d\n", block_limits.read(card.blocks))  # in the zone it names


def test_what_was_acknowledged_meanwhile_is_not_asked_in_slack(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.later(6 * MINUTE)
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), reach.clock.at), "link:1")
    reach.later(10 * MINUTE)

    messages = reach.slack_is_back()

    asking = [message for message in messages if "csp_move_acknowledge" in str(message.blocks)]
    assert asking == []
    assert "acknowledge" not in shown(messages, BOB)
    assert "Told outside Slack" in shown(messages, None)


@pytest.mark.parametrize("end", PageStatus)
@ON_BOTH
def test_each_try_is_shown_with_its_end(reach: ReachDuty, end: PageStatus) -> None:
    links = reach.repositories.page_links
    answer = PageStatus.ACCEPTED if end in {PageStatus.OPENED, PageStatus.ACTED} else end
    reach.phones.answers = [PageAnswer(answer, "0")]
    reach.raised("A")
    reach.later(SECOND)
    delivery = reach.phones.taken[0][1].id
    wanted = WantedLink(BOB, TEAM, LinkAction.ACKNOWLEDGE, "1")
    tokens = [links.make(wanted, delivery, NOW) for _ in range(2)]  # a page that was sent twice has two links
    link = links.find(tokens[1], NOW)[1]
    assert link
    if end in {PageStatus.OPENED, PageStatus.ACTED}:
        links.note_opened(link, NOW)
    if end is PageStatus.ACTED:
        links.note_used(link, NOW)

    tries = reach.repositories.pages.find_tries(BOB, NOW, 10)

    assert [each.status for each in tries if each.channel is Channel.WECOM_BOT] == [end]


@ON_BOTH
def test_only_what_a_service_accepted_counts_as_told(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.phones.answers = [PageAnswer(PageStatus.REFUSED, "93000"), PageAnswer(PageStatus.UNKNOWN, "500")]
    reach.later(SECOND)
    before = reach.repositories.pages.find_told("escalation:1", NOW)
    reach.later(2 * MINUTE)  # the phone rings again, marked

    told = reach.repositories.pages.find_told("escalation:1", NOW)

    assert before == []
    assert [each.channel for each in told] == [Channel.HOOK]


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [("en", "📱 ", " was told by WeCom · "), ("zh_CN", "📱 已通过企业微信告知 ", " · ")],
)
def test_the_history_tells_who_was_told_between_its_entries(
    reach: ReachDuty, language: str, before: str, after: str
) -> None:
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + 4 * MINUTE), "click")
    entries, case = reach.repositories.queries.history(1), reach.repositories.queries.escalation(1)
    assert case
    people = [ToldPerson(NOW + MINUTE, BOB, Channel.WECOM_APP)]

    blocks = command_answers.history(case, entries, 0, Words.of(language), reader.load_packaged(), people)

    signs = [line["elements"][0]["text"].split()[0] for line in blocks[1]["elements"]]
    assert signs == ["🆕", "📱", "👀"]
    texts = [element.get("text", element.get("user_id")) for element in blocks[1]["elements"][1]["elements"][:3]]
    assert texts == [before, BOB, after]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "📱 Told by WeCom at 15:30 on Sun 22 Nov."),
        ("zh_CN", "📱 已于 11月22日 周日 15:30 通过企业微信告知。"),
        ("both", "📱 已于 11月22日 周日 15:30 通过企业微信告知。\nTold by WeCom at 15:30 on Sun 22 Nov."),
    ],
)
def test_a_note_of_yesterday_names_the_day_in_each_language(language: str, says: str) -> None:
    people, rota = [ToldPerson(NOW, BOB, Channel.WECOM_APP)], Rota(zone=ZoneInfo("Asia/Shanghai"))
    viewer = ViewContext(Words.of(language), rota.zone, rota, NOW + DAY)

    (note,) = told_outside.reader_note(people, viewer.words, told_outside.in_zone_of(viewer))

    assert block_limits.read([note]) == says


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "📱 Told outside Slack:\nBob · WeCom 15:30 · Phone or SMS 15:31\nCid · Feishu 15:30"),
        ("zh_CN", "📱 Slack 外告知：\nBob · 企业微信 15:30 · 电话或短信 15:31\nCid · 飞书 15:30"),
    ],
)
def test_in_a_channel_each_person_has_a_line_with_all_ways(language: str, says: str) -> None:
    rota = Rota(zone=ZoneInfo("Asia/Shanghai"))
    people = [
        ToldPerson(NOW, "U0BOB", Channel.WECOM_APP),
        ToldPerson(NOW, "U0CID", Channel.FEISHU_APP),
        ToldPerson(NOW + MINUTE, "U0BOB", Channel.HOOK),
    ]
    viewer = ViewContext(Words.of(language), rota.zone, rota, NOW + MINUTE)

    (note,) = told_outside.people_note(people, viewer, lambda user: user[2:].title())

    assert block_limits.read([note]) == says


MANY = [ToldPerson(NOW + n * MINUTE, f"U{n}", Channel.WECOM_APP) for n in range(6)]


@pytest.mark.parametrize(
    ("language", "notices", "people"),
    [("en", "and 2 more notices", "and 2 more people"), ("zh_CN", "另有 2 条告知", "另有 2 人")],
)
def test_who_is_not_named_is_counted_in_words(language: str, notices: str, people: str) -> None:
    words, rota = Words.of(language), Rota(zone=ZoneInfo("Asia/Shanghai"))
    viewer = ViewContext(words, rota.zone, rota, NOW)

    (_, elements), *_ = told_outside.row(MANY, words, lambda user: user)
    (mine,) = told_outside.reader_note(MANY, words, told_outside.in_zone_of(viewer))
    (all_told,) = told_outside.people_note(MANY, viewer, lambda user: user)

    assert elements[-1] == block_kit.run(f"\n{notices}")
    assert block_limits.read([mine]).splitlines()[-1] == notices
    assert block_limits.read([all_told]).splitlines()[-1] == people


def test_a_late_receipt_says_that_the_owner_submits_the_case(reach: ReachDuty) -> None:
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + MINUTE), "click-1")
    reach.clock.at += 49 * MINUTE

    (receipt,) = (message for message in reach.slack_is_back() if "was created" in message.text)

    said = block_limits.read(receipt.blocks)
    assert "*bob submits it to 21Vianet.* Only if they ask you to do it instead:" in said
    assert "yourself" not in said
    assert "Copy this text:" in said


def test_a_late_receipt_says_what_was_done_with_the_case_meanwhile(reach: ReachDuty) -> None:
    bob = Actor(BOB, TEAM)
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, bob, NOW + MINUTE), "click-1")
    reach.commands.move(1, replace(step(Move.HAND_OVER, bob, NOW + 2 * MINUTE), new_owner="U0CID"), "click-2")
    reach.commands.move(1, step(Move.RECORD, bob, NOW + 3 * MINUTE), "click-3")
    reach.clock.at += 49 * MINUTE

    (receipt,) = (message for message in reach.slack_is_back() if "was created" in message.text)

    said = block_limits.read(receipt.blocks)
    assert "Late: due " in said
    assert "CSP-1 was already acknowledged, " in said
    assert "Its owner is " in said  # who acknowledged it was another one
    assert "Submitted to 21Vianet. Its number: 625112200012345" in said
    assert "Partner Center" not in said  # nobody is asked to submit it again

    reach.clock.at += 20 * MINUTE
    erasing.erase(reach.store, ErasureRequest(user=WANG.id), "cli", "left", reach.clock.at)
    (redrawn,) = (message for message in reach.slack_is_back() if "was created" in message.text)

    says = re.findall(r"(?:Late: due|CSP-1 was already).+", said)
    assert re.findall(r"(?:Late: due|CSP-1 was already).+", block_limits.read(redrawn.blocks)) == says


def test_a_case_has_no_number_since_it_was_acknowledged_though_the_turn_changed(reach: ReachDuty) -> None:
    bob = Actor(BOB, TEAM)
    reach.raised("A")
    reach.commands.move(1, step(Move.ACKNOWLEDGE, bob, NOW), "click-1")
    reach.commands.move(1, replace(step(Move.TURN, bob, NOW + 20 * MINUTE), turn=Turn.CUSTOMER), "click-2")
    reach.commands.move(1, replace(step(Move.TURN, bob, NOW + 30 * MINUTE), turn=Turn.OURS), "click-3")
    reach.slack_sends_all()
    reach.clock.at = NOW + 45 * MINUTE
    reach.later(timedelta())

    said = [message.text for message in reach.slack_is_back() if "no number of 21Vianet" in message.text]
    assert said
    assert all("after 45 min" in text for text in said)


@pytest.mark.parametrize(
    ("is_confirmed", "back", "told"),
    [
        (False, 8, []),  # the pages of 07:26 and 07:55 said that the shift was not confirmed
        (False, 21, ["08:10", "08:10"]),  # robot and phone said at once that the handover was not done: it is loud
        (True, 8, ["07:56"]),  # this page said that the shift was to be taken over
    ],
)
def test_a_late_request_to_take_over_names_only_pages_that_asked_for_it(
    store: Store, back: int, told: list[str], *, is_confirmed: bool
) -> None:
    reach, start = ReachDuty(store, parse_reach(FILE, CHINA)), BOBS + 4 * DAY
    reach.wait_for_handover(start, back, is_confirmed=is_confirmed)

    asking = [message for message in reach.slack_is_back() if message.user == BOB and "I take over" in message.text]

    assert asking
    for message in asking:
        notes = re.findall(r"Told by .* at (.+)\.", block_limits.read(message.blocks))
        assert notes == told


def test_a_late_reminder_of_a_number_is_about_no_wait_before_it(reach: ReachDuty) -> None:
    reach.raised("A")
    for minutes in range(70):
        reach.clock.at = NOW + minutes * MINUTE
        if minutes == 12:
            reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), reach.clock.at), "click")
        reach.later(timedelta())

    (said,) = (message for message in reach.slack_is_back() if message.user == BOB)

    text = block_limits.read(said.blocks)
    assert "has no number of 21Vianet after" in text
    assert "Late: due 15:57, sent 16:39" in text
    assert re.findall(r"Told by .* at (.+)\.", text) == ["15:58", "15:58"]
    assert text.count("Times: Asia/Shanghai (UTC+8)") == 1
    assert "<!date" not in str(said.blocks)
