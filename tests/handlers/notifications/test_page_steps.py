"""What a page tells its reader to do: what works while Slack is off, and each language with its own words."""

import re

import pytest

from handlers.i18n.words import Words
from handlers.notifications.page_steps import WITHOUT_SLACK, PageReader, describe_step
from models.escalations.commands import SentForm
from models.rules.escalations.escalation import Move
from models.rules.people import Actor, Person
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.rules.reminders.subjects import EscalationName, GapName, HandoverName, ShiftName, SubjectName
from models.rules.rota.on_call import Slot
from models.store.database import Store
from tests.handlers.notifications.reach_duty import BOB, LINA, ReachDuty
from tests.models.reminders.conftest import HOUR, MINUTE
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request, step

MEMBER, LEAD = PageReader(is_lead=False, has_own_link=False), PageReader(is_lead=True, has_own_link=False)
CASE, COMMAND = EscalationName(7), "csp-escalate escalations do CSP-7 acknowledge --as bob"
SHIFT = ShiftName(Slot("primary"), NOW, "bob")
GROUP = '[[person]]\nname = "{name}"\n[[person.address]]\nchannel = "dingtalk_bot"\nurl = "https://a.cn/{name}"\n'
APP = 'channel = "wecom_app"\ncorp_id = "c"\nagent_id = "1"\nsecret = "s"\n'
PHONE = f'[[person]]\nname = "{{name}}"\n[[person.address]]\n{APP}to = "{{name}}"\n'


@pytest.mark.parametrize("about", [CASE, GapName(1)])
@pytest.mark.parametrize("reader", [MEMBER, LEAD])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_while_slack_is_off_nobody_is_sent_there_and_no_lead_to_a_lead(
    about: SubjectName, reader: PageReader, language: str
) -> None:
    says = describe_step(about, reader, Words.of(language), is_slack_silent=True, command=COMMAND)

    assert "in Slack" not in says
    assert "在 Slack 中" not in says
    assert not (reader.is_lead and re.search("组长|a lead", says))
    assert "值班单" in says or "duty sheet" in says or says.endswith(f"\n{COMMAND}")


def test_who_has_a_link_on_their_own_phone_is_sent_to_it() -> None:
    member, lead = PageReader(is_lead=False, has_own_link=True), PageReader(is_lead=True, has_own_link=True)

    said = [
        describe_step(CASE, reader, Words.of("zh_CN"), is_slack_silent=True, command=COMMAND)
        for reader in (member, lead)
    ]

    assert said == ["请打开自己手机里的链接，或致电组长。", "请打开自己手机里的链接。"]


@pytest.mark.parametrize("about", [CASE, GapName(1), SHIFT, HandoverName(Slot("primary"), NOW, "bob", "ann")])
@pytest.mark.parametrize("is_lead", [True, False])
@pytest.mark.parametrize("has_own_link", [True, False])
@pytest.mark.parametrize(("language", "condition"), [("en", "If Slack works, "), ("zh_CN", "如果 Slack 可用，")])
def test_before_the_bot_knows_of_a_silence_no_page_promises_that_slack_works(
    about: SubjectName, language: str, condition: str, *, is_lead: bool, has_own_link: bool
) -> None:
    reader = PageReader(is_lead=is_lead, has_own_link=has_own_link)

    says = describe_step(about, reader, Words.of(language), is_slack_silent=False, command=COMMAND)

    before, _, after = says.partition(condition)
    assert after
    assert "Slack" not in before
    assert has_own_link or re.search("; else |，否则", after)  # what works without it


def test_every_sentence_has_one_for_leads() -> None:
    assert all(len(sentences) == 2 for sentences in WITHOUT_SLACK.values())


def overdue(reach: ReachDuty) -> list[str]:
    """Let a case have no number for an hour while Slack takes nothing, and return the texts of its pages."""
    reach.clock.at = NOW + 10 * MINUTE
    reach.raised("A")
    reach.slack_refuses_all()
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + 11 * MINUTE), "click-1")
    reach.clock.at = NOW + 71 * MINUTE
    reach.later(MINUTE)
    return [page.text for _, page in reach.phones.taken if "1 h" in page.text or "1 小时" in page.text]


