"""By when each escalation of a simulation had to be acted on, recomputed from its history.

It shares no rule with ``models/rules``: only the data of the policy and the days of the ``holidays`` package.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from holidays import country_holidays

from models.rules.policy.vendor import Desk, ResponseTarget, VendorPolicy

ENDED = frozenset({"closed", "withdrawn"})
BEIJING = timedelta(hours=8)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
CHINA = country_holidays("CN")


@dataclass(frozen=True)
class ExpectedDeadline:
    """One time in which an escalation was due, after it had been acknowledged."""

    number: int
    severity: str
    due_at: datetime  # UTC.
    begins: datetime  # when reminders had to begin: later than due if an entry made it due.
    ends: datetime  # when something was done, or the simulation ended
    early_at: datetime | None  # when only its owner had to be reminded
    owner: str


def list_deadlines(rows: Sequence[Any], policy: VendorPolicy, end: datetime) -> Iterator[ExpectedDeadline]:
    """Yield the deadlines of one escalation. Entries that leave the due time as it was make no new one."""
    state, last = _CaseState(policy), None
    for row, following in pairwise([*rows, None]):
        state.apply(row)
        until = following.at if following else end
        due, owner = state.find_due(), state.facts.get("owner") or ""
        early = due[1] if due and due[1] and due[1] >= row.at else None
        if last and due and last.due_at == due[0]:
            last = _lengthen(last, until, row.at, early, owner)
            continue
        if last and last.ends > last.begins:
            yield last
        last = (
            ExpectedDeadline(row.number, state.severity, due[0], max(due[0], row.at), until, early, owner)
            if due
            else None
        )
    if last and last.ends > last.begins:
        yield last


def _lengthen(
    deadline: ExpectedDeadline, until: datetime, at: datetime, early: datetime | None, owner: str
) -> ExpectedDeadline:
    """Return a deadline that lasts longer.

    What holds at the time of the early reminder decides on it: who owns the case then gets it, and a snooze that lasts
    until later leaves it out, though the deadline stays.
    """
    if deadline.early_at is not None and at > deadline.early_at:
        return replace(deadline, ends=until)
    return replace(deadline, ends=until, early_at=early, owner=owner)


@dataclass
class _CaseState:
    """An escalation after some entries of its history."""

    policy: VendorPolicy
    facts: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    turn_since: datetime | None = None
    last_activity: datetime | None = None
    awaited: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    @property
    def severity(self) -> str:
        """The severity that was asked for."""
        return str(self.facts["severity"])

    def apply(self, row: Any) -> None:
        """Apply one more entry."""
        if row.move == "raise":
            self.facts = {"turn": "ours", **row.changes}
        else:
            self._apply_changes(row)
        self.status = row.status_to
        if row.move not in {"snooze", "release"}:
            self.last_activity = row.at
        if self.turn_since is None or "turn" in row.changes or row.status_from in ENDED:
            self.turn_since = row.at
        is_awaited = self.status == "submitted" and not self.facts.get("first_contact_at")
        if self.awaited and self.awaited[-1][1] is None and not is_awaited:
            self.awaited[-1] = (self.awaited[-1][0], row.at)
        elif is_awaited and not (self.awaited and self.awaited[-1][1] is None):
            self.awaited.append((row.at, None))

    def _apply_changes(self, row: Any) -> None:
        for name, (before, after) in row.changes.items():
            if name == "request_number" and before and row.status_from != "submitted":
                self.awaited = []  # another case at 21Vianet
            self.facts[name] = after

    def find_due(self) -> tuple[datetime, datetime | None] | None:
        """Return by when something was due, and when its owner had to be reminded before; None when nothing was."""
        is_followed = self._is_followed()
        if self.status in ENDED or self.last_activity is None:
            return None
        if not is_followed and not self.facts.get("acknowledged_at"):
            return None
        step, promised = None if is_followed else self._find_step(), _instant(self.facts.get("promised_at"))
        if promised and (step is None or promised < step[1]):
            step = _instant(self.facts["told_at"]) or self.last_activity, promised, True
        if step is None:
            return None
        since, due, has_early = step
        early = since + (due - since) / 3 * 2 if has_early and due > since else None
        if snoozed := _instant(self.facts.get("snoozed_until")):
            return max(due, snoozed), early if early and snoozed <= early else None
        return due, early

    def _is_followed(self) -> bool:
        """Return whether another case stands for it: only what its own customer was promised is left then."""
        bond = self.facts.get("parent_bond") if self.facts.get("parent") else None
        is_in_parent = bond == "follows" or (bond == "acknowledge" and bool(self.facts.get("acknowledged_at")))
        return bool(self.facts.get("duplicate_of") or is_in_parent) and self.status != "resolved"

    def _find_step(self) -> tuple[datetime, datetime, bool]:
        """Return from when time counts, until when something had to happen, and whether the owner is asked before."""
        times, severity, last = self.policy.reminder_times, self.severity, self.last_activity
        assert last is not None  # noqa: S101 - there is an entry
        if self.status == "resolved":
            return last, last + (times.close if self.facts.get("told_at") else times.tell), False
        if self.facts["turn"] == "customer":
            return last, last + times.customer[severity], False
        began = max(_instant(self.facts["acknowledged_at"]) or last, self.turn_since or last)
        if not self.facts.get("request_number"):
            began = max(began, self._find_review_end() or began)
            return began, began + times.number[severity], False
        if self.facts["turn"] == "ours":
            return began, began + times.ours[severity], True
        answer = self._find_answer_due()
        return last, answer or last + times.submitted[severity], False

    def _find_review_end(self) -> datetime | None:
        """Return when a lead decided, or until when one may or might have; None without a review."""
        is_decided = self.facts.get("review") not in {"pending", "released"}
        return _instant(self.facts.get("reviewed_at" if is_decided else "review_until"))

    def _find_answer_due(self) -> datetime | None:
        """Return when 21Vianet's first answer was due; None without a target, and when it is not awaited."""
        if not self.awaited or self.awaited[-1][1] is not None:
            return None
        wanted = self.facts.get("severity_given") or self.severity
        targets = [target for target in self.policy.service(str(self.facts["service"])).targets if not target.workload]
        target = next((target for target in targets if target.severity == wanted), None)
        return _find_target_end(target, self.awaited) if target else None


