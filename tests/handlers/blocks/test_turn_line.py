"""The line of a card that says whose turn it is: worked examples of 21Vianet's desk hours, in each language."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import turn_line
from handlers.i18n.words import Words
from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.escalation import Move
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy import reader
from models.rules.rota.holidays import make_workday_test
from tests.models.samples import CHANNEL, LI, WANG, customer_request, step

SHANGHAI = ZoneInfo("Asia/Shanghai")


def line(language: str, filed: str, severity: Severity = Severity.B, zone: ZoneInfo | None = SHANGHAI) -> str:
    """The line of a Microsoft 365 case that was filed at this time in Beijing, at that moment."""
    at = datetime.fromisoformat(filed).replace(tzinfo=SHANGHAI).astimezone(UTC)
    raised, first = raise_escalation(
        customer_request(service="m365", severity=severity, answers={"impact": "停产"}), 7, CHANNEL, WANG, at
    )
    case, second = advance(raised, step(Move.RECORD, LI, at))
    timeline = build_timeline([first, second])
    return turn_line.describe(case, timeline, reader.load_packaged(), make_workday_test(), Words.of(language), zone, at)


@pytest.mark.parametrize(
    ("filed", "severity", "expected"),
    [
        ("2026-11-23 02:10", Severity.B, "自 02:10|严重性 B · 09:00 开始受理 · 预计首次响应不晚于 11月23日 周一 24:00"),
        ("2026-02-14 02:10", Severity.B, "自 02:10|严重性 B · 09:00 开始受理 · 预计首次响应不晚于 2月14日 周六 24:00"),
        ("2026-02-13 19:00", Severity.C, "自 19:00|严重性 C · 预计首次响应不晚于 2月25日 周三 24:00"),
        ("2026-02-14 02:10", Severity.A, "自 02:10|严重性 A · 预计首次响应不晚于 03:10"),
    ],
)  # fmt: skip
def test_it_says_by_when_the_first_answer_is_expected(filed: str, severity: Severity, expected: str) -> None:
    since, rest = expected.split("|")

    assert line("zh_CN", filed, severity) == f"等世纪互联（{since}） · {rest}"


def test_in_both_languages_each_has_a_line_of_its_own() -> None:
    chinese, english = line("both", "2026-02-13 19:00", Severity.C).split("\n")

    assert (chinese, english) == tuple(line(language, "2026-02-13 19:00", Severity.C) for language in ("zh_CN", "en"))


def test_on_a_shared_card_each_reader_sees_the_times_in_their_own_zone() -> None:
    text = line("zh_CN", "2026-11-23 02:10", zone=None)

    assert "02:10" not in re.sub(r"\|[^>]*>", ">", text)
    elements = turn_line.draw(text)
    assert [element["timestamp"] for element in elements if element["type"] == "date"] == [
        int(datetime.fromisoformat(f"2026-11-{when}").replace(tzinfo=SHANGHAI).timestamp())
        for when in ("23 02:10", "23 09:00", "24 00:00")
    ]
    assert "".join(element["text"] for element in elements if element["type"] == "text").startswith("等世纪互联（自")


def test_a_date_in_numbers_stands_apart_from_chinese_words() -> None:
    assert "（自 <!date" in line("both", "2026-11-23 02:10", zone=None)
    assert "（自<!date" in line("zh_CN", "2026-11-23 02:10", zone=None)  # Slack writes “今天”


def test_in_both_languages_slack_writes_no_word_of_one_into_a_sentence_of_the_other() -> None:
    shapes = {
        language: {
            element["format"]
            for element in turn_line.draw(line(language, "2026-11-23 02:10", zone=None))
            if element["type"] == "date"
        }
        for language in ("both", "zh_CN", "en")
    }

    assert shapes == {
        "both": {"{date_num} {time}"},
        "zh_CN": {"{date_short_pretty} {time}"},
        "en": {"{time} {date_short_pretty}"},  # “since 02:10 today”
    }


@pytest.mark.parametrize(
    ("language", "own", "shared", "overdue"),
    [("en", "submit it and record the number · due 03:00", "submit it and record the number · due ", "overdue since"),
     ("zh_CN", "提交并填写服务请求编号 · 03:00 到期", "提交并填写服务请求编号 · ", "已于")],
)  # fmt: skip
def test_it_says_what_is_next_for_an_acknowledged_case_and_until_when(
    language: str, own: str, shared: str, overdue: str
) -> None:
    at = datetime(2026, 11, 23, 2, tzinfo=SHANGHAI).astimezone(UTC)
    raised, first = raise_escalation(customer_request(service="m365", severity=Severity.B), 7, CHANNEL, WANG, at)
    case, second = advance(raised, step(Move.ACKNOWLEDGE, LI, at))
    timeline, words = build_timeline([first, second]), Words.of(language)

    def write(zone: ZoneInfo | None, hours: int = 0) -> str:
        now = at + timedelta(hours=hours)
        return turn_line.describe(case, timeline, reader.load_packaged(), make_workday_test(), words, zone, now)

    assert own in write(SHANGHAI)
    assert shared in write(None)
    assert overdue in write(SHANGHAI, hours=5)
    assert overdue not in write(None, hours=5)  # it stays as it is until something happens
