"""When a holiday week is spoken of, and when no more."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import subjects
from models.rules.reminders.holiday_review import DAYS_BEFORE, WeekFacts, find_steps
from models.rules.reminders.step import collapse
from models.rules.rota.holidays import Festival

SHANGHAI = ZoneInfo("Asia/Shanghai")
STARTS, DAY = date(2027, 2, 5), timedelta(days=1)
NAME = subjects.holiday_review(Festival.SPRING_FESTIVAL, 2027)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BEGINS = datetime(2027, 2, 4, 16, tzinfo=UTC)


def at(days: int, hours: int = 0) -> datetime:
    """So many days before the first day, at nine in the morning, and hours later."""
    return datetime(2027, 2, 5, 1, tzinfo=UTC) - days * DAY + timedelta(hours=hours)


def week(since: datetime = LONG_AGO, changed_at: datetime = LONG_AGO) -> WeekFacts:
    return WeekFacts(NAME, STARTS, since, changed_at)


def steps(facts: WeekFacts, now: datetime) -> list[str]:
    return [step.name for step in find_steps(facts, now, SHANGHAI).steps]


def test_it_is_spoken_of_four_times_and_the_leads_hear_it_from_the_third_on() -> None:
    owed = find_steps(week(), at(1), SHANGHAI)

    assert [step.due_at for step in owed.steps] == [at(days) for days in DAYS_BEFORE]
    assert [Audience.LEADS in step.to for step in owed.steps] == [False, False, True, True]
    assert owed.next_due == BEGINS


def test_nothing_is_owed_before_the_sixtieth_day_and_once_it_has_begun_only_that_it_is_said() -> None:
    assert find_steps(week(), at(60) - timedelta(seconds=1), SHANGHAI).steps == []
    assert find_steps(week(), at(60) - timedelta(seconds=1), SHANGHAI).next_due == at(60)
    assert steps(week(), BEGINS) == steps(week(), at(-3)) == ["begun"]
    assert find_steps(week(), BEGINS, SHANGHAI).next_due is None


def test_a_rota_that_came_late_is_rehearsed_at_once_and_what_was_before_it_was_never_owed() -> None:
    owed = find_steps(week(since=at(40, 3)), at(40, 3), SHANGHAI)

    assert [(step.name, step.due_at) for step in owed.steps] == [("60d", at(40, 3))]
    assert owed.next_due == at(30)
    assert steps(week(since=at(40, 3)), at(20)) == ["60d", "30d", "21d"]


def test_so_near_that_each_gap_has_its_card_nothing_begins() -> None:
    assert steps(week(since=at(15)), at(14, 1)) == ["60d"]
    assert steps(week(since=at(14)), at(13)) == []


def test_the_card_is_drawn_anew_when_something_of_it_differs_since_it_was_shown() -> None:
    changed = at(50)

    assert steps(week(changed_at=at(61)), at(50)) == ["60d"]
    assert steps(week(changed_at=changed), at(50)) == ["60d", f"drawn@{changed:%Y%m%dT%H%M%S%f}"]
    assert steps(week(changed_at=changed), at(45)) == ["60d", "45d"]


def test_what_was_missed_is_one_card_and_redrawing_stays_by_itself() -> None:
    spoken = collapse(find_steps(week(changed_at=at(40)), at(40), SHANGHAI).steps)

    assert [(one.step.name, [step.name for step in one.merged]) for one in spoken] == [
        ("45d", ["60d"]), (f"drawn@{at(40):%Y%m%dT%H%M%S%f}", []),
    ]  # fmt: skip
    assert [one.step.what for one in spoken] == [MessageKind.HOLIDAY_REVIEW, MessageKind.HOLIDAY_REVIEW_REFRESH]


def test_a_week_is_found_by_its_name_however_its_days_move() -> None:
    assert subjects.holiday_week_of(NAME) == (Festival.SPRING_FESTIVAL, 2027)
    assert [step.key for step in find_steps(week(), at(59), SHANGHAI).steps] == ["rehearsal:spring_festival/2027/60d"]
    for wrong in ("rehearsal:easter/2027", "rehearsal:spring_festival", "picture"):
        with pytest.raises(ValueError, match=r"valid"):
            subjects.holiday_week_of(wrong)
