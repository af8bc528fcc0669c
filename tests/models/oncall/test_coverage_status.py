"""What the ledger calls an hour: uncovered, below the requirement or intended; and that its times are whole seconds."""

from datetime import datetime, timedelta

import pytest

from models.oncall import rota_versions
from models.rules.rota.on_call import ShiftEventKind
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from tests.models.oncall.test_coverage_ledger import PRIMARY, Team, adds_up
from tests.models.oncall.test_overrides import BOB, DAY, HOUR, LEAD, MIDNIGHT, NOW, leave, stand
from tests.sample_rotas import DAILY_TURNS

BITS = timedelta(microseconds=300_000)
SALES = DAILY_TURNS.replace('slack = "U0BOB"\nrole = "admin_agent"', 'slack = "U0BOB"\nrole = "sales_agent"')


@pytest.fixture
def team(store: Store) -> Team:
    """A team, on either database."""
    return Team(store)


def intend(start: datetime, end: datetime, seat: str = "primary", why: str = "Chinese New Year") -> Override:
    """Somebody accepts a gap."""
    return Override(0, start, "", OverrideKind.ACCEPT_GAP, start, end, seat=seat, why=why)


def test_whoever_does_not_meet_what_is_owed_is_named_and_the_reason_is_the_evidence(team: Team) -> None:
    rota_versions.import_rota(team.store, SALES, "cli", NOW)
    now = MIDNIGHT + DAY

    told = team.told(MIDNIGHT, now, now)
    ahead = team.told(MIDNIGHT, now, NOW)

    assert told == ["23 00:00-24 00:00 bob below_requirement gap:no_eligible_role"] == ahead
    team.confirm("bob", MIDNIGHT, MIDNIGHT + HOUR)
    assert team.told(MIDNIGHT, now, now) == told


@pytest.mark.parametrize("entered", [False, True])
def test_a_gap_accepted_after_it_began_is_uncovered_until_then_and_accepted_from_then_on(
    team: Team, *, entered: bool
) -> None:
    team.rota_store.record([leave()], BOB, NOW, "away")
    late = MIDNIGHT + 2 * HOUR
    team.rota_store.record([intend(late, MIDNIGHT + 8 * HOUR)], LEAD, late, "accepted")
    now = MIDNIGHT + DAY
    if entered:
        team.coverage_ledger.record(now + HOUR)

    assert team.told(MIDNIGHT, now, now) == [
        "23 00:00-23 02:00 nobody uncovered gap:on_leave",
        "23 02:00-23 08:00 nobody intended change:2",
        "23 08:00-24 00:00 nobody uncovered gap:on_leave",
    ]
    (decided,) = (one for one in team.coverage_ledger.report(MIDNIGHT, now, now) if one.status == "intended")
    assert (decided.by, decided.why) == ("U0LEAD", "Chinese New Year")


def test_a_gap_accepted_in_time_is_accepted_also_ahead_and_whoever_is_on_stays_named(team: Team) -> None:
    rota_versions.import_rota(team.store, SALES, "cli", NOW)
    team.rota_store.record([intend(MIDNIGHT + HOUR, MIDNIGHT + 3 * HOUR)], LEAD, NOW, "accepted")

    expected = [
        "23 00:00-23 01:00 bob below_requirement gap:no_eligible_role",
        "23 01:00-23 03:00 bob intended change:1",
        "23 03:00-24 00:00 bob below_requirement gap:no_eligible_role",
    ]
    assert team.told(MIDNIGHT, MIDNIGHT + DAY, NOW) == expected
    assert team.told(MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY) == expected


def test_what_the_rotas_file_accepts_names_the_file(team: Team) -> None:
    meant = '[[intended_gap]]\nfrom = 2026-11-23T00:00:00\nto = 2026-11-23T04:00:00\nreason = "stock-taking"\n'
    rota_versions.import_rota(team.store, DAILY_TURNS + meant, "cli", NOW)
    team.rota_store.record([leave()], BOB, NOW, "away")

    first = next(one for one in team.coverage_ledger.report(MIDNIGHT, MIDNIGHT + DAY, NOW) if one.slot == PRIMARY)

    assert (first.status, first.end, first.evidence, first.why) == (
        "intended", MIDNIGHT + 4 * HOUR, "rota", "stock-taking",
    )  # fmt: skip


def test_a_handover_within_the_second_of_its_start_leaves_no_interval_before_it(team: Team) -> None:
    team.confirm("ann", MIDNIGHT - DAY, NOW)
    team.confirm("ann", MIDNIGHT, MIDNIGHT - HOUR, ShiftEventKind.HAND_OVER)
    team.confirm("bob", MIDNIGHT, MIDNIGHT + BITS, ShiftEventKind.TAKE_OVER)

    assert team.told(MIDNIGHT, MIDNIGHT + HOUR, MIDNIGHT + HOUR) == ["23 00:00-23 01:00 bob handed_over watch:3"]


def test_all_times_are_whole_seconds_and_no_seat_is_named_twice(team: Team) -> None:
    times = [MIDNIGHT + n * HOUR + BITS for n in range(1, 6)]
    team.confirm("bob", MIDNIGHT, times[0])
    team.rota_store.record([leave(start=times[1])], BOB, times[1], "away")
    team.rota_store.record([stand("cai", "", times[2], MIDNIGHT + DAY)], LEAD, times[2], "cai")
    rota_versions.import_rota(team.store, DAILY_TURNS.replace('["ann", "bob"]', '["ann"]'), "cli", times[3])
    now = times[4]
    for entered in (False, True):
        if entered:
            team.coverage_ledger.record(now + 2 * DAY)

        entries = team.coverage_ledger.report(MIDNIGHT + BITS, now, now)

        assert {moment.microsecond for entry in entries for moment in (entry.start, entry.end)} == {0}
        assert min(entry.end - entry.start for entry in entries) >= HOUR
        adds_up(entries, MIDNIGHT, now - BITS)
        for at in times:
            for moment in (at - BITS, at, at + BITS):
                assert [one.slot for one in team.coverage_ledger.at(moment, now)] == [PRIMARY]
