"""The opening hours of 21Vianet's desks, against worked examples and a count of every minute."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.escalations.desk_hours import DeskHours
from models.rules.policy import reader
from models.rules.policy.vendor import Desk
from models.rules.rota.holidays import make_workday_test

POLICY = reader.load_packaged()
BEIJING = timezone(timedelta(hours=8))
IS_WORKDAY = make_workday_test()
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """An instant from Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def hours(key: str) -> DeskHours:
    return DeskHours(POLICY.desks[key], IS_WORKDAY)


@pytest.mark.parametrize(
    ("desk", "moment", "is_open", "opening"),
    [
        ("daily", "2026-02-16 02:10", False, "2026-02-16 09:00"),
        ("daily", "2026-02-16 09:00", True, "2026-02-16 09:00"),
        ("office_hours", "2026-02-13 18:00", False, "2026-02-14 09:00"),  # Saturday, a make-up workday
        ("office_hours", "2026-02-14 18:00", False, "2026-02-24 09:00"),  # after Spring Festival
        ("azure_development", "2026-11-28 10:00", False, "2026-11-30 09:00"),
        ("always", "2026-02-16 03:00", True, "2026-02-16 03:00"),
    ],
)
def test_a_desk_knows_its_hours(desk: str, moment: str, is_open: bool, opening: str) -> None:
    assert hours(desk).is_open(at(moment)) is is_open
    assert hours(desk).find_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("desk", "filed", "minutes", "due"),
    [
        ("daily", "2026-11-27 23:30", 240, "2026-11-28 12:30"),
        ("azure_development", "2026-11-28 10:00", 240, "2026-11-30 13:00"),
        ("always", "2026-11-28 02:10", 60, "2026-11-28 03:10"),
        ("daily", "2026-11-27 20:00", 240, "2026-11-28 00:00"),  # exactly until it closes
    ],
)
def test_a_target_in_minutes_runs_while_the_desk_is_open(desk: str, filed: str, minutes: int, due: str) -> None:
    assert hours(desk).add(at(filed), minutes * MINUTE) == at(due)


@pytest.mark.parametrize(
    ("filed", "workdays", "due"),
    [
        ("2026-11-30 02:10", 1, "2026-12-01 00:00"), ("2026-11-30 09:00", 1, "2026-12-02 00:00"),
        ("2026-02-13 19:00", 1, "2026-02-15 00:00"), ("2026-02-13 19:00", 3, "2026-02-26 00:00"),
    ],
)  # fmt: skip
def test_workdays_end_when_the_desk_closes(filed: str, workdays: int, due: str) -> None:
    ends = list(islice(hours("daily").list_workday_ends(at(filed)), workdays))

    assert ends[-1] == at(due)


def test_a_desk_whose_targets_run_around_the_clock_counts_every_minute() -> None:
    desk = POLICY.desks["office_hours"]
    always = DeskHours(Desk(desk.key, desk.days, desk.opens, desk.closes, False, desk.source), IS_WORKDAY)

    assert always.add(at("2026-02-14 20:00"), 60 * MINUTE) == at("2026-02-14 21:00")
    assert always.counted(at("2026-02-14 20:00"), at("2026-02-15 20:00")) == timedelta(days=1)


@given(
    st.sampled_from(sorted(POLICY.desks)), st.integers(0, 400 * 1440), st.integers(0, 6 * 1440), st.integers(0, 5000)
)
def test_hours_agree_with_a_count_of_every_minute(desk: str, start: int, length: int, needed: int) -> None:
    begin = at("2026-01-01 00:00") + start * MINUTE
    subject = hours(desk)

    minutes = sum(subject.is_open(begin + n * MINUTE) for n in range(length))

    assert subject.counted(begin, begin + length * MINUTE) == minutes * MINUTE
    due = subject.add(begin, needed * MINUTE)
    assert subject.counted(begin, due) == needed * MINUTE
    assert needed == 0 or subject.is_open(due - MINUTE)


def test_make_up_workdays_and_corrections_are_known() -> None:
    days = [date(2026, 2, 14), date(2026, 2, 16), date(2026, 2, 24), date(2026, 11, 28)]

    assert [IS_WORKDAY(day) for day in days] == [True, False, True, False]
