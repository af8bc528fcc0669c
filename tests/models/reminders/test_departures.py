"""Somebody leaves the workspace: from then on nobody counts on them, and what they own is called out."""

from dataclasses import replace
from datetime import datetime

from models.oncall.snapshot import SnapshotCache
from models.rules.escalations.escalation import Move
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person
from models.rules.rota.gaps import GapReason
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, REMINDER_SETTINGS, Duty
from tests.models.samples import LI, NOW, raised, step

BOB = Person(id="U0BOB", team_id="T0CSP", name="Bob")
GONE = BOB.model_copy(update={"is_deleted": True})


def owned_by_bob(duty: Duty, key: str) -> int:
    """An open escalation of Bob's."""
    number = raised(duty.commands, key).number
    duty.commands.move(number, step(Move.HAND_OVER, LI, new_owner="U0BOB"), f"hand-{key}")
    return number


def test_from_then_on_nobody_counts_on_them_and_again_once_they_are_back(duty: Duty) -> None:
    duty.rota()
    snapshots = SnapshotCache(duty.store, duty.rota_store)
    assert snapshots.at(NOW).everybody_on_call(NOW) == ("U0BOB", "U0CID")

    duty.commands.remember((GONE, NOW))
    away = snapshots.at(NOW + MINUTE)
    duty.commands.remember((BOB, NOW + 3 * HOUR))
    back = snapshots.at(NOW + 3 * HOUR)

    assert away.everybody_on_call(NOW + MINUTE) == ("U0CID",)
    first, *_ = [gap for gap in away.gaps if gap.seat == "primary"]
    assert (first.start, first.end, first.reason, first.people) == (NOW, BOBS + DAY, GapReason.LEFT_WORKSPACE, ("bob",))
    assert back.everybody_on_call(NOW + 3 * HOUR) == ("U0BOB", "U0CID")
    assert {gap.end for gap in back.gaps if gap.reason is GapReason.LEFT_WORKSPACE} == {NOW + 3 * HOUR}
    assert on(duty, NOW) == ""
    assert on(duty, NOW + 3 * HOUR) == "bob"


def on(duty: Duty, at: datetime) -> str:
    """Who is responsible in the primary seat; empty for nobody."""
    return next((one.person for one in duty.confirmations.find_on_call(at) if one.slot.seat == "primary"), "")


def test_they_are_reminded_of_nothing_and_their_gap_has_a_card(duty: Duty) -> None:
    duty.rota()
    duty.commands.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + 3 * DAY)

    assert [one for one in duty.said() if one.to == "U0BOB"] == []
    assert [one.what for one in duty.said("gap:", [MessageKind.GAP])]


def test_whoever_leaves_while_they_stay_on_for_a_handover_does_not_stay_on(duty: Duty) -> None:
    duty.rota()
    duty.confirmed(BOBS, 1)
    change = BOBS + DAY
    assert on(duty, change + HOUR) == "bob"

    duty.commands.remember((GONE, change + 2 * HOUR))

    assert on(duty, change + HOUR) == "bob"
    assert on(duty, change + 3 * HOUR) == "ann"
    assert duty.confirmations.handovers(change, change + MINUTE, change + 3 * HOUR) == []


def test_what_they_own_is_called_out_once_to_the_leads_until_somebody_else_owns_it(duty: Duty) -> None:
    one, other = owned_by_bob(duty, "one"), owned_by_bob(duty, "other")
    duty.commands.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    (said,) = duty.said("left:")
    assert (said.what, said.to) == (MessageKind.REMINDER, LI.id)

    for number in (one, other):
        duty.commands.move(number, step(Move.HAND_OVER, LI, new_owner="U0ANN"), f"again-{number}")
    duty.ticks(NOW + HOUR, NOW + 2 * HOUR)
    assert sorted(made[0] for made in duty.made("left:")) == ["owns", "reassigned"]


def test_without_leads_the_channel_is_told(duty: Duty) -> None:
    owned_by_bob(duty, "one")
    duty.engine = duty.replica(replace(REMINDER_SETTINGS, leads=()))
    duty.commands.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    assert [one.to for one in duty.said("left:")] == ["C0ONCALL"]


def test_nothing_is_said_of_somebody_who_owns_nothing(duty: Duty) -> None:
    duty.commands.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + HOUR)

    assert duty.said("left:") == []


def test_a_case_whose_owner_left_is_reminded_of_to_the_leads_instead(duty: Duty) -> None:
    owned_by_bob(duty, "one")
    duty.commands.remember((GONE, NOW))
    duty.ticks(NOW + MINUTE, NOW + 2 * DAY)

    nags = [one for one in duty.said("escalation:", [MessageKind.REMINDER]) if one.to.startswith("U0")]
    assert LI.id in {nag.to for nag in nags}
    assert "U0BOB" not in {nag.to for nag in nags}
