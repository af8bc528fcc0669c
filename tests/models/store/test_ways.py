"""How presses and changes of the rota came: older rows came from Slack, and no row can be given another way later."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.oncall import override_rows, shift_event_rows
from models.rules.errors import NotSaved
from models.rules.times import EARLIEST
from models.store.database import Store
from tests.models.concurrent_writers import opened
from tests.models.store.test_migrations import NOW, upgrade_to

CHANGE = text(
    'INSERT INTO rota_change (key, batch, at, by, kind, start, "end", member, seat, instead_of, of, why)'
    " VALUES ('k/0', 'k', :at, 'U0BOB', 'stand', :at, :at, 'bob', 'primary', '', NULL, 'ill')"
)
PRESS = text(
    "INSERT INTO watch (key, at, by, kind, seat, place, shift_start, person, text)"
    " VALUES ('k', :at, 'U0BOB', 'confirm', 'primary', 1, :at, 'bob', '')"
)


def written(store: Store) -> str | object:
    """The instant as the database keeps it."""
    return NOW.strftime("%Y-%m-%d %H:%M:%S.%f") if store.dialect == "sqlite" else NOW


def test_older_presses_and_changes_came_from_slack_and_keep_their_guards(empty_url: str) -> None:
    with opened(empty_url) as store:
        upgrade_to(store, "0043")
        for row in (CHANGE, PRESS):
            store.write(lambda connection: connection.execute(row, {"at": written(store)}))  # noqa: B023

        assert store.upgrade()

        (change,) = store.read(lambda connection: override_rows.find_known(connection, NOW))
        (press,) = store.read(lambda connection: shift_event_rows.find_rows(connection, EARLIEST))
        event = shift_event_rows.event_from(press._mapping)
        assert (change.member, change.why, change.came_by) == ("bob", "ill", None)
        assert (event.person, event.at, event.came_by) == ("bob", NOW, "")
        for name in ("rota_change", "watch"):
            with pytest.raises((DBAPIError, NotSaved)):
                store.write(lambda c: c.execute(text(f"UPDATE {name} SET came_by = 'link'")))  # noqa: B023, S608
