"""Judge what follows from who is on call: the names in the ledger, the topic of the on-call channel and the user group.

Who is on call is worked out here from the rota and the presses, by the simplest rule.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.simulation.checks.audit_names import format_span
from bot.simulation.checks.evidence import PROMPT, Evidence, Violation, round_up_to_minute
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from handlers.i18n.words import N_
from models.store.oncall_tables import LEDGER

_OURS = re.compile("⟦(.*)⟧")


@dataclass(frozen=True)
class ResponsibleTime:
    """A time in which one person was responsible in a seat."""

    start: datetime
    end: datetime
    person: str
    is_confirmed: bool


def check_responsible(evidence: Evidence) -> Iterator[Violation]:
    """Check the ledger, the topic and the user group."""
    responsible = {seat: list(find_responsible_times(evidence, seat)) for seat in evidence.rota.history}
    yield from _ledger(evidence, responsible)
    yield from _check_topic_and_group(evidence, responsible)


def find_responsible_times(evidence: Evidence, seat: str) -> Iterator[ResponsibleTime]:
    """Yield who was responsible in a seat: the outgoing person stays until both have pressed."""
    last: ResponsibleTime | None = None
    for shift in evidence.rota.shifts(seat):
        if shift.cell is None or shift.cell.absent:
            continue
        for time in _times_of_shift(evidence, shift, last):
            yield time
            last = time


def _times_of_shift(
    evidence: Evidence, shift: ReferenceInterval, last: ResponsibleTime | None
) -> Iterator[ResponsibleTime]:
    assert shift.cell is not None  # noqa: S101 - the caller looked
    member, begins = shift.cell.member, shift.start
    if last and last.is_confirmed and last.end == shift.start and last.person != member:
        held, took = _pressed(evidence, shift, last.person, "hand_over"), _pressed(evidence, shift, member, "take_over")
        begins = min(max(held, took, shift.start), shift.end) if held and took else shift.end
        if begins > shift.start:
            yield ResponsibleTime(shift.start, begins, last.person, True)
    if begins < shift.end:
        accepted_at = evidence.find_acceptance(shift) or _pressed(evidence, shift, member, "confirm", "take_over")
        yield ResponsibleTime(begins, shift.end, member, bool(accepted_at and accepted_at < shift.end))


def _pressed(evidence: Evidence, shift: ReferenceInterval, person: str, *kinds: str) -> datetime | None:
    """Return when a person first pressed one of these buttons for a shift.

    A shift that began before the start is matched by its person.
    """
    own_presses = [
        press
        for press in evidence.presses
        if (press.seat, press.person) == (shift.seat, person) and press.kind in kinds
    ]
    had_begun = shift.start == evidence.start
    times = (
        press.at
        for press in own_presses
        if round_up_to_minute(press.shift_start) == shift.start or (had_begun and press.shift_start < shift.start)
    )
    return min(times, default=None)


# The ledger --------------------------------------------------------------------------------------------------------


def _ledger(evidence: Evidence, responsible: dict[str, list[ResponsibleTime]]) -> Iterator[Violation]:
    """Check that each entry names who was responsible, to the minute."""
    for seat, mine in responsible.items():
        starts = [time.start for time in mine]
        query = select(LEDGER).where(LEDGER.c.seat == seat, ~LEDGER.c.corrects, LEDGER.c.person != "")
        for row in evidence.rows(query.order_by(LEDGER.c.start)):
            first = max(0, bisect_right(starts, row.start) - 1)
            for time in mine[first : bisect_right(starts, row.end)]:
                both = min(time.end, row.end) - max(time.start, row.start)
                if both > MINUTE and time.person != row.person:
                    details = (
                        f"{seat}, {format_span(row.start, row.end)}: {row.person} ({row.evidence}) ≠ {time.person}"
                    )
                    yield Violation(N_("the coverage record names someone else"), max(time.start, row.start), details)


# Topic and group ---------------------------------------------------------------------------------------------------


def _check_topic_and_group(evidence: Evidence, responsible: dict[str, list[ResponsibleTime]]) -> Iterator[Violation]:
    """Check that topic and group name the right people soon after each change."""
    topics, groups = _set(evidence, "conversations.setTopic"), _set(evidence, "usergroups.users.update")
    edges = sorted({edge for mine in responsible.values() for time in mine for edge in (time.start, time.end)})
    for begins, ends in zip(edges, [*edges[1:], evidence.end], strict=True):
        by = evidence.outages.add_uptime(begins, PROMPT)
        if not evidence.start < begins < by < min(ends, evidence.end):
            continue
        names = {time.person for mine in responsible.values() for time in mine if time.start <= begins < time.end}
        if _find_named(evidence, topic := _at(topics, by, "topic")) != names:
            yield Violation(N_("the channel topic names others"), begins, _describe_difference([topic], names))
        users = {evidence.world.rota.members[name].slack_id for name in names} or set(_leads(evidence))
        if (group := set(_at(groups, by, "users").split(","))) != users:
            yield Violation(N_("the user group names others"), begins, _describe_difference(group, users))


def _set(evidence: Evidence, method: str) -> list[tuple[datetime, dict[str, str]]]:
    return [(at, args) for at, name, args in evidence.status_updates if name == method]


def _at(settings: list[tuple[datetime, dict[str, str]]], by: datetime, key: str) -> str:
    """Return the last value that was set before an instant; empty for none."""
    before = bisect_right([at for at, _ in settings], by)
    return str(settings[before - 1][1].get(key, "")) if before else ""


def _describe_difference(shown: Iterable[str], expected: Iterable[str]) -> str:
    return f"{', '.join(sorted(shown))} ≠ {', '.join(sorted(expected))}"


def _find_named(evidence: Evidence, topic: str) -> set[str]:
    ours = _OURS.search(topic)
    return {name for name in evidence.world.rota.members if ours and name in ours[1]}


def _leads(evidence: Evidence) -> frozenset[str]:
    settings = evidence.world.config.settings
    return frozenset(settings.leads) if settings else frozenset()
