"""When a remediation record reminds: its meeting, its review, and its actions until they are done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.rules.outbox.reminder_details import Audience
from models.rules.remediation.record import Remediation, RemediationAction
from models.rules.reminders.remediation import find_action_steps, find_record_steps
from models.rules.reminders.step import OVER, DueSteps

SHANGHAI = ZoneInfo("Asia/Shanghai")
ADDED = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
RECORD = Remediation(1, "T0", ADDED, set_at={"meeting_at": ADDED, "review_on": ADDED})
ACTION = RemediationAction(1, "Train the desk", "U0EMMA", date(2026, 11, 26), ADDED, ADDED)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant of November 2026 in Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def read(due: DueSteps) -> list[tuple[str, datetime]]:
    """The steps that are due: their names without count, and when."""
    return [(step.step, step.due_at) for step in due.steps]


def test_the_owner_of_an_action_is_reminded_early_on_the_day_and_daily_after_it() -> None:
    due = find_action_steps(RECORD, ACTION, at(28, 12), SHANGHAI)

    assert read(due) == [("early", at(24)), ("due", at(26)), ("overdue", at(27)), ("overdue", at(28))]
    assert due.next_due == at(29)
    assert {step.people for step in due.steps} == {("U0EMMA",)}


def test_leads_are_reminded_too_once_it_is_overdue() -> None:
    due = find_action_steps(RECORD, ACTION, at(27, 12), SHANGHAI)

    assert [Audience.LEADS in step.to for step in due.steps] == [False, False, True]


def test_it_never_stops_while_it_is_overdue_and_old_days_are_not_made_up() -> None:
    due = find_action_steps(RECORD, ACTION, at(26) + timedelta(days=100, hours=1), SHANGHAI)

    assert [step.n for step in due.steps if step.step == "overdue"] == [98, 99, 100]
    assert due.next_due == at(26) + timedelta(days=101)


def test_an_action_that_is_done_only_folds_its_reminders() -> None:
    done = replace(ACTION, done_at=at(25), done_by="U0EMMA")

    assert read(find_action_steps(RECORD, done, at(30), SHANGHAI)) == [(OVER, at(25))]


def test_another_day_is_another_reminder_and_one_before_it_was_set_is_none() -> None:
    moved = replace(ACTION, due=date(2026, 11, 28), due_set_at=at(28, 10))

    due = find_action_steps(RECORD, moved, at(28, 12), SHANGHAI)

    assert read(due) == []
    assert due.next_due == at(29)


def test_a_meeting_is_announced_a_day_before_and_on_the_day() -> None:
    record = replace(RECORD, meeting_at=at(26, 14))

    due = find_record_steps(record, at(26, 10), SHANGHAI)

    assert read(due) == [("meeting", at(25)), ("meeting", at(26))]
    assert len({step.key for step in due.steps}) == 2


def test_an_early_meeting_is_announced_an_hour_before_it() -> None:
    record = replace(RECORD, meeting_at=at(26, 8, 30))

    assert read(find_record_steps(record, at(26, 8), SHANGHAI))[-1] == ("meeting", at(26, 7, 30))


def test_a_review_is_announced_a_day_before_and_on_the_day() -> None:
    record = replace(RECORD, review_on=date(2026, 11, 30))

    assert read(find_record_steps(record, at(30, 9), SHANGHAI)) == [("review", at(29)), ("review", at(30))]


def test_a_closed_record_announces_nothing() -> None:
    record = replace(RECORD, meeting_at=at(26, 14), closed_at=at(21), closed_by="U0LINA")

    assert read(find_record_steps(record, at(27), SHANGHAI)) == [(OVER, at(21))]
    assert read(find_action_steps(record, ACTION, at(27), SHANGHAI)) == [(OVER, at(21))]
