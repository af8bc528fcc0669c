"""Looking at the rota with the command: who, rota, gaps, my; in either language, privately, and paged."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.oncall import time_parser
from models.oncall.rota_versions import import_rota
from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HOME, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import BEIJING, HOUR, LONDON, beijing, seconds
from tests.sample_rotas import DAY_AND_NIGHT

EMPTY = 'zone = "Asia/Shanghai"'


def test_who_tells_who_is_on_now_and_next_and_how_sure_that_is(rota: Stage, emma: Member) -> None:
    said = emma.command("who").words

    assert "On call now · Sun 22 Nov 2026 07:30" in said
    assert "not confirmed yet" in said
    assert "since 00:00, until 12:00" in said  # 08:00 to 20:00 in Beijing, as it is in London
    assert "Sun 22 Nov 12:00–00:00" in said


def test_who_says_that_nobody_is_next_where_a_gap_is_next(rota: Stage, emma: Member) -> None:
    emma.command("leave")
    emma.fill(start=seconds("11-22 20:00"), end=seconds("11-23 08:00")).submit()
    emma.submit()

    said = emma.command("who").words
    assert re.search(r"Next: \s+🕳️ nobody from 12:00\s+then: \s+Mon 23 Nov 00:00–12:00", said), said


@pytest.mark.parametrize(
    "verb", ["谁值班", "WHO", "who", "谁在值班", "谁在值班？", "今天谁值班", "当班", "who's on call?", "oncall"]
)
def test_the_verbs_are_known_in_chinese_and_in_capitals(rota: Stage, wang: Member, verb: str) -> None:
    assert "当前值班" in wang.command(verb).words


def test_who_is_asked_about_a_time_in_a_sentence(rota: Stage, wang: Member) -> None:
    assert wang.command("明天下午3点谁在值班？").told == wang.command("who tomorrow 15:00").told
    assert wang.command("who is on call tomorrow 15:00").told == wang.command("who tomorrow 15:00").told


def test_a_handover_is_found_by_its_word(rota: Stage, wang: Member) -> None:
    assert wang.command("交接").words == wang.command("my").words


def test_who_at_a_later_time_tells_who_is_planned(rota: Stage, wang: Member) -> None:
    said = wang.command("who at 明天 02:30").told[0]["blocks"]

    assert "值班 · 2026年11月23日 周一 02:30" in block_limits.read(said)
    assert "U0EMMA" in str(said)
    assert "11月22日 周日 20:00 至 08:00" in block_limits.read(
        said
    )  # the day it is told of needs no date, every other does


def test_who_has_the_watch_counts_as_confirmed_to_the_end_of_the_shift(rota: Stage, wang: Member) -> None:
    press = ShiftEvent(0, NOW, "U0WANG", ShiftEventKind.CONFIRM, Slot("primary"), beijing("11-22 08:00"), "王伟")
    rota.confirmations.record(press, Actor("U0WANG", HOME), "confirmed")

    assert "✅ 已确认" in wang.command("who at 今天 19:30").words
    assert "尚未确认" in wang.command("who at 今天 20:30").words


def test_who_now_is_who(rota: Stage, emma: Member) -> None:
    assert emma.command("who at now").words == emma.command("who").words


def test_a_past_time_is_told_as_it_was_known_then(rota: Stage, wang: Member) -> None:
    everybody_else = DAY_AND_NIGHT.replace('members = ["王伟"]', 'members = ["李娜"]')
    import_rota(rota.store, everybody_else, "cli", NOW - HOUR)

    assert "U0WANG" in str(wang.command("who at 昨天 09:00").told)
    assert "U0WANG" not in str(wang.command("who").told)


def test_a_time_before_there_was_a_rota_is_said_so(rota: Stage, emma: Member) -> None:
    assert emma.command("who 2020-01-01 10:00").text == "There was no rota at that time."


@pytest.mark.parametrize("text", ["soon", "25:00", "99999-01-01", "2026-13-01 10:00", "tomorrow 10:00 x", "at"])
def test_a_time_nobody_can_read_is_asked_again(rota: Stage, emma: Member, text: str) -> None:
    assert emma.command(f"who {text}").text.startswith("Which time?")


NOON = beijing("11-22 12:00")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("02:30", "11-23 02:30"), ("13:00", "11-22 13:00"), ("today 02:30", "11-22 02:30"),
        ("tomorrow 02:30", "11-23 02:30"), ("tomorrow", "11-23 00:00"), ("2026-12-01 02:30", "12-01 02:30"),
        ("2026-12-01T02:30", "12-01 02:30"), ("2026年12月1日 2点半", "12-01 02:30"), ("明天 下午3点", "11-23 15:00"),
        ("后天２：３０", "11-24 02:30"), ("at 2:30 pm", "11-22 14:30"), ("12:00 am", "11-23 00:00"),
        ("2026-12-01 00:00Z", "12-01 08:00"), ("今晚 20点", "11-22 20:00"),
        ("now", "11-22 12:00"), ("现在", "11-22 12:00"), ("00:30 yesterday", "11-21 00:30"), ("3 am", "11-23 03:00"),
        ("tomorrow at 3pm", "11-23 15:00"), ("昨天 23:30", "11-21 23:30"), ("前天", "11-20 00:00"),
        ("Sat 21 Nov 23:30", "11-21 23:30"), ("Dec 1 02:30", "12-01 02:30"), ("2:30 on 1st December", "12-01 02:30"),
        ("23 Nov 2026, 02:30", "11-23 02:30"), ("12月1日 周二 02:30", "12-01 02:30"), ("monday 02:30", "11-23 02:30"),
        ("周日 13:00", "11-22 13:00"), ("星期天", "11-22 00:00"), ("周六", "11-28 00:00"), ("凌晨三点", "11-23 03:00"),
        ("明天晚上8点半", "11-23 20:30"), ("晚上12点", "11-23 00:00"), ("十一点钟", "11-23 11:00"),
        ("12 月 1 日凌晨 3 点", "12-01 03:00"),
        ("tonight", "11-23 00:00"), ("tonight 9:30", "11-22 21:30"), ("tonight 02:30", "11-23 02:30"),
        ("昨晚 2点", "11-22 02:00"), ("last night 23:00", "11-21 23:00"), ("明晚", "11-24 00:00"),
        ("29 Feb 2028", "2028-02-29 00:00"),
        ("in 2 hours", "11-22 14:00"), ("in an hour", "11-22 13:00"), ("in 90 min", "11-22 13:30"),
        ("in 1.5h", "11-22 13:30"), ("in half an hour", "11-22 12:30"), ("2 days from now", "11-24 12:00"),
        ("two hours later", "11-22 14:00"), ("3 hours ago", "11-22 09:00"),
        ("两小时后", "11-22 14:00"), ("2 小时后", "11-22 14:00"), ("一个半小时后", "11-22 13:30"),
        ("半小时后", "11-22 12:30"),
        ("３０分钟后", "11-22 12:30"), ("三天后", "11-25 12:00"), ("一周以后", "11-29 12:00"),
        ("两个钟头前", "11-22 10:00"),
        ("下周一 9点", "11-23 09:00"), ("下周日 9点", "11-29 09:00"), ("下个星期三 14:00", "11-25 14:00"),
        ("本周五 9点", "11-20 09:00"), ("上周五 9点", "11-13 09:00"), ("下下周一", "11-30 00:00"),
        ("next monday 9am", "11-23 09:00"), ("next Sunday at 9:00", "11-29 09:00"), ("last friday", "11-13 00:00"),
        ("0230", "11-23 02:30"), ("at 1530", "11-22 15:30"), ("tomorrow 0230", "11-23 02:30"),
        ("明天2015", "11-23 20:15"), ("noon tomorrow", "11-23 12:00"), ("明天中午", "11-23 12:00"),
        ("明早 8点", "11-23 08:00"), ("二十点", "11-22 20:00"), ("晚上八点一刻", "11-22 20:15"),
        ("十三点二十分", "11-22 13:20"), ("20时30分", "11-22 20:30"),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str, meant: str) -> None:
    assert time_parser.read(text, BEIJING, NOON) == beijing(meant)


def test_in_the_small_hours_tonight_is_the_night_that_goes_on() -> None:
    assert time_parser.read("tonight 02:30", BEIJING, beijing("11-22 01:00")) == beijing("11-22 02:30")
    assert time_parser.read("今晚 2点", BEIJING, beijing("11-22 03:00")) == beijing("11-23 02:00")


def test_a_date_without_a_year_is_the_nearest() -> None:
    assert time_parser.read("30 Dec 02:30", BEIJING, beijing("2027-01-03 12:00")) == beijing("2026-12-30 02:30")
    assert time_parser.read("1月2日 02:30", BEIJING, beijing("2026-12-30 12:00")) == beijing("2027-01-02 02:30")
    assert time_parser.read("29 Feb", BEIJING, beijing("2027-12-30 12:00")) == beijing("2028-02-29 00:00")


@pytest.mark.parametrize(
    "text",
    [
        "", "at", "1", "::", "2点99", "0000-00-00", "２０２６", "2027-02-30 10:00", "30 Feb", "02:30 03:30", "13 pm",
        "in hours", "in 2", "in two", "小时后", "2460", "02300", "下周", "next week 9", "0230 0330", "in 99999 weeks",
        "now x", "today tomorrow", "0 am", "monday tuesday", "today today", "今晚 今天",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        time_parser.read(text, BEIJING, NOON)


def test_a_time_the_clock_skips_is_read_like_any_other() -> None:
    assert time_parser.read("2026-03-29 01:30", LONDON, NOON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_without_a_rota_it_is_said_how_to_begin(emma: Member) -> None:
    for verb in ("who", "gaps", "my"):
        assert emma.command(verb).text.startswith("There is no rota yet.")


def test_the_rota_is_a_week_by_day_and_turns_to_the_next(rota: Stage, wang: Member) -> None:
    first = wang.command("值班表")
    ahead = next(button for button in _buttons(first.told[0]["blocks"]) if button["action_id"].endswith(".more"))
    second = wang.button(ahead["action_id"], ahead["value"])

    said = re.sub(r"\n+", "|", first.words)
    assert "11月22日 周日|08:00–20:00| 主值班 王伟|20:00–08:00| 主值班 Emma <Clarke>|全天| 备值班 李娜" in said
    assert "11月29日 周日" in second.words
    assert second.told[0]["replace_original"] is True


def test_the_rota_begins_with_who_is_on_now_since_whenever(rota: Stage, wang: Member) -> None:
    """03:30 in Beijing: Emma's night began yesterday, which the week from today on does not show."""
    rota.later(beijing("11-23 03:30") - NOW)
    said = wang.command("rota").words

    assert "当前值班：\n主值班 Emma <Clarke>（至 08:00） · 备值班 李娜\n" in said
    assert said.index("当前值班") < said.index("20:00–08:00")


