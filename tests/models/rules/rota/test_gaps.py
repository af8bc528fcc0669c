"""Gaps: every reason, joined where they adjoin, without those that are meant to be."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from models.rules.rota.departures import NO_ABSENCES, WorkspaceAbsences
from models.rules.rota.gaps import Gap, GapKind, GapReason
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import find_gaps, resolve_rota
from models.rules.rota.rota import BACKUP, PRIMARY, AcceptedTime, Member, PartnerRole, Rota, Seat
from tests.models.rules.rota.samples import (
    BEIJING,
    HOUR,
    at,
    build_change,
    build_override,
    build_time_off,
    layer,
    member,
    rota,
)

BOTH = (Seat(PRIMARY), Seat(BACKUP))


def format_gaps(
    plan: Rota,
    *changes: Override,
    start: str = "2026-01-05",
    end: str = "2026-01-08",
    absences: WorkspaceAbsences = NO_ABSENCES,
) -> list[str]:
    """The gaps as short lines in local time: ``05 00:00-06 00:00 primary nobody``."""
    return [_line(gap) for gap in find_gaps(plan, changes, at(start), at(end), absences)]


def _line(gap: Gap) -> str:
    start, end = (f"{moment.astimezone(BEIJING):%d %H:%M}" for moment in (gap.start, gap.end))
    return " ".join([f"{start}-{end}", gap.seat, gap.reason, *gap.people, *gap.missing])


def seat(**facts: Any) -> tuple[Seat, ...]:
    """Only a primary, of whom this is owed."""
    return (Seat(PRIMARY, **facts),)


def test_a_full_rota_has_no_gap() -> None:
    assert format_gaps(rota(layer())) == []


def test_an_empty_rota_is_one_gap_for_each_seat() -> None:
    assert format_gaps(Rota()) == ["05 00:00-08 00:00 primary nobody", "05 00:00-08 00:00 backup no_backup"]


def test_hours_that_no_layer_covers_are_gaps() -> None:
    assert format_gaps(rota(layer(opens=time(8), closes=time(20))), end="2026-01-06") == [
        "05 00:00-05 08:00 primary nobody", "05 20:00-06 00:00 primary nobody",
    ]  # fmt: skip


def test_time_off_over_a_night_is_a_gap_until_somebody_takes_it() -> None:
    away = build_time_off(1, "bob", "2026-01-06 20:00", "2026-01-07 08:00")
    taken = build_override(2, "cid", "2026-01-06 22:00", "2026-01-08")

    assert format_gaps(rota(layer()), away) == ["06 20:00-07 00:00 primary on_leave bob"]
    assert format_gaps(rota(layer(), people=[member("cid")]), away, taken) == ["06 20:00-06 22:00 primary on_leave bob"]


def test_an_empty_slot_beside_a_person_is_below_the_requirement_and_not_uncovered() -> None:
    two = rota(layer(), seats=seat(people=2))

    assert format_gaps(two) == ["05 00:00-08 00:00 primary too_few"]
    assert format_gaps(two, build_time_off(1, "ann", "2026-01-05", "2026-01-06"))[:2] == [
        "05 00:00-06 00:00 primary nobody", "05 00:00-06 00:00 primary on_leave ann",
    ]  # fmt: skip
    assert {reason for reason in GapReason if reason.kind is GapKind.UNCOVERED} == {
        "nobody", "no_backup", "on_leave", "left_workspace",
    }  # fmt: skip


def test_an_accepted_gap_says_who_accepted_it_and_why() -> None:
    meant = build_change(
        7, OverrideKind.ACCEPT_GAP, "2026-01-06 02:00", "2026-01-06 04:00", seat=PRIMARY, why="holiday"
    )
    file = AcceptedTime(at("2026-01-06 03:00"), at("2026-01-06 05:00"), "in the file")
    away = build_time_off(1, "bob", "2026-01-06", "2026-01-06 06:00")

    resolved = resolve_rota(
        replace(rota(layer()), accepted_gaps=(file,)), [away, meant], at("2026-01-05"), at("2026-01-08")
    )

    assert [_line(gap) for gap in resolved.gaps()] == [
        "06 00:00-06 02:00 primary on_leave bob", "06 05:00-06 06:00 primary on_leave bob",
    ]  # fmt: skip
    assert [(_line(accepted.gap), accepted.source, accepted.why) for accepted in resolved.accepted_gaps()] == [
        ("06 02:00-06 04:00 primary on_leave bob", "change:7", "holiday"),
        ("06 04:00-06 05:00 primary on_leave bob", "rota", "in the file"),
    ]


def test_adjoining_gaps_of_one_reason_are_one() -> None:
    away = [build_time_off(1, "ann", "2026-01-05", "2026-01-06"), build_time_off(2, "bob", "2026-01-06", "2026-01-07")]

    assert format_gaps(rota(layer()), *away) == ["05 00:00-07 00:00 primary on_leave ann bob"]


def test_a_person_who_left_the_workspace_is_not_on_call() -> None:
    assert format_gaps(rota(layer()), absences=since("2026-01-01")) == ["06 00:00-07 00:00 primary left_workspace bob"]


def test_a_person_who_leaves_is_on_call_until_then_and_again_after_their_return() -> None:
    away = since("2026-01-06 08:00", "2026-01-06 20:00")

    assert format_gaps(rota(layer()), absences=away) == ["06 08:00-06 20:00 primary left_workspace bob"]


def test_who_left_is_missing_also_where_they_were_put_in_or_are_on_leave() -> None:
    put_in = build_override(1, "bob", "2026-01-05", "2026-01-06")
    away = build_time_off(2, "bob", "2026-01-06", "2026-01-07")

    assert format_gaps(rota(layer()), put_in, away, absences=since("2026-01-05 12:00")) == [
        "05 12:00-07 00:00 primary left_workspace bob"
    ]


def since(start: str, end: str = "") -> WorkspaceAbsences:
    """Bob is not in the workspace from then on, or until he is back."""
    return {"U0BOB": [(at(start), at(end) if end else None)]}


def test_somebody_without_an_account_or_no_longer_a_member_does_not_count() -> None:
    assert format_gaps(rota(layer(), people=[member("bob", slack_id="")])) == [
        "06 00:00-07 00:00 primary no_account bob"
    ]
    assert format_gaps(rota(layer()), build_override(1, "gone", "2026-01-05", "2026-01-05 01:00")) == [
        "05 00:00-05 01:00 primary no_account gone"
    ]


@pytest.mark.parametrize("role", [PartnerRole.SALES_AGENT, PartnerRole.BILLING_ADMIN, PartnerRole.USER_ADMIN, None])
def test_a_seat_in_which_nobody_may_open_requests_is_a_gap(role: PartnerRole | None) -> None:
    people = [member("bob", role=role)]

    assert format_gaps(rota(layer(), people=people)) == ["06 00:00-07 00:00 primary no_eligible_role bob"]
    assert format_gaps(rota(layer(), people=people, seats=seat(needs_role=False))) == []


def test_one_of_two_who_may_open_requests_is_enough() -> None:
    two = rota(
        layer("ann"), layer("bob", name="second"), people=[member("bob", role=PartnerRole.SALES_AGENT)],
        seats=seat(people=2),
    )  # fmt: skip

    assert format_gaps(two) == []
    assert format_gaps(two, build_time_off(1, "ann", "2026-01-06", "2026-01-07")) == [
        "06 00:00-07 00:00 primary too_few ann", "06 00:00-07 00:00 primary no_eligible_role bob",
    ]  # fmt: skip


def test_services_and_languages_are_required_of_the_whole_seat() -> None:
    owed = seat(people=2, services=frozenset({"m365", "azure"}), languages=frozenset({"zh"}))
    ann = member("ann", services=frozenset({"m365"}), languages=frozenset({"zh"}))
    bob = member("bob", services=frozenset({"azure"}))
    two = rota(layer("ann"), layer("bob", name="second"), people=[ann, bob], seats=owed)

    assert format_gaps(two) == []
    assert format_gaps(two, build_time_off(1, "ann", "2026-01-06", "2026-01-07")) == [
        "06 00:00-07 00:00 primary too_few ann", "06 00:00-07 00:00 primary no_service m365",
        "06 00:00-07 00:00 primary no_language zh",
    ]  # fmt: skip


def test_a_person_on_call_by_a_layer_covers_its_services_only() -> None:
    everything = frozenset({"m365", "azure"})
    people = [member("ann", services=everything), member("bob", services=everything)]
    azure = layer(services=frozenset({"azure"}))
    one = rota(azure, people=people, seats=seat(services=everything))

    assert format_gaps(one, build_override(1, "ann", "2026-01-06", "2026-01-07")) == [
        "05 00:00-06 00:00 primary no_service m365", "07 00:00-08 00:00 primary no_service m365",
    ]  # fmt: skip


def test_nobody_is_their_own_backup() -> None:
    alone = rota(layer("ann"), layer("ann", name="second", seat=BACKUP), seats=BOTH)

    assert format_gaps(alone) == ["05 00:00-08 00:00 backup also_primary ann"]
    assert format_gaps(
        alone, build_override(1, "bob", "2026-01-06", "2026-01-08"), start="2026-01-06", end="2026-01-07"
    ) == ["06 00:00-07 00:00 primary no_account bob"]


def test_who_is_on_leave_as_primary_may_be_the_backup() -> None:
    one = rota(layer("ann"), layer("bob", name="b", seat=BACKUP), seats=BOTH)
    away = build_time_off(1, "ann", "2026-01-05", "2026-01-06")
    back = build_change(2, OverrideKind.OVERRIDE, "2026-01-05", "2026-01-06", member="ann", seat=BACKUP)

    assert format_gaps(one, away, back) == ["05 00:00-06 00:00 primary on_leave ann"]


def test_a_person_on_call_too_long_leaves_a_gap_at_the_end() -> None:
    assert format_gaps(rota(layer(), max_on_call=18 * HOUR), end="2026-01-07") == [
        "05 18:00-06 00:00 primary too_long ann", "06 18:00-07 00:00 primary too_long bob",
    ]  # fmt: skip


def test_who_rests_too_little_leaves_a_gap_at_the_beginning() -> None:
    half_days = rota(layer(length=6 * HOUR), min_rest=8 * HOUR)

    assert format_gaps(half_days, start="2026-01-06", end="2026-01-06 12:00") == [
        "06 00:00-06 02:00 primary too_little_rest ann", "06 06:00-06 08:00 primary too_little_rest bob",
    ]  # fmt: skip


def test_limits_of_hours_hold_to_the_minute() -> None:
    strict = rota(people=[member("ann")], max_on_call=2 * HOUR, min_rest=3 * HOUR)
    first, second = (
        build_override(1, "ann", "2026-01-05 08:00", "2026-01-05 10:00"),
        build_override(2, "ann", "2026-01-05 13:00", "2026-01-05 15:00"),
    )
    longer, sooner = (
        build_override(3, "ann", "2026-01-05 10:00", "2026-01-05 10:01"),
        build_override(4, "ann", "2026-01-05 12:59", "2026-01-05 13:00"),
    )

    def tired(*changes: Override) -> list[str]:
        return [gap for gap in format_gaps(strict, *changes) if "too" in gap]

    assert tired(first, second) == []
    assert tired(first, longer) == ["05 10:00-05 10:01 primary too_long ann"]
    assert tired(first, sooner) == ["05 12:59-05 13:00 primary too_little_rest ann"]


def test_a_person_on_leave_is_not_on_call_meanwhile() -> None:
    away = build_time_off(1, "ann", "2026-01-05 08:00", "2026-01-05 12:00")

    assert format_gaps(rota(layer(), max_on_call=13 * HOUR), away, end="2026-01-06") == [
        "05 08:00-05 12:00 primary on_leave ann",
    ]  # fmt: skip
    assert format_gaps(rota(layer(), min_rest=5 * HOUR), away, end="2026-01-06") == [
        "05 08:00-05 12:00 primary on_leave ann", "05 12:00-05 13:00 primary too_little_rest ann",
    ]  # fmt: skip


def test_hours_on_call_count_in_all_seats_together() -> None:
    swapped = rota(layer("ann bob"), layer("bob ann", name="second", seat=BACKUP), seats=BOTH, max_on_call=36 * HOUR)

    assert format_gaps(swapped, start="2026-01-05", end="2026-01-06 13:00") == [
        "06 12:00-06 13:00 primary too_long bob", "06 12:00-06 13:00 backup too_long ann",
    ]  # fmt: skip


def test_what_is_found_does_not_depend_on_where_the_search_begins() -> None:
    strict = rota(layer(length=6 * HOUR), min_rest=8 * HOUR, max_on_call=5 * HOUR)
    whole = format_gaps(strict, end="2026-01-06")

    late = format_gaps(strict, start="2026-01-05 13:00", end="2026-01-06")

    assert len(whole) == 6
    assert late == ["05 13:00-05 14:00 primary too_little_rest ann", *whole[3:]]


def test_an_intended_gap_is_left_out_and_the_rest_is_not() -> None:
    meant = AcceptedTime(at("2026-01-05 10:00"), at("2026-01-06"), "test", PRIMARY)
    declared = build_change(
        1, OverrideKind.ACCEPT_GAP, "2026-01-06 12:00", "2026-01-07", seat=PRIMARY, why="moving house"
    )

    assert format_gaps(Rota(seats=(Seat(PRIMARY),), accepted_gaps=(meant,)), declared) == [
        "05 00:00-05 10:00 primary nobody", "06 00:00-06 12:00 primary nobody", "07 00:00-08 00:00 primary nobody",
    ]  # fmt: skip


def test_a_gap_intended_for_no_seat_is_intended_for_all() -> None:
    assert format_gaps(Rota(accepted_gaps=(AcceptedTime(at("2026-01-05"), at("2026-01-08"), "closed"),))) == []


def test_a_member_who_is_unknown_serves_nothing() -> None:
    nobody = rota(
        people=[Member("zoe", slack_id="U0ZOE", role=PartnerRole.ADMIN_AGENT)],
        seats=seat(services=frozenset({"azure"})),
    )

    assert format_gaps(nobody, build_override(1, "zoe", "2026-01-05", "2026-01-08")) == [
        "05 00:00-08 00:00 primary no_service azure"
    ]


def test_a_window_of_nothing_has_no_gaps() -> None:
    assert find_gaps(Rota(), (), at("2026-01-05"), at("2026-01-05")) == []
