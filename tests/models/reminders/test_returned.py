"""Leads are warned of returned cases: once per crossing, by the same engine as of everything else."""

from datetime import datetime

from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.outbox.message_kinds import MessageKind
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, Duty
from tests.models.samples import LI, NOW, raised, step


def give_back(duty: Duty, number: int, at: datetime, *, returned: bool = True) -> None:
    """Record 21Vianet's finding of a case with a number, or take it back."""
    finding = ReturnFinding(at.date() if returned else None, "", at.date())
    duty.commands.move(number, step(Move.RETURNED, LI, at, finding=finding), f"back-{number}-{at}")


def test_the_third_returned_case_warns_the_leads_once_and_taking_it_back_folds_the_warning(duty: Duty) -> None:
    numbers = [raised(duty.commands, f"case-{n}").number for n in range(5)]
    for number in numbers:
        duty.commands.move(number, step(Move.RECORD), f"record-{number}")
    for number in numbers[:2]:
        give_back(duty, number, NOW + MINUTE)
    duty.tick(NOW + 2 * MINUTE)
    assert duty.said("returned") == []

    give_back(duty, numbers[2], NOW + 3 * MINUTE)
    duty.ticks(NOW + 4 * MINUTE, NOW + 2 * HOUR)

    (warned,) = duty.said("returned")
    assert (warned.what, warned.to) == (MessageKind.REMINDER, LI.id)

    give_back(duty, numbers[2], NOW + 3 * HOUR, returned=False)
    duty.tick(NOW + 3 * HOUR + MINUTE)
    assert [one.what for one in duty.said("returned")] == [MessageKind.REMINDER]  # it was not sent, so none is redrawn
    assert [made[0] for made in duty.made("returned")] == ["above1.1", "below0.2"]

    give_back(duty, numbers[2], NOW + 4 * HOUR)
    duty.tick(NOW + 4 * HOUR + MINUTE)
    assert [one.what for one in duty.said("returned")] == [MessageKind.REMINDER, MessageKind.REMINDER]


def test_after_90_days_the_cases_do_not_count_any_more(duty: Duty) -> None:
    for n in range(3):
        number = raised(duty.commands, f"case-{n}").number
        duty.commands.move(number, step(Move.RECORD), f"record-{number}")
        give_back(duty, number, NOW)
    duty.tick(NOW + MINUTE)

    duty.tick(NOW + 91 * DAY)

    assert [made[0] for made in duty.made("returned")] == ["above1.1", "below0.2"]
