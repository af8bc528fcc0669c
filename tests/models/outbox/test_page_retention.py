"""Tries of pages go with their messages and links after their end; who was told of a case or a gap stays on record."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from models.outbox import page_retention, retention
from models.outbox.messages import message
from models.outbox.page_links import PageLinks
from models.outbox.pages import Pages
from models.outbox.retention import STEP
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.link import LIFETIME, LinkAction, LinkState, WantedLink
from models.store import reminder_queue
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import OUTBOX
from tests.models.samples import NOW, TEAM

OLD, YOUNG, BEFORE = NOW - timedelta(days=91), NOW - timedelta(days=89), NOW - timedelta(days=90)
SHIFT = 'shift:["2026-11-23T00:00:00+00:00", "primary", 1, "ann"]'


class Record:
    """A store with pages that were tried."""

    def __init__(self, store: Store) -> None:
        self.store, self._numbers = store, count(1)

    def page(self, subject: str, at: datetime = OLD, state: DeliveryState = DeliveryState.SENT) -> str:
        """Add one page; its id."""
        row = message(
            MessageKind.PAGE, f"page:{next(self._numbers)}", at, state=state, settled_at=at, lane="x", subject=subject
        )
        self.store.write(lambda c: c.execute(insert(OUTBOX), [row]))
        return str(row["id"])

    def tried(self, delivery: str, subject: str, at: datetime = OLD, **values: Any) -> int:
        """Add one try; its number."""
        row = {
            "delivery": delivery, "person": "U0BOB", "subject": subject, "address": "a", "sender": "s",
            "channel": Channel.HOOK, "tried_at": at, "again": False, "outcome": "delivered", "code": "", **values,
        }  # fmt: skip
        number: int = self.store.write(lambda c: c.scalars(insert(PAGE_TRY).returning(PAGE_TRY.c.id), [row]).one())
        return number

    def prune(self) -> int:
        """Delete old tries, as many as were counted; how many."""
        counted = self.store.read(lambda c: page_retention.count_old_tries(c, BEFORE))
        assert self.store.write(lambda c: page_retention.prune_tries(c, BEFORE, 0)).deleted == counted
        return counted

    def tries(self) -> list[int]:
        return list(self.store.read(lambda c: c.scalars(select(PAGE_TRY.c.id).order_by(PAGE_TRY.c.id)).all()))


@pytest.fixture
def record(store: Store) -> Record:
    return Record(store)


def test_a_try_goes_with_its_message(record: Record, store: Store) -> None:
    record.tried(record.page(SHIFT), SHIFT)
    record.tried("of a message that is gone", SHIFT)
    young = record.tried(record.page(SHIFT, YOUNG), SHIFT, YOUNG)
    set_aside = record.tried(record.page(SHIFT, state=DeliveryState.DEAD), SHIFT, outcome="refused")

    assert record.prune() == 2
    assert record.tries() == [young, set_aside]
    assert store.write(lambda c: retention.prune(c, BEFORE, 0)).deleted == 1


def test_tries_of_what_is_still_looked_at_stay(record: Record, store: Store) -> None:
    store.write(lambda c: reminder_queue.put(c, {"escalation:7": NOW}))
    kept = [record.tried(record.page("escalation:7"), "escalation:7", outcome="refused") for _ in range(2)]

    assert record.prune() == 0
    assert record.tries() == kept


@pytest.mark.parametrize("subject", ["escalation:7", "gap:3"])
def test_who_was_told_of_a_case_or_a_gap_stays_on_record_with_the_first_time(
    record: Record, store: Store, subject: str
) -> None:
    record.tried("a", subject, outcome="refused")
    first = record.tried("a", subject, OLD + timedelta(minutes=1))
    record.tried("b", subject, OLD + timedelta(minutes=5))
    by_other_way = record.tried("c", subject, channel=Channel.EMAIL, outcome="accepted")
    other_person = record.tried("d", subject, person="U0ANN")
    told = Pages(store).find_told(subject, OLD - timedelta(days=1))

    assert record.prune() == 2
    assert record.tries() == [first, by_other_way, other_person]
    assert Pages(store).find_told(subject, OLD - timedelta(days=1)) == told


def test_tries_are_looked_at_in_small_steps(record: Record, store: Store) -> None:
    record.tried("gone", SHIFT)
    (row,) = store.read(lambda c: c.execute(select(PAGE_TRY)).mappings().all())
    more = [{**row, "id": row["id"] + n} for n in range(1, 2 * STEP + 5)]
    store.write(lambda c: c.execute(insert(PAGE_TRY), more))

    steps = [store.write(lambda c, n=n: page_retention.prune_tries(c, BEFORE, n * STEP)) for n in range(3)]  # type: ignore[misc]

    assert [(step.deleted, step.is_last) for step in steps] == [(STEP, False), (STEP, False), (5, True)]


def test_links_go_once_they_ended_long_ago(store: Store) -> None:
    links = PageLinks(store, StoreEpoch(store))
    wanted = WantedLink("U0BOB", TEAM, LinkAction.ACKNOWLEDGE, "1")
    old, young = (links.make(wanted, "d", at - LIFETIME) for at in (OLD, YOUNG))
    used = links.make(wanted, "d", NOW)
    store.write(lambda c: c.execute(update(PAGE_LINK).where(PAGE_LINK.c.created_at == NOW).values(used_at=NOW)))

    counted = store.read(lambda c: page_retention.count_old_links(c, BEFORE))
    pruned = store.write(lambda c: page_retention.prune_links(c, BEFORE, 0))

    assert (counted, pruned.deleted, pruned.is_last) == (1, 1, True)
    states = [links.find(token, NOW)[0] for token in (old, young, used)]
    assert states == [LinkState.WRONG, LinkState.EXPIRED, LinkState.USED]
