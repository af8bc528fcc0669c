"""Reminders of escalations and the list of each day: what they say and offer, and what they never let through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from handlers.blocks import open_escalations
from handlers.blocks.deadline_words import VendorContact
from handlers.blocks.open_escalations import EscalationLine
from handlers.i18n.words import Words
from models.rules.escalations.clocks import NO_TIMES, CaseTimes
from models.rules.escalations.deadlines import find_deadline
from models.rules.escalations.escalation import Escalation, Status, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.transitions import list_moves
from models.rules.policy.reminders import load_packaged
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW, life, stations
from tests.handlers.hostile_texts import TEXTS

LATER = NOW + timedelta(hours=5)
EN, ZH = Words.of("en"), Words.of("zh_CN")
CARD = "https://csp.slack.com/archives/C0ESCAL/p1795000000000200"
Json = dict[str, Any]


def whole(it: EscalationLine, words: Words) -> list[Json]:
    """A reminder as it is sent to a channel."""
    said = {"type": "section", "text": {"type": "mrkdwn", "text": open_escalations.sentence(it, words, LATER)}}
    script = open_escalations.hotline_script(it, words, LATER)
    return [
        said,
        open_escalations.reminder(it, words),
        *script,
        *open_escalations.buttons(it, list_moves(it.case), words),
    ]


def line_of(case: Escalation, turn: str = "", url: str = "", times: CaseTimes = NO_TIMES) -> EscalationLine:
    """An escalation as a line of a list, with its deadline."""
    deadline = find_deadline(case, load_packaged(), times)
    return EscalationLine(case, turn, url, deadline, VendorContact(("400-089-0365",)))


def offered(case: Escalation) -> list[str]:
    """The buttons of a reminder, when everything is allowed."""
    rows: Sequence[Json] = open_escalations.buttons(line_of(case), list_moves(case), EN)
    return [button["text"]["text"] for row in rows for button in row["elements"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            EN,
            [
                "CSP-7",
                "has been waiting 5 h",
                "Mail bounces",
                "Severity: A (critical)",
                "Next action: Not yet acknowledged by Emma. Please acknowledge it.",
            ],
        ),
        (ZH, ["CSP-7", "已等待认领 5 小时", "Mail bounces", "严重性：A（严重）", "待处理：Emma 尚未认领，请认领。"]),
    ],
)
def test_a_reminder_says_what_how_severe_how_long_and_whose_turn(words: Words, said: list[str]) -> None:
    fresh = next(life(RequestKind.CUSTOMER))[0]
    text = block_limits.read(whole(line_of(fresh, "Emma"), words)).replace("\n", "")
    short = open_escalations.fallback(line_of(fresh, "Emma"), words, LATER)

    assert [part for part in said if part not in text] == []
    assert [part for part in said[:3] if part not in short] == []


@pytest.mark.parametrize(
    ("language", "others", "own"),
    [
        ("en", "Next action: Not yet acknowledged by Emma. You are asked now: please acknowledge it.",
         "Next action: you · acknowledge it"),
        ("zh_CN", "待处理：Emma 尚未认领，现在请你认领。", "待处理：你 · 认领"),
    ],
)  # fmt: skip
def test_who_is_asked_instead_of_the_person_on_call_reads_why(language: str, others: str, own: str) -> None:
    fresh, words = next(life(RequestKind.CUSTOMER))[0], Words.of(language)
    to_others = replace(line_of(fresh, "Emma"), is_private=True)
    to_emma = replace(line_of(fresh, words("you")), is_private=True, is_turn_of_reader=True)

    shown = [block_limits.read([open_escalations.reminder(it, words)]) for it in (to_others, to_emma)]

    assert shown[0].replace("\n", "").endswith(others)
    assert shown[1].replace("\n", "").endswith(own)


@pytest.mark.parametrize(
    ("status", "chinese", "english"),
    [
        (Status.OPEN, "CSP-7 已等待认领 5 小时。", "CSP-7 has been waiting 5 h for acknowledgement."),
        (
            Status.ACKNOWLEDGED,
            "CSP-7 尚无世纪互联的服务请求编号，已有 4 小时。请提交并填写编号。",
            "CSP-7 has no number of 21Vianet after 4 h. Please submit it and record the number.",
        ),
    ],
)
def test_in_both_languages_each_sentence_has_its_own_words(status: Status, chinese: str, english: str) -> None:
    case = stations(RequestKind.CUSTOMER)[status]

    said = open_escalations.sentence(line_of(case, "Emma"), Words.of("both"), LATER)

    assert said == f"🔴 {chinese}\n{english}"


def test_its_number_leads_to_the_card_and_notifications_show_no_address() -> None:
    fresh = next(life(RequestKind.CUSTOMER))[0]
    it = line_of(fresh, "Emma", CARD)

    assert f"*<{CARD}|CSP-7>*" in open_escalations.sentence(it, EN, LATER)
    assert CARD not in open_escalations.fallback(it, EN, LATER)
    assert CARD in str(open_escalations.digest([it], 1, EN, LATER))


def test_a_reminder_offers_the_step_that_is_waited_for_or_a_word() -> None:
    stages = stations(RequestKind.CUSTOMER)

    assert offered(stages[Status.OPEN]) == ["Acknowledge"]
    assert offered(stages[Status.ACKNOWLEDGED]) == ["Request number", "Add a note", "Snooze"]
    submitted = stages[Status.SUBMITTED].model_copy(update={"promised_at": None, "turn": Turn.VENDOR})
    assert offered(submitted) == ["With us", "Add a note", "Snooze"]
    ours = submitted.model_copy(update={"turn": Turn.OURS})
    assert offered(ours) == ["With 21Vianet", "With the customer", "Add a note", "Snooze"]
    promised = submitted.model_copy(update={"told_at": NOW, "promised_at": NOW + timedelta(minutes=10)})
    assert offered(promised) == ["Mark customer informed", "Add a note", "Snooze"]
    assert offered(stages[Status.RESOLVED]) == ["Mark customer informed", "Add a note", "Snooze"]
    told = stages[Status.RESOLVED].model_copy(update={"told_at": NOW, "told_by": "U0LINA"})
    assert offered(told) == ["Close", "Add a note", "Snooze"]
    assert open_escalations.buttons(line_of(stages[Status.OPEN]), [], EN) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("words", [EN, ZH, Words.of("both")], ids=["en", "zh", "both"])
def test_nothing_that_was_typed_is_parsed_and_nobody_is_rung_for(text: str, words: Words) -> None:
    marked = next(life(RequestKind.CUSTOMER, f"Zebra {text}"[:3000]))[0]
    told = [line_of(replace_number(marked, n), text, CARD) for n in range(open_escalations.LISTED)]
    drawn = whole(told[0], words)
    listed = open_escalations.digest(told, len(told) + 1, words, LATER)

    for blocks in (drawn, listed):
        assert block_limits.message(blocks, open_escalations.fallback(told[0], words, LATER)).pings == []
        assert block_limits.typed_in_parsed(blocks, "Zebra") == []
        block_limits.slack_sdk_agrees(blocks)


def replace_number(case: Escalation, number: int) -> Escalation:
    """The same under another number."""
    return case.model_copy(update={"number": number})


def test_of_the_customer_no_more_than_the_name_is_told() -> None:
    """The on-call channel may have people who are in no other."""
    case = next(life(RequestKind.CUSTOMER))[0].model_copy(
        update={"customer_name": "云杉", "title": "Mail", "details": "Secret", "tenant_id": "T-1", "domain": "yun.cn"}
    )
    line = line_of(case)
    drawn = (
        f"{whole(line, EN)}{open_escalations.digest([line], 1, EN, LATER)}{open_escalations.fallback(line, EN, LATER)}"
    )

    assert "云杉" in drawn
    assert [hidden for hidden in ("Secret", "T-1", "yun.cn") if hidden in drawn] == []


def test_the_list_of_the_day_tells_severity_age_turn_and_what_sleeps() -> None:
    case = next(e for e, _ in life(RequestKind.CUSTOMER) if e.snoozed_until and e.owner)
    asleep = case.model_copy(update={"snoozed_until": LATER + timedelta(hours=3)})
    lines = block_limits.read(
        open_escalations.digest([line_of(asleep, "Emma"), replace(line_of(case), turn="")], 2, EN, LATER)
    ).splitlines()

    assert lines[0] == "🗒️ 2 escalations are open, oldest first"
    assert "A (critical) · raised 5 h ago · 💤 snoozed for 3 h more · Emma · acknowledge it" in lines
    assert "A (critical) · raised 5 h ago · nobody on call · acknowledge it" in lines


def test_the_age_is_told_in_both_languages_where_both_are_spoken() -> None:
    case = next(e for e, _ in life(RequestKind.CUSTOMER))
    said = block_limits.read(open_escalations.digest([line_of(case)], 1, Words.of("both"), LATER))

    assert "已发起 5 小时 raised 5 h ago" in said


def test_when_nothing_is_open_the_list_says_so_in_both_languages() -> None:
    assert "No escalations are open" in block_limits.read(open_escalations.digest([], 0, EN, NOW))
    assert "没有未关闭的呈报" in block_limits.read(open_escalations.digest([], 0, ZH, NOW))


def test_what_is_waited_for_follows_the_life_of_a_case() -> None:
    """Whatever happens, exactly one thing is waited for until it is ended, and each has a name."""
    told = [line_of(case, "Emma") for case, _ in life(RequestKind.CUSTOMER)]
    ended = {Status.CLOSED, Status.WITHDRAWN}
    names = [
        block_limits.read([open_escalations.thread_reminder(it, EN)]).splitlines()[-1]
        for it in told
        if it.case.status not in ended
    ]

    assert {
        "Not yet acknowledged by Emma. Please acknowledge it.",
        "Emma · submit it and record the number",
        "Emma · ask 21Vianet for an update",
    } <= set(names)
    assert any(one != other for one, other in pairwise(names))


def test_severity_c_can_not_be_lowered_and_a_returned_case_is_ours_to_solve() -> None:
    submitted = stations(RequestKind.CUSTOMER)[Status.SUBMITTED]
    ours = submitted.model_copy(
        update={"turn": Turn.OURS, "severity": Severity.B, "severity_given": None, "promised_at": None}
    )
    lowest = ours.model_copy(update={"severity": Severity.C, "severity_given": None})
    returned = ours.model_copy(update={"returned_on": NOW.date()})

    assert "may lower" in open_escalations.sentence(line_of(ours), EN, LATER)
    assert "may lower" not in open_escalations.sentence(line_of(lowest), EN, LATER)
    assert "returned CSP-" in open_escalations.sentence(line_of(returned), EN, LATER)
    assert offered(returned)[0] == "Resolve"
    assert "自行解决，或答复世纪互联" in str(open_escalations.reminder(line_of(returned), ZH))


def test_a_severity_that_21vianet_lowered_is_told_with_the_one_that_was_asked_for() -> None:
    case = stations(RequestKind.CUSTOMER)[Status.SUBMITTED].model_copy(
        update={"severity": Severity.A, "severity_given": Severity.B}
    )

    drawn = str(open_escalations.digest([line_of(case)], 1, ZH, NOW))

    assert "B（高） · 我方申请 A" in drawn
    assert "🔴" not in drawn  # the sign is that of the severity by which 21Vianet works
