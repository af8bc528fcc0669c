"""A night in Chinese on the make-up workday before Spring Festival 2026: an A from three answers to closed, with
21Vianet's lower severity, its mail and a promise to the customer; a B and a C whose first answers follow desk hours."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handlers import ids
from models.rules.escalations.escalation import InformedBy, Move, Status, Turn
from models.rules.escalations.request import Severity
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import world as making
from tests.end_to_end.world import ESCALATIONS, PATIENCE, Json, World
from tests.handlers.block_limits import read
from tests.slack_driver import Actor

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2026, 2, 14, 1, 50, tzinfo=SHANGHAI)
ROTA = """zone = "Asia/Shanghai"
[[member]]
name = "李娜"
slack = "U0LINA"
role = "admin_agent"
[[member]]
name = "王伟"
slack = "U0WANG"
role = "admin_agent"
[[layer]]
name = "primary"
seat = "primary"
members = ["李娜"]
starts = 2026-02-12
turn_hours = 24
[[layer]]
name = "backup"
seat = "backup"
members = ["王伟"]
starts = 2026-02-12
turn_hours = 24
"""
NUMBER = "626021400000417"
MAIL = f"【世纪互联】服务请求 {NUMBER}：请提供一封退信的完整邮件头。"
REST: Json = {
    "service": "m365", "scope": "whole_tenant", "details": "凌晨 1 点起所有邮件被退回",
    "impact": "400 人无法与客户联系", "health": "normal", "tried": "检查了连接器和 DNS", "lacks": ["tools"],
    "contact": "李娜 138 0013 8000",
}  # fmt: skip


@pytest.fixture
def night(tmp_path: Path) -> Iterator[World]:
    """A workspace in Chinese at 01:50, where Li Na is on call as primary and Wang Wei as backup."""
    with making(tmp_path, language="zh_CN", begins=BEGINS) as made:
        (made.folder / "rota.toml").write_text(ROTA, encoding="utf-8")
        made.run("rota", "import", str(made.folder / "rota.toml"))
        for person in (made.lina, made.wang):
            confirm_shift(made, person)
        yield made


def test_a_case_is_kept_moving_between_us_21vianet_and_the_customer_until_it_is_closed(night: World) -> None:
    an_a_is_raised_with_three_answers_and_called(night)
    its_number_takes_one_line_and_a_lower_severity_is_seen(night)
    a_b_that_outlived_the_bot_and_a_c_get_their_desk_hours(night)
    a_mail_of_21vianet_makes_it_our_turn(night)
    our_turn_is_reminded_of_at_two_thirds(night)
    the_customer_is_informed_by_one_press_and_the_promise_is_kept(night)
    it_is_closed_with_a_picture_of_its_life(night)
    audit(night, 3)


def an_a_is_raised_with_three_answers_and_called(world: World) -> None:
    """Wang Wei raises it at 02:00; Li Na is called, acknowledges in the call, and completes it in the thread."""
    move_clock(world, "02:00")
    assert world.wang.command("/csp-escalate 快速 全公司无法收发邮件")["ok"]
    world.answer(world.wang, "customer_name", "晨曦")
    world.answer(world.wang, "severity", "A")
    assert world.wang.submit()["response_action"] == "update"
    world.wang.close()
    call = world.until(lambda: told(world, world.lina, "card.acknowledge"), "the call")
    world.kill()
    world.start()
    assert world.lina.click(call, "card.acknowledge")["ok"]
    world.until(lambda: world.escalation().owner == "U0LINA", "the acknowledgement", stride=0)
    world.quiet()
    assert not told(world, world.lina, "card.acknowledge")
    asked = next(one for one in world.thread() if "card.correct" in str(one))
    assert world.lina.click(asked, "card.correct")["ok"]
    world.lina.wait_for_modal(lambda modal: bool(modal["callback_id"] == "sheet.correct"), timeout=PATIENCE)
    assert world.lina.fill(REST).submit()["ok"]
    world.until(lambda: "待补充" not in shown(world), "the complete card")
    world.until(lambda: "补充了信息" in str(world.thread()), "the answers in the thread")


def its_number_takes_one_line_and_a_lower_severity_is_seen(world: World) -> None:
    """One typed line at 02:05; three minutes later 21Vianet answers that it is a B."""
    move_clock(world, "02:05")
    say(world, world.lina, f"CSP-1 SR {NUMBER}")
    assert (world.escalation().status, world.escalation().turn) == (Status.SUBMITTED, Turn.VENDOR)
    move_clock(world, "02:08")
    world.do(world.lina, "record", request_number=NUMBER, severity_given="B")
    world.until(lambda: "我方申请 A" in shown(world), "the severity on the card")
    world.until(lambda: "世纪互联核定为 B" in str(world.thread()), "the reason in the thread")


def a_b_that_outlived_the_bot_and_a_c_get_their_desk_hours(world: World) -> None:
    """The make-up workday counts: a B by the end of this Saturday, a C (three workdays) after the festival."""
    move_clock(world, "02:10")
    a_form_is_found_again_after_a_crash(world)
    assert world.raise_one(world.wang, severity="C")["response_action"] == "update"
    world.wang.close()
    for number, midnight in ((2, datetime(2026, 2, 15, tzinfo=SHANGHAI)), (3, datetime(2026, 2, 26, tzinfo=SHANGHAI))):
        due = str(int(midnight.timestamp()))
        world.card(number)
        say(world, world.wang, f"CSP-{number} SR 62602140000050{number}", number)
        card = world.until(partial(shown_with, world, number, due), f"CSP-{number} by {due}")
        assert str(int(datetime(2026, 2, 14, 9, tzinfo=SHANGHAI).timestamp())) in card, "the desk opens at 09:00"
        assert "开始受理" in card


def a_form_is_found_again_after_a_crash(world: World) -> None:
    """Wang Wei has filled in a B; the bot is killed and the form closed; he finds it in his drafts and sends it."""
    world.fill_one(world.wang)
    world.kill()
    world.expected.add("not_acked")  # the bot hears nothing of the form that is closed
    world.wang.close()
    world.start()
    assert world.wang.command("/csp-escalate 草稿")["ok"]
    drafts = world.until(lambda: private(world, world.wang, "邮件无法送达"), "the draft", stride=0)
    assert world.wang.click(drafts, "draft.continue")["ok"]
    world.wang.wait_for_modal(timeout=PATIENCE)
    world.wang.fill({"tried": "Restarted Outlook", "lacks": ["tools"], "area": "none"})  # typed after the last choice
    assert world.wang.submit()["response_action"] == "update"
    world.wang.close()


def a_mail_of_21vianet_makes_it_our_turn(world: World) -> None:
    """Their mail, posted in the channel, finds its case by the number in it."""
    move_clock(world, "02:20")
    ts = world.wang.post(MAIL, channel=ESCALATIONS)
    mail = next(one for one in world.slack.messages(ESCALATIONS) if one["ts"] == ts)
    assert world.lina.message_shortcut("attach_message", mail)["ok"]
    kept = world.until(lambda: private(world, world.lina, "CSP-1"), "the private answer", stride=0)
    assert world.lina.click(kept, "card.turn.ours")["ok"]
    world.until(lambda: world.escalation().turn is Turn.OURS, "our turn", stride=0)
    assert MAIL in [entry.text for entry in world.queries.history(1)]


def our_turn_is_reminded_of_at_two_thirds(world: World) -> None:
    """Half an hour is ours for an A: its owner hears of it after twenty minutes, once, and replies with one line."""
    world.quiet()
    before = len(world.slack.dms("U0LINA"))
    move_clock(world, "02:39")
    assert len(world.slack.dms("U0LINA")) == before
    move_clock(world, "02:41")
    reminder = world.until(lambda: told(world, world.lina, "CSP-1", before), "the reminder", stride=1)
    assert "轮到我们" in read(reminder["blocks"])
    world.kill()
    world.start()
    world.quiet()
    assert len(world.slack.dms("U0LINA")) == before + 1
    world.lina.post("等世纪互联", channel="D0LINA", thread_ts=reminder["ts"])
    world.until(lambda: world.escalation().turn is Turn.VENDOR, "21Vianet's turn", stride=0)


def the_customer_is_informed_by_one_press_and_the_promise_is_kept(world: World) -> None:
    """One press at 02:45; the next update is promised for 03:30, reminded of before, and given at 03:20."""
    move_clock(world, "02:45")
    world.do(world.lina, "tell")
    asked = world.until(lambda: private(world, world.lina, "通过什么方式告知"), "how they were informed", stride=0)
    assert world.lina.click(asked, f"card.{Move.TELL_DETAILS}")["ok"]
    world.lina.wait_for_modal(lambda modal: bool(modal["callback_id"] == f"sheet.{Move.TELL_DETAILS}"))
    promised = at("03:30")
    world.lina.fill({"through": "phone", "until": int(promised.timestamp())})
    assert world.lina.submit()["ok"]
    world.until(lambda: world.escalation().promised_at == promised, "the promise", stride=0)
    assert world.escalation().told_through is InformedBy.PHONE
    world.until(lambda: str(int(promised.timestamp())) in shown(world), "the promise on the card")
    before = len(world.slack.dms("U0LINA"))
    move_clock(world, "03:17")
    world.until(lambda: told(world, world.lina, "03:30", before), "the reminder of the promise", stride=1)
    move_clock(world, "03:20")
    say(world, world.lina, "CSP-1 告知 电话")
    assert world.escalation().promised_at is None


def it_is_closed_with_a_picture_of_its_life(world: World) -> None:
    """Solved, told, closed; the thread ends with the picture."""
    move_clock(world, "04:00")
    world.do(world.lina, "contact")
    world.do(world.lina, "resolve", fix="世纪互联修复了租户的邮件路由，客户试发正常。")
    world.do(world.lina, "tell")
    world.do(world.lina, "close")
    picture = world.until(lambda: [one for one in world.thread() if "'image'" in str(one)], "the picture")
    assert picture
    assert world.escalation().severity_given is Severity.B


# What people see and do ---------------------------------------------------------------------------------------------


def confirm_shift(world: World, who: Actor) -> None:
    """Press “I'm on call” in the direct message that asks for it."""
    asked = world.until(lambda: told(world, who, ids.ROTA_CONFIRM), "the question who is on call", stride=3)
    assert who.click(asked, ids.ROTA_CONFIRM)["ok"]
    world.until(lambda: not told(world, who, ids.ROTA_CONFIRM), "the confirmation", stride=3)


