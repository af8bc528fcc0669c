"""Every minute at which the owed coverage is not there, with the reason. Computed on final shifts, never on layers."""

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from models.rota.changes import Change, ChangeKind, in_force
from models.rota.plan import BACKUP, PRIMARY, Member, Plan, Seat
from models.rota.shifts import Places, final_spans
from models.rota.turns import Span, Window
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


@dataclass(frozen=True)
class Gap:
    """Unmet coverage of one seat, from ``start`` to ``end`` (UTC). ``who`` are the people it is about, if any;
    ``what`` the services or languages nobody is there for."""

    seat: str
    start: datetime
    end: datetime
    reason: Reason
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()


NEVER = sys.maxsize
Finding = tuple[Reason, Sequence[str], Sequence[str]]
"""A reason with whom and what it is about."""
Tired = Mapping[Reason, Mapping[str, Sequence[Window]]]
"""By reason and person the times at which they stand too long or rested too little, in order."""


def gaps(
    plan: Plan, changes: Iterable[Change], start: datetime, end: datetime, left: Collection[str] = ()
) -> list[Gap]:
    """All gaps between two instants, by start; adjoining ones of one seat and reason are one; intended ones left out.

    ``left`` holds the Slack ids of people who are no longer in the workspace. What is found does not depend on where
    the window begins: it looks back as far as rest and length reach.
    """
    counting = in_force(changes)
    window = (seconds(start), seconds(end))
    final = final_spans(plan, counting, (window[0] - _look_back(plan), window[1]))
    intended = list(_intended(plan, counting))
    tired = _tired(plan, final)
    found = [
        gap
        for seat in plan.seats
        for gap in _SeatGaps(plan, seat, final, tired, left).found(
            window, [w for s, w in intended if s in {"", seat.name}]
        )
    ]
    return sorted(found, key=lambda gap: gap.start)


class _SeatGaps:
    """The search through one seat. Between two edges nothing changes, so that one look at each stretch is enough."""

    def __init__(
        self, plan: Plan, seat: Seat, final: Mapping[str, Places], tired: Tired, left: Collection[str]
    ) -> None:
        self._members = plan.members
        self._left = left
        self._seat = seat
        self._places = [_Track(spans) for spans in final[seat.name]]
        self._before = [_Track(spans) for spans in final.get(PRIMARY, [])] if seat.name == BACKUP else []
        self._tired = tired
        self._limits = {layer.name: layer.services for layer in plan.layers if layer.services}

    def found(self, window: Window, intended: Sequence[Window]) -> Iterator[Gap]:
        """The gaps of the seat, by reason and start."""
        pieces: dict[Reason, list[_Piece]] = defaultdict(list)
        for start, end in pairwise(self._edges(window, intended)):
            if not any(begins <= start < ends for begins, ends in intended):
                for reason, who, what in self._judged(start):
                    _extend(pieces[reason], start, end, who, what)
        for reason, stretches in pieces.items():
            for piece in stretches:
                yield Gap(
                    self._seat.name, instant(piece.start), instant(piece.end), reason,
                    tuple(piece.who), tuple(sorted(piece.what)),
                )  # fmt: skip

    def _edges(self, window: Window, intended: Iterable[Window]) -> list[int]:
        """The seconds at which anything may change."""
        edges = {edge for track in (*self._places, *self._before) for span in track.spans for edge in span[:2]}
        edges.update(edge for one in intended for edge in one)
        edges.update(
            edge for people in self._tired.values() for times in people.values() for one in times for edge in one
        )
        return sorted({*window, *(edge for edge in edges if window[0] < edge < window[1])})

    def _judged(self, at: int) -> list[Finding]:
        """All that is wrong in this seat at a second."""
        fit: list[Span] = []
        wrong: list[Finding] = []
        for track in self._places:
            span = track.at(at)
            why = self._why_empty(span, at)
            if why:
                wrong.append((why, (span.member,) if span else (), ()))
            elif span:
                fit.append(span)
        return [*wrong, *self._insufficient(fit, at)] if fit else wrong

    def _why_empty(self, span: Span | None, at: int) -> Reason | None:
        """Why nobody stands in a place, None when somebody does."""
        if span is None:
            return Reason.NO_BACKUP if self._seat.name == BACKUP else Reason.NOBODY
        slack_id = self._member(span).slack_id
        if span.absent:
            return Reason.ON_LEAVE
        if not slack_id:
            return Reason.NO_ACCOUNT
        if slack_id in self._left:
            return Reason.LEFT_WORKSPACE
        return Reason.NO_BACKUP if self._is_primary_too(span, at) else None

    def _is_primary_too(self, span: Span, at: int) -> bool:
        """Nobody is their own backup."""
        ahead = (track.at(at) for track in self._before)
        return any(one and one.member == span.member and not one.absent for one in ahead)

    def _insufficient(self, fit: Sequence[Span], at: int) -> Iterator[Finding]:
        """What those who stand in the seat leave unmet."""
        people = [self._member(span) for span in fit]
        if self._seat.needs_role and not any(one.role and one.role.may_open_requests for one in people):
            yield Reason.NO_ELIGIBLE_ROLE, [one.name for one in people], ()
        if self._seat.services and (services := self._seat.services.difference(*map(self._serves, fit))):
            yield Reason.NO_SERVICE, (), list(services)
        if self._seat.languages and (languages := self._seat.languages.difference(*(p.languages for p in people))):
            yield Reason.NO_LANGUAGE, (), list(languages)
        for reason, times in self._tired.items():
            if tired := [span.member for span in fit if _within(times.get(span.member, ()), at)]:
                yield reason, tired, ()

    def _serves(self, span: Span) -> frozenset[str]:
        services = self._member(span).services
        return services & self._limits[span.source] if span.source in self._limits else services

    def _member(self, span: Span) -> Member:
        return self._members.get(span.member) or Member(span.member)


