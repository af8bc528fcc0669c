"""Reminders of duplicates: their original stands for them, but for what their own customer is owed."""

from typing import Any

import pytest

from models.rules.escalations.escalation import Escalation, Move
from models.rules.outbox.message_kinds import MessageKind
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, Duty
from tests.models.samples import EMMA, NOW, raised, step


@pytest.fixture
def url(sqlite_url: str) -> str:
    """These are about when, which no database decides."""
    return sqlite_url


class TwoCases:
    """An original, acknowledged and submitted, and a case that repeats it; all of it done now."""

    def __init__(self, duty: Duty) -> None:
        self._duty, self._at, self._done = duty, NOW, 0
        duty.rota()
        self.original, self.duplicate = (self._raise(key) for key in ("1", "2"))
        self.do(self.original.number, Move.ACKNOWLEDGE)
        self.do(self.original.number, Move.RECORD, text="625112200012345")
        self.do(self.duplicate.number, Move.DUPLICATE, original=self.original)

    def _raise(self, key: str) -> Escalation:
        return raised(self._duty.commands, key, severity="B", service="m365", answers={"impact": "All is closed"})

    def do(self, number: int, move: Move, minutes: float = 0, **more: Any) -> None:
        self._duty.ticks(self._at, NOW + minutes * MINUTE)
        self._at, self._done = NOW + minutes * MINUTE, self._done + 1
        self._duty.commands.move(number, step(move, EMMA, self._at, **more), f"do:{self._done}")

    def reminded(self, number: int, until: float) -> list[float]:
        """After how many minutes somebody is reminded of a case."""
        self._duty.ticks(self._at, NOW + until * MINUTE)
        self._at = NOW + until * MINUTE
        messages = self._duty.said(f"escalation:{number}", [MessageKind.REMINDER])
        return sorted({(one.at - NOW) / MINUTE for one in messages})


def test_nobody_is_reminded_of_a_duplicate_while_its_original_is_worked_on(duty: Duty) -> None:
    cases = TwoCases(duty)
    assert cases.reminded(cases.duplicate.number, 3 * DAY / MINUTE) == []
    assert cases.reminded(cases.original.number, 3 * DAY / MINUTE)


def test_what_the_customer_of_a_duplicate_was_promised_is_reminded_of(duty: Duty) -> None:
    cases = TwoCases(duty)
    cases.do(cases.duplicate.number, Move.TELL, until=NOW + 3 * HOUR)
    assert cases.reminded(cases.duplicate.number, 200)[0] == 180


def test_after_the_resolution_its_own_customer_must_be_informed(duty: Duty) -> None:
    cases = TwoCases(duty)
    cases.do(cases.original.number, Move.RESOLVE, 60, text="Mail flow restored")
    reminded = cases.reminded(cases.duplicate.number, 400)
    assert reminded[0] == 60 + 4 * 60


def test_a_case_that_is_no_duplicate_any_more_waits_anew(duty: Duty) -> None:
    cases = TwoCases(duty)
    cases.do(cases.duplicate.number, Move.DUPLICATE, 600, original=None)
    assert cases.reminded(cases.duplicate.number, 630)[0] == 615
