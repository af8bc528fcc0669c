"""How long pages wait: for a service that fails it counts, for a limit or an hour it is by design."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.measurements import PAGE_SECONDS
from models.outbox import page_waits
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.store.database import Store
from tests.handlers.notifications.reach_duty import FILE, ReachDuty
from tests.models.concurrent_writers import opened
from tests.models.reminders.conftest import MINUTE
from tests.models.samples import CHANNEL, WANG, customer_request

LATER, AGAIN = timedelta(seconds=61), timedelta(seconds=40)
AWAY = PageAnswer(PageStatus.REFUSED, "unreachable", AGAIN.total_seconds())


@pytest.fixture(params=["sqlite", "postgresql"])
def duty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReachDuty]:
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path_factory.mktemp('waits') / 'csp.db'}") as store:
            store.upgrade()
            yield make_duty(store)
    else:
        databases = request.getfixturevalue("postgresql")
        with databases.migrated() as url, opened(url) as store:
            yield make_duty(store)


def make_duty(store: Store) -> ReachDuty:
    """People with a group robot and a phone that takes one call a minute; nothing was sent or measured yet."""
    duty = ReachDuty(store, parse_reach(FILE, CHINA))
    duty.worker.measurements = type(duty.worker.measurements)(duty.clock.monotonic)
    return duty


def raise_cases(duty: ReachDuty, count: int) -> None:
    before = duty.repositories.queries.count_all()
    for n in range(before, before + count):
        request = customer_request(severity="A", answers={"impact": "Nobody can work"})
        duty.commands.raise_escalation(request, CHANNEL, WANG, duty.clock.at, f"view-{n}")


def use_up_the_phone(duty: ReachDuty) -> None:
    """One call is made, so that cases which are raised now must wait for the next one."""
    raise_cases(duty, 1)
    assert duty.later(timedelta()).count("hook") == 1


def count_held_back(duty: ReachDuty) -> int:
    return duty.store.read(lambda connection: page_waits.count_held_back(connection, duty.clock.at))


def find_age(duty: ReachDuty) -> timedelta:
    """How long the oldest message waits."""
    oldest = duty.outbox.oldest_message()
    return duty.clock.at - oldest if oldest else timedelta()


def find_slowest(duty: ReachDuty) -> dict[tuple[str, ...], float]:
    """By channel and severity, the lowest limit in seconds that all pages kept."""
    series = duty.worker.measurements.histograms(PAGE_SECONDS)
    limits = (*PAGE_SECONDS.buckets, float("inf"))
    return {labels: max(limits[n] for n, count in enumerate(each.counts) if count) for labels, each in series}


def test_a_page_that_waits_for_a_used_up_phone_is_counted_apart_and_measured_from_then_on(duty: ReachDuty) -> None:
    use_up_the_phone(duty)
    raise_cases(duty, 1)
    assert duty.later(timedelta()).count("hook") == 0
    duty.slack_sends_all()

    assert count_held_back(duty) == 1
    assert find_age(duty) < MINUTE
    assert duty.later(LATER).count("hook") == 1

    assert count_held_back(duty) == 0
    assert set(find_slowest(duty)) == {("wecom_bot", "A"), ("hook", "A")}
    assert max(find_slowest(duty).values()) <= 10


def test_pages_that_wait_for_a_phone_alone_have_a_turn_not_before_it_is_free(duty: ReachDuty) -> None:
    use_up_the_phone(duty)
    raise_cases(duty, 11)
    duty.later(timedelta())
    duty.slack_sends_all()

    turns = duty.store.read(lambda connection: page_waits.find_turns(connection, duty.clock.at))
    freed = duty.store.read(lambda connection: page_waits.find_turns(connection, duty.clock.at + LATER))

    assert len(turns) == count_held_back(duty) == 11
    assert {timedelta() < at - duty.clock.at <= LATER for at in turns.values()} == {True}
    assert freed == {}


def test_a_page_that_a_service_did_not_take_is_measured_from_its_first_try(duty: ReachDuty) -> None:
    raise_cases(duty, 1)
    duty.phones.answers = [AWAY] * 2
    duty.later(timedelta())
    duty.slack_sends_all()
    assert count_held_back(duty) == 0

    duty.clock.at += AGAIN - timedelta(seconds=10)
    assert AGAIN - timedelta(seconds=10) <= find_age(duty) < MINUTE
    duty.clock.at += timedelta(seconds=10)
    while duty.worker.work_once():
        duty.clock.at += timedelta(seconds=1)

    assert find_slowest(duty)["wecom_bot", "A"] >= AGAIN.total_seconds()
