"""The coverage ledger: it tells every minute once, adds up to the hour, and never tells the past anew."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from shutil import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from models.oncall import rota_versions
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import BOT, CoverageLedger
from models.oncall.rota_store import RotaStore
from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.rota.ledger_entries import LedgerEntry
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from models.store.oncall_tables import DOWNTIME, LEDGER, PULSE
from tests.models.concurrent_writers import opened
from tests.models.oncall.test_overrides import ANN, BOB, DAY, HOUR, LEAD, MIDNIGHT, NOW, leave, stand
from tests.sample_rotas import DAILY_TURNS

PRIMARY = Slot("primary")
BACKUP_TOO = DAILY_TURNS + '[[seat]]\nname = "backup"\n'


class Team:
    """A store with the rota of ``test_rota_changes`` since the midnight before, and all that keeps the duty."""

    def __init__(self, store: Store) -> None:
        rota_versions.import_rota(store, DAILY_TURNS, "cli", NOW - HOUR)
        self.store = store
        self.rota_store = RotaStore(store)
        self.confirmations = Confirmations(store, self.rota_store)
        self.coverage_ledger = CoverageLedger(store, self.rota_store, self.confirmations)

    def confirm(self, who: str, begins: datetime, at: datetime, kind: ShiftEventKind = ShiftEventKind.CONFIRM) -> None:
        """Somebody presses a button at a shift."""
        press = ShiftEvent(0, at, "", kind, PRIMARY, begins, who)
        self.confirmations.record(press, Actor(f"U0{who.upper()}", "T0"), f"{who} {begins} {at} {kind}")

    def told(self, start: datetime, end: datetime, now: datetime) -> list[str]:
        """The primary's intervals, short."""
        found = [entry for entry in self.coverage_ledger.report(start, end, now) if entry.slot == PRIMARY]
        return [
            f"{one.start:%d %H:%M}-{one.end:%d %H:%M} {one.person or 'nobody'} {one.status} {one.evidence}"
            for one in found
        ]


@pytest.fixture
def team(store: Store) -> Team:
    """A team, on either database."""
    return Team(store)


def adds_up(entries: Iterable[LedgerEntry], start: datetime, end: datetime) -> None:
    """By place without overlap or hole, and the whole period long."""
    by_place: dict[Slot, list[LedgerEntry]] = {}
    for entry in entries:
        by_place.setdefault(entry.slot, []).append(entry)
    for mine in by_place.values():
        assert (mine[0].start, mine[-1].end) == (start, end)
        assert all(one.end == other.start for one, other in pairwise(mine))
        assert sum((one.end - one.start for one in mine), timedelta()) == end - start


def test_a_day_tells_who_stood_and_what_proves_it(team: Team) -> None:
    team.confirm("ann", MIDNIGHT - DAY, NOW)
    team.confirm("ann", MIDNIGHT, MIDNIGHT, ShiftEventKind.HAND_OVER)
    team.confirm("bob", MIDNIGHT, MIDNIGHT + HOUR, ShiftEventKind.TAKE_OVER)

    assert team.told(MIDNIGHT - DAY, MIDNIGHT + 3 * HOUR, MIDNIGHT + 2 * HOUR) == [
        "22 00:00-22 11:00 nobody uncovered no_rota",
        "22 11:00-22 12:00 ann planned days",
        "22 12:00-23 01:00 ann confirmed watch:1",
        "23 01:00-23 02:00 bob handed_over watch:3",
        "23 02:00-23 03:00 bob planned days",
    ]


@pytest.mark.parametrize(("year", "hours"), [(2026, 8760), (2028, 8784)])
def test_a_year_adds_up_to_the_hour(team: Team, year: int, hours: int) -> None:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    for now in (NOW, NOW + 3 * DAY, end + 400 * DAY):
        team.coverage_ledger.record(now)
        entries = team.coverage_ledger.report(start, end, now)

        adds_up(entries, start, end)
        assert {entry.slot.name for entry in entries} == {"primary", "bot"}
        assert sum((e.end - e.start for e in entries if e.slot == PRIMARY), timedelta()) == hours * HOUR


