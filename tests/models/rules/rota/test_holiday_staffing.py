"""What is thin in a holiday week: gaps, one person alone, one person all the time."""

from datetime import time

from models.rules.rota.holiday_staffing import OverLimit, assess_staffing
from models.rules.rota.impact import RotaState
from models.rules.rota.rota import BACKUP, PRIMARY, Seat
from tests.models.rules.rota.samples import at, build_override, build_time_off, layer, rota

START, END = at("2026-01-05"), at("2026-01-12")
TWO = (Seat(PRIMARY), Seat(BACKUP))


def test_a_fully_staffed_week_is_not_thin() -> None:
    first, second = layer("ann bob cid dan"), layer("eve fay gus hal", name="b", seat=BACKUP)

    assessed = assess_staffing(RotaState(rota(first, second, seats=TWO)), START, END)

    assert (assessed.gaps, assessed.alone, assessed.over_limit, assessed.is_thin) == ([], [], [], False)


def test_a_gap_makes_it_thin_and_is_not_shown_as_one_person_alone_too() -> None:
    first, second = layer("ann bob cid dan"), layer("eve fay gus hal", name="b", seat=BACKUP)
    state = RotaState(rota(first, second, seats=TWO), [build_time_off(1, "eve", "2026-01-05", "2026-01-06")])

    assessed = assess_staffing(state, START, END)

    assert [(gap.seat, gap.start, gap.end) for gap in assessed.gaps] == [(BACKUP, START, at("2026-01-06"))]
    assert assessed.alone == []
    assert assessed.is_thin


def test_one_person_alone_is_shown_once_and_may_be_intended() -> None:
    assessed = assess_staffing(RotaState(rota(layer("ann bob cid dan eve"))), START, END)

    assert assessed.alone == [(START, END)]
    assert not assessed.is_thin


def test_a_person_over_the_hours_of_a_week_is_named_with_their_shifts() -> None:
    nights = layer("ann bob cid dan", opens=time(20), closes=time(8))
    state = RotaState(rota(nights), [build_override(1, "ann", "2026-01-06 20:00", "2026-01-09 08:00")])

    assessed = assess_staffing(state, START, END)

    assert assessed.over_limit == [OverLimit("ann", 76, 4)]
    assert assessed.is_thin


def test_a_longer_week_may_have_more_hours() -> None:
    days = RotaState(rota(layer("ann", opens=time(8), closes=time(14))))

    assert assess_staffing(days, START, at("2026-01-15")).over_limit == []
    assert [person.person for person in assess_staffing(RotaState(rota(layer("ann"))), START, END).over_limit] == [
        "ann"
    ]


def test_two_seats_at_once_count_once() -> None:
    both = rota(layer("ann"), layer("ann", name="b", seat=BACKUP), seats=TWO)

    assert assess_staffing(RotaState(both), START, END).over_limit == [OverLimit("ann", 7 * 24, 1)]
