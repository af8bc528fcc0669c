"""Records of an older database that a customer was informed: each counts, and can be marked as a mistake once."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.customers import informing
from models.rules.errors import NotSaved
from tests.models.concurrent_writers import opened
from tests.models.store.test_migrations import NOW, upgrade_to
from tests.models.store.test_ways import written

OLDER = text(
    "INSERT INTO statement_sent (customer_id, statement, at, through, by, evidence)"
    " VALUES ('C1-1', 0, :at, 'email', 'Emma', 'mail-7')"
)


def test_older_records_count_until_they_are_marked_as_mistakes_and_keep_their_guard(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0044")
        store.write(lambda connection: connection.execute(OLDER, {"at": written(store)}))

        assert store.upgrade()

        (record,) = store.read(lambda connection: informing.find_counting(connection, "C1-1"))
        assert (record.through, record.evidence, record.at) == ("email", "mail-7", NOW)
        marked = [
            store.write(lambda connection: informing.add_mistake(connection, record, "Li", "wrong line", NOW))
            for _ in range(2)
        ]
        assert marked == [True, False]
        assert store.read(lambda connection: informing.find_counting(connection, "C1-1")) == []
        assert len(store.read(informing.find_all_sent)) == 2
        with pytest.raises((DBAPIError, NotSaved)):
            store.write(lambda connection: connection.execute(text("UPDATE statement_sent SET corrects = NULL")))