def _find_target_end(target: ResponseTarget, awaited: Sequence[tuple[datetime, datetime | None]]) -> datetime:
    """Return the instant at which a target was reached, by walking through the days."""
    passed, days = timedelta(), 0
    for start, end in awaited:
        midnight = datetime.combine((start + BEIJING).date(), time(0), UTC) - BEIJING
        while end is None or midnight < end:
            opens, closes = midnight + target.desk.opens * MINUTE, midnight + target.desk.closes * MINUTE
            day = (midnight + BEIJING).date()
            if target.workdays is not None:
                if _is_workday(day) and start < opens and (end is None or closes <= end):
                    days += 1
                    if days == target.workdays:
                        return closes
            else:
                begin, stop = _open_time(target.desk, day, opens, closes, midnight)
                begin, stop = max(begin, start), min(stop, end) if end else stop
                missing = (target.minutes or 0) * MINUTE - passed
                if stop - begin >= missing:
                    return begin + missing
                passed += max(stop - begin, timedelta())
            midnight += DAY
    raise AssertionError("the last interval has no end")


def _open_time(
    desk: Desk, day: date, opens: datetime, closes: datetime, midnight: datetime
) -> tuple[datetime, datetime]:
    """Return the part of a day that counts for a target in minutes."""
    if not desk.runs_only_when_open:
        return midnight, midnight + DAY
    is_open = desk.days == "every_day" or _is_workday(day)
    return (opens, closes) if is_open else (opens, opens)


def _is_workday(day: date) -> bool:
    return bool(CHINA.is_working_day(day))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
