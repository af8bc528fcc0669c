"""Similar past cases: examples in both languages, on both databases; what is left out, and what is forgotten."""

import pytest

from models.escalations import solution_words
from models.escalations.commands import EscalationCommands, SentForm
from models.escalations.queries import EscalationQueries
from models.escalations.similar_cases import SimilarCases
from models.rules.escalations.escalation import Move
from models.store.database import Store
from tests.models.samples import CHANNEL, LI, NOW, TEAM, WANG, customer_request, step

SOLVED = (
    ("m365", "Outlook 反复要求输入密码", "客户升级后 Outlook 每隔几分钟弹出登录窗口",
     "清除 Windows 凭据管理器中的旧凭据"),
    ("m365", "Mail to external recipients bounces", "NDR 550 5.7.708 access denied, traffic not accepted from this IP",
     "The trial tenant was limited; 21Vianet lifted the sending limit"),
    ("m365", "Teams 会议没有声音", "参会者听不到声音，重新安装客户端无效", "在防火墙放行 UDP 3478-3481"),
    ("m365", "全局管理员丢失多重身份验证手机", "管理员换了手机，收不到验证码，登录被拒 AADSTS50076",
     "21Vianet 核实身份后重置了多重身份验证方法"),
    ("m365", "SharePoint 站点打开缓慢", "首页加载超过三十秒", "删除首页上失效的自定义 Web 部件"),
    ("m365", "OneDrive sync is stuck at processing changes", "Two users, since Monday. A file name has 400 characters.",
     "Shortened the path of the file and reset the client"),
    ("m365", "迁移批次停在百分之九十五", "Exchange Online 迁移，状态 Synced，错误 0x80070005",
     "重新启动迁移终结点并完成批次"),
    ("azure", "Virtual machine cannot be started in China North 3", "AllocationFailed when starting Standard_D4s_v3",
     "Resized to another family with free capacity"),
    ("azure", "存储帐户的出口流量费用异常", "账单比上月高十倍", "关闭了面向公网的匿名访问容器"),
    ("azure", "虚拟网络网关连接断开", "站点到站点 VPN 每小时断开一次", "两端改用相同的 IKEv2 生存期"),
    ("dynamics365", "Invoice page stays blank after signing in", "Only in one browser profile",
     "Allowed third-party cookies"),
    ("dynamics365", "登录后页面空白", "浏览器升级之后打开销售应用只有空白页", "允许第三方 Cookie"),
)  # fmt: skip
"""Service, title, details and fix of past cases: CSP-1, CSP-2 …"""
EXAMPLES: tuple[tuple[str, str, str, list[int]], ...] = (
    ("m365", "Outlook 一直弹出密码框", "", [1]),
    ("m365", "今天上午起发外部邮件全部退信", "退信代码：550-5.7.708", [2]),
    ("m365", "Customers get bounced mails from external recipients", "they bounce", [2]),
    ("m365", "开会时听不到声音", "Teams 客户端已经重装", [3]),
    ("m365", "管理员换手机后收不到多重身份验证的验证码", "", [4]),
    ("m365", "无法登录", "提示 AADSTS50076", [4]),
    ("m365", "站点很慢", "SharePoint 首页要打开三十秒", [5]),
    ("m365", "OneDrive stuck: processing changes for two days", "", [6]),
    ("m365", "迁移失败", "Error: 0x80070005", [7]),
    ("azure", "Cannot start VM", "AllocationFailed in China North 3", [8]),
    ("azure", "账单中出口流量费用突然升高", "", [9]),
    ("azure", "VPN 站点到站点连接每小时都断开", "", [10]),
    ("dynamics365", "页面空白", "登录后空白 blank page after signing in", [12, 11]),
    ("m365", "登录后页面空白", "浏览器升级之后", [12]),  # of another service, because it is nearly the same
    ("m365", "用户需要更多许可证", "请问怎么购买", []),
    ("m365", "The customer has a problem", "it cannot be used since today", []),
    ("m365", "问题", "", []),
    ("m365", "", "", []),
)
"""Service, title and details of a new problem, and the cases that it should name first."""


@pytest.fixture
def similar_cases(store: Store) -> SimilarCases:
    """Finds similar cases in the store."""
    return SimilarCases(store)


def solve(commands: EscalationCommands, service: str, title: str, details: str, fix: str) -> int:
    """Raise and resolve a case; its number."""
    request = customer_request(service=service, title=title, details=details)
    number = commands.raise_escalation(request, CHANNEL, WANG, NOW, f"{title} {fix}").number
    commands.move(number, step(Move.RESOLVE, text=fix), f"fix-{number}")
    return number


def named(similar_cases: SimilarCases, service: str, text: str) -> list[int]:
    """Numbers of what is found."""
    return [case.number for case in similar_cases.find(service, text, TEAM)]


