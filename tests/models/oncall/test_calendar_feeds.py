"""Secret addresses: only their hash is kept, each opens one feed, and what was ended stays ended."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from models.oncall import calendar_feeds, rota_versions
from models.store.database import Store
from models.store.oncall_tables import FEED

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_secret_opens_its_feed_and_no_other(store: Store) -> None:
    team = calendar_feeds.open_feed(store, calendar_feeds.TEAM, "cli", NOW)
    hers = calendar_feeds.open_feed(store, "李娜", "U0LINA", NOW)

    assert [calendar_feeds.member_of(store, one) for one in (team, hers)] == [calendar_feeds.TEAM, "李娜"]
    assert [calendar_feeds.member_of(store, one) for one in ("", "x", hers[:-1], hers + "x", "x" * 10_000)] == [
        None
    ] * 5


def test_only_the_hash_of_a_secret_is_kept(store: Store) -> None:
    secret = calendar_feeds.open_feed(store, "李娜", "cli", NOW)

    kept = store.read(lambda connection: [tuple(row) for row in connection.execute(select(FEED))])
    assert secret not in repr(kept)
    assert len(secret) > 40
    assert calendar_feeds.member_of(store, kept[0][3]) is None


def test_an_ended_address_opens_nothing_and_a_new_one_does(store: Store) -> None:
    ended = [calendar_feeds.open_feed(store, "李娜", "cli", NOW) for _ in range(2)]
    other = calendar_feeds.open_feed(store, calendar_feeds.TEAM, "cli", NOW)

    assert calendar_feeds.revoke(store, "李娜", "cli", NOW) == 2
    assert calendar_feeds.revoke(store, "李娜", "cli", NOW) == 0
    new = calendar_feeds.open_feed(store, "李娜", "cli", NOW)

    assert [calendar_feeds.member_of(store, one) for one in (*ended, other, new)] == [
        None,
        None,
        calendar_feeds.TEAM,
        "李娜",
    ]


def test_the_rota_changed_when_its_newest_version_came(store: Store) -> None:
    assert calendar_feeds.changed_at(store, NOW) is None

    for days in (0, 1):
        rota_versions.import_rota(store, f'zone = "UTC" # {days}\n', "cli", NOW + days * DAY)

    assert [calendar_feeds.changed_at(store, NOW + days * DAY) for days in (0, 0.5, 2)] == [NOW, NOW, NOW + DAY]
