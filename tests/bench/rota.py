"""A year of a rota: final shifts and every gap, beside what `recurring-ical-events` takes to expand the shifts.

Both are told the same: two seats with three layers each (turns of 12 hours round the clock; above them the days, above
both the nights, both daily), eight people, a year in Beijing. In the calendar every member of every layer is one event
with its RRULE, which names person and seat, and every override is an exception of its event (RECURRENCE-ID). Reading
plan and calendar is counted on neither side. Ours then lays layers, 200 overrides and 100 leaves over each other and
judges each minute by services, languages, roles, hours and rest; the calendar only lists its events: leaves are not in
it at all. Before anything is measured, both must tell the same shifts of the layers, second by second.

Judged is the first look of a process: no zone's clock changes are known yet, nothing else is ever kept. A look after
that one is told beside it. (Most ticks of a running bot take none: shifts and gaps stay until the rota differs.)
"""

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

import recurring_ical_events
from icalendar import Calendar, Event

from models.rules.rota import local_clock
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import find_gaps, resolve_rota
from models.rules.rota.rota import BACKUP, BEIJING, PRIMARY, Layer, Member, PartnerRole, Rota, Seat
from models.rules.rota.shifts import Shift, resolve_shifts
from tests.bench.measurement import Figure, Workshop, in_turn, ratio_at_most, told

ROUNDS = 11
OVERRIDES, LEAVES = 200, 100
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 5, tzinfo=BEIJING)  # a Monday, and the first turn of every layer
END = START + 365 * DAY
NAMES = tuple(f"member {number}" for number in range(8))
OWED = frozenset({"m365", "azure"})


def measure(workshop: Workshop) -> list[Figure]:
    """The quickest of some rounds, each side in turn first: what others do on the machine spares a run of 20 ms or hits
    it whole, and spreads over one of 500 ms."""
    rota = _rota()
    chosen = _chosen(rota)
    changes = [*_overrides(chosen), *_leaves()]
    calendar = Calendar.from_ical(_calendar(rota, chosen).to_ical())
    _compare(rota)
    sides: dict[str, Callable[[], object]] = {
        "first": lambda: _surveyed(rota, changes, first=True),
        "next": lambda: _surveyed(rota, changes),
        "bare": lambda: _expanded(calendar),
    }
    times: dict[str, list[float]] = {side: [] for side in sides}
    for number, side in in_turn(ROUNDS):
        workshop.say(f"a year of the rota, {side}, {number + 1} of {ROUNDS}")
        for one in ("first", "next") if side == "ours" else ("bare",):
            times[one].append(_seconds(sides[one]))
    first, later, bare = (1000 * min(several) for several in times.values())
    found, events = len(find_gaps(rota, changes, START, END)), len(_expanded(calendar))
    note = f"{found} gaps; the calendar only expands its {events:,} events; 1/{bare / first:.1f}"
    return [
        ratio_at_most("a year of the rota, resolved, with all gaps: the first look", 1 / 20, first, "ms", bare, note),
        told("the same looked at again", later, "ms", bare, f"1/{bare / later:.1f}"),
    ]


def _surveyed(rota: Rota, changes: Sequence[Override], first: bool = False) -> object:
    if first:
        local_clock._changes.cache_clear()
        local_clock.to_instant.cache_clear()
    look = resolve_rota(rota, changes, START, END)
    return look.shifts(), look.gaps()


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()  # nobody clears up after the other side
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


# The rota ------------------------------------------------------------------------------------------------------


def _rota() -> Rota:
    members = {
        name: Member(name, f"U0{number}", "", PartnerRole.ADMIN_AGENT, frozenset({"zh"}), OWED)
        for number, name in enumerate(NAMES)
    }
    seats = tuple(Seat(name, services=OWED, languages=frozenset({"zh"})) for name in (PRIMARY, BACKUP))
    layers = [layer for number, seat in enumerate(seats) for layer in _layers(seat.name, 4 * number)]
    return Rota(members, tuple(layers), seats, BEIJING, 16 * HOUR, 8 * HOUR)


