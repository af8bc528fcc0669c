"""Which changes count: known by then, not cancelled by then, in the order in which they became known."""

from dataclasses import replace

from models.rules.rota.overrides import OverrideKind, select_in_force
from tests.models.rules.rota.samples import HOUR, build_change, build_override, build_time_off

FIRST = build_time_off(1, "ann", "2026-01-05", "2026-01-06")
SECOND = build_override(2, "bob", "2026-01-05", "2026-01-06")
UNDONE = build_change(3, OverrideKind.CANCEL, "2026-01-05", "2026-01-06", of=1)


def test_a_cancelled_change_does_not_count_and_neither_does_its_cancellation() -> None:
    assert select_in_force([FIRST, SECOND, UNDONE]) == [SECOND]


def test_overrides_known_at_an_instant_are_those_made_by_then() -> None:
    assert select_in_force([FIRST, SECOND, UNDONE], SECOND.at) == [FIRST, SECOND]
    assert select_in_force([FIRST, SECOND, UNDONE], UNDONE.at) == [SECOND]
    assert select_in_force([FIRST], FIRST.at - HOUR) == []


def test_changes_count_in_the_order_in_which_they_became_known() -> None:
    late, early = replace(FIRST, at=SECOND.at + HOUR), replace(UNDONE, kind=OverrideKind.TIME_OFF, at=SECOND.at)

    assert [one.id for one in select_in_force([early, late, SECOND])] == [2, 3, 1]
