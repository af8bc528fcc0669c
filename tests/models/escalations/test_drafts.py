"""Drafts in the store: the newest five of each person, for 14 days."""

from datetime import datetime, timedelta

from sqlalchemy import select

from models.escalations.draft_rows import DraftOwner, EscalationDrafts
from models.reminders.engine import record_tick
from models.rules.escalations.draft import Draft
from models.store.database import Store
from models.store.tables import DRAFT
from tests.models.samples import NOW

EMMA, WANG = DraftOwner("T0CSP", "U0EMMA"), DraftOwner("T0CSP", "U0WANG")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_the_tick_deletes_drafts_that_were_not_changed_for_14_days(store: Store) -> None:
    _save(store, EMMA, "old", NOW)
    _save(store, WANG, "changed since", NOW)
    _save(store, WANG, "changed since", NOW + 10 * DAY)

    _tick(store, NOW + 13 * DAY)
    assert _keys(store) == ["changed since", "old"]
    _tick(store, NOW + 14 * DAY)

    assert _keys(store) == ["changed since"]


def test_the_tick_looks_for_old_drafts_once_a_day(store: Store) -> None:
    _tick(store, NOW)
    _save(store, EMMA, "old", NOW - 15 * DAY)

    _tick(store, NOW + MINUTE)
    assert _keys(store) == ["old"]
    _tick(store, NOW + DAY)

    assert _keys(store) == []


def test_the_sixth_draft_of_a_person_replaces_their_oldest_and_nobody_elses(store: Store) -> None:
    _save(store, WANG, "of wang", NOW - DAY)
    for n in range(6):
        _save(store, EMMA, f"draft {n}", NOW + n * MINUTE)

    found = EscalationDrafts(store).find(EMMA, NOW + DAY)

    assert [draft.key for draft in found] == [f"draft {n}" for n in (5, 4, 3, 2, 1)]
    assert _keys(store) == [*(f"draft {n}" for n in range(1, 6)), "of wang"]


def _save(store: Store, owner: DraftOwner, key: str, at: datetime) -> None:
    EscalationDrafts(store).save(owner, Draft(key, "{}", at), "T0CSP:V0NONE")


def _tick(store: Store, at: datetime) -> None:
    store.write(lambda connection: record_tick(connection, at, None))


def _keys(store: Store) -> list[str]:
    return store.read(lambda connection: sorted(connection.execute(select(DRAFT.c.key)).scalars()))