def at(clock: str) -> datetime:
    """An instant of this night."""
    hour, minute = map(int, clock.split(":"))
    return BEGINS.replace(hour=hour, minute=minute)


def move_clock(world: World, clock: str) -> None:
    """Once nothing is being sent, let the workspace's clock show this time, and the bot look at what is due."""
    world.quiet(1)
    now = datetime.fromtimestamp(world.slack.state("clock")["clock"]["now"], SHANGHAI)
    assert now < at(clock), f"it is {now} already"
    world.slack.advance_clock((at(clock) - now).total_seconds())
    world.until(lambda: world.ticked_at >= at(clock), "a tick", stride=0.2)
    world.quiet(1)


def say(world: World, who: Actor, line: str, number: int = 1) -> None:
    """Type one line about a case."""
    before = world.escalation(number).version
    assert who.command(f"/csp-escalate {line}")["ok"]
    world.until(lambda: world.escalation(number).version > before, line, stride=0)


def shown(world: World, number: int = 1) -> str:
    """What the card says, and the blocks themselves, which hold its dates."""
    blocks = world.card(number)["blocks"]
    return read(blocks) + str(blocks)


def shown_with(world: World, number: int, words: str) -> str:
    """What the card says, once it says these words."""
    card = shown(world, number)
    return card if words in card else ""


def told(world: World, who: Actor, words: str, after: int = 0) -> Json | None:
    """The newest direct message to somebody that says so; the first ``after`` ones are left out."""
    said = [one for one in world.slack.dms(who.id)[after:] if words in str(one)]
    return {**said[-1], "channel": f"D{who.id[1:]}"} if said else None


def private(world: World, who: Actor, words: str) -> Json | None:
    """The newest private answer to somebody that says so."""
    said = [one for one in world.slack.ephemerals(user=who.id) if words in read(one.get("blocks") or [])]
    return said[-1] if said else None
