"""Cases, as a story: raised, looked at, filed, snoozed, handed over, told, solved, kept as an article, opened again."""

from datetime import UTC, datetime
from typing import Any

from bot.samples.team import CHANNEL, SampleTeam
from handlers import ids
from models.escalations import erasing
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import InformedBy, Move, Turn

BEGINS = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
"""Monday, 09:30 in China: Li Na is on call, and leads."""
LEAD, WANG, EMMA = "U0LINA", "U0WANG", "U0EMMA"
ACK = ids.move_button(Move.ACKNOWLEDGE)
INCIDENT = {"health": "incident", "incident_id": "MO123456"}
LISTS = (
    "help", "list", "mine", "search 邮件", "search nothing like this", "show 1", "history 1", "drafts", "articles",
    "articles KB-1", "rates", "report", "report 21vianet", "customer 蓝天", "lsit", "CSP-1 nonsense",
)  # fmt: skip
TYPED = ("CSP-1 note {text}", "CSP-1 told phone", "CSP-1 ours", "CSP-1 21v", "CSP-1 nonsense", "CSP-99 ack", "hello")


def customer(name: str) -> dict[str, Any]:
    """Return the choice of a customer who is not in the list."""
    return {"text": {"type": "plain_text", "text": name[:75]}, "value": f"typed:{name}"}


async def raise_case(team: SampleTeam, user: str, **answers: Any) -> None:
    """Raise a case with the form."""
    await team.command(user, "new")
    usual = {
        "kind": "customer", "customer_name": customer("上海蓝天信息技术与智能制造供应链管理（集团）股份有限公司" * 3),
        "service": "m365", "scope": "some_users", "affected": "250", "severity": "B",
    }  # fmt: skip
    await team.fill(user, **{**usual, **answers})
    await team.submit(user)
    await team.close_form(user)


async def do(team: SampleTeam, user: str, command: str, **answers: Any) -> None:
    """Type a move of which the form opens, and send it."""
    await team.command(user, command)
    await team.fill(user, **answers)
    await team.submit(user)
    await team.wait(seconds=5)


async def play(team: SampleTeam) -> None:
    """Raise cases and do everything with them."""
    await team.wait(seconds=5)
    await team.press(LEAD, ids.ROTA_CONFIRM)
    await team.command(WANG, "quick")
    await team.fill(WANG, customer_name=customer("上海蓝天"), title="x", severity="A")
    await team.close_form(WANG)
    await raise_case(team, WANG, severity="A")  # CSP-1
    await raise_case(team, WANG, severity="A", more=["yes"])  # CSP-2
    await team.wait(minutes=20)
    await team.press(LEAD, ACK)
    await team.wait(minutes=1)
    await move(team)
    await look(team)
    await leave(team)


async def move(team: SampleTeam) -> None:
    """Carry out every move of a case."""
    await do(team, LEAD, "snooze 1")
    await team.command(LEAD, "wake 1")
    await do(team, LEAD, "correct 1")
    await do(team, LEAD, "number 1", request_number="625112200012345", severity_given="B")
    await do(team, LEAD, "duplicate 2", original="CSP-1")
    await do(team, LEAD, "returned 1")
    await team.command(LEAD, "told 1")
    await do(team, LEAD, "how-informed 1", through=InformedBy.PHONE)
    await team.command(LEAD, "responded 1")
    await do(team, LEAD, "reassign 1", owner=WANG)
    await team.wait(minutes=20)
    for line in TYPED:
        await team.type(LEAD, line.format(text="很长的备注" * 500))
    await team.press(LEAD, ids.turn_button(Turn.OURS))
    await team.skip(days=1)
    await team.wait(minutes=5)
    await do(team, LEAD, "resolve 1", solved_from=None)
    await do(team, LEAD, "reopen 1")
    await do(team, LEAD, "resolve 1", solved_from=None)
    await do(team, LEAD, "close-uninformed 1")
    await team.command(LEAD, "show 1")
    await team.press(LEAD, ids.CARD_MORE, option=ids.ARTICLE_KEEP)
    await team.fill(LEAD, link="https://docs.azure.cn/zh-cn/" + "a" * 150)
    await team.submit(LEAD)
    await team.press(LEAD, ids.ARTICLE_EDIT)
    await team.fill(LEAD)
    await team.submit(LEAD)
    await team.press(LEAD, ids.ARTICLE_CONFIRM)
    await team.close_form(LEAD)


async def look(team: SampleTeam) -> None:
    """Look at everything."""
    await team.open_home(LEAD)
    for command in LISTS:
        await team.command(LEAD, command)
    await team.command(LEAD, "show 1")
    for option in (ids.COPY, ids.HISTORY, ids.CUSTOMER_TEXT, ids.CASE_PICTURE):
        await team.press(LEAD, ids.CARD_MORE, option=option)
    await team.shortcut(WANG, ids.MESSAGE_SHORTCUT)
    await team.shortcut(LEAD, ids.ATTACH_SHORTCUT)
    await team.fill(LEAD, case_name="CSP-1")
    await team.submit(LEAD)
    await team.command(LEAD, "list")
    await team.press(LEAD, f"{ids.EXPORT}.xlsx")
    await team.wait(seconds=10)


async def leave(team: SampleTeam) -> None:
    """Let somebody who owns a case leave the workspace, and their words be erased."""
    for number in (3, 4):
        await raise_case(team, EMMA, severity="A")
        await team.command(EMMA, f"ack {number}")
        await do(team, LEAD, f"number {number}", request_number=f"62511220001234{number}", severity_given="B")
        await do(team, LEAD, f"returned {number}")
    await team.wait(minutes=1)
    await raise_case(team, EMMA)
    team.leave_workspace(EMMA)
    await team.wait(minutes=10)
    channel = team.slack.workspace.conversations[CHANNEL]
    channel.is_archived = True
    await team.command(LEAD, "ack 5")
    await team.wait(minutes=2)
    channel.is_archived = False
    erasing.erase(team.world.store, ErasureRequest(WANG, cases=(1,)), "cli", "asked", team.now)
    await team.wait(minutes=2)