def test_what_is_entered_does_not_change_the_telling(team: Team) -> None:
    team.rota_store.record([leave()], BOB, NOW, "k")
    team.confirm("ann", MIDNIGHT - DAY, NOW)
    now = MIDNIGHT + 3 * DAY
    before = team.told(NOW - DAY, now + DAY, now)

    made = team.coverage_ledger.record(now)

    assert made
    assert team.told(NOW - DAY, now + DAY, now) == before
    assert team.coverage_ledger.record(now) == 0


def test_a_leave_nobody_covers_is_uncovered(team: Team) -> None:
    team.rota_store.record([leave()], BOB, NOW, "k")

    assert team.told(MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY) == ["23 00:00-24 00:00 nobody uncovered gap:on_leave"]


def test_a_later_plan_changes_nothing_that_was(team: Team) -> None:
    before = team.told(NOW, MIDNIGHT + 6 * HOUR, MIDNIGHT + 6 * HOUR)

    rota_versions.import_rota(team.store, DAILY_TURNS.replace('["ann", "bob"]', '["cai"]'), "cli", MIDNIGHT + 6 * HOUR)

    later = MIDNIGHT + 9 * HOUR
    assert team.told(NOW, MIDNIGHT + 6 * HOUR, later) == before
    assert team.told(MIDNIGHT + 6 * HOUR, later, later) == ["23 06:00-23 09:00 cai planned days"]


def test_taking_a_change_back_changes_nothing_that_was(team: Team) -> None:
    (made,) = team.rota_store.record([stand("cai", "bob")], LEAD, NOW, "k")
    noon = MIDNIGHT + 12 * HOUR
    back = Override(0, noon, "", OverrideKind.CANCEL, made.start, made.end, of=made.id)

    team.rota_store.record([back], LEAD, noon, "back")

    assert team.told(MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY) == [
        "23 00:00-23 12:00 cai planned change:1",
        "23 12:00-24 00:00 bob planned days",
    ]


def test_a_seat_that_is_owed_from_today_is_uncovered_from_today(team: Team) -> None:
    rota_versions.import_rota(team.store, BACKUP_TOO, "cli", MIDNIGHT)
    now = MIDNIGHT + DAY
    team.coverage_ledger.record(now)

    found = [entry for entry in team.coverage_ledger.report(NOW, now, now) if entry.slot.seat == "backup"]
    assert [(entry.start, entry.evidence) for entry in found] == [(NOW, "no_rota"), (MIDNIGHT, "gap:no_backup")]


def test_who_stood_is_answered_for_any_instant(team: Team) -> None:
    team.confirm("ann", MIDNIGHT - DAY, NOW)
    team.coverage_ledger.record(MIDNIGHT + 9 * DAY)

    (past,) = team.coverage_ledger.at(NOW + HOUR, MIDNIGHT + 9 * DAY)
    (ahead,) = team.coverage_ledger.at(MIDNIGHT + 10 * DAY + HOUR, MIDNIGHT + 9 * DAY)
    assert (past.person, past.status) == ("ann", "confirmed")
    assert (ahead.person, ahead.status) == ("bob" if (10 % 2) == 0 else "ann", "planned")


def test_who_stays_on_because_nobody_took_over_is_responsible_now_and_was_so_since(team: Team) -> None:
    """What ``who`` says of this second: of what lies ahead only the plan is known."""
    team.confirm("ann", MIDNIGHT - DAY, NOW)
    now = MIDNIGHT + 2 * HOUR

    (here,), (before,) = team.coverage_ledger.at(now, now), team.coverage_ledger.at(MIDNIGHT + HOUR, now)
    assert (here.person, here.status, here.evidence) == ("ann", "confirmed", "watch:1")
    assert (before.person, before.status) == ("ann", "confirmed")
    assert team.confirmations.find_on_call(now)[0].person == "ann"
    assert team.told(MIDNIGHT, MIDNIGHT + 3 * HOUR, now)[-1] == "23 02:00-23 03:00 bob planned days"


