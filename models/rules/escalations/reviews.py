"""The review of a case by a lead before its number is recorded: what begins it, how it ends, and what waits for it.

A review is advice with a time limit: severity A never waits, and any other case waits no longer than a lead has time to
look (``[review]`` in ``reminders.toml``). After it the case may go without. Pure.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, ReviewState, Status
from models.rules.escalations.request import Request, Severity
from models.rules.escalations.request_review import review_request
from models.rules.policy import reader
from models.rules.policy.review_rules import Outcome, ReviewRules
from models.rules.policy.vendor import VendorPolicy


@dataclass(frozen=True)
class ReviewPolicy:
    """By which rules a request is looked at, and how long a lead may look."""

    rules: ReviewRules
    times: Mapping[str, timedelta]  # by severity


def make_review_policy(policy: VendorPolicy, leads: Collection[str]) -> ReviewPolicy:
    """Return by which rules of a policy requests are looked at. Where there is no lead, nothing waits."""
    times = policy.reminder_times.review
    return ReviewPolicy(policy.review, times if leads else dict.fromkeys(times, timedelta()))


NOTHING_WAITS = ReviewPolicy(reader.load_packaged().review, dict.fromkeys(Severity, timedelta()))
"""For a move that brings no policy."""
NOT_FILED = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.REOPENED})
"""Statuses in which a number may still have to wait."""
BY_LEAD = frozenset({ReviewState.APPROVED, ReviewState.SENT_BACK})
"""States that a lead gave; a correction leaves them."""
UNDECIDED = frozenset({ReviewState.PENDING, ReviewState.RELEASED})
"""States in which a lead may decide, in the second afterwards."""
TO_BE_SOLVED = frozenset({ReviewState.OURS, ReviewState.SENT_BACK})
"""States in which its owner solves it, or asks a lead again."""
NOT_REVIEWED: Mapping[str, Any] = dict.fromkeys(("review", "review_until", "reviewed_by", "reviewed_at"))


def begin_review(request: Request, policy: ReviewPolicy, at: datetime) -> dict[str, Any]:
    """Return the fields of a case that say how it is reviewed, from what is asked at ``at``."""
    outcome = review_request(request, policy.rules).outcome
    if outcome is Outcome.FIT:
        return dict(NOT_REVIEWED)
    if outcome is Outcome.OURS and request.severity is not Severity.A:
        return {**NOT_REVIEWED, "review": ReviewState.OURS}
    return ask_lead(request, policy, at)


def add_review(case: Escalation, entry: HistoryEntry, policy: ReviewPolicy) -> tuple[Escalation, HistoryEntry]:
    """Return a case that was just raised, and its first entry, with how it is reviewed."""
    begun = {name: value for name, value in begin_review(case, policy, entry.at).items() if value}
    written = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in begun.items()}
    return case.model_copy(update=begun), entry.model_copy(update={"changes": {**entry.changes, **written}})


def may_ask_lead(case: Escalation) -> bool:
    """Return whether its owner may ask a lead to look: it is ours to solve, or was sent back."""
    return case.review in TO_BE_SOLVED and not case.is_escalated


def find_lead_note(case: Escalation, read_history: Callable[[int], Sequence[HistoryEntry]]) -> str:
    """Return what the lead wrote who sent a case back; empty when none did, or when the words were erased.

    ``read_history`` returns the history of a case, oldest entry first.
    """
    if case.review is not ReviewState.SENT_BACK:
        return ""
    sent_back = (entry for entry in reversed(read_history(case.number)) if entry.move is Move.SEND_BACK)
    return next(("" if entry.erased_at else entry.text for entry in sent_back), "")


def find_request_to_lead(
    case: Escalation, read_history: Callable[[int], Sequence[HistoryEntry]]
) -> HistoryEntry | None:
    """Return the entry by which somebody asked a lead to look, the last one; None when the rules alone ask."""
    asked = (entry for entry in reversed(read_history(case.number)) if entry.move is Move.ASK_LEAD)
    return next(asked, None) if case.review in UNDECIDED else None


def ask_lead(request: Request, policy: ReviewPolicy, at: datetime) -> dict[str, Any]:
    """Return the fields of a case that a lead looks at from now on."""
    until = at + policy.times[request.severity]
    return {**NOT_REVIEWED, "review": ReviewState.PENDING, "review_until": until}


def review_again(case: Escalation, corrected: Request, policy: ReviewPolicy, at: datetime) -> dict[str, Any]:
    """Return what a correction changes of the review; nothing once a lead decided or a number was recorded.

    A review that goes on keeps its time, unless the case became one of severity A.
    """
    if case.is_escalated or case.review in BY_LEAD or case.review is ReviewState.RELEASED:
        return {}
    begun = begin_review(corrected, policy, at)
    is_same = begun["review"] is case.review and case.review_until
    return {**begun, "review_until": min(begun["review_until"], case.review_until)} if is_same else begun


def decide(state: ReviewState, by: str, at: datetime) -> dict[str, Any]:
    """Return the fields of a case that somebody decided on, or that the program let go."""
    return {"review": state, "reviewed_by": by, "reviewed_at": at}


def is_decidable(case: Escalation) -> bool:
    """Return whether a lead may still decide on it: afterwards too, when nobody looked in time.

    Once 21Vianet has returned it there is nothing left to decide.
    """
    is_open = case.status in {*NOT_FILED, Status.SUBMITTED} and case.returned_on is None
    return case.review in UNDECIDED and is_open


def is_let_go(case: Escalation, at: datetime) -> bool:
    """Return whether the time for a lead to look is over, so that it may go without."""
    is_waiting = case.review is ReviewState.PENDING and case.status in {*NOT_FILED, Status.SUBMITTED}
    return is_waiting and case.review_until is not None and at >= case.review_until


def refuse_filing(case: Escalation, at: datetime) -> Refused | None:
    """Return why its number can't be recorded yet; None when it can. Severity A never waits."""
    if case.is_escalated or case.severity is Severity.A:
        return None
    if case.review is ReviewState.PENDING and case.review_until and at < case.review_until:
        return refuse("review_pending", until=case.review_until)
    if case.review is ReviewState.SENT_BACK:
        return refuse("review_sent_back", who=case.reviewed_by, at=case.reviewed_at)
    return refuse("review_ours") if case.review is ReviewState.OURS else None


def refuse_decision(case: Escalation) -> Refused:
    """Return why there is nothing to decide: somebody was first, or nothing is asked."""
    if case.review is ReviewState.APPROVED:
        return refuse("already_approved", who=case.reviewed_by, at=case.reviewed_at)
    if case.review is ReviewState.SENT_BACK:
        return refuse("already_sent_back", who=case.reviewed_by, at=case.reviewed_at)
    return refuse("nothing_to_review")


def find_filing_start(case: Escalation) -> datetime | None:
    """Return from when the time to submit counts after a review; None when there was none.

    While a lead may look, and when none did, it counts from when it may go at the latest.
    """
    is_timed = case.review in UNDECIDED
    return case.review_until if is_timed else case.reviewed_at
