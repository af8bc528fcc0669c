"""Judges what follows who is on duty: the ledger's names, the topic of the on-call channel and the user group. Who that
is, it works out from the minutes and the presses, by the simplest rule there is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.simulation.checks.evidence import PROMPT, Evidence, Violation, whole
from bot.simulation.checks.labels import span
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from handlers.i18n.words import N_
from models.store.oncall_tables import LEDGER

_OURS = re.compile("⟦(.*)⟧")


@dataclass(frozen=True)
class ResponsibleTime:
    """Somebody was responsible in a seat; ``surely`` when they had said so."""

    start: datetime
    end: datetime
    person: str
    surely: bool


def standing(all_: Evidence) -> Iterator[Violation]:
    """All of it."""
    stood = {seat: list(_stood(all_, seat)) for seat in all_.minutes.lived}
    yield from _ledger(all_, stood)
    yield from _followers(all_, stood)


def _stood(all_: Evidence, seat: str) -> Iterator[ResponsibleTime]:
    """Who was responsible in a seat: whoever is on call keeps it until both have pressed."""
    last: ResponsibleTime | None = None
    for shift in all_.minutes.shifts(seat):
        if shift.cell is None or shift.cell.absent:
            continue
        for one in _of_shift(all_, shift, last):
            yield one
            last = one


def _of_shift(all_: Evidence, shift: ReferenceInterval, last: ResponsibleTime | None) -> Iterator[ResponsibleTime]:
    assert shift.cell is not None  # noqa: S101 - the caller looked
    member, begins = shift.cell.member, shift.start
    if last and last.surely and last.end == shift.start and last.person != member:
        held, took = _pressed(all_, shift, last.person, "hand_over"), _pressed(all_, shift, member, "take_over")
        begins = min(max(held, took, shift.start), shift.end) if held and took else shift.end
        if begins > shift.start:
            yield ResponsibleTime(shift.start, begins, last.person, True)
    if begins < shift.end:
        said = all_.accepted(shift) or _pressed(all_, shift, member, "confirm", "take_over")
        yield ResponsibleTime(begins, shift.end, member, bool(said and said < shift.end))


def _pressed(all_: Evidence, shift: ReferenceInterval, person: str, *kinds: str) -> datetime | None:
    """When somebody first pressed one of these at a shift; one that had begun before the start goes by its person."""
    mine = [
        press for press in all_.presses if (press.seat, press.person) == (shift.seat, person) and press.kind in kinds
    ]
    had_begun = shift.start == all_.start
    here = (
        one.at for one in mine if whole(one.shift_start) == shift.start or (had_begun and one.shift_start < shift.start)
    )
    return min(here, default=None)


# The ledger --------------------------------------------------------------------------------------------------------


def _ledger(all_: Evidence, stood: dict[str, list[ResponsibleTime]]) -> Iterator[Violation]:
    """Each entry names who was responsible, to the minute."""
    for seat, mine in stood.items():
        starts = [one.start for one in mine]
        query = select(LEDGER).where(LEDGER.c.seat == seat, ~LEDGER.c.corrects, LEDGER.c.person != "")
        for row in all_.rows(query.order_by(LEDGER.c.start)):
            first = max(0, bisect_right(starts, row.start) - 1)
            for one in mine[first : bisect_right(starts, row.end)]:
                both = min(one.end, row.end) - max(one.start, row.start)
                if both > MINUTE and one.person != row.person:
                    told = f"{seat}, {span(row.start, row.end)}: {row.person} ({row.evidence}) ≠ {one.person}"
                    yield Violation(N_("the ledger names another"), max(one.start, row.start), told)


# Topic and group ---------------------------------------------------------------------------------------------------


def _followers(all_: Evidence, stood: dict[str, list[ResponsibleTime]]) -> Iterator[Violation]:
    """Soon after somebody else is on, topic and group say so."""
    topics, groups = _set(all_, "conversations.setTopic"), _set(all_, "usergroups.users.update")
    edges = sorted({edge for mine in stood.values() for one in mine for edge in (one.start, one.end)})
    for begins, ends in zip(edges, [*edges[1:], all_.end], strict=True):
        by = all_.shade.after(begins, PROMPT)
        if not all_.start < begins < by < min(ends, all_.end):
            continue
        names = {one.person for mine in stood.values() for one in mine if one.start <= begins < one.end}
        if _named(all_, topic := _at(topics, by, "topic")) != names:
            yield Violation(N_("the topic names others"), begins, _differ([topic], names))
        users = {all_.world.plan.members[name].slack_id for name in names} or set(_leads(all_))
        if (group := set(_at(groups, by, "users").split(","))) != users:
            yield Violation(N_("the user group names others"), begins, _differ(group, users))


def _set(all_: Evidence, method: str) -> list[tuple[datetime, dict[str, str]]]:
    return [(at, args) for at, name, args in all_.settings if name == method]


def _at(settings: list[tuple[datetime, dict[str, str]]], by: datetime, key: str) -> str:
    """What was set last by an instant; empty for nothing yet."""
    before = bisect_right([at for at, _ in settings], by)
    return str(settings[before - 1][1].get(key, "")) if before else ""


def _differ(told: Iterable[str], true: Iterable[str]) -> str:
    return f"{', '.join(sorted(told))} ≠ {', '.join(sorted(true))}"


def _named(all_: Evidence, topic: str) -> set[str]:
    ours = _OURS.search(topic)
    return {name for name in all_.world.plan.members if ours and name in ours[1]}


def _leads(all_: Evidence) -> frozenset[str]:
    settings = all_.world.config.settings
    return frozenset(settings.leads) if settings else frozenset()
