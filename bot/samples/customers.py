"""Customers, as a story: told of the support, in remediation, in an incident with others, and in a report."""

from datetime import UTC, datetime

from bot.samples import longest
from bot.samples.cases import INCIDENT, LEAD, WANG, customer, do, raise_case
from bot.samples.team import SampleTeam
from handlers import ids
from models.customers.importer import import_customers
from models.customers.informing import import_statement
from models.rules.customers.csv_columns import read_sheet
from models.rules.escalations.escalation import InformedBy

BEGINS = datetime(2026, 9, 29, 1, 30, tzinfo=UTC)
"""A day before the end of a month."""
EMMA = "U0EMMA"


async def play(team: SampleTeam) -> None:
    """Inform customers, attach them to an incident, and plan what 21Vianet asks for."""
    store = team.world.store
    import_customers(store, read_sheet(longest.write_customers().encode()).lines, team.now)
    import_statement(store, longest.write_statement(), "cli", team.now)
    await team.wait(seconds=5)
    await inform(team)
    await attach(team)
    await remedy(team)
    await report(team)


async def inform(team: SampleTeam) -> None:
    """Look at the customers who must be told, tell many at once, and take one back."""
    await team.command(WANG, "customer 蓝天")
    await team.press(WANG, ids.CUSTOMER_SHOW)
    await team.command(WANG, "to-inform")
    await team.press(WANG, ids.INFORM_TEXT)
    await team.press(WANG, f"{ids.INFORM_PAGE}.more")
    await team.press(WANG, ids.INFORM_TOLD)
    await team.fill(WANG, through=InformedBy.EMAIL)
    await team.submit(WANG)
    await team.close_form(WANG)
    await team.command(WANG, "customer 000")
    await team.press(WANG, ids.INFORM_MISTAKE)


async def attach(team: SampleTeam) -> None:
    """Raise the case of an incident and of two more customers, tell all and resolve all."""
    await raise_case(team, WANG, **INCIDENT)
    await team.wait(seconds=5)
    for n in range(2):
        await team.command(WANG, "new")
        await team.fill(
            WANG, kind="customer", customer_name=customer(f"客户{n}"), service="m365", scope="one_user", severity="B",
            **INCIDENT,
        )  # fmt: skip
        await team.press(WANG, ids.ATTACH_TO)
        await team.close_form(WANG)
    await team.wait(seconds=10)
    await team.command(WANG, "ack 1")
    await team.press(WANG, ids.INFORM_CHILDREN)
    await team.fill(WANG, through=InformedBy.PHONE)
    await team.submit(WANG)
    await team.close_form(WANG)
    await do(team, WANG, "resolve 1", solved_from=None)
    await team.fill(WANG)
    await team.submit(WANG)
    await team.close_form(WANG)


async def remedy(team: SampleTeam) -> None:
    """Record what 21Vianet asked for, plan an action, and take it to the meeting."""
    await team.command(LEAD, "remediation")
    await team.press(LEAD, f"{ids.REMEDIATION}new")
    await team.fill(LEAD, requested_on="2026-09-25", meeting_at=int(team.now.timestamp()) + 90_000)
    await team.submit(LEAD)
    await team.press(LEAD, f"{ids.REMEDIATION}action")
    await team.fill(LEAD, owner=EMMA, due="2026-09-30")
    await team.submit(LEAD)
    await team.press(LEAD, f"{ids.REMEDIATION}packet.zh_CN")
    await team.wait(seconds=10)
    await team.command(LEAD, "remediation")
    await team.command(EMMA, "remediation")
    await team.skip(days=3)
    await team.wait(minutes=1)


async def report(team: SampleTeam) -> None:
    """Look at the reports of the month."""
    await team.command(LEAD, "report")
    await team.command(LEAD, "report 21vianet")
    await team.press(LEAD, f"{ids.REPORT_FILE}1")
    await team.wait(seconds=10)
