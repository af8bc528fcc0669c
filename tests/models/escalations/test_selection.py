"""Finding escalations by filters, alone and with words, on both databases."""

from datetime import timedelta

import pytest

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Move, Status, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.selection import CaseSelection
from tests.models.samples import CHANNEL, EMMA, NOW, STRANGER, TEAM, WANG, customer_request, raised, step

DAY = timedelta(days=1)
URGENT = {"impact": "Nobody can work", "affected": "25"}


@pytest.fixture
def board(commands: EscalationCommands) -> EscalationCommands:
    """CSP-1 open, CSP-2 acknowledged by Wang, CSP-3 submitted and lowered, CSP-4 withdrawn, CSP-5 of another team."""
    raised(commands, "1", NOW)
    raised(commands, "2", NOW + DAY, customer_name="Contoso 北京", service="m365", severity=Severity.A, answers=URGENT)
    raised(commands, "3", NOW + 2 * DAY, customer_name="100%_Ltd", service="azure", severity=Severity.A, answers=URGENT)
    raised(commands, "4", NOW + 3 * DAY, title="Contoso is not the customer")
    commands.raise_escalation(customer_request(), CHANNEL, STRANGER, NOW, "5")
    commands.move(2, step(Move.ACKNOWLEDGE, WANG), "k2")
    commands.move(3, step(Move.ACKNOWLEDGE, EMMA), "k3")
    commands.move(3, step(Move.RECORD, EMMA, text="SR625112200012345", severity_given=Severity.B), "k4")
    commands.move(3, step(Move.RETURNED, EMMA, NOW + 2 * DAY), "k6")
    commands.move(3, step(Move.TURN, EMMA, turn=Turn.VENDOR), "k7")
    commands.move(4, step(Move.WITHDRAW), "k5")
    return commands


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CaseSelection(states=frozenset([Status.OPEN])), [1]),
        (CaseSelection(states=frozenset([Status.OPEN, Status.WITHDRAWN])), [4, 1]),
        (CaseSelection(turns=frozenset([Turn.VENDOR])), [3]),
        (CaseSelection(severities=frozenset([Severity.A])), [3, 2]),
        (CaseSelection(severities=frozenset([Severity.B])), [4, 3, 1]),
        (CaseSelection(services=frozenset(["m365", "azure"])), [3, 2]),
        (CaseSelection(owners=frozenset([WANG.id])), [2]),
        (CaseSelection(owners=frozenset([None])), [4, 1]),
        (CaseSelection(owners=frozenset([None, EMMA.id])), [4, 3, 1]),
        (CaseSelection(returned=frozenset([True])), [3]),
        (CaseSelection(returned=frozenset([False])), [4, 2, 1]),
        (CaseSelection(returned=frozenset([True, False])), [4, 3, 2, 1]),
        (CaseSelection(customers=("蓝天",)), [4, 1]),
        (CaseSelection(customers=("contoso",)), [2]),
        (CaseSelection(customers=("NTOS",)), [2]),
        (CaseSelection(customers=("n",)), [2]),
        (CaseSelection(customers=("contoso", "100%")), [3, 2]),
        (CaseSelection(customers=("%",)), [3]),
        (CaseSelection(numbers=("CSP-2",)), [2]),
        (CaseSelection(numbers=("2",)), [3, 2]),
        (CaseSelection(numbers=("12345",)), [3]),
        (CaseSelection(numbers=("CSP-4", "234")), [4, 3]),
        (CaseSelection(numbers=("sr6251",)), [3]),
        (CaseSelection(numbers=("CSP-1", "CSP-4")), [4, 1]),
        (CaseSelection(raised_from=NOW + DAY), [4, 3, 2]),
        (CaseSelection(raised_from=NOW + DAY, raised_before=NOW + 2 * DAY), [2]),
        (CaseSelection(words="mail", severities=frozenset([Severity.A])), [3, 2]),
        (CaseSelection(words="contoso", states=frozenset([Status.WITHDRAWN])), [4]),
        (CaseSelection(words="zebra", states=frozenset([Status.OPEN])), []),
        (CaseSelection(words="北京", customers=("contoso",), owners=frozenset([WANG.id])), [2]),
        (CaseSelection(), []),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("board")
def test_each_filter_narrows_what_is_found(
    queries: EscalationQueries, wanted: CaseSelection, numbers: list[int]
) -> None:
    page = queries.search_page(wanted, TEAM, 10)

    assert [escalation.number for escalation in page.escalations] == numbers


@pytest.mark.usefixtures("board")
def test_pages_of_a_filter_are_full_and_in_order(queries: EscalationQueries) -> None:
    wanted = CaseSelection(raised_from=NOW)

    pages = [queries.search_page(wanted, TEAM, 3, offset) for offset in (0, 3)]
    assert [[e.number for e in page.escalations] for page in pages] == [[4, 3, 2], [1]]
    assert [page.more for page in pages] == [True, False]
