"""Who is responsible at each minute: a shift's person from its start, unless a handover still lacks a press."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.rota.on_call import (
    Confirmation,
    CoverageStatus,
    ShiftEvent,
    ShiftEventKind,
    Slot,
    find_confirmation,
    find_handovers,
    find_on_call_intervals,
    find_planned_end,
)
from models.rules.rota.shifts import Shift

HOUR = timedelta(hours=1)
T = datetime(2026, 11, 22, tzinfo=UTC)
PRIMARY = Slot("primary")
CONFIRM, HAND, TAKE = ShiftEventKind.CONFIRM, ShiftEventKind.HAND_OVER, ShiftEventKind.TAKE_OVER


def shift(who: str, start: float, end: float, **facts: object) -> Shift:
    """A shift as primary, in hours."""
    return Shift(**{  # type: ignore[arg-type]
        "seat": "primary", "slot_number": 1, "member": who, "start": T + start * HOUR, "end": T + end * HOUR,
        "source": "days", **facts,
    })  # fmt: skip


def build_press(number: int, kind: ShiftEventKind, who: str, begins: float, at: float) -> ShiftEvent:
    """A press at the shift that begins at an hour."""
    return ShiftEvent(number, T + at * HOUR, f"U0{who.upper()}", kind, PRIMARY, T + begins * HOUR, who)


DAY = [shift("ann", 0, 8), shift("bob", 8, 16), shift("cai", 16, 24)]


def format_intervals(shifts: list[Shift], *presses: ShiftEvent, end: float = 24) -> list[str]:
    """The stretches, short."""
    intervals = find_on_call_intervals(shifts, presses, T, T + end * HOUR)
    hours = [((interval.start - T) / HOUR, (interval.end - T) / HOUR) for interval in intervals]
    return [
        f"{start:g}-{stop:g} {interval.person or 'nobody'} {interval.status}"
        + (f" awaits {interval.awaited}" * bool(interval.awaited))
        for (start, stop), interval in zip(hours, intervals, strict=True)
    ]


def test_without_a_press_everybody_is_only_planned() -> None:
    assert format_intervals(DAY) == ["0-8 ann planned", "8-16 bob planned", "16-24 cai planned"]


def test_a_person_who_confirms_is_on_call_from_then_on() -> None:
    assert format_intervals([shift("ann", 0, 8)], build_press(1, CONFIRM, "ann", 0, 2), end=8) == [
        "0-2 ann planned",
        "2-8 ann confirmed",
    ]


def test_who_confirms_ahead_has_it_from_the_first_minute() -> None:
    assert format_intervals([shift("ann", 0, 8)], build_press(1, CONFIRM, "ann", 0, -20), end=8) == [
        "0-8 ann confirmed"
    ]


def test_until_both_presses_the_outgoing_person_stays_responsible() -> None:
    ann = build_press(1, CONFIRM, "ann", 0, 0)
    handed = build_press(2, HAND, "ann", 8, 8)

    assert format_intervals(DAY[:2], ann, end=16) == ["0-8 ann confirmed", "8-16 ann confirmed awaits bob"]
    assert format_intervals(DAY[:2], ann, handed, end=16) == ["0-8 ann confirmed", "8-16 ann confirmed awaits bob"]
    assert format_intervals(DAY[:2], ann, handed, build_press(3, TAKE, "bob", 8, 9), end=16) == [
        "0-8 ann confirmed", "8-9 ann confirmed awaits bob", "9-16 bob handed_over",
    ]  # fmt: skip


def test_the_order_of_the_two_presses_does_not_matter() -> None:
    ann, taken, handed = (
        build_press(1, CONFIRM, "ann", 0, 0),
        build_press(2, TAKE, "bob", 8, 8),
        build_press(3, HAND, "ann", 8, 10),
    )

    assert format_intervals(DAY[:2], ann, taken, handed, end=16)[1:] == [
        "8-10 ann confirmed awaits bob",
        "10-16 bob handed_over",
    ]


def test_a_handover_ahead_of_time_takes_effect_when_the_shift_begins() -> None:
    ahead = (
        build_press(1, CONFIRM, "ann", 0, 0),
        build_press(2, HAND, "ann", 8, 7.8),
        build_press(3, TAKE, "bob", 8, 7.9),
    )

    assert format_intervals(DAY[:2], *ahead, end=16) == ["0-8 ann confirmed", "8-16 bob handed_over"]


def test_a_confirmation_does_not_replace_a_handover() -> None:
    presses = build_press(1, CONFIRM, "ann", 0, 0), build_press(2, CONFIRM, "bob", 8, 7)

    assert format_intervals(DAY[:2], *presses, end=16) == [
        "0-8 ann confirmed", "8-16 ann confirmed awaits bob",
    ]  # fmt: skip


def test_where_nobody_was_on_call_there_is_nobody_to_take_over_from() -> None:
    assert format_intervals(DAY[:2], build_press(1, CONFIRM, "bob", 8, 9), end=16) == [
        "0-8 ann planned", "8-9 bob planned", "9-16 bob confirmed",
    ]  # fmt: skip


def test_who_was_never_relieved_hands_over_to_the_one_after() -> None:
    ann = build_press(1, CONFIRM, "ann", 0, 0)
    both = (build_press(2, HAND, "ann", 16, 16), build_press(3, TAKE, "cai", 16, 17))

    assert format_intervals(DAY, ann, *both)[1:] == ["8-16 ann confirmed awaits bob", "16-17 ann confirmed awaits cai", "17-24 cai handed_over"]  # fmt: skip  # noqa: E501


def test_nobody_hands_over_to_themselves() -> None:
    own = [shift("ann", 0, 8), shift("ann", 8, 16, source="nights")]

    assert format_intervals(own, build_press(1, CONFIRM, "ann", 0, 0), end=16) == [
        "0-8 ann confirmed",
        "8-16 ann planned",
    ]
    assert find_handovers(own, [build_press(1, CONFIRM, "ann", 0, 0)], T, T + 16 * HOUR) == []


def test_a_person_on_leave_is_not_on_call_and_the_hole_is_uncovered() -> None:
    away = [shift("ann", 0, 8), shift("bob", 8, 16, absent="on_leave"), shift("cai", 16, 24)]

    assert format_intervals(away)[1] == "8-16 nobody uncovered"


def test_a_handover_says_which_press_is_missing() -> None:
    ann, handed = build_press(1, CONFIRM, "ann", 0, 0), build_press(2, HAND, "ann", 8, 8)

    (due,) = find_handovers(DAY[:2], [ann, handed], T, T + 16 * HOUR)
    assert (due.outgoing, due.incoming.member, due.handed_over, due.taken_over, due.done_at) == (
        "ann",
        "bob",
        handed,
        None,
        None,
    )


def test_evidence_names_the_record() -> None:
    intervals = find_on_call_intervals(DAY[:1], [build_press(7, CONFIRM, "ann", 0, 2)], T, T + 8 * HOUR)

    assert [interval.evidence for interval in intervals] == ["days", "watch:7"]


def test_a_lead_may_press_for_somebody_and_it_counts() -> None:
    said = ShiftEvent(1, T, "U0LEAD", CONFIRM, PRIMARY, T, "ann")

    assert find_confirmation(DAY[0], [said]) == Confirmation(T, "watch:1")


def test_choosing_a_shift_confirms_it() -> None:
    chosen = [shift("ann", 0, 8, source="change:5", accepted=T - 3 * HOUR), shift("bob", 8, 16)]

    assert find_confirmation(chosen[0], []) == Confirmation(T - 3 * HOUR, "change:5")
    assert format_intervals(chosen)[:1] == ["0-8 ann confirmed"]
    assert find_on_call_intervals(chosen, [], T, T + HOUR)[0].evidence == "change:5"
    assert [handover.outgoing for handover in find_handovers(chosen, [], T, T + 16 * HOUR)] == ["ann"]


def test_taking_over_a_running_shift_confirms_it_from_its_start() -> None:
    late = [shift("ann", 2, 8, source="change:5", accepted=T + 2.01 * HOUR)]

    assert [stretch.status for stretch in find_on_call_intervals(late, [], T + 2 * HOUR, T + 8 * HOUR)] == [
        CoverageStatus.CONFIRMED
    ]


@pytest.mark.parametrize("place", [Slot("primary", 2), Slot("backup")])
def test_a_press_in_another_slot_does_not_count(place: Slot) -> None:
    elsewhere = ShiftEvent(1, T, "U0ANN", CONFIRM, place, T, "ann")

    assert find_confirmation(DAY[0], [elsewhere]) is None


KINDS = st.sampled_from([CONFIRM, HAND, TAKE])
PRESSES = st.lists(
    st.tuples(KINDS, st.sampled_from(["ann", "bob", "cai"]), st.sampled_from([0, 8, 16]), st.floats(-5, 30)),
    max_size=8,
)


@given(PRESSES, st.integers(0, 23), st.integers(1, 24))
def test_intervals_fill_the_time_without_overlap_whatever_is_pressed(
    made: list[tuple[ShiftEventKind, str, int, float]], start: int, hours: int
) -> None:
    presses = [build_press(n, *interval) for n, interval in enumerate(made, 1)]
    begin, end = T + start * HOUR, T + (start + hours) * HOUR

    intervals = find_on_call_intervals(DAY, presses, begin, end)

    assert intervals[0].start == begin
    assert intervals[-1].end == end
    assert all(interval.end == other.start for interval, other in pairwise(intervals))
    assert all(interval.start < interval.end for interval in intervals)
    assert {interval.status for interval in intervals if not interval.person} <= {CoverageStatus.UNCOVERED}


@given(PRESSES)
def test_what_is_pressed_later_never_changes_who_was_responsible_before(
    made: list[tuple[ShiftEventKind, str, int, float]],
) -> None:
    presses = [build_press(n, *press) for n, press in enumerate(made, 1)]
    for latest in presses:
        known = [press for press in presses if press.at < latest.at]
        until = min(max(latest.at, T), T + 24 * HOUR)
        if until > T:
            assert _people(known, until) == _people([*known, latest], until)


def _people(presses: list[ShiftEvent], until: datetime) -> list[tuple[datetime, datetime, str]]:
    """By whom each stretch before an instant is held; a stretch may end earlier once more is known."""
    joined: list[tuple[datetime, datetime, str]] = []
    for stretch in find_on_call_intervals(DAY, presses, T, until):
        if joined and joined[-1][2] == stretch.person:
            joined[-1] = (joined[-1][0], stretch.end, stretch.person)
        else:
            joined.append((stretch.start, stretch.end, stretch.person))
    return joined


def test_adjoining_shifts_are_planned_without_a_break_except_absences() -> None:
    shifts = [shift("ann", 0, 8), shift("ann", 8, 16), shift("ann", 16, 24, absent="on_leave"), shift("bob", 2, 20)]

    assert find_planned_end(shifts, PRIMARY, "ann", T + HOUR) == T + 16 * HOUR
    assert find_planned_end(shifts, PRIMARY, "ann", T + 17 * HOUR) == T + 17 * HOUR
