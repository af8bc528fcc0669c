"""The longest that people plausibly type: names, titles, details and files near the limits of each."""

from typing import Any

from bot.sandbox import Sandbox
from bot.sandbox.elements import options_of
from bot.sandbox.json_types import Json
from bot.sandbox.people import SandboxUser
from bot.simulation.example_team import CHANNELS, EXAMPLE_TEAM

NAMES = {
    "U0LINA": "李娜（技术服务交付中心云平台支持部）Li Na",
    "U0WANG": "王伟（技术服务交付中心夜间值守组）Wang Wei",
    "U0EMMA": "Emma Charlotte Clarke-Montgomery <Support & Delivery>",
}
"""The name of each person in Slack and in the rota."""
NOT_ON_ROTA = "U0ZHOU"
LEADS = frozenset({"U0LINA", NOT_ON_ROTA})
SENTENCE = "华东区三处门店从今早 8:20 起无法收发邮件，重启与重新登录均无效，<b>客户</b> & 门店要求 *今日* 恢复；"
"""What is typed everywhere, again and again up to the limit of a field."""
CUSTOMERS = 40


def write_text(limit: int) -> str:
    """Return a text of so many characters."""
    return (SENTENCE * (limit // len(SENTENCE) + 1))[:limit]


def answer(element: Json) -> Any:
    """Return an answer to a field: the longest text, the last choice, or all that may be chosen."""
    match element["type"]:
        case "plain_text_input":
            return write_text(element.get("max_length", 3000))
        case "checkboxes" | "multi_static_select":
            return options_of(element)
        case "users_select":
            return "U0EMMA"
        case _:
            return options_of(element)[-1]


def add_people(sandbox: Sandbox, locale: str) -> None:
    """Add a lead who is not on the rota, give the people of a sandbox long names, and let all read one language."""
    workspace = sandbox.slack.workspace
    workspace.add_person(SandboxUser(NOT_ON_ROTA, "zhou", NOT_ON_ROTA))
    for channel in CHANNELS:
        workspace.conversations[channel].members.add(NOT_ON_ROTA)
    for person in workspace.people.values():
        person.locale = locale
        if name := NAMES.get(person.id):
            person.real_name = person.display_name = name


def write_customers() -> str:
    """Return a list of customers with long names and contacts, as an import reads it."""
    head = "Microsoft ID,Company name,Primary domain name,Relationship,Services,Agreement,Delegated privileges,"
    head += "Severity A,Language,Contact,Phone,E-mail,WeCom,Hours"
    name = "上海蓝天信息技术与智能制造供应链管理（集团）股份有限公司浦东新区张江高科技园区分公司"
    contact = "欧阳司徒建国（信息化建设与运维管理部）"
    rows = (
        f"5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20b{n:03},{name}{n:03},customer-with-a-long-name-{n:03}.partner.onmschina.cn,"
        f"Cloud Reseller,Azure; Microsoft 365; Dynamics 365; Power BI,21VCA,yes,{'yes' if n % 2 else 'no'},"
        f"{'zh' if n % 2 else 'en'},{contact},021 5550 {n:04},"
        f"ouyang.situ.jianguo.{n:03}@customer-with-a-long-name.example,ouyang-situ-jianguo-{n:03},"
        "周一至周五 8:30–18:30，节假日除外，紧急情况请致电值班手机"
        for n in range(CUSTOMERS)
    )
    return "\n".join((head, *rows, ""))


def write_rota() -> str:
    """Return a rota of people with long names: nobody is backup at weekends, so that there are gaps."""
    people = {**NAMES, **{user: f"{name}（技术服务交付中心）" for user, name in EXAMPLE_TEAM.items()}}
    members = "".join(
        f'[[member]]\nname = "{name}"\nslack = "{user}"\nrole = "admin_agent"\nlanguages = ["zh", "en"]\n'
        'services = ["m365", "azure", "d365", "power"]\n'
        for user, name in people.items()
    )
    first, *others = people.values()
    quoted = ", ".join(f'"{name}"' for name in (*others, first))
    return f"""zone = "Asia/Shanghai"
longest_hours = 36
rest_hours = 11
[[seat]]
name = "primary"
services = ["m365", "azure"]
languages = ["zh"]
[[seat]]
name = "backup"
{members}
[[layer]]
name = "primary, everybody in turn for a day and a night each"
seat = "primary"
members = [{quoted}]
starts = 2026-09-07
turn_hours = 24
handoff = 09:00:00
[[layer]]
name = "backup, on workdays only"
seat = "backup"
members = ["{others[3]}", "{others[4]}"]
starts = 2026-09-07
turn_hours = 24
handoff = 09:00:00
days = ["mon", "tue", "wed", "thu", "fri"]
"""


def write_statement() -> str:
    """Return a support statement with long values in both languages."""
    keys = ("types", "hours", "site", "email", "phone", "price")
    return "".join(
        f"[{language}]\n" + "".join(f"{key} = '{write_text(200)}'\n" for key in keys) for language in ("zh", "en")
    )