class _Track:
    """The spans of one place, to be asked for a second."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self._starts = [span.start for span in spans]

    def at(self, second: int) -> Span | None:
        """The span that holds a second."""
        at = bisect_right(self._starts, second) - 1
        return self.spans[at] if at >= 0 and self.spans[at].end > second else None


@dataclass
class _Piece:
    start: int
    end: int
    who: dict[str, None]
    what: set[str]


def _extend(pieces: list[_Piece], start: int, end: int, who: Iterable[str], what: Iterable[str]) -> None:
    """Add a stretch of one reason: it goes on with the last piece where that ends, or is the same stretch again."""
    if not pieces or pieces[-1].end < start:
        pieces.append(_Piece(start, end, {}, set()))
    pieces[-1].end = end
    pieces[-1].who.update(dict.fromkeys(who))
    pieces[-1].what.update(what)


def _within(times: Sequence[Window], second: int) -> bool:
    at = bisect_right(times, (second, NEVER)) - 1
    return at >= 0 and times[at][1] > second


def _look_back(plan: Plan) -> int:
    return sum(int(limit.total_seconds()) for limit in (plan.longest, plan.rest) if limit) + 1


def _intended(plan: Plan, counting: Iterable[Change]) -> Iterator[tuple[str, Window]]:
    """Seat (empty for all) and time of every gap that is meant to be."""
    for one in plan.intended:
        yield one.seat, (seconds(one.start), seconds(one.end))
    for change in counting:
        if change.kind is ChangeKind.INTEND:
            yield change.seat, (seconds(change.start), seconds(change.end))


# How long people stand, whatever the seat ----------------------------------------------------------------------


def _tired(plan: Plan, final: Mapping[str, Places]) -> Tired:
    if plan.longest is None and plan.rest is None:
        return {}
    runs = _runs(final)
    return {
        Reason.TOO_LONG: {who: list(_too_long(mine, plan.longest)) for who, mine in runs.items()},
        Reason.TOO_LITTLE_REST: {who: list(_too_soon(mine, plan.rest)) for who, mine in runs.items()},
    }


def _runs(final: Mapping[str, Places]) -> Mapping[str, list[Window]]:
    """By person the unbroken times at which they stand anywhere."""
    runs: dict[str, list[Window]] = defaultdict(list)
    everything = sorted(span for places in final.values() for spans in places for span in spans if not span.absent)
    for span in everything:
        mine = runs[span.member]
        if mine and mine[-1][1] >= span.start:
            mine[-1] = (mine[-1][0], max(mine[-1][1], span.end))
        else:
            mine.append((span.start, span.end))
    return runs


def _too_long(runs: Sequence[Window], longest: timedelta | None) -> Iterator[Window]:
    limit = int(longest.total_seconds()) if longest else None
    for start, end in runs:
        if limit is not None and end - start > limit:
            yield start + limit, end


def _too_soon(runs: Sequence[Window], rest: timedelta | None) -> Iterator[Window]:
    limit = int(rest.total_seconds()) if rest else 0
    for (_, stopped), (start, end) in pairwise(runs):
        if start < stopped + limit:
            yield start, min(end, stopped + limit)
