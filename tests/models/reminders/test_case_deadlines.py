"""Reminders of acknowledged escalations: one deadline at a time, to the owner first, then to more and more people."""

from typing import Any

import pytest

from models.rules.escalations.escalation import Move, Turn
from models.rules.outbox.message_kinds import MessageKind
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, Duty
from tests.models.samples import EMMA, NOW, raised, step

OWNER, BOB, CID, LINA = EMMA.id, "U0BOB", "U0CID", "U0LINA"
# NOW is Sunday 22 November 2026, 15:30 in Shanghai: a B of Microsoft 365 is due when the desk closes on Monday.
MONDAY_24 = NOW.replace(hour=16, minute=0) + DAY


class Case:
    """One escalation of Emma's, raised now."""

    def __init__(self, duty: Duty, severity: str = "B") -> None:
        self._duty = duty
        duty.rota()
        self.number = raised(
            duty.commands, severity=severity, service="m365", answers={"impact": "All shops are closed"}
        ).number
        self._done, self._at = 0, NOW

    def do(self, move: Move, minutes: float, **more: Any) -> None:
        """One move of the owner's."""
        self._done += 1
        at = NOW + minutes * MINUTE
        self._duty.ticks(self._at, at)
        self._at = at
        self._duty.commands.move(self.number, step(move, EMMA, at, **more), f"{self._done}")
        self._duty.tick(at)

    def reminded(self, until: float) -> list[tuple[float, str]]:
        """Who is reminded by direct message, and after how many minutes."""
        self._duty.ticks(self._at, NOW + until * MINUTE)
        messages = self._duty.said(f"escalation:{self.number}", [MessageKind.REMINDER])
        return [((one.at - NOW) / MINUTE, one.to) for one in messages if one.to.startswith("U")]


@pytest.fixture
def url(sqlite_url: str) -> str:
    """These are about when, which no database decides."""
    return sqlite_url


def test_without_a_number_the_owner_is_asked_then_on_call_then_backup_then_leads(duty: Duty) -> None:
    case = Case(duty, "A")
    case.do(Move.ACKNOWLEDGE, 0)
    case.do(Move.NOTE, 5)

    reminded = case.reminded(40)

    assert [who for at, who in reminded if at == 15] == [OWNER]
    first = {who: at for at, who in reversed(reminded)}
    assert first[OWNER] < first[BOB] < first[CID] < first[LINA]


def test_the_first_answer_is_asked_for_when_the_target_of_21vianet_has_passed(duty: Duty) -> None:
    case = Case(duty)
    case.do(Move.RECORD, 10)
    case.do(Move.NOTE, 60)

    reminded = case.reminded((MONDAY_24 - NOW) / MINUTE + 1)

    assert reminded == [((MONDAY_24 - NOW) / MINUTE, OWNER)]


def test_our_turn_is_spoken_of_to_the_owner_alone_at_two_thirds(duty: Duty) -> None:
    case = Case(duty)
    case.do(Move.RECORD, 0)
    case.do(Move.CONTACT, 60)

    assert case.reminded(60 + 240) == [(60 + 160, OWNER), (60 + 240, OWNER)]
    early = [one for one in duty.said("escalation:") if one.at == NOW + 220 * MINUTE]
    assert [one.to for one in early] == [OWNER]


def test_who_gives_the_turn_away_hears_of_it_no_more(duty: Duty) -> None:
    case = Case(duty)
    case.do(Move.RECORD, 0)
    case.do(Move.CONTACT, 60)
    case.do(Move.TURN, 100, turn=Turn.CUSTOMER)

    assert case.reminded(100 + 24 * 60) == [(100 + 24 * 60, OWNER)]


def test_a_promise_is_spoken_of_before_and_when_it_falls_due_until_it_is_kept(duty: Duty) -> None:
    case = Case(duty)
    case.do(Move.RECORD, 0)
    case.do(Move.TELL, 30, until=NOW + 120 * MINUTE)
    case.do(Move.TELL, 122)

    assert case.reminded(10 * 60) == [(90, OWNER), (120, OWNER)]


def test_a_late_tick_after_both_times_makes_one_reminder(duty: Duty) -> None:
    case = Case(duty)
    case.do(Move.RECORD, 0)
    case.do(Move.CONTACT, 60)
    duty.tick(NOW + 5 * HOUR + MINUTE)

    messages = duty.said("escalation:", [MessageKind.REMINDER])
    assert [(one.at, one.to) for one in messages if one.to == OWNER] == [(NOW + 5 * HOUR + MINUTE, OWNER)]
