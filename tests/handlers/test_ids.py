"""The values that buttons of the duty carry survive their way through Slack, and nothing else does."""

from datetime import UTC, datetime

import pytest

from handlers import ids
from handlers.ids import GapSubject, ShiftSubject
from models.rules.errors import Refused
from models.rules.rota.on_call import Slot

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHIFT = ShiftSubject(Slot("a “seat”", 2), START, "李娜 (Li Na)")


def test_a_gaps_button_is_read_as_it_was_written() -> None:
    assert ids.gap_of(str(GapSubject(7, 3))) == GapSubject(7, 3)


def test_a_shifts_button_is_read_as_it_was_written() -> None:
    assert ids.shift_of(str(SHIFT)) == SHIFT


def test_a_shifts_button_has_room_for_the_longest_names() -> None:
    assert len(str(ShiftSubject(Slot("座" * 100, 20), START, "李" * 200))) < 2000  # what Slack takes


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"gap": 0}', '{"gap": 1e400}', '{"gap": 9999999999}', "7"])
def test_a_made_up_gap_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        ids.gap_of(text)


@pytest.mark.parametrize("at", ["", "now", "2026-11-22T12:00:00", 7])
def test_a_made_up_shift_is_refused(at: object) -> None:
    with pytest.raises(Refused):
        ids.shift_of(str(SHIFT).replace(f'"{START.isoformat()}"', f'"{at}"' if isinstance(at, str) else str(at)))