def test_a_reminder_without_a_link_names_the_terminal_while_slack_is_off(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(PHONE.format(name="bob") + PHONE.format(name=LINA), CHINA))
    for user in (BOB, LINA):
        reach.commands.remember((Person(id=user, team_id=TEAM, name="x", locale="zh-CN"), NOW))

    texts = overdue(reach)

    assert texts
    (of_owner,) = [text for text in texts if text.endswith("--as bob")]
    assert of_owner.endswith("请致电组长，或在终端继续处理：\ncsp-escalate escalations do CSP-1 编号 号码 --as bob")
    assert all("csp-escalate escalations do CSP-1 编号 " in text for text in texts)


def test_while_an_answer_is_missing_the_page_names_the_command_for_it(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(GROUP.format(name="everybody"), CHINA), language="en")
    reach.clock.at = NOW + 10 * MINUTE
    request = customer_request(severity="A", details="", answers={"impact": "Nobody can work"})
    reach.commands.raise_escalation(request, CHANNEL, WANG, reach.clock.at, "view-1", SentForm(quick=True))
    reach.slack_refuses_all()
    reach.commands.move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + 11 * MINUTE), "click-1")
    reach.clock.at = NOW + 71 * MINUTE

    reach.later(MINUTE)

    commands = {page.text.split("\n")[-1] for _, page in reach.phones.taken if "1 h" in page.text}
    assert commands == {"csp-escalate escalations do CSP-1 answer details TEXT --as MEMBER"}


def test_a_group_in_both_languages_has_each_with_its_own_units_and_punctuation(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(GROUP.format(name="everybody"), CHINA), language="both")

    chinese, called, step, command, english, *_ = overdue(reach)[0].split("\n")  # one language whole, then the other

    assert "CSP-1（严重性 A）" in chinese
    assert "） " not in chinese
    assert "1 小时" in chinese
    assert not re.search("[a-z]{3}", chinese)
    assert called.startswith("已呼叫：")
    assert step.startswith("Slack 无法使用。")
    assert command == "csp-escalate escalations do CSP-1 编号 号码 --as 姓名"
    assert "CSP-1 (severity A)" in english
    assert not re.search("[\u4e00-\u9fff]", english)


def test_the_zone_stands_beside_the_time_it_belongs_to_and_not_after_the_hotline(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(GROUP.format(name="everybody"), CHINA), language="both")
    request = customer_request(service="m365", severity="A", answers={"impact": "Nobody can work"})
    reach.commands.raise_escalation(request, CHANNEL, WANG, NOW, "view-1")
    reach.slack_refuses_all()
    for move, text in ((Move.ACKNOWLEDGE, ""), (Move.RECORD, "625112200012345")):
        reach.commands.move(1, step(move, Actor(BOB, TEAM), NOW + 10 * MINUTE, text), f"click-{move}")
    reach.clock.at = NOW + 2 * HOUR

    reach.later(MINUTE)

    said = next(page.text for _, page in reach.phones.taken if "400-" in page.text)
    assert "的首次响应已逾期，原预计不晚于北京时间 16:40。请致电世纪互联：400-089-0365。\n" in said
    assert " was expected by 16:40 Asia/Shanghai. Please call 400-089-0365.\n" in said


def test_a_repeat_in_both_languages_is_marked_once_before_its_text(store: Store) -> None:
    reach = ReachDuty(store, parse_reach(GROUP.format(name="everybody"), CHINA), language="both")
    reach.raised("A")
    reach.phones.answers = [PageAnswer(PageStatus.UNKNOWN, "99999")]
    reach.later(MINUTE)
    reach.later(MINUTE)

    first, again = (page.text for _, page in reach.phones.taken)

    assert again == f"（重发） (again) {first}"