def _layers(seat: str, shift: int) -> Iterator[Layer]:
    """Three layers; each begins its rotation with another member."""
    for number, (name, opens, closes, length) in enumerate(
        (("base", 0, 0, 12), ("days", 8, 20, 24), ("nights", 20, 8, 24))
    ):
        first = (shift + 2 * number) % len(NAMES)
        yield Layer(
            f"{seat}, {name}", seat, NAMES[first:] + NAMES[:first], START.date(), clock(opens or 8), length * HOUR,
            BEIJING, opens=clock(opens), closes=clock(closes),
        )  # fmt: skip


def _chosen(rota: Rota) -> list[tuple[Layer, Shift, str]]:
    """The planned shifts that somebody else takes, and who."""
    chance = random.Random(20_26)
    every = [(layer, shift) for layer in rota.layers for shift in _shifts(rota, layer)]
    whole = [(layer, shift) for layer, shift in every if shift.start > START and shift.end < END]
    return [(layer, shift, chance.choice(NAMES)) for layer, shift in chance.sample(whole, OVERRIDES)]


def _shifts(rota: Rota, layer: Layer) -> list[Shift]:
    """What a layer would be alone."""
    return resolve_shifts(replace(rota, layers=(layer,)), (), START, END)


def _overrides(chosen: Sequence[tuple[Layer, Shift, str]]) -> Iterator[Override]:
    for number, (layer, shift, who) in enumerate(chosen):
        yield Override(
            number, START.astimezone(UTC), "U0LEAD", OverrideKind.OVERRIDE, shift.start, shift.end, member=who,
            seat=layer.seat,
        )  # fmt: skip


def _leaves() -> Iterator[Override]:
    chance = random.Random(365)
    for number in range(LEAVES):
        begins = (START + chance.randrange(365) * DAY).astimezone(UTC)
        yield Override(
            OVERRIDES + number, START.astimezone(UTC) + HOUR, "U0LEAD", OverrideKind.TIME_OFF, begins,
            begins + chance.randint(1, 10) * DAY, member=chance.choice(NAMES),
        )  # fmt: skip


# The same as a calendar ----------------------------------------------------------------------------------------


def _calendar(rota: Rota, chosen: Sequence[tuple[Layer, Shift, str]] = ()) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//rota//bench//")
    calendar.add("version", "2.0")
    for layer in rota.layers:
        for turn, member in enumerate(layer.members):
            calendar.add_component(_recurring(layer, turn, member))
    for layer, shift, who in chosen:
        exception = _event(layer, shift.member, shift.start, shift.end, who)
        exception.add("recurrence-id", shift.start.astimezone(BEIJING))
        calendar.add_component(exception)
    return calendar


def _recurring(layer: Layer, turn: int, member: str) -> Event:
    """All turns of one member in one layer: every so many days."""
    first = datetime.combine(START.date(), layer.handoff, BEIJING) + turn * layer.length
    event = _event(layer, member, first, first + 12 * HOUR, member)
    event.add("rrule", {"freq": "DAILY", "interval": len(layer.members) * (layer.length // HOUR) // 24})
    return event


def _event(layer: Layer, owner: str, start: datetime, end: datetime, who: str) -> Event:
    event = Event()
    event.add("uid", f"{layer.name}/{owner}")
    event.add("dtstamp", START.astimezone(UTC))
    event.add("summary", who)
    event.add("attendee", f"mailto:{who.replace(' ', '.')}@example.com")
    event.add("categories", [layer.seat])
    event.add("dtstart", start.astimezone(BEIJING))
    event.add("dtend", end.astimezone(BEIJING))
    return event


def _expanded(calendar: object) -> list[Event]:
    return list(recurring_ical_events.of(calendar).between(START, END))


def _compare(rota: Rota) -> None:
    """Stop unless the calendar without exceptions tells the shifts of the layers."""
    ours = sorted(
        (layer.name, shift.start, shift.end, shift.member) for layer in rota.layers for shift in _shifts(rota, layer)
    )
    theirs = sorted(
        (str(one["uid"]).split("/")[0], _within(one.start), _within(one.end), str(one["summary"]))
        for one in _expanded(_calendar(rota))
    )
    if ours != theirs:
        raise AssertionError(f"not the same shifts: {sorted({*ours} ^ {*theirs})[:6]}")


def _within(moment: date) -> datetime:
    assert isinstance(moment, datetime), "shifts have a time"
    return max(START, min(moment, END))
