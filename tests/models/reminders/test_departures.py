"""Somebody leaves the workspace: from then on nobody counts on them, and what they own is called out."""

from dataclasses import replace
from datetime import datetime

from models.oncall.snapshot import Scenes
from models.rules.delivery import What
from models.rules.escalations.escalation import Move
from models.rules.people import Person
from models.rules.rota.gaps import Reason
from tests.models.reminders.conftest import BOBS, DAY, HOUR, HOUSE, MINUTE, Duty
from tests.models.samples import LI, NOW, raised, step

BOB = Person(id="U0BOB", team_id="T0CSP", name="Bob")
GONE = BOB.model_copy(update={"is_deleted": True})


def owned_by_bob(duty: Duty, key: str) -> int:
    """An open escalation of Bob's."""
    number = raised(duty.desk, key).number
    duty.desk.move(number, step(Move.HAND_OVER, LI, to="U0BOB"), f"hand-{key}")
    return number


def test_from_then_on_nobody_counts_on_them_and_again_once_they_are_back(duty: Duty) -> None:
    duty.plan()
    scenes = Scenes(duty.store, duty.rotas)
    assert scenes.at(NOW).everybody_on(NOW) == ("U0BOB", "U0CID")

    duty.desk.remember((GONE, NOW))
    away = scenes.at(NOW + MINUTE)
    duty.desk.remember((BOB, NOW + 3 * HOUR))
    back = scenes.at(NOW + 3 * HOUR)

    assert away.everybody_on(NOW + MINUTE) == ("U0CID",)
    first, *_ = [gap for gap in away.gaps if gap.seat == "primary"]
    assert (first.start, first.end, first.reason, first.who) == (NOW, BOBS + DAY, Reason.LEFT_WORKSPACE, ("bob",))
    assert back.everybody_on(NOW + 3 * HOUR) == ("U0BOB", "U0CID")
    assert {gap.end for gap in back.gaps if gap.reason is Reason.LEFT_WORKSPACE} == {NOW + 3 * HOUR}
    assert on(duty, NOW) == ""
    assert on(duty, NOW + 3 * HOUR) == "bob"


def on(duty: Duty, at: datetime) -> str:
    """Who is responsible in the primary seat; empty for nobody."""
    return next((one.person for one in duty.watches.on_duty(at) if one.place.seat == "primary"), "")


def test_they_are_reminded_of_nothing_and_their_gap_has_a_card(duty: Duty) -> None:
    duty.plan()
    duty.desk.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + 3 * DAY)

    assert [one for one in duty.said() if one.to == "U0BOB"] == []
    assert [one.what for one in duty.said("gap:", [What.GAP])]


def test_whoever_leaves_while_they_stay_on_for_a_handover_does_not_stay_on(duty: Duty) -> None:
    duty.plan()
    duty.confirmed(BOBS, 1)
    change = BOBS + DAY
    assert on(duty, change + HOUR) == "bob"

    duty.desk.remember((GONE, change + 2 * HOUR))

    assert on(duty, change + HOUR) == "bob"
    assert on(duty, change + 3 * HOUR) == "ann"
    assert duty.watches.handovers(change, change + MINUTE, change + 3 * HOUR) == []


def test_what_they_own_is_called_out_once_to_the_leads_until_somebody_else_owns_it(duty: Duty) -> None:
    one, other = owned_by_bob(duty, "one"), owned_by_bob(duty, "other")
    duty.desk.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    (said,) = duty.said("left:")
    assert (said.what, said.to) == (What.NAG, LI.id)

    for number in (one, other):
        duty.desk.move(number, step(Move.HAND_OVER, LI, to="U0ANN"), f"again-{number}")
    duty.ticks(NOW + HOUR, NOW + 2 * HOUR)
    assert sorted(made[0] for made in duty.made("left:")) == ["owns", "reassigned"]


def test_without_leads_the_channel_is_told(duty: Duty) -> None:
    owned_by_bob(duty, "one")
    duty.vigil = duty.replica(replace(HOUSE, leads=()))
    duty.desk.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    assert [one.to for one in duty.said("left:")] == ["C0ONCALL"]


def test_nothing_is_said_of_somebody_who_owns_nothing(duty: Duty) -> None:
    duty.desk.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    assert duty.said("left:") == []


def test_a_case_whose_owner_left_is_reminded_of_to_the_leads_instead(duty: Duty) -> None:
    owned_by_bob(duty, "one")
    duty.desk.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + 2 * DAY)

    nags = [one for one in duty.said("escalation:", [What.NAG]) if one.to.startswith("U0")]
    assert LI.id in {one.to for one in nags}
    assert "U0BOB" not in {one.to for one in nags}
