"""The report of a month: worked examples, and the sums that must agree."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from models.rules.errors import Refused
from models.rules.escalations.escalation import Move, Turn
from models.rules.escalations.kept_clocks import KeptCount
from models.rules.escalations.request import RequestKind, Severity
from models.rules.reports.case_month import NOT_GIVEN, find_service
from models.rules.reports.monthly import (
    CaseCounts,
    CauseCount,
    MonthlyReport,
    Spread,
    build_report,
)
from models.rules.reports.scorecard import build_scorecard
from tests.models.rules.reports.stories import SHANGHAI, Step, Story, at, judge, period_of, period_until, tell

M = Move
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SOLVED = ((M.RECORD, "2026-10-05 10:30"), (M.RESOLVE, "2026-10-06 10:00"))
COUNTS: dict[str, tuple[Sequence[Story], str, CaseCounts]] = {
    "a month without a case": ((), "2026-10", CaseCounts()),
    "raised and solved in the month": (
        [Story("2026-10-05 10:00", SOLVED)], "2026-10", CaseCounts(raised=1, solved=1),
    ),
    "raised a minute before the month, solved in its first minute": (
        [Story("2026-09-30 23:59", [(M.RESOLVE, "2026-10-01 00:00")])], "2026-10",
        CaseCounts(open_at_start=1, solved=1, solved_without_vendor=1),
    ),
    "the same case in the month before": (
        [Story("2026-09-30 23:59", [(M.RESOLVE, "2026-10-01 00:00")])], "2026-09", CaseCounts(raised=1, open_at_end=1),
    ),
    "solved in the last minute": (
        [Story("2026-10-31 23:50", [(M.RESOLVE, "2026-10-31 23:59")])], "2026-10",
        CaseCounts(raised=1, solved=1, solved_without_vendor=1),
    ),
    "solved before the month, closed in it": (
        [Story("2026-09-28 10:00", [(M.RESOLVE, "2026-09-29 10:00"), (M.TELL, "2026-09-29 11:00"),
                                    (M.CLOSE, "2026-10-02 10:00")])], "2026-10", CaseCounts(),
    ),
    "the last day of a leap February": (
        [Story("2028-02-29 23:59")], "2028-02", CaseCounts(raised=1, open_at_end=1),
    ),
    "the first day after a leap February": (
        [Story("2028-03-01 00:00")], "2028-02", CaseCounts(),
    ),
    "withdrawn": (
        [Story("2026-10-05 10:00", [(M.WITHDRAW, "2026-10-05 11:00")])], "2026-10", CaseCounts(raised=1, withdrawn=1),
    ),
    "solved before the month, reopened and solved in it": (
        [Story("2026-09-05 10:00", [(M.RECORD, "2026-09-05 10:30"), (M.RESOLVE, "2026-09-06 10:00"),
                                    (M.REOPEN, "2026-10-02 10:00"), (M.RESOLVE, "2026-10-03 10:00")])],
        "2026-10", CaseCounts(reopened=1, solved=1),
    ),
    "the month in which it was solved first": (
        [Story("2026-09-05 10:00", [(M.RECORD, "2026-09-05 10:30"), (M.RESOLVE, "2026-09-06 10:00"),
                                    (M.REOPEN, "2026-10-02 10:00"), (M.RESOLVE, "2026-10-03 10:00")])],
        "2026-09", CaseCounts(raised=1, solved=1),
    ),
    "solved and reopened in the same month counts once, as it stands at the end": (
        [Story("2026-10-05 10:00", [(M.RESOLVE, "2026-10-06 10:00"), (M.REOPEN, "2026-10-07 10:00")])],
        "2026-10", CaseCounts(raised=1, open_at_end=1),
    ),
    "returned as inappropriate, long after it was closed": (
        [Story("2026-08-05 10:00", [(M.RECORD, "2026-08-05 10:30"), (M.RESOLVE, "2026-08-06 10:00"),
                                    (M.TELL, "2026-08-06 11:00"), (M.CLOSE, "2026-08-06 12:00"),
                                    (M.RETURNED, "2026-11-02 10:00", {"on": "2026-10-31"})])],
        "2026-10", CaseCounts(returned=1),
    ),
}  # fmt: skip
RESPONDED = (
    (M.RECORD, "2026-10-05 10:30"), (M.CONTACT, "2026-10-05 12:30"), (M.RESOLVE, "2026-10-05 20:00"),
    (M.REOPEN, "2026-10-06 10:00"), (M.RECORD, "2026-10-06 11:00", {"text": "another"}),
    (M.CONTACT, "2026-10-06 17:00"),
)  # fmt: skip


def report_of(stories: Sequence[Story], month: str, customer: str = "") -> MonthlyReport:
    period = period_of(month)
    return build_report(judge(stories, period), period, None, customer)


@pytest.mark.parametrize("name", COUNTS)
def test_a_case_counts_where_it_was_raised_and_where_it_was_solved(name: str) -> None:
    stories, month, expected = COUNTS[name]

    assert report_of(stories, month, "云杉科技").counts == expected


def test_a_duplicate_counts_for_its_customer_and_for_the_team_its_problem_counts_once() -> None:
    stories = [
        Story("2026-10-05 10:00", SOLVED),
        Story("2026-10-05 11:00", [(M.RESOLVE, "2026-10-06 10:00")], duplicate_of=1),
    ]

    team, customer = report_of(stories, "2026-10"), report_of(stories[1:], "2026-10", "蓝天贸易")

    assert (team.counts.raised, team.counts.solved, team.counts.duplicates) == (1, 1, 1)
    assert (customer.counts.raised, customer.counts.solved) == (1, 1)


def test_our_times_are_of_the_cases_raised_in_the_month() -> None:
    stories = [
        Story("2026-10-05 10:00", [(M.ACKNOWLEDGE, "2026-10-05 10:10"), (M.RECORD, "2026-10-05 11:00")]),
        Story("2026-10-05 10:00", [(M.ACKNOWLEDGE, "2026-10-05 10:20"), (M.RECORD, "2026-10-05 10:40")]),
        Story("2026-09-05 10:00", [(M.ACKNOWLEDGE, "2026-10-05 10:20")]),
    ]

    report = report_of(stories, "2026-10")

    assert report.acknowledged == KeptCount(1, 1)
    assert report.acknowledgement == Spread(2, 15 * MINUTE, 20 * MINUTE)
    assert report.recording == Spread(2, 50 * MINUTE, HOUR)


def test_turns_count_within_the_month_and_end_with_the_solution() -> None:
    story = Story("2026-09-30 22:00", [
        (M.RECORD, "2026-09-30 23:00"), (M.CONTACT, "2026-10-01 02:00"),
        (M.TURN, "2026-10-01 03:00", {"turn": Turn.CUSTOMER}), (M.RESOLVE, "2026-10-01 10:00"),
        (M.TELL, "2026-10-03 10:00"), (M.CLOSE, "2026-10-04 10:00"),
    ])  # fmt: skip

    turns = dict(report_of([story], "2026-10").turns)

    assert turns == {Turn.OURS: HOUR, Turn.VENDOR: 2 * HOUR, Turn.CUSTOMER: 7 * HOUR}


def test_each_number_of_21vianet_is_a_first_response_of_its_own() -> None:
    report = report_of([Story("2026-10-05 10:00", RESPONDED)], "2026-10")

    assert (report.responses.filed, report.responses.another) == (2, 1)
    assert report.responses.kept == KeptCount(1, 1)  # Azure B: four hours while the desk is open
    assert report.responses.times == Spread(2, 4 * HOUR, 6 * HOUR)


def test_a_return_as_inappropriate_answers_in_time_and_never_misses() -> None:
    steps = [(M.RECORD, "2026-10-05 10:30"), (M.RETURNED, "2026-10-05 11:00", {"on": "2026-10-05"})]
    stories = [Story("2026-10-05 10:00", steps, severity="A"), Story("2026-10-05 10:00", steps, service="power")]

    report, scorecard = (
        report_of(stories, "2026-10"),
        build_scorecard(judge(stories, period_of("2026-10")), period_of("2026-10")),
    )

    for responses in (report.responses, scorecard.total):
        assert (responses.kept, responses.awaited, responses.without_target) == (KeptCount(1, 0), 0, 1)
        assert responses.times == Spread(2, HOUR / 2, HOUR / 2)


def test_a_first_response_counts_in_the_month_of_its_number() -> None:
    story = Story("2026-10-31 10:00", [(M.RECORD, "2026-10-31 23:30"), (M.CONTACT, "2026-11-01 10:00")], severity="A")

    october, november = (report_of([story], month).responses for month in ("2026-10", "2026-11"))

    assert (october.filed, october.kept, november.filed) == (1, KeptCount(0, 1), 0)


def test_without_a_target_nothing_is_kept_or_missed_and_the_time_runs_around_the_clock() -> None:
    steps = [(M.RECORD, "2026-10-05 20:00"), (M.CONTACT, "2026-10-06 08:00")]

    responses = report_of([Story("2026-10-05 19:00", steps, service="power")], "2026-10").responses

    assert (responses.without_target, responses.kept, responses.awaited) == (1, KeptCount(), 0)
    assert responses.times.slowest == 12 * HOUR


@pytest.mark.parametrize(("given", "lowered"), [("C", 1), ("B", 0), ("A", 0)])
def test_a_severity_below_the_one_asked_for_was_lowered(given: str, lowered: int) -> None:
    steps = [(M.RECORD, "2026-10-05 20:00", {"severity_given": Severity(given)})]

    assert report_of([Story("2026-10-05 19:00", steps)], "2026-10").responses.lowered == lowered


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ([(M.TELL, "2026-10-05 13:59")], KeptCount(1, 0)),
        ([(M.TELL, "2026-10-05 14:01")], KeptCount(0, 1)),
        ([], KeptCount(0, 1)),
        ([(M.RESOLVE, "2026-10-05 13:00"), (M.TELL, "2026-10-05 13:30")], KeptCount(1, 0)),
        ([(M.RESOLVE, "2026-10-05 13:00"), (M.TELL, "2026-10-05 15:00")], KeptCount(0, 1)),
        ([(M.TELL_DETAILS, "2026-10-05 12:30", {"until": "2026-10-06 12:00"}), (M.TELL, "2026-10-06 11:00")],
         KeptCount(1, 0)),
        ([(M.RESOLVE, "2026-10-05 13:00"), (M.TELL, "2026-10-05 13:30"), (M.CLOSE, "2026-10-05 13:40")],
         KeptCount(1, 0)),
    ],
)  # fmt: skip
def test_a_promise_is_kept_when_the_customer_hears_from_us_by_then(steps: list[Step], kept: KeptCount) -> None:
    story = Story("2026-10-05 10:00", [
        (M.RECORD, "2026-10-05 10:30"), (M.TELL, "2026-10-05 12:00", {"until": "2026-10-05 14:00"}), *steps
    ])  # fmt: skip

    assert report_of([story], "2026-10").promises == kept


def test_a_promise_that_is_not_due_yet_is_neither_kept_nor_missed() -> None:
    period = period_until("2026-10", 5)
    story = Story(
        "2026-10-05 10:00",
        [(M.RECORD, "2026-10-05 10:30"), (M.TELL, "2026-10-05 11:00", {"until": "2026-10-05 14:00"})],
    )

    report = build_report(judge([story], period), period, None)

    assert (report.promises, report.counts.open_at_end) == (KeptCount(), 1)


def test_causes_are_services_workloads_and_areas_the_most_frequent_first() -> None:
    stories = [
        Story("2026-10-05 10:00", answers={"workload": "Virtual Machines"}),
        Story("2026-10-06 10:00", [(M.RESOLVE, "2026-10-06 11:00")], service="m365", answers={"area": "how_to"}),
        Story("2026-10-07 10:00", service="m365", answers={"area": "how_to"}),
    ]

    assert report_of(stories, "2026-10").causes == [
        CauseCount("m365", "", "how_to", 2, 1),
        CauseCount("azure", "Virtual Machines", "", 1, 0),
    ]


def test_days_are_those_of_the_installation() -> None:
    report = report_of([Story("2026-10-01 00:30", [(M.RESOLVE, "2026-10-31 23:30")])], "2026-10")

    assert len(report.days) == 31
    assert (report.days[0].raised, report.days[30].solved) == (1, 1)


def test_a_month_that_lasts_is_counted_up_to_now() -> None:
    period = period_until("2026-10", 20)
    story = Story("2026-10-05 10:00", [(M.RECORD, "2026-10-05 10:30")])

    report = build_report(judge([story], period), period, None)

    assert not report.period.is_over
    assert dict(report.turns)[Turn.VENDOR] == at("2026-10-20 12:00") - at("2026-10-05 10:30")


def test_the_scorecard_and_the_report_of_the_team_agree() -> None:
    stories = [Story("2026-10-05 10:00", RESPONDED), Story("2026-10-05 10:00", RESPONDED, duplicate_of=1)]
    period = period_of("2026-10")
    judged = judge(stories, period)

    scorecard = build_scorecard(judged, period)

    assert scorecard.total == build_report(judged, period, None).responses
    assert [(row.service, row.severity, row.responses.filed) for row in scorecard.rows] == [("azure", "B", 4)]


def test_what_was_open_and_came_in_equals_what_went_out_and_stays_in_every_month() -> None:
    stories = list(_random_stories(random.Random(7), 60))
    open_before = 0

    for month in ("2026-08", "2026-09", "2026-10", "2026-11", "2026-12"):
        counts = report_of(stories, month, "云杉科技").counts

        assert counts.open_at_start == open_before
        came_in = counts.open_at_start + counts.raised + counts.reopened
        assert came_in == counts.solved + counts.withdrawn + counts.open_at_end
        open_before = counts.open_at_end


def _random_stories(chance: random.Random, count: int) -> list[Story]:
    """Return cases from August to November with any moves that are allowed."""
    stories = []
    for _ in range(count):
        when = at("2026-08-01 00:00") + chance.random() * timedelta(days=100)
        story = Story(f"{when.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
        for _ in range(chance.randrange(7)):
            when += chance.random() * timedelta(days=12)
            move = chance.choice([M.RECORD, M.RESOLVE, M.REOPEN, M.WITHDRAW, M.TELL, M.CLOSE, M.CONTACT])
            longer = Story(story.raised, [*story.steps, (move, f"{when.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")])
            if _is_allowed(longer):
                story = longer
        stories.append(story)
    return stories


def _is_allowed(story: Story) -> bool:
    try:
        judge([story], period_of("2026-08"))
    except Refused:
        return False
    return True


def test_a_customer_request_without_a_service_is_not_one_about_partner_center() -> None:
    case = tell(Story("2026-10-01 10:00"), 1)[0].model_copy(update={"service": ""})

    assert find_service(case) == NOT_GIVEN
    assert not find_service(case.model_copy(update={"kind": RequestKind.PARTNER_CENTER}))