def test_gaps_are_told_with_their_reason_and_can_be_taken(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, DAY_AND_NIGHT.replace('["王伟"]', '["张敏"]'), "cli", NOW - HOUR)
    shown = emma.command("gaps")

    assert "gaps in the next 365 days" in shown.words
    assert "primary: below the requirement · has no Slack account (张敏)" in shown.words
    assert "rota.take_span" in str(shown.told[0]["blocks"])


def test_no_gaps_is_good_news(rota: Stage, emma: Member) -> None:
    assert "✅ No gaps" in emma.command("gaps").words


def test_my_shifts_can_be_confirmed_and_say_when_i_am_reminded(rota: Stage, emma: Member) -> None:
    shown = emma.command("my")

    assert "Sun 22 Nov 12:00–00:00\nprimary · not confirmed yet" in shown.words
    assert "24 h, 60 min, 10 min" in shown.words.replace("1 h", "60 min")
    assert "rota.watch" in str(shown.told[0]["blocks"])


def test_who_is_not_on_the_rota_has_no_shifts(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, EMPTY, "cli", NOW - HOUR)

    assert emma.command("my").text == "You are not on the rota. <@U0LINA> can add you."


@pytest.mark.parametrize("value", ["", "{}", '{"what":"x","offset":0}', '{"what":"rota","offset":-7}', "[]", "9e999"])
def test_a_made_up_page_is_refused(rota: Stage, emma: Member, value: str) -> None:
    assert "can't be read any more" in emma.button("rota.page.more", value).text


def _buttons(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for block in blocks if block["type"] == "actions" for one in block["elements"]]


def test_every_answer_about_the_rota_is_private(rota: Stage, emma: Member) -> None:
    for text in ("who", "rota", "gaps", "my"):
        assert [one["response_type"] for one in emma.command(text).told] == ["ephemeral"]


def test_a_rota_in_week_long_turns_says_who_is_on_all_day(rota: Stage, emma: Member) -> None:
    assert "all day" in emma.command("rota").words
