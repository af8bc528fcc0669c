"""The rota resolved for a time: final shifts, and every minute at which required coverage is missing, with the reason.

Gaps are computed on final shifts, never on layers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import NamedTuple

from models.rules.rota.departures import NO_ABSENCES, WorkspaceAbsences
from models.rules.rota.gaps import AcceptedGap, Gap, GapReason
from models.rules.rota.intervals import Window, find_edges, find_slice, sample
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.rest_hours import find_runs, find_time_over_limit, find_time_without_rest
from models.rules.rota.rota import BACKUP, PRIMARY, Member, Rota, Seat
from models.rules.rota.rotation import Assignment, SlotColumn, SlotTimeline
from models.rules.rota.shifts import LEFT_WORKSPACE, ON_LEAVE, SeatTimelines, Shift, build_shifts, resolve_timelines

Finding = tuple[GapReason, Sequence[str], Sequence[str]]
"""A reason, the people and the missing services or languages."""
HoursViolations = Sequence[tuple[Window, GapReason, str]]
"""Window, reason and person: too long on call, or too little rest."""
IntervalFindings = tuple[Sequence[Finding], Collection[str]]
"""What is wrong regardless of hours, and who is on call."""
_AWAY = {ON_LEAVE: GapReason.ON_LEAVE, LEFT_WORKSPACE: GapReason.LEFT_WORKSPACE}
_ALSO_PRIMARY = "also_primary"  # marks a backup who is primary at the same time
_ORDER = {reason: at for at, reason in enumerate(GapReason)}
_ACCEPT_GAP = OverrideKind.ACCEPT_GAP  # looking up a member of an enumeration is slow in Python 3.11


def find_gaps(
    rota: Rota, overrides: Iterable[Override], start: datetime, end: datetime, absences: WorkspaceAbsences = NO_ABSENCES
) -> list[Gap]:
    """Return all gaps between two instants, by start, without accepted ones.

    Adjoining gaps of one seat and reason are one. ``absences`` tells who was not in the workspace, and when. The result
    does not depend on where the window begins: the search looks back as far as the limits of hours reach.
    """
    return resolve_rota(rota, overrides, start, end, absences).gaps()


def resolve_rota(
    rota: Rota, overrides: Iterable[Override], start: datetime, end: datetime, absences: WorkspaceAbsences = NO_ABSENCES
) -> "ResolvedRota":
    """Return the rota resolved for a time, to get shifts and gaps from one computation.

    ``start`` and ``end`` are aware instants.
    """
    return ResolvedRota(rota, select_in_force(overrides), (to_seconds(start), to_seconds(end)), absences)


class ResolvedRota:
    """The final shifts and gaps of a time, once all overrides are applied."""

    def __init__(self, rota: Rota, overrides: Sequence[Override], window: Window, absences: WorkspaceAbsences) -> None:
        self._rota, self._overrides, self._window = rota, overrides, window
        self._timelines = resolve_timelines(rota, overrides, (window[0] - _look_back(rota), window[1]), absences)

    def shifts(self) -> list[Shift]:
        """Return the final shifts, as :func:`models.rules.rota.shifts.resolve_shifts` does."""
        return build_shifts(self._timelines, self._window)

    def gaps(self) -> list[Gap]:
        """Return the gaps, as :func:`find_gaps` does."""
        return sorted((gap for gap, acceptance in self._all_gaps if acceptance is None), key=attrgetter("start"))

    def accepted_gaps(self) -> list[AcceptedGap]:
        """Return the gaps that a person decided to accept, by start."""
        accepted = [
            AcceptedGap(gap, acceptance.source, acceptance.by, acceptance.why)
            for gap, acceptance in self._all_gaps
            if acceptance
        ]
        return sorted(accepted, key=lambda acceptance: acceptance.gap.start)

    @cached_property
    def _all_gaps(self) -> list[tuple[Gap, "_Acceptance | None"]]:
        """Every gap of every seat, with the acceptance that covers it, if any."""
        if self._window[0] >= self._window[1]:
            return []
        violations = _find_hours_violations(self._rota, self._timelines, self._window[1])
        return [gap for seat in self._rota.seats for gap in self._find_gaps_of_seat(seat, violations)]

    def _find_gaps_of_seat(self, seat: Seat, violations: HoursViolations) -> list[tuple[Gap, "_Acceptance | None"]]:
        acceptances = [
            acceptance
            for acceptance in _find_acceptances(self._rota, self._overrides)
            if acceptance.seat in {"", seat.name}
        ]
        return _SeatGaps(self._rota, seat, self._timelines).search(self._window, violations, acceptances)


class _SeatGaps:
    """The search through one seat. The same people are checked once, however often they are on call together."""

    def __init__(self, rota: Rota, seat: Seat, timelines: Mapping[str, SeatTimelines]) -> None:
        self._members = rota.members
        self._seat = seat
        self._slots = timelines[seat.name]
        self._primary_slots = timelines.get(PRIMARY, []) if seat.name == BACKUP else []
        self._limits = {layer.name: layer.services for layer in rota.layers if layer.services}

    def search(
        self, window: Window, violations: HoursViolations, acceptances: Sequence["_Acceptance"]
    ) -> list[tuple[Gap, "_Acceptance | None"]]:
        """Return the gaps of the seat with what accepts them, by reason and start."""
        timelines = [*self._slots, *self._primary_slots]
        windows = (*(acceptance.window for acceptance in acceptances), *(violation[0] for violation in violations))
        edges = find_edges(timelines, window, [at for times in windows for at in times])
        problems = self._find_problems([self._resolve_column(slot, edges) for slot in self._slots])
        findings = [(at, finding) for at, (wrong, _) in enumerate(problems) if wrong for finding in wrong]
        findings += self._find_violations(violations, edges, problems)
        accepted_by = _sample_acceptances(acceptances, edges)
        parts: dict[tuple[GapReason, _Acceptance | None], list[_GapPart]] = defaultdict(list)
        ends = [*edges[1:], window[1]]
        for at, (reason, people, missing) in sorted(findings, key=itemgetter(0)):
            _add_part(parts[reason, accepted_by[at]], edges[at], ends[at], people, missing)
        ordered = sorted(parts.items(), key=lambda item: _ORDER[item[0][0]])
        return [(self._gap(reason, part), by) for (reason, by), group in ordered for part in group]

    def _resolve_column(self, timeline: SlotTimeline, edges: Sequence[int]) -> SlotColumn:
        """Return who is in a slot in each interval, marking backups who are primary at the same time."""
        assignments = sample(timeline, edges)
        for primary_timeline in self._primary_slots:
            assignments = [
                Assignment(assignment.member, assignment.source, _ALSO_PRIMARY)
                if assignment
                and primary
                and assignment.member == primary.member
                and not (assignment.absent or primary.absent)
                else assignment
                for assignment, primary in zip(assignments, sample(primary_timeline, edges), strict=True)
            ]
        return assignments

    def _find_problems(self, columns: Sequence[SlotColumn]) -> list[IntervalFindings]:
        """Return for each interval what is wrong. Equal rows are checked once."""
        rows = list(zip(*columns, strict=True))
        simplified = {row: tuple(map(self._without_source, row)) for row in set(rows)}
        problems_of = {assignments: self._check_slots(assignments) for assignments in set(simplified.values())}
        problems = {row: problems_of[assignments] for row, assignments in simplified.items()}
        return [problems[row] for row in rows]

    def _without_source(self, assignment: Assignment | None) -> Assignment | None:
        return assignment and Assignment(
            assignment.member, assignment.source if assignment.source in self._limits else "", assignment.absent
        )

    @staticmethod
    def _find_violations(
        violations: HoursViolations, edges: Sequence[int], problems: Sequence[IntervalFindings]
    ) -> Iterator[tuple[int, Finding]]:
        """Return the intervals in which a person of the seat is on call too long or rested too little."""
        for (start, end), reason, person in violations:
            interval = find_slice(edges, start, end)
            yield from (
                (at, (reason, (person,), ()))
                for at in range(interval.start, interval.stop)
                if person in problems[at][1]
            )

    def _gap(self, reason: GapReason, part: "_GapPart") -> Gap:
        start, end = to_instant(part.start), to_instant(part.end)
        return Gap(self._seat.name, start, end, reason, tuple(part.people), tuple(sorted(part.missing)))

    def _check_slots(self, assignments: Sequence[Assignment | None]) -> IntervalFindings:
        """Return what is wrong while these people are in the slots of the seat, and who counts."""
        reasons_empty = [self._why_empty(assignment) for assignment in assignments]
        occupied = not all(reasons_empty)
        counting: list[Assignment] = []
        findings: list[Finding] = []
        for assignment, reason_empty in zip(assignments, reasons_empty, strict=True):
            reason = GapReason.TOO_FEW if reason_empty and occupied else reason_empty or self._why_unfit(assignment)
            if reason:
                findings.append((reason, (assignment.member,) if assignment else (), ()))
            elif assignment:
                counting.append(assignment)
        return [*findings, *self._find_unmet(counting)] if counting else findings, [
            assignment.member for assignment in counting
        ]

    def _why_empty(self, assignment: Assignment | None) -> GapReason | None:
        """Return why nobody is on call in a slot, or None when somebody is."""
        if assignment is None:
            return GapReason.NO_BACKUP if self._seat.name == BACKUP else GapReason.NOBODY
        return _AWAY.get(assignment.absent)

    def _why_unfit(self, assignment: Assignment | None) -> GapReason | None:
        """Return why a person on call does not count, or None when they do."""
        if assignment is None:
            return None
        if not self._member(assignment).slack_id:
            return GapReason.NO_ACCOUNT
        return GapReason.ALSO_PRIMARY if assignment.absent == _ALSO_PRIMARY else None

    def _find_unmet(self, assignments: Sequence[Assignment]) -> Iterator[Finding]:
        """Return the requirements that the people on call in the seat do not meet."""
        people = [self._member(assignment) for assignment in assignments]
        if self._seat.needs_role and not any(person.role and person.role.may_open_requests for person in people):
            yield GapReason.NO_ELIGIBLE_ROLE, [person.name for person in people], ()
        if services := self._seat.services.difference(*map(self._services_of, assignments)):
            yield GapReason.NO_SERVICE, (), list(services)
        if languages := self._seat.languages.difference(*(person.languages for person in people)):
            yield GapReason.NO_LANGUAGE, (), list(languages)

    def _services_of(self, assignment: Assignment) -> frozenset[str]:
        services = self._member(assignment).services
        return services & self._limits[assignment.source] if assignment.source in self._limits else services

    def _member(self, assignment: Assignment) -> Member:
        return self._members.get(assignment.member) or Member(assignment.member)


class _GapPart(NamedTuple):
    """One gap while it is put together, in seconds since 1970."""

    start: int
    end: int
    people: Collection[str]
    missing: Collection[str]


def _add_part(parts: list[_GapPart], start: int, end: int, people: Collection[str], missing: Collection[str]) -> None:
    """Add an interval of one reason; one that touches or repeats the last part extends it."""
    if parts and parts[-1].end >= start:
        start, _, people_before, missing_before = parts.pop()
        people, missing = dict.fromkeys([*people_before, *people]), {*missing_before, *missing}
    parts.append(_GapPart(start, end, people, missing))


def _look_back(rota: Rota) -> int:
    """Return how far (seconds) the limits of hours reach back."""
    return sum(int(limit.total_seconds()) for limit in (rota.max_on_call, rota.min_rest) if limit)


class _Acceptance(NamedTuple):
    """A time at which gaps of a seat (empty for all) are accepted; fields as in :class:`AcceptedGap`."""

    seat: str
    window: Window
    source: str
    by: str
    why: str


def _find_acceptances(rota: Rota, overrides: Iterable[Override]) -> Iterator[_Acceptance]:
    """Return everything that accepts gaps, the newest last."""
    for accepted in rota.accepted_gaps:
        yield _Acceptance(
            accepted.seat, (to_seconds(accepted.start), to_seconds(accepted.end)), "rota", "", accepted.why
        )
    for override in overrides:
        if override.kind is _ACCEPT_GAP:
            window = (to_seconds(override.start), to_seconds(override.end))
            yield _Acceptance(override.seat, window, f"change:{override.id}", override.by, override.why)


def _sample_acceptances(acceptances: Sequence[_Acceptance], edges: Sequence[int]) -> list[_Acceptance | None]:
    """Return what accepts a gap in each interval: the newest that covers it."""
    column: list[_Acceptance | None] = [None] * len(edges)
    for acceptance in acceptances:
        interval = find_slice(edges, *acceptance.window)
        column[interval] = [acceptance] * len(column[interval])
    return column


def _find_hours_violations(rota: Rota, timelines: Mapping[str, SeatTimelines], end: int) -> HoursViolations:
    """Return when people are on call too long, or after too little rest, in all seats together."""
    if rota.max_on_call is None and rota.min_rest is None:
        return []
    runs = find_runs(timelines, end).items()
    too_long = [
        (window, GapReason.TOO_LONG, person)
        for person, windows in runs
        for window in find_time_over_limit(windows, rota.max_on_call)
    ]
    too_soon = [
        (window, GapReason.TOO_LITTLE_REST, person)
        for person, windows in runs
        for window in find_time_without_rest(windows, rota.min_rest)
    ]
    return [*too_long, *too_soon]
