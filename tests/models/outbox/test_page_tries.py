"""A page takes those along that wait for the same person at the same address: each once, whoever claims it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from models.outbox.messages import enqueue, message
from models.outbox.page_rows import scope_of
from models.outbox.page_tries import BegunTry, HeldBack, begin_try, end_try
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import LEASE, Delivery, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.page import KEPT_FOR_CASES, KEPT_FREE, WAITS_FOR_LIMIT, PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress
from models.rules.reminders import subjects
from models.rules.reminders.escalation import UNACKNOWLEDGED_STEP
from models.store.database import Store
from models.store.reach_tables import PAGE_TRY
from models.store.tables import OUTBOX
from tests.models.concurrent_writers import opened, together
from tests.models.samples import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PHONE = ReachAddress(Channel.HOOK, {"url": "https://a.cn", "secret": "s", "to": "138"})
BOB, LINA = "U0BOB", "U0LINA"
ACCEPTED = PageAnswer(PageStatus.ACCEPTED)
Begun = Sequence[BegunTry] | HeldBack


def enqueued(
    store: Store, *numbers: int, user: str = BOB, reminder: str = "", about: str = subjects.ESCALATION
) -> None:
    """Pages about these cases, or ``about`` something else; with ``reminder`` they are those of a reminder."""
    rows = [
        message(
            MessageKind.PAGE, f"{user} {number} {reminder}", NOW, lane=f"{user} {number} {reminder}", user=user,
            channel=PHONE.id, scope=scope_of(PHONE), subject=f"{about}{number}", number=number, note="n",
            reminder=reminder or None, step=UNACKNOWLEDGED_STEP if reminder else None,
        )
        for number in numbers
    ]  # fmt: skip
    store.write(lambda connection: enqueue(connection, rows))


def claimed(store: Store, at: timedelta = timedelta()) -> tuple[Delivery, Begun] | None:
    """The next page with its tries, as a worker claims it."""
    begun = list[Begun]()

    def begin(connection: Connection, delivery: Delivery) -> None:
        begun.append(begin_try(connection, delivery, PHONE, NOW + at))

    delivery = Outbox(store).claim(NOW + at, "worker", part=QueuePart.PAGES, also=begin)
    return (delivery, begun[0]) if delivery else None


def ended(store: Store, begun: Begun, at: timedelta, answer: PageAnswer = ACCEPTED) -> None:
    def unit(connection: Connection) -> None:
        for each in begun if not isinstance(begun, HeldBack) else ():
            end_try(connection, each, answer, NOW + at)

    store.write(unit)


def numbers(begun: Begun) -> list[int]:
    assert not isinstance(begun, HeldBack)
    return [each.delivery.number or 0 for each in begun]


def test_a_page_takes_along_what_waits_for_its_person_at_its_address(store: Store) -> None:
    enqueued(store, 1, 2, 3)
    enqueued(store, 4, user=LINA)

    first = claimed(store)
    at_once = claimed(store, 2 * SECOND)

    assert first
    assert numbers(first[1]) == [1, 2, 3]
    assert at_once
    assert at_once[0].user == LINA  # the number is hers too, and has to wait
    assert isinstance(at_once[1], HeldBack)
    assert at_once[1].reason == WAITS_FOR_LIMIT


def test_what_another_page_tells_of_waits_for_its_end_or_for_the_lease(store: Store) -> None:
    enqueued(store, 1, 2)
    first = claimed(store)
    assert first

    during = claimed(store, 30 * SECOND)
    after_a_crash = claimed(store, LEASE + 2 * SECOND)

    assert during is None
    assert after_a_crash
    assert after_a_crash[0].doubtful
    states = store.read(lambda c: c.execute(select(OUTBOX.c.number, OUTBOX.c.doubtful)).all())
    assert {row.number: row.doubtful for row in states} == {1: True, 2: True}


def test_one_call_counts_as_one_use_however_many_cases_it_tells_of(store: Store) -> None:
    enqueued(store, 1, 2, 3, 4, 5, 6)
    first = claimed(store)
    assert first
    ended(store, first[1], SECOND)
    enqueued(store, 7, 8)

    senders = store.read(lambda c: c.scalars(select(PAGE_TRY.c.sender).where(PAGE_TRY.c.sender != "")).all())
    second = claimed(store, MINUTE + 2 * SECOND)

    assert list(senders) == [PHONE.sender_id]
    assert second


def test_a_repeat_leaves_calls_free_and_rings_together_with_what_is_new(store: Store) -> None:
    enqueued(store, 1)
    first = claimed(store)
    assert first
    ended(store, first[1], SECOND)
    store.write(lambda c: c.execute(OUTBOX.update().values(state="sent")))
    enqueued(store, 1, reminder="r1")

    alone = claimed(store, MINUTE + 2 * SECOND)
    enqueued(store, 2)
    with_new = claimed(store, MINUTE + 4 * SECOND)

    assert alone
    assert isinstance(alone[1], HeldBack)
    assert alone[1].reason == KEPT_FREE
    assert with_new
    assert numbers(with_new[1])[0] == 2  # what is new comes first


@pytest.mark.parametrize("about", [subjects.GAP, subjects.SHIFT, subjects.HANDOVER])
def test_what_is_about_no_case_leaves_the_last_two_calls_of_an_hour_to_new_cases(store: Store, about: str) -> None:
    rung, kept = list[timedelta](), set[str]()
    for minute in range(58):
        enqueued(store, minute, about=about)
        found = claimed(store, minute * MINUTE)
        if found and isinstance(found[1], HeldBack):
            kept.add(found[1].reason)
        elif found:
            rung.append(minute * MINUTE)
            ended(store, found[1], minute * MINUTE)
        store.write(lambda c: c.execute(OUTBOX.update().values(state="sent")))
    enqueued(store, 100)
    new_case = claimed(store, 58 * MINUTE)

    assert len(rung) == 3
    assert kept == {KEPT_FOR_CASES}
    assert new_case
    assert numbers(new_case[1]) == [100]


def test_two_workers_tell_of_each_case_once(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        enqueued(one, *range(1, 9))

        found = together([lambda: claimed(one), lambda: claimed(other)] * 2)

        told = [number for each in found if each and not isinstance(each[1], HeldBack) for number in numbers(each[1])]
        tries = one.read(lambda c: c.scalars(select(PAGE_TRY.c.subject)).all())
        assert sorted(told) == list(range(1, 9))
        assert len(tries) == 8