def test_a_correction_lies_over_what_stays_on_record(team: Team) -> None:
    now = MIDNIGHT + 2 * DAY
    team.coverage_ledger.record(now)
    fixed = LedgerEntry(PRIMARY, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR, "confirmed", "cai", "")

    team.coverage_ledger.correct(fixed, "Bob was ill, Cai stood in by phone", LEAD, now)

    told = team.told(MIDNIGHT, MIDNIGHT + DAY, now)
    assert [line.split()[3:5] for line in told] == [["bob", "planned"], ["cai", "confirmed"], ["bob", "planned"]]
    assert told[1].split()[-1].startswith("correction:")
    kept = team.store.read(lambda c: c.scalar(select(func.count()).select_from(LEDGER).where(~LEDGER.c.corrects)))
    assert kept


@pytest.mark.parametrize(
    ("change", "why", "by", "reason"),
    [
        ({}, "ill", ANN, "leads_only"),
        ({"end": NOW + 99 * DAY}, "ill", LEAD, "only_the_past"),
        ({"end": NOW - DAY}, "ill", LEAD, "only_the_past"),
        ({}, "  ", LEAD, "why_needed"),
    ],
)
def test_a_correction_is_a_leads_and_has_a_reason(
    team: Team, change: dict[str, datetime], why: str, by: object, reason: str
) -> None:
    entry = replace(LedgerEntry(PRIMARY, NOW - HOUR, NOW, "confirmed", "ann", ""), **change)  # type: ignore[arg-type]

    with pytest.raises(Refused) as caught:
        team.coverage_ledger.correct(entry, why, by, NOW + DAY)  # type: ignore[arg-type]
    assert caught.value.refusals[0].reason == reason


def test_the_bots_own_absence_is_an_entry_of_its_own(team: Team) -> None:
    down = {"start": NOW + HOUR, "end": NOW + 2 * HOUR}
    team.store.write(lambda c: c.execute(insert(DOWNTIME), [down]))
    team.store.write(lambda c: c.execute(insert(PULSE), [{"id": 1, "at": NOW + 3 * HOUR}]))

    found = [entry for entry in team.coverage_ledger.report(NOW, NOW + 4 * HOUR, NOW + 4 * HOUR) if entry.slot == BOT]

    assert [entry.status for entry in found] == ["running", "down", "running", "down"]
    assert [entry.evidence for entry in found] == ["pulse", "downtime:1", "pulse", "not_recorded"]
    adds_up(found, NOW, NOW + 4 * HOUR)


def test_what_lies_ahead_of_the_bot_is_no_absence_and_the_time_since_its_last_tick_neither(team: Team) -> None:
    team.store.write(lambda c: c.execute(insert(PULSE), [{"id": 1, "at": NOW + HOUR}]))
    now = NOW + HOUR + timedelta(seconds=5)

    found = [entry for entry in team.coverage_ledger.report(NOW, NOW + DAY, now) if entry.slot == BOT]

    assert [(one.status, one.evidence, one.end) for one in found] == [
        ("running", "pulse", now), ("ahead", "not_yet", NOW + DAY),
    ]  # fmt: skip
    adds_up(found, NOW, NOW + DAY)


def test_it_is_kept_up_once_an_hour(team: Team) -> None:
    count = select(func.count()).select_from(LEDGER)
    team.coverage_ledger.record_hourly(MIDNIGHT + DAY)
    entered = team.store.read(lambda c: c.scalar(count))
    team.coverage_ledger.record_hourly(MIDNIGHT + DAY + timedelta(minutes=59))

    assert entered
    assert team.store.read(lambda c: c.scalar(count)) == entered


