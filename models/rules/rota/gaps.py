"""Every minute at which the owed coverage is not there, with the reason. Computed on final shifts, never on layers.

What a gap is called is decided here, once, for everything that speaks of it: see :class:`GapKind`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import NamedTuple

from models.rules.rota.departures import NO_ABSENCES, WorkspaceAbsences
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.rest_hours import find_runs, find_time_over_limit, find_time_without_rest
from models.rules.rota.rota import BACKUP, PRIMARY, Member, Rota, Seat
from models.rules.rota.rotation import Assignment, SlotColumn, SlotTimeline
from models.rules.rota.shifts import LEFT_WORKSPACE, ON_LEAVE, SeatTimelines, Shift, build_shifts, resolve_timelines
from models.rules.rota.timeline import Window, find_edges, find_slice, sample


class GapKind(StrEnum):
    """``UNCOVERED``: nobody is on in the seat. ``BELOW_REQUIREMENT``: somebody is, and does not meet what is owed."""

    UNCOVERED = "uncovered"
    BELOW_REQUIREMENT = "below_requirement"


class GapReason(StrEnum):
    """Why coverage is not there. Of the first four nobody is on in the seat; of the others somebody is."""

    NOBODY = "nobody"
    NO_BACKUP = "no_backup"
    ON_LEAVE = "on_leave"
    LEFT_WORKSPACE = "left_workspace"
    NO_ACCOUNT = "no_account"
    ALSO_PRIMARY = "also_primary"
    TOO_FEW = "too_few"
    NO_ELIGIBLE_ROLE = "no_eligible_role"
    NO_SERVICE = "no_service"
    NO_LANGUAGE = "no_language"
    TOO_LONG = "too_long"
    TOO_LITTLE_REST = "too_little_rest"

    @property
    def kind(self) -> GapKind:
        """Whether nobody is on in the seat, or somebody who does not meet what is owed."""
        return GapKind.UNCOVERED if self in UNCOVERED_REASONS else GapKind.BELOW_REQUIREMENT


UNCOVERED_REASONS = frozenset({GapReason.NOBODY, GapReason.NO_BACKUP, GapReason.ON_LEAVE, GapReason.LEFT_WORKSPACE})
EMPTY_SLOT_REASONS = UNCOVERED_REASONS | {GapReason.TOO_FEW}
"""Reasons that are about a place in which nobody is on; the others are about people who are."""


class Gap(NamedTuple):
    """Unmet coverage of one seat, from ``start`` to ``end`` (UTC). ``who`` are the people it is about, if any;
    ``what`` the services or languages nobody is there for.
    """

    seat: str
    start: datetime
    end: datetime
    reason: GapReason
    people: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> GapKind:
        """As of its reason."""
        return self.reason.kind

    def concerns(self, person: str) -> bool:
        """Whether it is about this person's place in the seat; with an empty name, about a place of nobody's."""
        of_a_place = self.reason in EMPTY_SLOT_REASONS
        if not person or of_a_place:
            return of_a_place and not person
        return not self.people or person in self.people


class AcceptedGap(NamedTuple):
    """Unmet coverage that somebody decided to accept. ``source`` is ``change:ID``, or ``rota`` where the rota's file
    says so; ``by`` is the Slack id of who declared it (empty for the file), ``why`` their reason.
    """

    gap: Gap
    source: str
    by: str
    why: str


Finding = tuple[GapReason, Sequence[str], Sequence[str]]
"""A reason with whom and what it is about."""
Tired = Sequence[tuple[Window, GapReason, str]]
"""When somebody stands too long or rested too little."""
Verdict = tuple[Sequence[Finding], Collection[str]]
"""What is wrong, however tired they are, and who stands there."""
_AWAY = {ON_LEAVE: GapReason.ON_LEAVE, LEFT_WORKSPACE: GapReason.LEFT_WORKSPACE}
AHEAD = "ahead"  # how a backup is marked who stands as primary
_ORDER = {reason: at for at, reason in enumerate(GapReason)}
_INTEND = OverrideKind.ACCEPT_GAP  # Python 3.11 takes long to look up a member of an enumeration


def find_gaps(
    rota: Rota, changes: Iterable[Override], start: datetime, end: datetime, left: WorkspaceAbsences = NO_ABSENCES
) -> list[Gap]:
    """All gaps between two instants, by start; adjoining ones of one seat and reason are one; intended ones left out.

    ``left`` tells who is not in the workspace, and since when. What is found does not depend on where
    the window begins: it looks back as far as rest and length reach.
    """
    return resolve_rota(rota, changes, start, end, left).gaps()


def resolve_rota(
    rota: Rota, changes: Iterable[Override], start: datetime, end: datetime, left: WorkspaceAbsences = NO_ABSENCES
) -> "ResolvedRota":
    """A look at a time from which both come, final shifts and gaps: the changes are laid over the plan only once."""
    return ResolvedRota(rota, select_in_force(changes), (to_seconds(start), to_seconds(end)), left)


class ResolvedRota:
    """What is known of a time once the changes are laid over the plan."""

    def __init__(self, rota: Rota, counting: Sequence[Override], window: Window, left: WorkspaceAbsences) -> None:
        self._rota, self._counting, self._window = rota, counting, window
        self._final = resolve_timelines(rota, counting, (window[0] - _look_back(rota), window[1]), left)

    def shifts(self) -> list[Shift]:
        """What ``shifts.resolve_shifts`` tells."""
        return build_shifts(self._final, self._window)

    def gaps(self) -> list[Gap]:
        """What :func:`find_gaps` tells."""
        return sorted((gap for gap, meant in self._found if meant is None), key=attrgetter("start"))

    def accepted_gaps(self) -> list[AcceptedGap]:
        """The gaps that somebody decided to accept, by start."""
        meant = [AcceptedGap(gap, one.source, one.by, one.why) for gap, one in self._found if one]
        return sorted(meant, key=lambda one: one.gap.start)

    @cached_property
    def _found(self) -> list[tuple[Gap, "_Meant | None"]]:
        """Every gap of every seat, with what makes it intended, if anything does."""
        if self._window[0] >= self._window[1]:
            return []
        tired = _tired(self._rota, self._final, self._window[1])
        return [one for seat in self._rota.seats for one in self._of_seat(seat, tired)]

    def _of_seat(self, seat: Seat, tired: Tired) -> list[tuple[Gap, "_Meant | None"]]:
        intended = [one for one in _intended(self._rota, self._counting) if one.seat in {"", seat.name}]
        return _SeatGaps(self._rota, seat, self._final).found(self._window, tired, intended)


class _SeatGaps:
    """The search through one seat. Whoever stands there is judged once, however often they do."""

    def __init__(self, rota: Rota, seat: Seat, final: Mapping[str, SeatTimelines]) -> None:
        self._members = rota.members
        self._seat = seat
        self._places = final[seat.name]
        self._ahead = final.get(PRIMARY, []) if seat.name == BACKUP else []
        self._limits = {layer.name: layer.services for layer in rota.layers if layer.services}

    def found(self, window: Window, tired: Tired, intended: Sequence["_Meant"]) -> list[tuple[Gap, "_Meant | None"]]:
        """The gaps of the seat, by reason and start."""
        lines = [*self._places, *self._ahead]
        times = (*(one.window for one in intended), *(one[0] for one in tired))
        edges = find_edges(lines, window, [at for when in times for at in when])
        verdicts = self._verdicts([self._column(place, edges) for place in self._places])
        found = [(at, one) for at, (wrong, _) in enumerate(verdicts) if wrong for one in wrong]
        found += self._weary(tired, edges, verdicts)
        meant = _meant(intended, edges)
        pieces: dict[tuple[GapReason, _Meant | None], list[_Piece]] = defaultdict(list)
        ends = [*edges[1:], window[1]]
        for at, (reason, who, what) in sorted(found, key=itemgetter(0)):
            _extend(pieces[reason, meant[at]], edges[at], ends[at], who, what)
        ordered = sorted(pieces.items(), key=lambda item: _ORDER[item[0][0]])
        return [(self._gap(reason, piece), by) for (reason, by), several in ordered for piece in several]

    def _column(self, place: SlotTimeline, edges: Sequence[int]) -> SlotColumn:
        """Who is in a place in each stretch, and which backup stands ahead as primary at the same time."""
        posts = sample(place, edges)
        for ahead in self._ahead:
            posts = [
                Assignment(post.member, post.source, AHEAD)
                if post and other and post.member == other.member and not (post.absent or other.absent)
                else post
                for post, other in zip(posts, sample(ahead, edges), strict=True)
            ]
        return posts

    def _verdicts(self, columns: Sequence[SlotColumn]) -> list[Verdict]:
        """For each stretch what is wrong. By which change somebody stands there makes no difference."""
        rows = list(zip(*columns, strict=True))
        plain = {row: tuple(map(self._plain, row)) for row in set(rows)}
        judged = {posts: self._judged(posts) for posts in set(plain.values())}
        verdicts = {row: judged[posts] for row, posts in plain.items()}
        return [verdicts[row] for row in rows]

    def _plain(self, post: Assignment | None) -> Assignment | None:
        return post and Assignment(post.member, post.source if post.source in self._limits else "", post.absent)

    @staticmethod
    def _weary(tired: Tired, edges: Sequence[int], verdicts: Sequence[Verdict]) -> Iterator[tuple[int, Finding]]:
        """In which stretches somebody stands in the seat who should not, for their hours."""
        for (start, end), reason, who in tired:
            when = find_slice(edges, start, end)
            yield from ((at, (reason, (who,), ())) for at in range(when.start, when.stop) if who in verdicts[at][1])

    def _gap(self, reason: GapReason, piece: "_Piece") -> Gap:
        start, end = to_instant(piece.start), to_instant(piece.end)
        return Gap(self._seat.name, start, end, reason, tuple(piece.who), tuple(sorted(piece.what)))

    def _judged(self, posts: Sequence[Assignment | None]) -> Verdict:
        """What is wrong while these are in the places of the seat."""
        empty = [self._why_empty(post) for post in posts]
        occupied = not all(empty)
        fit: list[Assignment] = []
        wrong: list[Finding] = []
        for post, missing in zip(posts, empty, strict=True):
            why = GapReason.TOO_FEW if missing and occupied else missing or self._why_unfit(post)
            if why:
                wrong.append((why, (post.member,) if post else (), ()))
            elif post:
                fit.append(post)
        return [*wrong, *self._insufficient(fit)] if fit else wrong, [post.member for post in fit]

    def _why_empty(self, post: Assignment | None) -> GapReason | None:
        """Why nobody is on in a place, None when somebody is."""
        if post is None:
            return GapReason.NO_BACKUP if self._seat.name == BACKUP else GapReason.NOBODY
        return _AWAY.get(post.absent)

    def _why_unfit(self, post: Assignment | None) -> GapReason | None:
        """Why somebody who is on does not count, None when they do."""
        if post is None:
            return None
        if not self._member(post).slack_id:
            return GapReason.NO_ACCOUNT
        return GapReason.ALSO_PRIMARY if post.absent == AHEAD else None

    def _insufficient(self, fit: Sequence[Assignment]) -> Iterator[Finding]:
        """What those who stand in the seat leave unmet."""
        people = [self._member(post) for post in fit]
        if self._seat.needs_role and not any(person.role and person.role.may_open_requests for person in people):
            yield GapReason.NO_ELIGIBLE_ROLE, [person.name for person in people], ()
        if services := self._seat.services.difference(*map(self._serves, fit)):
            yield GapReason.NO_SERVICE, (), list(services)
        if languages := self._seat.languages.difference(*(person.languages for person in people)):
            yield GapReason.NO_LANGUAGE, (), list(languages)

    def _serves(self, post: Assignment) -> frozenset[str]:
        services = self._member(post).services
        return services & self._limits[post.source] if post.source in self._limits else services

    def _member(self, post: Assignment) -> Member:
        return self._members.get(post.member) or Member(post.member)


class _Piece(NamedTuple):
    start: int
    end: int
    who: Collection[str]
    what: Collection[str]


def _extend(pieces: list[_Piece], start: int, end: int, who: Collection[str], what: Collection[str]) -> None:
    """Add a stretch of one reason: it goes on with the last piece where that ends, or is the same stretch again."""
    if pieces and pieces[-1].end >= start:
        start, _, before, lacked = pieces.pop()
        who, what = dict.fromkeys([*before, *who]), {*lacked, *what}
    pieces.append(_Piece(start, end, who, what))


def _look_back(rota: Rota) -> int:
    return sum(int(limit.total_seconds()) for limit in (rota.max_on_call, rota.min_rest) if limit)


class _Meant(NamedTuple):
    """Time at which gaps of a seat (empty for all) are accepted; the rest as in :class:`IntendedGap`."""

    seat: str
    window: Window
    source: str
    by: str
    why: str


def _intended(rota: Rota, counting: Iterable[Override]) -> Iterator[_Meant]:
    """All that was declared intended, the newest last."""
    for one in rota.accepted_gaps:
        yield _Meant(one.seat, (to_seconds(one.start), to_seconds(one.end)), "rota", "", one.why)
    for change in counting:
        if change.kind is _INTEND:
            window = (to_seconds(change.start), to_seconds(change.end))
            yield _Meant(change.seat, window, f"change:{change.id}", change.by, change.why)


def _meant(intended: Sequence[_Meant], edges: Sequence[int]) -> list[_Meant | None]:
    """What makes a gap intended in each stretch: the newest that holds."""
    column: list[_Meant | None] = [None] * len(edges)
    for one in intended:
        when = find_slice(edges, *one.window)
        column[when] = [one] * len(column[when])
    return column


def _tired(rota: Rota, final: Mapping[str, SeatTimelines], until: int) -> Tired:
    """When people are on for too long, or after too little rest, whatever the seat."""
    if rota.max_on_call is None and rota.min_rest is None:
        return []
    runs = find_runs(final, until).items()
    long = [
        (when, GapReason.TOO_LONG, who) for who, mine in runs for when in find_time_over_limit(mine, rota.max_on_call)
    ]
    soon = [
        (when, GapReason.TOO_LITTLE_REST, who)
        for who, mine in runs
        for when in find_time_without_rest(mine, rota.min_rest)
    ]
    return [*long, *soon]