def test_each_example_names_the_past_case_that_helps(commands: EscalationCommands, similar_cases: SimilarCases) -> None:
    for facts in SOLVED:
        solve(commands, *facts)

    wrong = {
        f"{title} {details}": found
        for service, title, details, expected in EXAMPLES
        if (found := named(similar_cases, service, f"{title}\n{details}"))[: max(len(expected), 1)] != expected
    }

    assert wrong == {}


def test_the_same_service_comes_first_then_the_most_alike_then_the_newest(
    commands: EscalationCommands, similar_cases: SimilarCases
) -> None:
    same = ("邮件规则失效", "转发规则不起作用", "重新创建规则")
    for service, title in (("azure", "一"), ("m365", "二"), ("m365", "三")):
        solve(commands, service, f"{same[0]} {title}", *same[1:])
    solve(commands, "m365", "邮件规则", "其他内容完全不同的说明文字", "联系世纪互联处理")

    assert named(similar_cases, "m365", " ".join(same)) == [3, 2, 4]
    assert named(similar_cases, "azure", " ".join(same))[0] == 1


def test_only_solved_cases_of_the_team_are_named_and_no_duplicates(
    commands: EscalationCommands, queries: EscalationQueries, similar_cases: SimilarCases
) -> None:
    facts = SOLVED[0]
    original, reopened = solve(commands, *facts), solve(commands, "m365", *facts[1:3], "另一种办法")
    request = customer_request(service="m365", title=facts[1], details=facts[2])
    open_case = commands.raise_escalation(request, CHANNEL, WANG, NOW, "open")
    duplicate = commands.raise_escalation(request, CHANNEL, WANG, NOW, "duplicate")
    commands.move(duplicate.number, step(Move.RESOLVE, text="同上"), "resolve duplicate")
    commands.move(duplicate.number, step(Move.DUPLICATE, original=queries.escalation(original)), "mark")
    commands.move(reopened, step(Move.REOPEN), "reopen")

    assert named(similar_cases, "m365", facts[1]) == [original]
    assert similar_cases.find("m365", facts[1], "T0OTHER") == []
    assert open_case.number not in named(similar_cases, "m365", facts[1])


def test_a_corrected_title_counts_and_a_forgotten_case_is_found_no_more(
    commands: EscalationCommands, similar_cases: SimilarCases, store: Store
) -> None:
    number = solve(commands, *SOLVED[4])
    commands.move(number, step(Move.CORRECT, LI, changes={"title": "列表视图达到阈值 5000"}), "correct")
    assert named(similar_cases, "m365", "列表视图超过阈值") == [number]

    store.write(lambda connection: solution_words.forget(connection, number))

    assert named(similar_cases, "m365", "列表视图超过阈值") == []


def test_hostile_texts_are_no_query(commands: EscalationCommands, similar_cases: SimilarCases) -> None:
    solve(commands, *SOLVED[1])

    for text in ('" OR 1', "'); DROP TABLE history; --", "NEAR(a b)", "{a}", "\x00", "𠀀𠀁𠀂", "ß²①ª_é", "a" * 3000):
        assert named(similar_cases, "m365", text) == []


def test_rare_words_are_found_in_old_cases_too(store: Store, commands: EscalationCommands) -> None:
    old = solve(commands, *SOLVED[6])
    recent = SimilarCases(store)
    for n in range(3):
        solve(commands, "m365", f"日历共享第{n}次", "日历不显示", "重新共享日历")

    assert named(recent, "m365", "0x80070005") == [old]


@pytest.mark.parametrize("fix", ["as CSP-1: reset the gateway", "同 CSP-1：重启网关"])
def test_a_case_that_was_resolved_with_its_incident_stands_for_the_incidents_case(
    commands: EscalationCommands, similar_cases: SimilarCases, fix: str
) -> None:
    parent = solve_attached(commands, fix)

    assert named(similar_cases, "m365", "Gateway is down, nobody can send") == [parent]


def solve_attached(commands: EscalationCommands, fix: str) -> int:
    """Resolve an incident's case, and one attached to it with the same words; the number of the first."""
    incident = {"health": "incident", "incident_id": "MO123456", "health_at": NOW.isoformat()}
    request = customer_request(service="m365", title="Gateway is down", answers=incident)
    parent = commands.raise_escalation(request, CHANNEL, WANG, NOW, "parent")
    child = commands.raise_escalation(request, CHANNEL, WANG, NOW, "child", SentForm(quick=True, parent=parent.number))
    commands.move(parent.number, step(Move.RESOLVE, text="reset the gateway"), "fix-parent")
    commands.move(child.number, step(Move.RESOLVE, text=fix), "fix-child")
    return parent.number