def test_two_bots_enter_every_stretch_once(team: Team) -> None:
    other = CoverageLedger(team.store, team.rota_store, team.confirmations)

    assert team.coverage_ledger.record(MIDNIGHT + 3 * DAY)
    assert other.record(MIDNIGHT + 3 * DAY) == 0


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, 95),
        st.sampled_from(["leave", "stand", "cancel", "confirm", "hand", "take", "plan", "enter"]),
        st.sampled_from(["ann", "bob", "cai"]),
        st.integers(1, 30),
    ),
    max_size=7,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HAPPENINGS)
def test_whatever_happens_the_past_is_told_once_and_for_all(
    sqlite_url: str, tmp_path_factory: pytest.TempPathFactory, story: list[tuple[int, str, str, int]]
) -> None:
    with opened(_fresh_copy(sqlite_url, tmp_path_factory)) as store:
        team = Team(store)
        told: list[tuple[datetime, list[str]]] = []
        for number, (hour, what, who, length) in enumerate(sorted(story)):
            now = MIDNIGHT + hour * HOUR
            told.append((now, team.told(NOW, now, now)))
            _happen(team, what, who, now, length * HOUR, number)
        end = MIDNIGHT + 5 * DAY
        team.coverage_ledger.record(end)

        adds_up(team.coverage_ledger.report(NOW - DAY, end + DAY, end), NOW - DAY, end + DAY)
        for then, before in told:
            assert team.told(NOW, then, end) == before


def _fresh_copy(url: str, folders: pytest.TempPathFactory) -> str:
    return f"sqlite:///{copy(url.removeprefix('sqlite:///'), folders.mktemp('story') / 'csp.db')}"


def _happen(team: Team, what: str, who: str, now: datetime, length: timedelta, number: int) -> None:
    """One thing happens; what is refused did not."""
    midnight = now.replace(hour=0)
    try:
        if what == "leave":
            team.rota_store.record([leave(who, now, now + length)], LEAD, now, f"{number}")
        elif what == "stand":
            team.rota_store.record([stand(who, "", now + HOUR, now + HOUR + length)], LEAD, now, f"{number}")
        elif what == "cancel" and (known := team.rota_store.changes(now)):
            back = Override(0, now, "", OverrideKind.CANCEL, now, now, of=known[-1].id)
            team.rota_store.record([back], LEAD, now, f"{number}")
        elif what == "plan":
            rota_versions.import_rota(
                team.store, DAILY_TURNS.replace('["ann", "bob"]', f'["{who}", "ann"]'), "cli", now
            )
        elif what == "enter":
            team.coverage_ledger.record(now)
        elif what in {"confirm", "hand", "take"}:
            kind = {
                "confirm": ShiftEventKind.CONFIRM,
                "hand": ShiftEventKind.HAND_OVER,
                "take": ShiftEventKind.TAKE_OVER,
            }[what]
            team.confirm(who, midnight, now, kind)
    except Refused:
        return


def test_before_there_was_a_rota_the_bot_is_not_called_absent(team: Team) -> None:
    start = NOW - 1000 * DAY
    never_ran = [entry for entry in team.coverage_ledger.report(start, NOW, NOW) if entry.slot == BOT]
    team.store.write(lambda c: c.execute(insert(PULSE), [{"id": 1, "at": NOW}]))
    ran = [entry for entry in team.coverage_ledger.report(start, NOW, NOW) if entry.slot == BOT]

    assert [(entry.status, entry.evidence) for entry in never_ran] == [("before", "not_recorded")]
    assert [(entry.status, entry.evidence) for entry in ran] == [("before", "not_recorded"), ("running", "pulse")]
    adds_up(ran, start, NOW)


def test_who_is_taken_out_of_the_rota_in_mid_shift_stood_until_then(team: Team) -> None:
    noon, end = MIDNIGHT + DAY / 2, MIDNIGHT + DAY
    rota_versions.import_rota(team.store, DAILY_TURNS.replace('["ann", "bob"]', '["ann"]'), "cli", noon)

    assert team.told(MIDNIGHT, end, end) == ["23 00:00-23 12:00 bob planned days", "23 12:00-24 00:00 ann planned days"]
