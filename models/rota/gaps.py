"""Every minute at which the owed coverage is not there, with the reason. Computed on final shifts, never on layers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

from models.rota.changes import Change, ChangeKind, in_force
from models.rota.departures import NOBODY, Left
from models.rota.plan import BACKUP, PRIMARY, Member, Plan, Seat
from models.rota.shifts import LEFT_WORKSPACE, ON_LEAVE, Places, Shift, final_lines, shifts_of
from models.rota.steps import Window, column, edges_of, joined, slice_of, stretches
from models.rota.turns import Column, Line, Post
from models.rota.wall import instant, seconds


class Reason(StrEnum):
    """Why coverage is not there. The first six leave a place empty; the others make those who stand insufficient."""

    NOBODY = "nobody"
    NO_BACKUP = "no_backup"
    ON_LEAVE = "on_leave"
    LEFT_WORKSPACE = "left_workspace"
    NO_ACCOUNT = "no_account"
    NO_ELIGIBLE_ROLE = "no_eligible_role"
    NO_SERVICE = "no_service"
    NO_LANGUAGE = "no_language"
    TOO_LONG = "too_long"
    TOO_LITTLE_REST = "too_little_rest"


class Gap(NamedTuple):
    """Unmet coverage of one seat, from ``start`` to ``end`` (UTC). ``who`` are the people it is about, if any;
    ``what`` the services or languages nobody is there for."""

    seat: str
    start: datetime
    end: datetime
    reason: Reason
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()


Finding = tuple[Reason, Sequence[str], Sequence[str]]
"""A reason with whom and what it is about."""
Tired = Sequence[tuple[Window, Reason, str]]
"""When somebody stands too long or rested too little."""
Verdict = tuple[Sequence[Finding], Collection[str]]
"""What is wrong, however tired they are, and who stands there."""
NOTHING: Verdict = ((), ())
_AWAY = {ON_LEAVE: Reason.ON_LEAVE, LEFT_WORKSPACE: Reason.LEFT_WORKSPACE}
AHEAD = "ahead"  # how a backup is absent who stands as primary
_INTEND = ChangeKind.INTEND  # Python 3.11 takes long to look up a member of an enumeration


def gaps(plan: Plan, changes: Iterable[Change], start: datetime, end: datetime, left: Left = NOBODY) -> list[Gap]:
    """All gaps between two instants, by start; adjoining ones of one seat and reason are one; intended ones left out.

    ``left`` tells who is not in the workspace, and since when. What is found does not depend on where
    the window begins: it looks back as far as rest and length reach.
    """
    return survey(plan, changes, start, end, left).gaps()


def survey(plan: Plan, changes: Iterable[Change], start: datetime, end: datetime, left: Left = NOBODY) -> "Survey":
    """A look at a time from which both come, final shifts and gaps: the changes are laid over the plan only once."""
    return Survey(plan, in_force(changes), (seconds(start), seconds(end)), left)


class Survey:
    """What is known of a time once the changes are laid over the plan."""

    def __init__(self, plan: Plan, counting: Sequence[Change], window: Window, left: Left) -> None:
        self._plan, self._counting, self._window = plan, counting, window
        self._final = final_lines(plan, counting, (window[0] - _look_back(plan), window[1]), left)

    def shifts(self) -> list[Shift]:
        """What ``shifts.resolve`` tells."""
        return shifts_of(self._final, self._window)

    def gaps(self) -> list[Gap]:
        """What :func:`gaps` tells."""
        if self._window[0] >= self._window[1]:
            return []
        tired = _tired(self._plan, self._final, self._window[1])
        found = [gap for seat in self._plan.seats for gap in self._of_seat(seat, tired)]
        return sorted(found, key=attrgetter("start"))

    def _of_seat(self, seat: Seat, tired: Tired) -> list[Gap]:
        intended = [when for of, when in _intended(self._plan, self._counting) if of in {"", seat.name}]
        return _SeatGaps(self._plan, seat, self._final).found(self._window, tired, intended)


class _SeatGaps:
    """The search through one seat. Whoever stands there is judged once, however often they do."""

    def __init__(self, plan: Plan, seat: Seat, final: Mapping[str, Places]) -> None:
        self._members = plan.members
        self._seat = seat
        self._places = final[seat.name]
        self._ahead = final.get(PRIMARY, []) if seat.name == BACKUP else []
        self._limits = {layer.name: layer.services for layer in plan.layers if layer.services}

    def found(self, window: Window, tired: Tired, intended: Sequence[Window]) -> list[Gap]:
        """The gaps of the seat, by reason and start."""
        lines = [*self._places, *self._ahead]
        edges = edges_of(lines, window, [at for when in (*intended, *(one[0] for one in tired)) for at in when])
        verdicts = self._verdicts([self._column(place, edges) for place in self._places])
        for start, end in intended:
            verdicts[slice_of(edges, start, end)] = [NOTHING] * len(edges[slice_of(edges, start, end)])
        found = [(at, one) for at, (wrong, _) in enumerate(verdicts) if wrong for one in wrong]
        found += self._weary(tired, edges, verdicts)
        pieces: dict[Reason, list[_Piece]] = {reason: [] for reason in Reason}
        ends = [*edges[1:], window[1]]
        for at, (reason, who, what) in sorted(found, key=itemgetter(0)):
            _extend(pieces[reason], edges[at], ends[at], who, what)
        return [self._gap(reason, piece) for reason, several in pieces.items() for piece in several]

    def _column(self, place: Line, edges: Sequence[int]) -> Column:
        """Who is in a place in each stretch, and which backup stands ahead as primary at the same time."""
        posts = column(place, edges)
        for ahead in self._ahead:
            posts = [
                Post(post.member, post.source, AHEAD)
                if post and other and post.member == other.member and not (post.absent or other.absent)
                else post
                for post, other in zip(posts, column(ahead, edges), strict=True)
            ]
        return posts

    def _verdicts(self, columns: Sequence[Column]) -> list[Verdict]:
        """For each stretch what is wrong. By which change somebody stands there makes no difference."""
        rows = list(zip(*columns, strict=True))
        plain = {row: tuple(map(self._plain, row)) for row in set(rows)}
        judged = {posts: self._judged(posts) for posts in set(plain.values())}
        verdicts = {row: judged[posts] for row, posts in plain.items()}
        return [verdicts[row] for row in rows]

    def _plain(self, post: Post | None) -> Post | None:
        return post and Post(post.member, post.source if post.source in self._limits else "", post.absent)

    @staticmethod
    def _weary(tired: Tired, edges: Sequence[int], verdicts: Sequence[Verdict]) -> Iterator[tuple[int, Finding]]:
        """In which stretches somebody stands in the seat who should not, for their hours."""
        for (start, end), reason, who in tired:
            when = slice_of(edges, start, end)
            yield from ((at, (reason, (who,), ())) for at in range(when.start, when.stop) if who in verdicts[at][1])

    def _gap(self, reason: Reason, piece: "_Piece") -> Gap:
        start, end = instant(piece.start), instant(piece.end)
        return Gap(self._seat.name, start, end, reason, tuple(piece.who), tuple(sorted(piece.what)))

    def _judged(self, posts: Sequence[Post | None]) -> Verdict:
        """What is wrong while these are in the places of the seat."""
        fit: list[Post] = []
        wrong: list[Finding] = []
        for post in posts:
            why = self._why_empty(post)
            if why:
                wrong.append((why, (post.member,) if post else (), ()))
            elif post:
                fit.append(post)
        return [*wrong, *self._insufficient(fit)] if fit else wrong, [post.member for post in fit]

    def _why_empty(self, post: Post | None) -> Reason | None:
        """Why nobody stands in a place, None when somebody does."""
        if post is None:
            return Reason.NO_BACKUP if self._seat.name == BACKUP else Reason.NOBODY
        slack_id = self._member(post).slack_id
        if post.absent in _AWAY:
            return _AWAY[post.absent]
        if not slack_id:
            return Reason.NO_ACCOUNT
        return Reason.NO_BACKUP if post.absent == AHEAD else None

    def _insufficient(self, fit: Sequence[Post]) -> Iterator[Finding]:
        """What those who stand in the seat leave unmet."""
        people = [self._member(post) for post in fit]
        if self._seat.needs_role and not any(one.role and one.role.may_open_requests for one in people):
            yield Reason.NO_ELIGIBLE_ROLE, [one.name for one in people], ()
        if services := self._seat.services.difference(*map(self._serves, fit)):
            yield Reason.NO_SERVICE, (), list(services)
        if languages := self._seat.languages.difference(*(one.languages for one in people)):
            yield Reason.NO_LANGUAGE, (), list(languages)

    def _serves(self, post: Post) -> frozenset[str]:
        services = self._member(post).services
        return services & self._limits[post.source] if post.source in self._limits else services

    def _member(self, post: Post) -> Member:
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


def _look_back(plan: Plan) -> int:
    return sum(int(limit.total_seconds()) for limit in (plan.longest, plan.rest) if limit)


def _intended(plan: Plan, counting: Iterable[Change]) -> Iterator[tuple[str, Window]]:
    """Seat (empty for all) and time of every gap that is meant to be."""
    for one in plan.intended:
        yield one.seat, (seconds(one.start), seconds(one.end))
    for change in counting:
        if change.kind is _INTEND:
            yield change.seat, (seconds(change.start), seconds(change.end))


# How long people stand, whatever the seat ----------------------------------------------------------------------


def _tired(plan: Plan, final: Mapping[str, Places], until: int) -> Tired:
    if plan.longest is None and plan.rest is None:
        return []
    runs = _runs(final, until).items()
    long = [(when, Reason.TOO_LONG, who) for who, mine in runs for when in _too_long(mine, plan.longest)]
    soon = [(when, Reason.TOO_LITTLE_REST, who) for who, mine in runs for when in _too_soon(mine, plan.rest)]
    return [*long, *soon]


def _runs(final: Mapping[str, Places], until: int) -> Mapping[str, list[Window]]:
    """By person the unbroken times at which they stand anywhere."""
    times: dict[str, list[Window]] = defaultdict(list)
    for line in (line for places in final.values() for line in places):
        for start, end, post in stretches(line, until):
            if post and not post.absent:
                times[post.member].append((start, end))
    return {who: joined(mine) for who, mine in times.items()}


def _too_long(runs: Sequence[Window], longest: timedelta | None) -> Iterator[Window]:
    limit = int(longest.total_seconds()) if longest else None
    for start, end in runs:
        if limit is not None and end - start > limit:
            yield start + limit, end


def _too_soon(runs: Sequence[Window], rest: timedelta | None) -> Iterator[Window]:
    limit = int(rest.total_seconds()) if rest else 0
    for (_, stopped), (start, _) in pairwise(runs):
        if start < stopped + limit:
            yield start, stopped + limit
