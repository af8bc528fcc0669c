"""Random plans, zones and changes: the interval arithmetic against a look at every minute.

The look knows no intervals. It carries the latest time the wall clock has shown so far; a turn or an hour has begun
once that time is reached, which is all that the rules for missing and doubled times say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise, zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.rota.departures import WorkspaceAbsences
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import find_gaps, resolve_rota
from models.rules.rota.rota import (
    BACKUP,
    PRIMARY,
    AcceptedTime,
    CalendarDay,
    DayKind,
    FixedShift,
    Layer,
    LoadLimits,
    Member,
    PartnerRole,
    Rota,
    Seat,
)
from models.rules.rota.shifts import Shift, resolve_shifts

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOOKED = 1000  # minutes that are looked at
BEFORE = 1500  # minutes before, at which changes may begin
REPEATED = 240  # longer than any clock repeats its time
NAMES = ("ann", "bob", "cid", "dan")
THINGS = ("azure", "m365")
# Days on which something is odd: clock changes both ways, odd offsets, a leap day, a year's end, the 53rd week.
ODD_DAYS = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Asia/Kathmandu", "2026-12-31"),
    ("Pacific/Chatham", "2026-04-05"), ("Pacific/Chatham", "2026-09-27"), ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"), ("America/New_York", "2026-11-01"), ("Asia/Shanghai", "2028-02-29"),
    ("America/Santiago", "2026-09-06"), ("America/Santiago", "2026-04-04"), ("Asia/Beirut", "2026-03-29"),
    ("Africa/Casablanca", "2026-02-15"), ("Africa/Casablanca", "2026-03-22"), ("UTC", "2027-01-01"),
]  # fmt: skip
ZONES = sorted({ZoneInfo(zone) for zone, _ in ODD_DAYS}, key=lambda zone: zone.key)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

few = st.frozensets(st.sampled_from(THINGS))
# Clocks change at night and on the hour or half of it.
clocks = st.builds(time, st.integers(0, 4) | st.integers(0, 23), st.sampled_from([0, 0, 1, 15, 29, 30, 45, 59]))
hours = st.integers(1, 168).map(lambda number: timedelta(hours=number))
load_limits = st.just(LoadLimits()) | st.builds(LoadLimits, hours, hours, hours, st.integers(0, 200))
dates = st.integers(0, 900).map(lambda days: (FIRST + days * DAY).date())
special_days = st.builds(CalendarDay, dates, st.sampled_from(DayKind), st.just("a day"))
calendars = st.lists(special_days, max_size=2, unique_by=lambda day: day.date)


@st.composite
def layers(draw: st.DrawFn, day: datetime = FIRST, zone: ZoneInfo = ZONES[0]) -> Layer:
    """A layer that began some days before, mostly in the zone in which something is odd that day."""
    handoff = draw(clocks)
    opens = draw(st.just(handoff) | clocks)
    return Layer(
        name=f"L{draw(st.integers(0, 10**9))}", seat=draw(st.sampled_from([PRIMARY, PRIMARY, BACKUP])),
        members=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=4))),
        starts=(day - draw(st.integers(-1, 40)) * DAY).date(), handoff=handoff,
        length=timedelta(hours=draw(st.sampled_from([1, 5, 8, 12, 24, 24, 48, 168]))),
        zone=draw(st.just(zone) | st.sampled_from(ZONES)),
        days=draw(st.just(frozenset(range(7))) | st.frozensets(st.integers(0, 6))),
        opens=opens, closes=draw(st.just(opens) | clocks), services=draw(st.just(frozenset()) | few),
        skips_days=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def rotas(draw: st.DrawFn, day: datetime = FIRST, zone: ZoneInfo = ZONES[0], imported: bool = True) -> Rota:
    """A plan for two seats, with everything that may be lacking."""
    members = [_member(draw, name) for name in NAMES]
    seats = [
        Seat(name, draw(st.sampled_from([1, 1, 2, 3])), draw(few), draw(few), draw(st.booleans()))
        for name in (PRIMARY, BACKUP)
    ]
    stack = [*_bases(draw, day), *draw(st.lists(layers(day, zone), max_size=4, unique_by=lambda layer: layer.name))]
    fixed = [
        FixedShift(draw(st.sampled_from([PRIMARY, BACKUP])), draw(st.sampled_from(NAMES)), *draw(periods(day)))
        for _ in range(draw(st.integers(0, 3)) if imported else 0)
    ]
    intended = [
        AcceptedTime(*draw(periods(day)), "because", draw(st.sampled_from(["", PRIMARY])))
        for _ in range(draw(st.integers(0, 2)))
    ]
    limits = st.none() | st.integers(1, 12).map(lambda hours: timedelta(hours=hours))
    return Rota(
        {member.name: member for member in members}, tuple(stack), tuple(seats), draw(st.sampled_from(ZONES)),
        draw(limits), draw(limits), tuple(intended), tuple(fixed), draw(load_limits), tuple(draw(calendars)),
    )  # fmt: skip


def _bases(draw: st.DrawFn, day: datetime) -> list[Layer]:
    """Layers of two people round the clock, so that changes find somebody."""
    ends = day.date() + DAY
    return [
        Layer(f"base {seat} {names}", seat, names, ends - 9 * DAY, time(7), 8 * timedelta(hours=1), ZONES[0])
        for seat, names in ((PRIMARY, NAMES[:2]), (PRIMARY, NAMES[2:]), (BACKUP, NAMES[1:3]))
        if draw(st.booleans())
    ]


def _member(draw: st.DrawFn, name: str) -> Member:
    slack_id = draw(st.sampled_from([f"U0{name.upper()}", f"U0{name.upper()}", ""]))
    role = draw(st.none() | st.sampled_from(PartnerRole))
    return Member(name, slack_id, "", role, draw(few), draw(few))


@st.composite
def periods(draw: st.DrawFn, day: datetime) -> tuple[datetime, datetime]:
    """A start and an end around a day."""
    start = day + draw(st.integers(-BEFORE, LOOKED)) * MINUTE
    return start, start + draw(st.integers(1, 60) | st.integers(1, 1500)) * MINUTE


@st.composite
def situations(draw: st.DrawFn) -> tuple[Rota, list[Override], datetime]:
    """A plan, its changes, and from when on to look: a window may begin anywhere."""
    key, date = draw(st.sampled_from(ODD_DAYS))
    zone = ZoneInfo(key)
    day = datetime.fromisoformat(date).replace(tzinfo=zone).astimezone(UTC)
    changes = [_change(draw, number, day) for number in range(draw(st.sampled_from([0, 3, 6, 9])))]
    return draw(rotas(day, zone)), changes, day + draw(st.integers(-LOOKED, 300)) * MINUTE


def _change(draw: st.DrawFn, number: int, day: datetime) -> Override:
    start, end = draw(periods(day))
    kinds = [
        OverrideKind.OVERRIDE,
        OverrideKind.OVERRIDE,
        OverrideKind.TIME_OFF,
        OverrideKind.TIME_OFF,
        OverrideKind.ACCEPT_GAP,
        OverrideKind.CANCEL,
    ]
    return Override(
        number, FIRST + number * MINUTE, "U0LEAD", draw(st.sampled_from(kinds)), start, end,
        member=draw(st.sampled_from([*NAMES, "zoe"])), seat=draw(st.sampled_from([PRIMARY, BACKUP])),
        instead_of=draw(st.sampled_from(["", "", *NAMES])), of=draw(st.integers(0, 8)),
    )  # fmt: skip


# Looking at every minute ---------------------------------------------------------------------------------------

Place = dict[str, Any]
MinuteSlot = tuple[datetime, str, int, str, str]
MINUTES_AWAY = st.integers(-BEFORE, LOOKED)


class MinuteRota:
    """The plain way: what is true at one moment after another."""

    def __init__(self, rota: Rota, changes: Sequence[Override], left: WorkspaceAbsences) -> None:
        self.rota, self.left = rota, left
        cancelled = {change.of for change in changes if change.kind is OverrideKind.CANCEL}
        self.changes = [change for change in changes if change.id not in cancelled]
        self._shown: dict[ZoneInfo, datetime] = {}
        shifts = sorted(rota.fixed_shifts, key=lambda one: (one.start, one.end, one.member))
        self._fixed = {seat.name: self._by_track([f for f in shifts if f.seat == seat.name]) for seat in rota.seats}

    def pass_by(self, now: datetime) -> None:
        """Every wall clock is looked at."""
        for zone in {layer.zone for layer in self.rota.layers}:
            local = now.astimezone(zone).replace(tzinfo=None)
            self._shown[zone] = max(local, self._shown.get(zone, local))

    def seat(self, seat: Seat, now: datetime) -> list[Place | None]:
        """Who is in each place of a seat."""
        names: list[tuple[str, str]] = []
        for member, source in self._stack(seat, now):
            if member not in [name for name, _ in names]:
                names.append((member, source))
        places: list[Place | None] = [{"who": who, "source": source, "away": ""} for who, source in names]
        places = [*places, *[None] * seat.people][: seat.people]
        self._leave(places, now)
        for change in self.changes:
            if change.start <= now < change.end:
                self._apply(change, seat, places)
        self._leave(places, now)
        standing: set[str] = set()
        for at, place in enumerate(places):
            if place and place["who"] in standing:
                places[at] = None
            if place and not place["away"]:
                standing.add(place["who"])
        return places

    def _leave(self, places: list[Place | None], now: datetime) -> None:
        for place in filter(None, places):
            times = self.left.get(self.rota.members.get(place["who"], Member("")).slack_id, ())
            if any(start <= now and (end is None or now < end) for start, end in times):
                place["away"] = "left_workspace"

    def _stack(self, seat: Seat, now: datetime) -> Iterator[tuple[str, str]]:
        yield from ((one.member, "calendar") for one in self._fixed[seat.name] if one.start <= now < one.end)
        for layer in reversed(self.rota.layers):
            if layer.seat == seat.name and layer.members and layer.days and (member := self._turn(layer)):
                yield member, layer.name

    @staticmethod
    def _by_track(shifts: Sequence[FixedShift]) -> list[FixedShift]:
        tracks: dict[int, list[FixedShift]] = defaultdict(list)
        for shift in shifts:
            tracks[next(n for n in range(99) if not tracks[n] or tracks[n][-1].end <= shift.start)].append(shift)
        return [track for n in sorted(tracks) for track in tracks[n]]

    def _turn(self, layer: Layer) -> str:
        shown = self._shown[layer.zone]
        first = datetime.combine(layer.starts, layer.handoff)
        if shown < first or not self._is_open(layer, shown):
            return ""
        if layer.skips_days:
            return self._skipping(layer, shown, first)
        return layer.members[(shown - first) // layer.length % len(layer.members)]

    @staticmethod
    def _skipping(layer: Layer, shown: datetime, first: datetime) -> str:
        """Whose turn it is when only the layer's days pass; on the others it is whoever was last."""
        passed, now = timedelta(), timedelta(microseconds=-1)
        while first <= shown:
            if counts := first.weekday() in layer.days:
                passed += min(DAY, shown - first)
            now = timedelta() if counts and shown - first < DAY else timedelta(microseconds=-1)
            first += DAY
        return layer.members[(passed + now) // layer.length % len(layer.members)] if passed + now >= timedelta() else ""

    @staticmethod
    def _is_open(layer: Layer, shown: datetime) -> bool:
        if len(layer.days) == 7 and layer.opens == layer.closes:
            return True
        for day in (shown.date(), shown.date() - DAY):
            opens = datetime.combine(day, layer.opens)
            closes = datetime.combine(day + (DAY if layer.closes <= layer.opens else timedelta()), layer.closes)
            if day.weekday() in layer.days and opens <= shown < closes:
                return True
        return False

    @staticmethod
    def _apply(change: Override, seat: Seat, places: list[Place | None]) -> None:
        placed = {"who": change.member, "source": f"change:{change.id}", "away": ""}
        if change.kind is OverrideKind.TIME_OFF:
            for place in places:
                if place and place["who"] == change.member:
                    place["away"] = "on_leave"
        elif change.kind is OverrideKind.OVERRIDE and change.seat == seat.name:
            if change.instead_of:
                places[:] = [placed.copy() if one and one["who"] == change.instead_of else one for one in places]
            elif not any(one and one["who"] == change.member and not one["away"] for one in places):
                free = [at for at, one in enumerate(places) if one is None or one["away"]]
                places[free[0] if free else 0] = placed


def check_every_minute(
    rota: Rota, changes: Sequence[Override], start: datetime, left: WorkspaceAbsences
) -> tuple[set[MinuteSlot], set[tuple[datetime, str, GapReason]]]:
    """Who is where at every minute, and what is unmet."""
    minute_rota, duty = MinuteRota(rota, changes, left), Duty()
    seen: set[MinuteSlot] = set()
    wrong: set[tuple[datetime, str, GapReason]] = set()
    first = -sum(limit // MINUTE for limit in (rota.max_on_call, rota.min_rest) if limit)
    for step in range(first - REPEATED, LOOKED):
        now = start + step * MINUTE
        minute_rota.pass_by(now)
        if step < first:
            continue
        seats = {seat.name: minute_rota.seat(seat, now) for seat in rota.seats}
        duty.pass_by(
            now, {place["who"] for places in seats.values() for place in places if place and not place["away"]}
        )
        if step >= 0:
            seen |= {(now, name, *place) for name, places in seats.items() for place in _places(places)}
            for seat in rota.seats:
                if not _is_intended(minute_rota, seat, now):
                    reasons = {*_unmet(rota, seat, seats), *_tired(rota, seat, seats, duty)}
                    wrong |= {(now, seat.name, reason) for reason in reasons}
    return seen, wrong


def _places(places: Sequence[Place | None]) -> Iterator[tuple[int, str, str]]:
    for number, one in enumerate(places, 1):
        if one:
            yield number, f"{one['who']} by {one['source']}", one["away"]


class Duty:
    """Since when everybody stands, and when they last stopped."""

    def __init__(self) -> None:
        self.now = FIRST
        self.since: dict[str, datetime] = {}
        self.ended: dict[str, datetime] = {}

    def pass_by(self, now: datetime, standing: set[str]) -> None:
        """Who stands now."""
        self.now = now
        for who in [one for one in self.since if one not in standing]:
            del self.since[who]
            self.ended[who] = now
        for who in standing:
            self.since.setdefault(who, now)


def _is_intended(look: MinuteRota, seat: Seat, now: datetime) -> bool:
    times = [(accepted.start, accepted.end, accepted.seat) for accepted in look.rota.accepted_gaps]
    times += [
        (change.start, change.end, change.seat) for change in look.changes if change.kind is OverrideKind.ACCEPT_GAP
    ]
    return any(start <= now < end and name in {"", seat.name} for start, end, name in times)


def _empty(seat: Seat, place: Place | None) -> GapReason | None:
    if place is None:
        return GapReason.NO_BACKUP if seat.name == BACKUP else GapReason.NOBODY
    if place["away"]:
        return GapReason(place["away"])
    return None


def _unfit(rota: Rota, seat: Seat, place: Place, seats: dict[str, list[Place | None]]) -> GapReason | None:
    if not rota.members.get(place["who"], Member("")).slack_id:
        return GapReason.NO_ACCOUNT
    ahead = [one["who"] for one in seats[PRIMARY] if one and not one["away"]]
    return GapReason.ALSO_PRIMARY if seat.name == BACKUP and place["who"] in ahead else None


def _fit(rota: Rota, seat: Seat, seats: dict[str, list[Place | None]]) -> list[Place]:
    there = [one for one in seats[seat.name] if one and not _empty(seat, one)]
    return [one for one in there if not _unfit(rota, seat, one, seats)]


def _unmet(rota: Rota, seat: Seat, seats: dict[str, list[Place | None]]) -> Iterator[GapReason]:
    empty = [_empty(seat, place) for place in seats[seat.name]]
    yield from (reason if all(empty) else GapReason.TOO_FEW for reason in empty if reason)
    there = [one for one, reason in zip(seats[seat.name], empty, strict=True) if one and not reason]
    yield from (reason for one in there if (reason := _unfit(rota, seat, one, seats)))
    fit = _fit(rota, seat, seats)
    if not fit:
        return
    people = [rota.members[one["who"]] for one in fit]
    if seat.needs_role and not any(p.role in {"admin_agent", "helpdesk_agent", "global_admin"} for p in people):
        yield GapReason.NO_ELIGIBLE_ROLE
    limits = {layer.name: layer.services or set(THINGS) for layer in rota.layers}
    served = {
        s for one, p in zip(fit, people, strict=True) for s in p.services if s in limits.get(one["source"], THINGS)
    }
    if seat.services - served:
        yield GapReason.NO_SERVICE
    if seat.languages - {language for p in people for language in p.languages}:
        yield GapReason.NO_LANGUAGE


def _tired(rota: Rota, seat: Seat, seats: dict[str, list[Place | None]], duty: Duty) -> Iterator[GapReason]:
    for place in _fit(rota, seat, seats):
        who = place["who"]
        if rota.max_on_call and duty.now >= duty.since[who] + rota.max_on_call:
            yield GapReason.TOO_LONG
        if rota.min_rest and who in duty.ended and duty.now < duty.ended[who] + rota.min_rest:
            yield GapReason.TOO_LITTLE_REST


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    """The minutes between two moments, both of which are one."""
    assert start < end
    assert start.second == end.second == 0
    return (start + step * MINUTE for step in range((end - start) // MINUTE))


def spread_shifts(shifts: Iterable[Shift]) -> list[MinuteSlot]:
    """Shifts as the minutes they hold."""
    return [
        (minute, shift.seat, shift.slot_number, f"{shift.member} by {shift.source}", shift.absent)
        for shift in shifts
        for minute in minutes(shift.start, shift.end)
    ]


def spread_gaps(found: Iterable[Gap]) -> list[tuple[datetime, str, GapReason]]:
    """Gaps as the minutes they hold."""
    return [(minute, gap.seat, gap.reason) for gap in found for minute in minutes(gap.start, gap.end)]


@settings(max_examples=40)
@given(situations(), st.sampled_from(NAMES), st.lists(MINUTES_AWAY, max_size=3, unique=True))
def test_a_check_of_every_minute_finds_the_same_shifts_and_gaps(
    rota_state: tuple[Rota, list[Override], datetime], who: str, edges: list[int]
) -> None:
    rota, changes, start = rota_state
    times = [start + minute * MINUTE for minute in sorted(edges)]
    left: WorkspaceAbsences = {f"U0{who.upper()}": list(zip_longest(times[::2], times[1::2]))}
    end = start + LOOKED * MINUTE
    seen, wrong = check_every_minute(rota, changes, start, left)

    standing, unmet = (
        spread_shifts(resolve_shifts(rota, changes, start, end, left)),
        spread_gaps(find_gaps(rota, changes, start, end, left)),
    )

    assert (set(standing), set(unmet)) == (seen, wrong)
    assert (len(standing), len(unmet)) == (len(seen), len(wrong)), "a minute is told once"


@settings(max_examples=30)
@given(situations(), st.integers(0, LOOKED), st.integers(0, LOOKED))
def test_the_result_does_not_depend_on_where_a_window_begins_and_ends(
    rota_state: tuple[Rota, list[Override], datetime], one: int, other: int
) -> None:
    rota, changes, start = rota_state
    first, last = (start + step * MINUTE for step in sorted((one, other)))
    end = start + LOOKED * MINUTE

    whole, part = (find_gaps(rota, changes, *window) for window in ((start, end), (first, last)))
    shifts, some = (resolve_shifts(rota, changes, *window) for window in ((start, end), (first, last)))

    assert set(spread_gaps(part)) == {told for told in spread_gaps(whole) if first <= told[0] < last}
    assert set(spread_shifts(some)) == {told for told in spread_shifts(shifts) if first <= told[0] < last}


@settings(max_examples=40)
@given(situations())
def test_a_slot_holds_one_shift_at_a_time_and_nobody_is_in_two(
    rota_state: tuple[Rota, list[Override], datetime],
) -> None:
    rota, changes, start = rota_state
    end = start + LOOKED * MINUTE

    shifts = resolve_shifts(rota, changes, start, end)

    for before, after in pairwise(shifts):
        if (before.seat, before.slot_number) == (after.seat, after.slot_number):
            assert before.end <= after.start
            assert before.end < after.start or before[2:3] + before[5:] != after[2:3] + after[5:], "they are one"
    standing = sorted((shift.seat, shift.member, shift.start, shift.end) for shift in shifts if not shift.absent)
    assert all(one[:2] != other[:2] or one[3] <= other[2] for one, other in pairwise(standing))
    assert all(start <= shift.start < shift.end <= end for shift in shifts)


@settings(max_examples=30)
@given(situations())
def test_no_slot_is_empty_without_a_gap(rota_state: tuple[Rota, list[Override], datetime]) -> None:
    rota, changes, start = rota_state
    end = start + LOOKED * MINUTE
    owed = [(minute, seat.name, place) for seat in rota.seats for place in range(1, seat.people + 1)
            for minute in minutes(start, end)]  # fmt: skip
    minute_rota = MinuteRota(rota, changes, {})

    filled = {told[:3] for told in spread_shifts(resolve_shifts(rota, changes, start, end)) if not told[4]}
    reported = {told[:2] for told in spread_gaps(find_gaps(rota, changes, start, end))}

    assert [
        hole for hole in owed
        if hole not in filled and hole[:2] not in reported
        and not _is_intended(minute_rota, next(seat for seat in rota.seats if seat.name == hole[1]), hole[0])
    ] == []  # fmt: skip


@settings(max_examples=30)
@given(situations())
def test_gaps_of_one_seat_and_reason_never_touch(rota_state: tuple[Rota, list[Override], datetime]) -> None:
    rota, changes, start = rota_state
    kinds: dict[tuple[str, GapReason], list[Gap]] = defaultdict(list)

    gaps = find_gaps(rota, changes, start, start + LOOKED * MINUTE)
    for gap in gaps:
        kinds[gap.seat, gap.reason].append(gap)

    assert all(one.end < other.start for several in kinds.values() for one, other in pairwise(several))
    assert [gap.start for gap in gaps] == sorted(gap.start for gap in gaps)


@settings(max_examples=20)
@given(situations())
def test_a_resolved_rota_gives_the_same_shifts_and_gaps(rota_state: tuple[Rota, list[Override], datetime]) -> None:
    rota, changes, start = rota_state
    end = start + LOOKED * MINUTE

    resolved = resolve_rota(rota, changes, start, end)

    assert resolved.shifts() == resolve_shifts(rota, changes, start, end)
    assert resolved.gaps() == find_gaps(rota, changes, start, end)
