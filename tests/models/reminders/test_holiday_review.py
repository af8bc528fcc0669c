"""Holiday weeks on the clock: once each time, through kills and several bots, late when the bot was down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from models.oncall.availability import Availability
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.reminders.engine import ReminderEngine
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.rules.rota.holidays import Festival
from models.rules.rota.overrides import OverrideKind
from models.store.database import Store
from tests.models.concurrent_writers import PATIENCE
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, REMINDER_SETTINGS, Duty, hasty
from tests.models.reminders.test_promises import killed_at
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

WEEK = subjects.holiday_review(Festival.SPRING_FESTIVAL, 2027)
FIRST_DAY = datetime(2027, 2, 5, 1, tzinfo=UTC)
"""Nine in the morning in Shanghai of the day on which the days off begin, as long as nothing was announced."""
CARDS = (MessageKind.HOLIDAY_REVIEW, MessageKind.HOLIDAY_REVIEW_REFRESH)


def ahead(days: int, more: timedelta = timedelta()) -> datetime:
    return FIRST_DAY - days * DAY + more


OFF, WORK = range(5, 11), (3, 4, 11, 12)
_DAYS = "".join(
    f'[[calendar]]\ndate = 2027-02-{day:02}\nkind = "{"holiday" if day in OFF else "workday"}"\nname = "day"\n'
    for day in (*OFF, *WORK)
)
PLAN = DAILY_TURNS_WITH_BACKUP + _DAYS
"""The rota with the days of that week written down, so that these tests hold whatever is announced."""


def told(duty: Duty) -> list[str]:
    """The keys of the cards and their redrawings."""
    return [one.key.removeprefix(f"{WEEK}/").partition("@")[0] for one in duty.said(WEEK, CARDS)]


def test_a_week_is_spoken_of_in_the_on_call_channel_each_time_once(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    for days in (61, 60, 59, 45, 30, 21, 10, 1):
        duty.tick(ahead(days))
        duty.tick(ahead(days, MINUTE))

    assert told(duty) == ["60d", "45d", "30d", "21d"]
    assert {one.to for one in duty.said(WEEK, CARDS)} == {"C0ONCALL"}
    assert [one.at for one in duty.said(WEEK, CARDS)] == [ahead(days) for days in (60, 45, 30, 21)]


def test_a_rota_imported_forty_days_before_is_rehearsed_once_and_at_once(duty: Duty) -> None:
    duty.tick(ahead(41))
    duty.rota(PLAN, ahead(40, HOUR))
    duty.tick(ahead(40, HOUR))
    duty.tick(ahead(39))

    assert told(duty) == ["60d"]
    assert duty.made(WEEK) == [("60d", ahead(40, HOUR), ahead(40, HOUR), "")]


def test_a_newer_version_of_the_rota_brings_no_second_card_but_a_redrawing(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    duty.tick(ahead(60))
    duty.rota(PLAN + "# again\n", ahead(50))
    duty.tick(ahead(50))
    duty.tick(ahead(50, HOUR))

    assert told(duty) == ["60d", "drawn"]


def test_downtime_makes_one_card_of_several(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    duty.tick(ahead(61))
    duty.tick(ahead(29))

    assert told(duty) == ["30d"]
    assert [(step, into.rpartition("/")[2]) for step, _, _, into in duty.made(WEEK)] == [
        ("60d", "30d"), ("45d", "30d"), ("30d", ""),
    ]  # fmt: skip


def test_the_card_is_drawn_anew_after_a_change_in_that_week_and_after_no_other(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    duty.tick(ahead(60))
    duty.leave("cid", ahead(-1), ahead(-2), ahead(59))
    duty.tick(ahead(59))
    duty.changed(OverrideKind.OVERRIDE, ahead(30), ahead(29), ahead(58), member="dan", seat="primary")
    duty.tick(ahead(58))

    assert told(duty) == ["60d", "drawn"]


def test_a_volunteer_is_shown_within_one_tick_and_may_think_again(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    duty.tick(ahead(60))
    volunteers = Availability(duty.store)

    assert volunteers.record(WEEK, "U0DAN", True, ahead(59), "first")
    assert not volunteers.record(WEEK, "U0DAN", True, ahead(59), "first")
    assert not volunteers.record(WEEK, "U0DAN", True, ahead(59), "second")
    assert volunteers.record(WEEK, "U0ANN", True, ahead(59), "third")
    assert volunteers.volunteers(WEEK) == ["U0DAN", "U0ANN"]
    duty.tick(ahead(59))
    assert volunteers.record(WEEK, "U0DAN", False, ahead(58), "fourth")
    duty.tick(ahead(58))

    assert volunteers.volunteers(WEEK) == ["U0ANN"]
    assert volunteers.volunteers(subjects.holiday_review(Festival.NATIONAL_DAY, 2027)) == []
    assert [step.partition("@")[0] for step, *_ in duty.made(WEEK)] == ["60d", "drawn", "drawn"]


def test_killed_before_any_statement_each_card_is_made_once(duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    duty.tick(ahead(61))
    n = 1
    while killed_at(duty.store, n, duty.replica(), ahead(60)):
        assert {step for step, *_ in duty.made(WEEK)} == set(told(duty))
        n += 1

    assert n > 5
    assert told(duty) == ["60d"]


def test_three_bots_make_one_card(url: str, duty: Duty) -> None:
    duty.rota(PLAN, ahead(100))
    stores = [hasty(Store(url, PATIENCE)) for _ in range(3)]
    engines = [ReminderEngine(store, SnapshotCache(store, RotaStore(store)), REMINDER_SETTINGS) for store in stores]
    with ThreadPoolExecutor(3) as pool:
        for days in (60, 45):
            list(pool.map(lambda engine: engine.tick(ahead(days)), engines))  # noqa: B023  # finished before days moves on
    for store in stores:
        store.dispose()

    assert told(duty) == ["60d", "45d"]


def test_without_a_rota_there_is_nothing_to_rehearse(duty: Duty) -> None:
    duty.tick(ahead(60))
    duty.tick(ahead(45))

    assert duty.said("rehearsal") == []
