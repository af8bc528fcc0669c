"""What is counted of returned cases in the store."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, update

from models.escalations.commands import EscalationCommands
from models.escalations.returned_cases import ReturnedCases
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.returned_rates import ReturnedShare, find_window
from models.store.database import Store
from models.store.tables import ESCALATION
from tests.models.samples import CHANNEL, EMMA, LI, NOW, TEAM, WANG, customer_request, step

DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ANSWER = update(ESCALATION).where(ESCALATION.c.number == bindparam("wanted"))


def test_cases_of_the_last_90_days_are_counted_by_area_and_customer(store: Store) -> None:
    commands = EscalationCommands(store)

    def add(customer: str, area: str | None, age: int = 1, returned: int | None = None, by: str = WANG.id) -> None:
        """A case with a number; ``age`` and ``returned`` are days ago."""
        key, at = f"{customer}{area}{age}{returned}{by}", NOW - age * DAY
        request = customer_request(customer_name=customer)
        who = next(one for one in (WANG, EMMA) if one.id == by)
        number = commands.raise_escalation(request, CHANNEL, who, at, key).number
        commands.move(number, step(Move.RECORD, LI, at), f"{key}r")
        answers = {"health": "normal", "tried": "x", **({"area": area} if area else {})}
        store.write(lambda c: c.execute(ANSWER, {"wanted": number, "answers": answers}))
        if returned is not None:
            found = ReturnFinding((NOW - returned * DAY).date(), "", NOW.date())
            commands.move(number, step(Move.RETURNED, LI, NOW, finding=found), f"{key}b")

    add("蓝天", "billing", returned=1)
    add("蓝天", "none")
    add("云杉", None, age=200, returned=3)
    add("云杉", "billing", age=200)
    add("云杉", "billing", age=100, returned=95)
    add("白云", "how_to", by=EMMA.id)
    commands.raise_escalation(customer_request(customer_name="未提交"), CHANNEL, WANG, NOW, "never")
    cases, window = ReturnedCases(store), find_window(NOW, SHANGHAI)

    overview = cases.overview(window, TEAM)

    assert (overview.rates.cases, overview.rates.returned, overview.rates.in_reseller_areas) == (4, 2, 2)
    assert overview.rates.areas == (
        ReturnedShare("", 1, 1), ReturnedShare("billing", 1, 1), ReturnedShare("how_to", 1, 0),
        ReturnedShare("none", 1, 0),
    )  # fmt: skip
    assert overview.customers == [ReturnedShare("云杉", 1, 1), ReturnedShare("蓝天", 2, 1)]
    assert [case.customer_name for case in overview.cases] == ["蓝天", "云杉"]
    assert cases.own(window, TEAM, EMMA.id).rates.cases == 1
    assert cases.overview(window, "T0OTHER").rates.cases == 0
