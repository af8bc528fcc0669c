"""The cases that 21Vianet got for one of ours: each number, its first response, and the severity 21Vianet gave. Pure.

A case that is reopened may get another number. That is another case at 21Vianet, with a first response of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.escalations.clocks import CaseTimeline, TimelineEntry, build_timeline, count_first_response
from models.rules.escalations.desk_hours import IsWorkday
from models.rules.escalations.escalation import Move, Status
from models.rules.escalations.kept_clocks import is_answered_in_time
from models.rules.policy.vendor import SEVERITIES, VendorPolicy


@dataclass(frozen=True)
class Filing:
    """One case of 21Vianet."""

    service: str  # its key; empty for Partner Center.
    severity: str  # that 21Vianet worked by: the one it gave, else the one asked for.
    recorded_at: datetime  # when its number was recorded (UTC).
    is_another: bool  # the case was reopened, and got another number.
    has_target: bool  # whether 21Vianet's pages name a first response.
    is_in_time: bool | None  # None without a target, and while there is time left.
    responded_after: timedelta | None  # as 21Vianet's clock counts; without a target around the clock.
    is_lowered: bool  # 21Vianet gave a lower severity than the one asked for

    @property
    def is_awaited(self) -> bool:
        """Whether its first response is still awaited, within the target where there is one."""
        return self.responded_after is None and self.is_in_time is None


def list_filings(
    entries: Sequence[TimelineEntry], whole: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday, now: datetime
) -> Iterator[Filing]:
    """Yield the cases of 21Vianet for a history, in order; ``whole`` is the timeline of all entries."""
    begins = list(_find_later_filings(entries))
    for number, end in enumerate([*begins, len(entries)]):
        timeline = whole if end == len(entries) else build_timeline(entries[:end])
        if timeline.awaited:
            judged_at = now if end == len(entries) else entries[end].at
            yield _judge(timeline, policy, is_workday, judged_at, is_another=number > 0)


def _find_later_filings(entries: Sequence[TimelineEntry]) -> Iterator[int]:
    """Yield where a history goes on with another number, after the case had come back to us."""
    number, status = None, Status.OPEN
    for position, entry in enumerate(entries):
        changed = entry.changes.get("request_number")
        if changed and entry.move is Move.RECORD:
            if number not in {None, changed[1]} and status is not Status.SUBMITTED:
                yield position
            number = changed[1]
        status = entry.status_to


def _judge(
    timeline: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday, judged_at: datetime, *, is_another: bool
) -> Filing:
    facts = timeline.facts
    has_target = facts.find_target(policy) is not None
    responded_after = None
    if facts.answered_at is not None:
        clock = count_first_response(timeline, policy, is_workday, judged_at)
        around_the_clock = sum(((end or judged_at) - start for start, end in timeline.awaited), timedelta())
        responded_after = clock.elapsed if has_target else around_the_clock
    given = facts.severity_given
    return Filing(
        facts.service,
        given or facts.severity,
        timeline.awaited[0][0],
        is_another,
        has_target,
        is_answered_in_time(timeline, policy, is_workday, judged_at),
        responded_after,
        given is not None and SEVERITIES.index(given) > SEVERITIES.index(facts.severity),
    )
