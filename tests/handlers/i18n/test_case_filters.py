"""What is typed after ``search``: words and filters in both languages, and what is said of a wrong one."""

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.i18n.case_filters import FilterContext, parse_selection
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import Words
from models.rules.errors import Refused
from models.rules.escalations.escalation import ENDED, Status, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.selection import CaseSelection
from models.rules.policy import reader

NAMES = {"U0WANG": "王伟 Wang Wei", "U0LINA": "李娜 Li Na", "U0LI": "李强 Li Qiang"}


def context(language: str = "en", me: str = "U0EMMA") -> FilterContext:
    services = tuple(reader.load_packaged().services.values())
    return FilterContext(
        Words.of(language), services, ZoneInfo("Asia/Shanghai"), date(2026, 11, 22), lambda: NAMES, me
    )  # fmt: skip


def parsed(text: str) -> CaseSelection:
    return parse_selection(text, context())


def refused(text: str, language: str = "en", me: str = "U0EMMA") -> str:
    with pytest.raises(Refused) as caught:
        parse_selection(text, context(language, me))
    [refusal] = caught.value.refusals
    return Words.of(language)(REFUSALS[refusal.reason], **refusal.values)


def states(*chosen: Status) -> CaseSelection:
    return CaseSelection(states=frozenset(chosen))


@pytest.mark.parametrize(
    "text",
    [
        "state:submitted", "state: submitted", "State:SUBMITTED", "status:sub", "state：submitted", "状态:已提交",
        "状态：已提交", "状态： 已提交", "状态：已提交世纪互联", "state:Submitted to 21Vianet",
        'state:"Submitted to 21Vianet"',
        "状态：submitted", "state:已提交世纪互联", "ｓｔａｔｅ：submitted", "state:submitted,",
    ],
)  # fmt: skip
def test_a_state_is_written_in_either_language(text: str) -> None:
    assert parsed(text) == states(Status.SUBMITTED)


@pytest.mark.parametrize(
    "text",
    [
        "state:open,closed",
        "state:open state:closed",
        "状态：待认领、已关闭",
        "状态：待认领，已关闭",
        "state:open, closed",
    ],
)
def test_several_values_of_one_filter_widen_it(text: str) -> None:
    assert parsed(text) == states(Status.OPEN, Status.CLOSED)


@pytest.mark.parametrize("text", ["state:active", "状态：未关闭", "状态：未结束"])
def test_what_is_not_over_has_one_name(text: str) -> None:
    assert parsed(text).states == frozenset(Status) - ENDED


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("turn:customer", Turn.CUSTOMER), ("turn:with the customer", Turn.CUSTOMER), ("轮到：客户", Turn.CUSTOMER),
        ("turn:21v", Turn.VENDOR), ("轮到：世纪互联", Turn.VENDOR), ("轮到：等世纪互联", Turn.VENDOR),
        ("turn:us", Turn.OURS), ("轮到：我们", Turn.OURS), ("待处理方：轮到我们", Turn.OURS),
    ],
)  # fmt: skip
def test_whose_turn_it_is(text: str, turn: Turn) -> None:
    assert parsed(text) == CaseSelection(turns=frozenset([turn]))


@pytest.mark.parametrize(
    "text", ["severity:a", "sev:A", "严重性：A", "severity:A (critical)", "严重性：A（严重）", "严重程度：ａ"]
)
def test_a_severity_is_a_letter_or_its_label(text: str) -> None:
    assert parsed(text) == CaseSelection(severities=frozenset([Severity.A]))


@pytest.mark.parametrize(
    "text", ["service:m365", "service:Microsoft 365 / Office 365", "服务：microsoft", "service:office"]
)
def test_a_service_is_named_as_people_read_it(text: str) -> None:
    assert parsed(text) == CaseSelection(services=frozenset(["m365"]))


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("owner:me", ["U0EMMA"]), ("负责人：我", ["U0EMMA"]), ("owner:nobody", [None]), ("负责人：暂无", [None]),
        ("owner:王伟 Wang Wei", ["U0WANG"]), ("owner:wang", ["U0WANG"]), ("owner:@wang", ["U0WANG"]),
        ("owner:<@U0WANG|wang>", ["U0WANG"]), ("owner:U0LI", ["U0LI"]), ("负责人：李", ["U0LINA", "U0LI"]),
        ("owner:me,nobody", ["U0EMMA", None]),
    ],
)  # fmt: skip
def test_an_owner_is_me_nobody_a_mention_or_part_of_a_name(text: str, owners: list[str | None]) -> None:
    assert parsed(text) == CaseSelection(owners=frozenset(owners))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("from:2026-11-01 to:2026-11-02", (10, 31, 16), (11, 2, 16)),
        ("从：2026年11月1日 到：2026年11月2日", (10, 31, 16), (11, 2, 16)),
        ("from:2026-11", (10, 31, 16), None), ("to:2026/10", None, (10, 31, 16)),
        ("from:yesterday", (11, 20, 16), None),
        ("从：今天", (11, 21, 16), None), ("from:7d", (11, 14, 16), None), ("从：1周前", (11, 14, 16), None),
        ("自：11月1日", (10, 31, 16), None),
    ],
)  # fmt: skip
def test_days_are_whole_days_in_the_readers_zone(
    text: str, start: tuple[int, int, int] | None, end: tuple[int, int, int] | None
) -> None:
    def at(one: tuple[int, int, int] | None) -> datetime | None:
        return datetime(2026, *one, tzinfo=UTC) if one else None

    assert parsed(text) == CaseSelection(raised_from=at(start), raised_before=at(end))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outlook 密码", "outlook 密码"), ("09:00", "09:00"), ("https://portal.azure.cn/a", "https://portal.azure.cn/a"),
        ('"state:open"', "state:open"), ("“状态：已提交”", "状态：已提交"),
        ("C:\\temp", "C:\\temp"), ("550:5.7", "550:5.7"),
        ("Error: mail bounces", "Error:mail bounces"), ("a:b", "a:b"), ("mail state:open bounces", "mail bounces"),
        ('"mail bounces"', "mail bounces"),
    ],
)  # fmt: skip
def test_everything_else_is_a_word(text: str, words: str) -> None:
    assert parsed(text).words == words


