"""A list that shows only its first entries says how many more there are, and where they are where that is known."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import handlers
from handlers.blocks import gap_card, handover_card, holiday_review, home_cases
from handlers.blocks.block_kit import Block
from handlers.blocks.handover_card import HandoverView
from handlers.blocks.home_cases import HomeCases
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.notifications.delivery_failures import describe
from models.oncall.gap_register import GapRecord
from models.rules.escalations.transitions import raise_escalation
from models.rules.outbox.failure_notice import FailureKind, FailureNotice
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.holiday_staffing import HolidayStaffing, OverLimit
from models.rules.rota.on_call import Handover, Slot
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift
from tests.handlers import block_limits
from tests.handlers.harness import SETTINGS
from tests.handlers.notifications.test_holiday_review import FULL
from tests.models.samples import CHANNEL, NOW, WANG, customer_request

HOUR = timedelta(hours=1)
GAPS = [
    Gap("primary", NOW + n * HOUR, NOW + (n + 1) * HOUR, GapReason.NOBODY) for n in range(gap_card.LISTED + 7)
]  # fmt: skip
CASES = [
    raise_escalation(customer_request(), number, CHANNEL, WANG, NOW)[0]
    for number in range(1, gap_card.LISTED + 4)
]  # fmt: skip
CUTTING = {"blocks/block_kit.py", "chart/painter.py"}
"""The files that cut a text: there the sign stands for the rest of a word or sentence."""


def viewer(language: str) -> ViewContext:
    return ViewContext(Words.of(language), SETTINGS.timezone, Rota(seats=()), NOW)


def draw_handover(view: ViewContext) -> list[Block]:
    shift = Shift("primary", 1, "ann", NOW, NOW + 12 * HOUR, "layer")
    records = [
        GapRecord(n, each.seat, each.reason, each.start, each.end, (), (), NOW) for n, each in enumerate(GAPS)
    ]  # fmt: skip
    return handover_card.handover_card(HandoverView(Handover(Slot("primary"), NOW, "bob", shift), CASES, records), view)


def draw_holidays(view: ViewContext) -> list[Block]:
    many = [f"person {n}" for n in range(holiday_review.PEOPLE_SHOWN + 7)]
    staffing = HolidayStaffing(over_limit=[OverLimit(who, 90, 5) for who in many])
    worked = [(who, 12.0) for who in many[:-2]]
    return holiday_review.card(replace(FULL, staffing=staffing, worked=worked, volunteers=()), view)


def draw_home(view: ViewContext) -> list[Block]:
    unowned = HomeCases((), CASES[:3], len(CASES), len(CASES))
    return home_cases.blocks(unowned, view.words, view.zone, view.now)


@pytest.mark.parametrize(
    ("draw", "english", "chinese"),
    [
        (
            draw_handover,
            ["… and 3 more. `/csp-escalate list` lists", "… and 7 more. `/csp-escalate gaps` lists"],
            ["另有 3 件。用 `/csp-escalate list` 查看", "另有 7 个。用 `/csp-escalate gaps` 查看"],
        ),
        (draw_holidays, ["and 7 more people", "and 5 more people"], ["另有 7 人", "另有 5 人"]),
        (draw_home, ["… and 20 more. `/csp-escalate list` lists them."], ["另有 20 件。"]),
    ],
)  # fmt: skip
def test_a_card_counts_what_it_does_not_list(draw: object, english: list[str], chinese: list[str]) -> None:
    for language, says in (("en", english), ("zh_CN", chinese)):
        text = block_limits.read(draw(viewer(language)))  # type: ignore[operator]
        assert [part for part in says if part not in text] == [], text


def test_a_sentence_names_two_gaps_and_counts_the_others() -> None:
    assert gap_card.name_gaps(GAPS[:2], viewer("en")).count("nobody") == 2
    assert gap_card.name_gaps(GAPS[:9], viewer("en")).endswith(", and 7 more gaps")
    assert gap_card.name_gaps(GAPS[:9], viewer("zh_CN")).endswith("、另有 7 个缺口")


def test_the_notice_of_an_older_database_counts_the_cases_that_it_does_not_name() -> None:
    notice = FailureNotice(FailureKind.OLDER_RECORD, "escalations", numbers=tuple(map(str, range(1, 58))))

    english, chinese = (describe(notice, Words.of(language), SETTINGS) for language in ("en", "zh_CN"))

    assert english.endswith("CSP-50\n… and 7 more. A reply below its card says so of each.")
    assert chinese.endswith("CSP-50\n……另有 7 件，各自卡片下的回复中有说明。")


def test_no_list_ends_with_a_sign_that_does_not_say_how_many_are_left_out() -> None:
    root, found = Path(handlers.__file__).parent, set[str]()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip() == "…":
                found.add(file.relative_to(root).as_posix())

    assert found - CUTTING - {"printable/svg.py", "printable/duty_sheet.py"} == set()
