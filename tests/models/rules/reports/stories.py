"""Cases told in a few words, for the reports: what was done when, in Beijing time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.escalations.clocks import TimelineEntry
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy import reader
from models.rules.reports.case_month import CaseMonth, ReportRules, judge_case
from models.rules.reports.month import ReportMonth, ReportPeriod
from models.rules.rota.holidays import make_workday_test
from tests.models.samples import CHANNEL, LI, WANG, customer_request, step

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = reader.load_packaged()
RULES = ReportRules(lambda _: POLICY, make_workday_test())
LATER = datetime(2030, 1, 1, tzinfo=UTC)
"""Long after every month of the tests."""
Step = tuple[Any, ...]
"""A move, its time in Beijing, and perhaps more arguments of it."""


def at(text: str) -> datetime:
    """Return an instant from Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class Story:
    """One case: when it was raised, and what followed."""

    raised: str
    steps: Sequence[Step] = ()
    service: str = "azure"
    severity: str = "B"
    customer: str = "云杉科技"
    duplicate_of: int | None = None
    answers: dict[str, Any] = field(default_factory=dict)


def tell(story: Story, number: int) -> tuple[Escalation, list[TimelineEntry]]:
    """Return the case of a story with its history."""
    request = customer_request(
        service=story.service,
        severity=Severity(story.severity),
        customer_name=story.customer,
        answers={"impact": "Nobody works", **story.answers},
    )
    case, entry = raise_escalation(request, number, CHANNEL, WANG, at(story.raised), quick=not story.service)
    entries = [entry]
    for move, when, *rest in story.steps:
        more: dict[str, Any] = dict(rest[0]) if rest else {}
        if "until" in more:
            more["until"] = at(more["until"])
        if move is Move.RETURNED:
            day = date.fromisoformat(more.pop("on"))
            more["finding"] = ReturnFinding(day, "R-1", at(when).date())
        case, entry = advance(case, step(move, LI, at(when), **more))
        entries.append(entry)
    case = case.model_copy(update={"duplicate_of": story.duplicate_of})
    return case, [TimelineEntry(e.at, e.move, e.status_to, e.changes) for e in entries]


def period_of(month: str, now: datetime = LATER, zone: ZoneInfo = SHANGHAI) -> ReportPeriod:
    """Return the period of a month such as 2026-10."""
    year, number = month.split("-")
    return ReportPeriod(ReportMonth(int(year), int(number)), zone, now)


def judge(stories: Iterable[Story], period: ReportPeriod) -> list[CaseMonth]:
    """Return what the cases of some stories add to a month; the first one has the number 1."""
    told = [tell(story, number) for number, story in enumerate(stories, 1)]
    seen = [(case, entries) for case, entries in told if case.raised_at < period.end]
    return [judge_case(case, entries, RULES, period) for case, entries in seen]


def period_until(month: str, day: int) -> ReportPeriod:
    """Return the period of a month that lasts still: until noon of a day."""
    whole = period_of(month)
    now = datetime(whole.month.year, whole.month.month, day, 12, tzinfo=SHANGHAI).astimezone(UTC)
    return replace(whole, now=now)
