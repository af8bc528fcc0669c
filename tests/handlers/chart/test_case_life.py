"""The picture of an escalation's life: three bars, what happened, and how long it was whose turn."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.chart import case_life, painter
from handlers.chart.case_life import FILLS, CaseLife
from handlers.chart.drawing import Box, TextLabel
from handlers.i18n.words import Words
from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.escalation import Escalation, HistoryEntry, InformedBy, Move, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import advance, raise_escalation
from tests.handlers.chart.samples import painted_texts
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, step

HOUR = timedelta(hours=1)
MOVES: tuple[tuple[Move, float, dict[str, Any]], ...] = (
    (Move.ACKNOWLEDGE, 0.1, {}), (Move.RECORD, 1, {}), (Move.CONTACT, 4, {}), (Move.TURN, 6, {"turn": Turn.CUSTOMER}),
    (Move.RESOLVE, 8, {}), (Move.TELL, 9, {}), (Move.CLOSE, 10, {}),
)  # fmt: skip


def life_of(*moves: tuple[Move, float, dict[str, Any]], hours: float = 20) -> CaseLife:
    """An escalation with these moves, so many hours after it was raised."""
    escalation, entry = raise_escalation(customer_request(), 7, CHANNEL, WANG, NOW)
    entries: list[HistoryEntry] = [entry]
    current: Escalation = escalation
    for move, after, more in moves:
        current, entry = advance(current, step(move, LI, NOW + after * HOUR, **more))
        entries.append(entry)
    names = {LI.id: "李娜", WANG.id: "王伟"}
    return CaseLife(current, build_timeline(entries), entries, names, ZoneInfo("Asia/Shanghai"), NOW + hours * HOUR)


def boxes(life: CaseLife, turn: Turn) -> list[Box]:
    marks = case_life.draw(life, Words.of("en")).marks
    return [mark for mark in marks if isinstance(mark, Box) and mark.fill == FILLS[turn]]


def test_each_turn_has_a_box_where_it_was_and_as_long_as_it_was() -> None:
    life = life_of(*MOVES)
    ours, vendor, customer = (boxes(life, turn) for turn in case_life.TURNS)

    assert [len(ours), len(vendor), len(customer)] == [3, 1, 1]
    hour = (vendor[0].x1 - vendor[0].x0) / 3
    assert abs(customer[0].x1 - customer[0].x0 - 2 * hour) <= 3
    assert customer[0].x0 == ours[1].x1


@pytest.mark.parametrize(
    ("language", "totals"),
    [
        ("en", ["With us: 5 h", "With 21Vianet: 3 h", "With the customer: 2 h"]),
        ("zh_CN", ["轮到我们：5 小时", "等世纪互联：3 小时", "等客户：2 小时"]),
    ],
)
def test_it_is_told_in_words_too(language: str, totals: list[str]) -> None:
    assert case_life.describe(life_of(*MOVES), Words.of(language)) == totals


def test_an_open_escalation_is_drawn_until_now() -> None:
    life = life_of(*MOVES[:2], hours=11)

    assert case_life.total_time(life, Turn.VENDOR) == 10 * HOUR
    assert case_life.total_time(life, Turn.OURS) == HOUR


def test_every_event_is_listed_and_of_very_many_those_that_changed_most() -> None:
    few = painted_texts(case_life.draw(life_of(*MOVES), Words.of("en")))
    assert "李娜 recorded the service request number" in few
    assert "李娜 set whose turn it is: With the customer" in few

    notes: list[tuple[Move, float, dict[str, Any]]] = [(Move.NOTE, 0.01 * n, {}) for n in range(1, 30)]
    attached: tuple[Move, float, dict[str, Any]] = (
        Move.NOTE,
        0.4,
        {"link": "https://csp.slack.com/archives/C0ESCAL/p1"},
    )
    life = life_of(*notes, attached, *MOVES[1:])
    texts = painted_texts(case_life.draw(life, Words.of("en")))
    assert [entry.move for entry in case_life.list_events(life)].count(Move.NOTE) == 1
    assert "李娜 attached a message" in texts
    assert "and 29 more" in texts


def test_an_event_tells_what_was_attached_given_and_promised() -> None:
    moves: tuple[tuple[Move, float, dict[str, Any]], ...] = (
        (Move.ACKNOWLEDGE, 0.1, {}), (Move.RECORD, 0.2, {"severity_given": Severity.C}),
        (Move.NOTE, 0.3, {"link": "https://csp.slack.com/archives/C0ESCAL/p1"}),
        (Move.TELL, 0.5, {"through": InformedBy.PHONE, "until": NOW + 2 * HOUR}),
    )  # fmt: skip
    texts = painted_texts(case_life.draw(life_of(*moves), Words.of("zh_CN")))

    assert {"李娜 填写了服务请求编号 · 核定严重性：C", "李娜 附加了一条消息"} <= set(texts)
    assert "李娜 告知了客户 · 电话 · 下次更新 17:30" in texts


def test_the_day_is_named_once_and_a_side_without_a_turn_is_left_out() -> None:
    life = life_of((Move.ACKNOWLEDGE, 0.5, {}), (Move.RECORD, 1, {}), (Move.RESOLVE, 10, {}))
    texts = painted_texts(case_life.draw(life, Words.of("zh_CN")))

    assert [text for text in texts if text[-3:-2] == ":" and "–" not in text] == [
        "11月22日 15:30", "16:00", "16:30", "11月23日 01:30",
    ]  # fmt: skip
    assert [line.partition("：")[0] for line in case_life.describe(life, Words.of("zh_CN"))] == [
        "轮到我们",
        "等世纪互联",
    ]


def test_in_both_languages_nothing_is_cut() -> None:
    labels_ = [mark for mark in case_life.draw(life_of(*MOVES), Words.of("both")).marks if isinstance(mark, TextLabel)]
    shown = {text for mark in labels_ for text in mark.texts[:1]}

    assert {"等世纪互联", "With 21Vianet", "李娜 填写了服务请求编号", "recorded the service request number"} <= shown


def test_a_life_of_a_moment_can_be_drawn() -> None:
    drawn = case_life.draw(life_of(hours=0), Words.of("both"))

    assert painter.paint(drawn).startswith(b"\x89PNG")
