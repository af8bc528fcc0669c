"""A gap begins when what opened it became known; one that goes on for good has no end, and its card stays still."""

from datetime import timedelta

import pytest

from models.oncall.gap_register import GapRecord, GapRegister
from models.oncall.override_rows import save as save_overrides
from models.rules.outbox.message_kinds import MessageKind
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.times import ENDLESS
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, Duty
from tests.models.samples import LI, NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

SERVICE = DAILY_TURNS_WITH_BACKUP.replace(
    'name = "primary"\n[[seat]]', 'name = "primary"\nservices = ["azure"]\n[[seat]]', 1
)
"""Nobody is there for azure, so that every hour of the primary seat is below the requirement."""
NO_BACKUP = DAILY_TURNS_WITH_BACKUP[: DAILY_TURNS_WITH_BACKUP.rindex("[[layer]]")]


def only(duty: Duty) -> GapRecord:
    """The one gap that is open."""
    (kept,) = GapRegister(duty.store).open()
    return kept


@pytest.mark.parametrize("down", [timedelta(0), 5 * HOUR])
def test_a_gap_that_a_version_opens_begins_with_that_version(duty: Duty, down: timedelta) -> None:
    duty.rota(at=NOW)
    duty.tick(NOW + MINUTE)
    duty.rota(SERVICE, NOW + DAY)

    duty.tick(NOW + DAY + down + MINUTE)

    kept = only(duty)
    assert (kept.reason, kept.start, kept.end) == ("no_service", NOW + DAY, ENDLESS)


def test_no_gap_begins_before_the_first_rota(duty: Duty) -> None:
    duty.rota(SERVICE, NOW)

    duty.tick(NOW + MINUTE)

    assert only(duty).start == NOW


def test_a_gap_that_undoing_opens_begins_with_the_undoing(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", BOBS + DAY * 2, BOBS + DAY * 3)
    duty.stand("dan", BOBS + DAY * 2, BOBS + DAY * 3)
    duty.tick(NOW)
    undone = BOBS + DAY * 2 + 3 * HOUR
    back = Override(0, undone, LI.id, OverrideKind.CANCEL, undone, undone, of=2)
    duty.store.write(lambda c: save_overrides(c, [back], LI.id, undone, "back"))

    duty.tick(undone + MINUTE)

    kept = only(duty)
    assert (kept.reason, kept.start, kept.end) == ("on_leave", undone, BOBS + DAY * 3)


def test_the_end_of_a_gap_for_good_does_not_creep_and_its_card_is_not_drawn_anew(duty: Duty) -> None:
    duty.rota(NO_BACKUP)
    duty.tick(NOW)
    first = only(duty)
    for hours in range(1, 30):
        duty.tick(NOW + hours * HOUR)
    duty.tick(NOW + 40 * DAY)

    assert first.end == ENDLESS
    assert only(duty) == first
    redrawn = [one for one in duty.said("gap:1", [MessageKind.GAP_REFRESH]) if "open0" not in one.key]
    assert redrawn == []


def test_a_night_at_the_horizon_has_its_end(duty: Duty) -> None:
    duty.rota()
    start = NOW + 365 * DAY - HOUR
    duty.leave("cid", start, start + 12 * HOUR)

    duty.tick(NOW + MINUTE)

    assert only(duty).end == start + 12 * HOUR


def test_a_gap_whose_reason_is_another_one_by_a_new_version_is_not_called_closed(duty: Duty) -> None:
    """Nobody was on as backup; now somebody is who is primary at the same time."""
    duty.rota(NO_BACKUP)
    duty.tick(NOW)
    both = DAILY_TURNS_WITH_BACKUP.replace('members = ["cid"]', 'members = ["ann", "bob"]')
    duty.rota(both, NOW + HOUR)

    duty.tick(NOW + HOUR)

    first = GapRegister(duty.store).find(1)
    assert first
    assert (first.reason, first.ended_how) == ("no_backup", "changed")
    assert only(duty).reason == "also_primary"