def test_words_and_filters_stand_together_in_any_order() -> None:
    selection = parsed("状态：已提交，轮到：客户 outlook 客户：蓝天 编号：6251，CSP-7 customer:'海'")

    assert selection == CaseSelection(
        words="outlook", states=frozenset([Status.SUBMITTED]), turns=frozenset([Turn.CUSTOMER]),
        customers=("蓝天", "'海'"), numbers=("6251", "CSP-7"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stat:open", "There is no filter “stat:”. Did you mean “state:”? Filters are: state:, turn:, service:, "
         "severity:, owner:, returned:, customer:, number:, from:, to:. To look for these words, put them in quotes."),
        ("stat: open", "There is no filter “stat:”. Did you mean “state:”?"),
        ("xyzzy:1", "There is no filter “xyzzy:”. Filters are: state:"),
        ("state:opne", "“opne” can't follow “state:”. Did you mean “state:open”? What can follow: open, "
         "acknowledged, submitted"),
        ("state:x", "“x” can't follow “state:”. What can: open"),
        ("severity:D", "“D” can't follow “severity:”. What can: A, B, C."),
        ("turn:custmer", "Did you mean “turn:customer”? What can follow: ours, 21vianet, customer."),
        ("service:azrue", "Did you mean “service:Azure”?"),
        ("owner:zhang", "“zhang” can't follow “owner:”. What can: me, nobody, "),
        ('owner:"王薇 Wang Wei"', "Did you mean “owner:王伟 Wang Wei”?"),
        ("from:soon", "What can: 2026-11-01, 2026-11, today, yesterday, 7d."),
        ("from:2026-02-30", "“2026-02-30” can't follow “from:”"), ("to:9999-01", "can't follow “to:”"),
        ("mail state:", "Something is missing after “state:”. What can follow: open"),
        ("from:2026-11-03 to:2026-11-01", "This ends before it begins"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_is_allowed_and_the_nearest(text: str, said: str) -> None:
    assert said in refused(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("状太：已提交", "没有“状太:”这个筛选条件。你要的是不是“状态：”？可用的筛选条件："
         "状态：、轮到：、服务：、严重性：、负责人：、退回：、客户：、编号：、从：、到："),
        ("状态：已提教", "“状态：”后面不能填写“已提教”。"), ("严重性：D", "可以填写：A、B、C。"),
        ("负责人：张", "可以填写：我、暂无、"),
        ("从：明年", "可以填写：2026-11-01、2026-11、今天、昨天、7天。"),
        ("状态：", "“状态：”后面缺少内容。可以填写：待认领、"),
    ],
)  # fmt: skip
def test_a_chinese_reader_is_told_in_chinese(text: str, said: str) -> None:
    assert said in refused(text, "zh_CN")


def test_nobody_is_me_in_the_terminal() -> None:
    assert "What can: nobody, " in refused("owner:me", me="")


@pytest.mark.parametrize("wanted", ["turn", "severity", "service", "state"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_whatever_is_offered_is_understood(wanted: str, language: str) -> None:
    offered = refused(f"{wanted}:!!!", language).split("What can: ")[-1].split("可以填写：")[-1].rstrip(".。")

    for value in offered.replace("、", ", ").split(", "):
        assert parsed(f"{wanted}:{value}") != CaseSelection(), value


@given(st.text(st.sampled_from('state:："“” ，,open状态已a1\\/<@>\n'), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Refused):
        assert isinstance(parsed(text), CaseSelection)


@pytest.mark.parametrize(
    ("text", "returned"),
    [("returned:yes", [True]), ("退回：是", [True]), ("returned:no", [False]), ("退回：否", [False])],
)
def test_what_21vianet_returned_is_filtered(text: str, returned: list[bool]) -> None:
    assert parsed(text).returned == frozenset(returned)
