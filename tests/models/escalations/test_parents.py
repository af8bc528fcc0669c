"""One incident, many customers: cases attached to the case of a listed incident, and what becomes of them with it."""

from typing import Any

import pytest
from sqlalchemy import select

from models.escalations.commands import EscalationCommands, SentForm
from models.escalations.incident_cases import IncidentCases
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations import deadlines
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Escalation, Move, ParentBond, Status
from models.rules.escalations.request import ServiceHealth, Severity
from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy import reminders
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, WANG, customer_request, step

INCIDENT = {"health": ServiceHealth.INCIDENT, "incident_id": "MO123"}
TIMES = reminders.load_packaged()


@pytest.fixture
def on_call(store: Store) -> EscalationCommands:
    """Commands while Emma is on call."""
    return EscalationCommands(store, on_duty=lambda _: OnCallPeople(on_call=(EMMA.id,)))


def parent_of(commands: EscalationCommands, *, acknowledged: bool = True, **changes: Any) -> Escalation:
    case = commands.raise_escalation(customer_request(answers=INCIDENT, **changes), CHANNEL, WANG, NOW, "parent")
    return do(commands, case.number, Move.ACKNOWLEDGE) if acknowledged else case


def attached(commands: EscalationCommands, parent: int, key: str = "child", **changes: Any) -> Escalation:
    request = customer_request(answers=INCIDENT, **{"customer_name": "Contoso", **changes})
    return commands.raise_escalation(request, CHANNEL, WANG, NOW, key, SentForm(quick=True, parent=parent))


def do(commands: EscalationCommands, number: int, move: Move, **more: Any) -> Escalation:
    return commands.move(number, step(move, LI, **more), f"{move}:{number}")


def called(store: Store, number: int) -> int:
    query = select(OUTBOX.c.id).where(OUTBOX.c.number == number, OUTBOX.c.what == MessageKind.CALL)
    return len(store.read(lambda connection: connection.execute(query).all()))


def test_a_child_of_an_acknowledged_incident_calls_nobody_and_waits_for_nothing(
    store: Store, on_call: EscalationCommands, queries: EscalationQueries
) -> None:
    parent_of(on_call)

    child = attached(on_call, 1)

    assert (child.parent, child.parent_bond, child.follows_original) == (1, ParentBond.FOLLOWS, True)
    assert called(store, 2) == 0
    assert deadlines.find_deadline(child, TIMES) is None
    assert queries.history(2)[0].changes["parent"] == 1
    assert [case.number for case in IncidentCases(store).find_children(1)] == [2]


@pytest.mark.parametrize(
    ("incident", "child"),
    [({}, {"severity": Severity.A}), ({"severity": Severity.C}, {}), ({"acknowledged": False}, {})],
    ids=["severity A", "above the incident", "nobody has the incident"],
)
def test_severity_a_a_higher_one_and_an_incident_without_owner_reach_somebody(
    store: Store, on_call: EscalationCommands, incident: dict[str, Any], child: dict[str, Any]
) -> None:
    parent_of(on_call, **incident)

    made = attached(on_call, 1, **child)

    assert made.parent_bond is ParentBond.ACKNOWLEDGE
    assert called(store, 2) == 1
    assert deadlines.acknowledge_by(made, TIMES)
    acknowledged = do(on_call, 2, Move.ACKNOWLEDGE)
    assert acknowledged.follows_original
    assert deadlines.find_deadline(acknowledged, TIMES) is None


def test_a_child_that_becomes_severity_a_must_be_acknowledged(on_call: EscalationCommands) -> None:
    parent_of(on_call)
    attached(on_call, 1)

    urgent = do(on_call, 2, Move.CORRECT, changes={"severity": "A", "impact": "All", "contact": "Li 1"})

    assert urgent.parent_bond is ParentBond.ACKNOWLEDGE
    assert deadlines.acknowledge_by(urgent, TIMES)


def test_resolving_the_incident_resolves_no_child_and_each_goes_on_alone(
    on_call: EscalationCommands, queries: EscalationQueries
) -> None:
    parent_of(on_call)
    attached(on_call, 1)

    do(on_call, 1, Move.RESOLVE)
    do(on_call, 1, Move.RESOLVE)

    child = queries.escalation(2, WANG.team_id)
    assert child
    assert (child.status, child.parent, child.parent_bond) == (Status.OPEN, 1, ParentBond.OVER)
    assert deadlines.acknowledge_by(child, TIMES)
    assert [entry.move for entry in queries.history(2)] == [Move.RAISE, Move.PARENT]
    do(on_call, 1, Move.REOPEN)
    again = queries.escalation(2, WANG.team_id)
    assert again
    assert again.parent_bond is ParentBond.ACKNOWLEDGE


def test_an_existing_case_is_attached_and_detached(on_call: EscalationCommands, queries: EscalationQueries) -> None:
    parent = parent_of(on_call)
    on_call.raise_escalation(customer_request(), CHANNEL, WANG, NOW, "2")

    inside = do(on_call, 2, Move.PARENT, original=parent)
    outside = on_call.move(2, step(Move.PARENT, LI, original=None), "out")

    assert inside.follows_original
    assert (outside.parent, outside.parent_bond, outside.follows_original) == (None, None, False)
    assert queries.history(2)[-1].changes["parent"] == [1, None]


def test_what_can_be_no_parent_is_refused(on_call: EscalationCommands) -> None:
    parent = parent_of(on_call)
    plain = on_call.raise_escalation(customer_request(), CHANNEL, WANG, NOW, "2")
    attached(on_call, 1)
    third = do(on_call, 3, Move.NOTE)

    def reason(number: int, original: Escalation) -> str:
        with pytest.raises(Refused) as refused:
            on_call.move(number, step(Move.PARENT, LI, original=original), "refused")
        return refused.value.refusals[0].reason

    assert reason(1, parent) == "own_parent"
    assert reason(2, third) == "parent_follows"
    assert reason(1, plain) == "has_followers"
    assert reason(3, plain) == "parent_without_incident"
    do(on_call, 1, Move.RESOLVE)
    assert reason(2, parent) == "parent_over"
    with pytest.raises(Refused):
        attached(on_call, 1, "too late")


def test_incidents_are_found_by_their_id_else_by_the_service_in_the_own_team(
    store: Store, on_call: EscalationCommands
) -> None:
    parent_of(on_call)
    attached(on_call, 1)
    incidents = IncidentCases(store)

    found = [
        [case.number for case in incidents.find_parents(service, incident_id, WANG.team_id)]
        for service, incident_id in (("Teams", "mo123"), ("Exchange Online", "MO9"), ("Teams", "MO9"))
    ]

    assert found == [[1], [1], []]
    assert incidents.find_parents("Exchange Online", "MO123", STRANGER.team_id) == []
    do(on_call, 1, Move.RESOLVE)
    assert incidents.find_parents("Exchange Online", "MO123", WANG.team_id) == []
