"""What is odd in a rota: nobody in a layer, turns that never come, turns that run on through other days."""

from datetime import time, timedelta

import pytest

from models.rules.rota.rota_warnings import RotaWarning, RotaWarningKind, find_members_never_on_turn, find_rota_warnings
from models.rules.rota.shifts import resolve_shifts
from models.rules.rota.toml import reader
from tests.models.rules.rota.samples import DAY, HOUR, LONG_AGO, at, layer, member, rota

WEEKDAYS = frozenset(range(5))
FOURTEEN = " ".join(f"p{number:02}" for number in range(14))


def test_members_who_never_get_a_turn_are_named() -> None:
    many = layer(FOURTEEN, days=WEEKDAYS)

    assert find_rota_warnings(rota(many)) == [
        RotaWarning(RotaWarningKind.NEVER_ON_TURN, "base", ("p05", "p06", "p12", "p13"))
    ]
    assert find_rota_warnings(rota(layer(FOURTEEN, days=WEEKDAYS, skips_days=True))) == []


def test_turns_that_run_on_through_other_days_give_a_warning() -> None:
    three = layer("ann bob cid", days=WEEKDAYS)

    assert find_rota_warnings(rota(three)) == [RotaWarning(RotaWarningKind.TURNS_RUN_ON, "base")]
    for fair in (
        layer("ann bob cid"), layer("ann bob", days=WEEKDAYS, length=7 * DAY), layer("ann", days=WEEKDAYS),
        layer("ann bob cid", days=WEEKDAYS, skips_days=True),
    ):  # fmt: skip
        assert find_rota_warnings(rota(fair)) == []


def test_a_layer_without_members_or_days_gives_a_warning() -> None:
    empty, never = layer(""), layer(name="never", days=frozenset())

    assert [(warning.kind, warning.layer) for warning in find_rota_warnings(rota(empty, never))] == [
        (RotaWarningKind.NO_MEMBERS, "base"), (RotaWarningKind.NO_DAYS, "never"),
    ]  # fmt: skip


def test_two_members_with_the_same_look_give_a_warning() -> None:
    warnings = find_rota_warnings(rota(people=[member("José"), member("Jose\u0301")]))

    assert [(warning.kind, warning.names) for warning in warnings] == [(RotaWarningKind.LOOK_ALIKE, ("Jose\u0301",))]


@pytest.mark.parametrize("names", [2, 3, 5, 7, 14])
@pytest.mark.parametrize("hours", [5, 12, 24, 36, 48, 168])
@pytest.mark.parametrize("days", [{0, 1, 2, 3, 4}, {5, 6}, {2}, set(range(7))])
@pytest.mark.parametrize("skips", [False, True])
def test_who_never_gets_a_turn_is_who_has_no_shift_in_three_years(
    names: int, hours: int, days: set[int], skips: bool
) -> None:
    one = layer(
        " ".join(f"p{number}" for number in range(names)), length=hours * HOUR, days=frozenset(days), skips_days=skips,
        opens=time(8), closes=time(20), handoff=time(8),
    )  # fmt: skip
    shifts = resolve_shifts(rota(one), (), at(str(LONG_AGO)), at(str(LONG_AGO + timedelta(weeks=156))))

    assert find_members_never_on_turn(one) == [
        name for name in one.members if name not in {shift.member for shift in shifts}
    ]


def test_the_example_has_nothing_odd_and_stays_so_when_days_are_left_out_of_it() -> None:
    text = reader.example()

    assert find_rota_warnings(reader.read_rota(text)) == []
    weekdays = text.replace("to = 20:00:00\n", 'to = 20:00:00\ndays = ["mon", "tue", "wed", "thu", "fri"]\n')
    assert find_rota_warnings(reader.read_rota(weekdays)) == []
