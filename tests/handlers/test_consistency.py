"""One truth about an hour: check, ledger, picture, cards, channel and topic call it the same, over random years."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.blocks import gap_card, on_call
from handlers.blocks.schedule import ViewContext, gap_sign, gap_text
from handlers.chart.lanes import LaneState, build_lanes
from handlers.chart.month import MonthChart, describe
from handlers.i18n.dates import midnight
from handlers.i18n.rota_labels import KIND
from handlers.i18n.words import Words
from models.oncall.gap_register import GapRecord
from models.rules.rota.coverage_totals import sum_by_seat_and_kind, sum_of_kind
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.intervals import Window, merge_windows
from models.rules.rota.ledger_entries import build_entries, build_seat_intervals
from models.rules.rota.local_clock import to_seconds
from models.rules.rota.on_call import CoverageStatus, OnCallInterval, Slot, find_on_call_intervals
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import ResolvedRota, resolve_rota
from models.rules.rota.rota import BACKUP, PRIMARY, Rota
from models.rules.rota.shifts import Shift
from tests.handlers import block_limits
from tests.models.rules.rota.test_random import FIRST, NAMES, rotas

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
WORDS = {"en": ("uncovered", "below the requirement"), "zh_CN": ("未覆盖", "不达标")}
Times = Mapping[tuple[str, str], list[Window]]


@st.composite
def years(draw: st.DrawFn) -> tuple[Rota, list[Override]]:
    """A plan and some changes of it in a year."""
    rota = draw(rotas(START, imported=False))
    return rota, [_change(draw, number) for number in range(1, draw(st.integers(1, 9)))]


def _change(draw: st.DrawFn, number: int) -> Override:
    kinds = [
        OverrideKind.OVERRIDE,
        OverrideKind.OVERRIDE,
        OverrideKind.TIME_OFF,
        OverrideKind.TIME_OFF,
        OverrideKind.ACCEPT_GAP,
    ]
    start = START + draw(st.integers(0, 360 * 24)) * HOUR
    return Override(
        number, FIRST + number * HOUR, "U0LEAD", draw(st.sampled_from(kinds)), start,
        start + draw(st.integers(1, 900)) * HOUR, draw(st.sampled_from(NAMES)),
        draw(st.sampled_from([PRIMARY, BACKUP])), draw(st.sampled_from(["", *NAMES])),
    )  # fmt: skip


def by_seat(times: Iterable[tuple[str, str, datetime, datetime]]) -> Times:
    """By seat and word when it is so, in one piece where it goes on."""
    found: dict[tuple[str, str], list[Window]] = defaultdict(list)
    for seat, word, start, end in times:
        found[seat, word].append((to_seconds(start), to_seconds(end)))
    return {key: merge_windows(some) for key, some in found.items()}


def of_gaps(gaps: Iterable[Gap]) -> Times:
    """As ``rota check`` finds it."""
    return by_seat((gap.seat, str(gap.kind), gap.start, gap.end) for gap in gaps)


def of_ledger(look: ResolvedRota, shifts: list[Shift], rota: Rota) -> Times:
    """As the ledger and its report tell it."""
    entries = build_entries(find_on_call_intervals(shifts, (), START, END), look, rota, (START, END))
    kinds = {str(kind) for kind in GapKind}
    assert all(entry.person == "" for entry in entries if entry.status == "uncovered"), (
        "nobody is named where nobody is"
    )
    by_part = by_seat(
        (seat.name, part.status, part.start, part.end)
        for seat in rota.seats
        for part in build_seat_intervals(entries, seat.name)
        if part.status in kinds
    )
    found = by_seat(
        (entry.slot.seat, str(entry.status), entry.start, entry.end) for entry in entries if entry.status in kinds
    )
    assert by_part == found, "places together say the same"
    return found


def of_picture(rota: Rota, shifts: list[Shift], gaps: list[Gap]) -> Times:
    """As the picture shows it."""
    shown = {LaneState.UNCOVERED: "uncovered", LaneState.BELOW_REQUIREMENT: "below_requirement"}
    return by_seat(
        (lane.seat, shown[piece.state], piece.start, piece.end)
        for lane in build_lanes(rota, shifts, gaps, (START, END))
        for piece in lane.segments
        if piece.state in shown
    )


@settings(max_examples=12, deadline=None)
@given(years())
def test_every_hour_of_a_year_has_one_word_in_check_ledger_and_picture(year: tuple[Rota, list[Override]]) -> None:
    rota, changes = year
    look = resolve_rota(rota, changes, START, END)
    gaps, shifts = look.gaps(), look.shifts()

    found = of_gaps(gaps)

    assert of_ledger(look, shifts, rota) == found
    assert of_picture(rota, shifts, gaps) == found
    for (seat, kind), length in sum_by_seat_and_kind(gaps).items():
        assert length == timedelta(seconds=sum(end - start for start, end in found[seat, str(kind)]))
    both = {seat for seat, _ in found}
    for seat in both:
        one, other = (found.get((seat, str(kind)), []) for kind in GapKind)
        assert len(merge_windows([*one, *other])) <= len(one) + len(other)
        assert not any(start < last and first < end for start, end in one for first, last in other), (
            "one word at a time"
        )


@settings(max_examples=12, deadline=None)
@given(years(), st.integers(0, 360 * 24), st.sampled_from(["en", "zh_CN"]))
def test_cards_channel_topic_and_picture_say_that_word_and_never_nobody_of_somebody(
    year: tuple[Rota, list[Override]], hour: int, language: str
) -> None:
    rota, changes = year
    words, now = Words.of(language), START + hour * HOUR
    look = resolve_rota(rota, changes, START, END)
    held = find_on_call_intervals(look.shifts(), (), now, now + HOUR / 60)
    running = [gap for gap in look.gaps() if gap.start <= now < gap.end]
    viewer = ViewContext(words, rota.zone, rota, now)

    for gap in running:
        word, other = _words(gap, language)
        there = [one.person for one in held if one.slot.seat == gap.seat and one.person]
        for said in _said(gap, viewer):
            assert word in said
            assert other not in said
            if there:
                assert not any(lie in said for lie in ("nobody is on", "无人值班", "uncovered", "未覆盖"))
        assert on_call.running_gap(gap, viewer).startswith(gap_sign(gap.kind))
    for place in _places(rota):
        one = next((one for one in held if one.slot == place), _nobody(place, now))
        kinds = {gap.kind for gap in running if gap.seat == place.seat and gap.concerns(one.person)}
        said = on_call.topic_entry(one, running, words)
        assert [str(kind) for kind in GapKind if words(KIND[kind]) in said] == sorted(kinds)[:1]
        assert one.person in said


def _said(gap: Gap, viewer: ViewContext) -> Iterator[str]:
    kept = GapRecord(7, gap.seat, gap.reason, gap.start, gap.end, gap.people, gap.missing, gap.start)
    yield gap_text(gap, viewer.words)
    yield gap_card.gap_line(kept, viewer)
    yield block_limits.read(gap_card.gap_card(kept, viewer))
    yield on_call.running_gap(gap, viewer)


def _words(gap: Gap, language: str) -> tuple[str, str]:
    uncovered, below = WORDS[language]
    return (uncovered, below) if gap.kind is GapKind.UNCOVERED else (below, uncovered)


def _places(rota: Rota) -> list[Slot]:
    return [Slot(seat.name, n) for seat in rota.seats for n in range(1, seat.people + 1)]


def _nobody(place: Slot, now: datetime) -> OnCallInterval:
    return OnCallInterval(place, now, now, "", CoverageStatus.UNCOVERED, "rota")


@settings(max_examples=6, deadline=None)
@given(years())
def test_the_pictures_head_has_the_hours_of_the_check(year: tuple[Rota, list[Override]]) -> None:
    rota, changes = year
    first = START.astimezone(rota.zone).date()
    begins, ends = _window(rota, first)
    look = resolve_rota(rota, changes, begins, ends)

    _, said = describe(MonthChart(rota, look.shifts(), look.gaps(), first, START), Words.of("en"))

    for kind, word in zip(GapKind, WORDS["en"], strict=True):
        length = sum_of_kind(look.gaps(), kind) / HOUR
        assert (f"h {word}" in said) is (length > 0)
        assert not length or f"{round(length, 2 if length < 10 else 1):,}".removesuffix(".0") + f" h {word}" in said


def _window(rota: Rota, first: date) -> tuple[datetime, datetime]:
    return midnight(first, rota.zone), midnight(first + 28 * DAY, rota.zone)
