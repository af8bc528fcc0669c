"""The size of a database after a year of a hundred times today's traffic, and what deleting old rows costs meanwhile.

A simulated team writes about 10,400 messages and 930 keys a year; here it is 20,000 and 5,000, and 2,000 pages by
other ways than Slack with 3,000 tries and 1,500 links.
"""

import time
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, text

from bot.workers.retention import PRUNES
from models.outbox import retention
from models.outbox.messages import message
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.link import LIFETIME, hash_of
from models.store.database import Store
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import INBOX, OUTBOX
from tests.bench import databases
from tests.bench.measurement import Figure, Workshop, at_most, p99, told
from tests.models.samples import CHANNEL, NOW

TIMES, DAYS, KEPT = 100, 365, 90
MESSAGES, KEYS = 20_000, 5_000
PAGES, TRIES, LINKS = 2_000, 3_000, 1_500
"""Of a team, in a year."""
SHARE = 10
"""One in so many rows is written, and sizes are multiplied."""
KINDS = (
    MessageKind.REFRESH, MessageKind.LINE, MessageKind.REMINDER, MessageKind.REMINDER_REFRESH, MessageKind.LINE,
    MessageKind.CALL, MessageKind.CALL_REFRESH, MessageKind.SHIFT, MessageKind.TOPIC, MessageKind.CARD,
)  # fmt: skip
CHUNK = 5_000


def measure(workshop: Workshop) -> list[Figure]:
    """On SQLite, whose file is easily measured."""
    store = Store(databases.sqlite(workshop.folder, "retention"), timeout=10)
    try:
        workshop.say(f"{TIMES * MESSAGES // SHARE:,} messages of a year")
        _write(store)
        before = _megabytes(store)
        workshop.say("deleting what is old")
        took = _prune(store)
        after = _megabytes(store)
    finally:
        store.dispose()
    return [
        at_most(
            f"outbox, keys, tries and links of a year at {TIMES} × today's traffic, {KEPT} days kept",
            600,
            after * SHARE,
            "MB",
        ),
        told("the same, everything kept", before * SHARE, "MB"),
        at_most(f"a step of {retention.STEP:,} positions, processor time, p99", 50, p99(took), "ms"),
    ]


def _write(store: Store) -> None:
    count = TIMES * MESSAGES // SHARE
    for begin in range(0, count, CHUNK):
        rows = [_row(n, count) for n in range(begin, begin + CHUNK)]
        store.write(lambda c, rows=rows: c.execute(insert(OUTBOX), rows))  # type: ignore[misc]
    keys = TIMES * KEYS // SHARE
    rows = [
        {"key": f"T0TEAM:{uuid4()}", "number": n, "seq": 1, "at": NOW - timedelta(days=DAYS * (1 - n / keys))}
        for n in range(keys)
    ]
    store.write(lambda c: c.execute(insert(INBOX), rows))
    _write_pages(store)


def _write_pages(store: Store) -> None:
    """Pages of cases, each of whom some people are told again and again, with their tries and links."""
    pages, tries, links = (TIMES * each // SHARE for each in (PAGES, TRIES, LINKS))
    rows = [_page_row(n, pages) for n in range(pages)]
    store.write(lambda c: c.execute(insert(OUTBOX), rows))
    tried = [_try_row(rows[n % pages], n) for n in range(tries)]
    store.write(lambda c: c.execute(insert(PAGE_TRY), tried))
    linked = [_link_row(rows[n]) for n in range(links)]
    store.write(lambda c: c.execute(insert(PAGE_LINK), linked))


def _page_row(n: int, count: int) -> dict[str, object]:
    at, number = NOW - timedelta(days=DAYS * (1 - n / count)), n // 8 + 1
    about = {"number": number, "subject": f"escalation:{number}", "channel": _name(n % 40), "lane": f"{n % 40}"}
    sent = {"user": f"U0{n % 4}", "state": DeliveryState.SENT, "settled_at": at}
    return message(MessageKind.PAGE, f"reach:{n}", at, **about, **sent)


def _try_row(page: dict[str, object], n: int) -> dict[str, object]:
    return {
        "delivery": page["id"], "person": page["user"], "subject": page["subject"], "address": page["channel"],
        "sender": _name(n % 50), "channel": "hook", "tried_at": page["settled_at"], "again": False,
        "outcome": "refused" if n % 5 == 0 else "delivered", "code": "http_500" if n % 5 == 0 else "",
    }  # fmt: skip


def _link_row(page: dict[str, object]) -> dict[str, object]:
    at = page["settled_at"]
    assert isinstance(at, datetime)
    return {
        "hash": hash_of(str(page["id"])), "delivery": page["id"], "person": page["user"], "team_id": "T0TEAM",
        "action": "acknowledge", "subject": str(page["number"]), "state": "0", "created_at": at,
        "expires_at": at + LIFETIME, "wrong": 0,
    }  # fmt: skip


def _name(n: int) -> str:
    """Return something as long as the hash of an address."""
    return f"{n:016x}"


def _row(n: int, count: int) -> dict[str, object]:
    at, what = NOW - timedelta(days=DAYS * (1 - n / count)), KINDS[n % len(KINDS)]
    number = n // 20 + 1
    about = {"number": number, "subject": f"escalation:{number}", "channel": CHANNEL, "lane": f"CSP-{number}"}
    sent = {
        "state": DeliveryState.SENT, "settled_at": at, "slack_channel": CHANNEL, "slack_ts": f"{at.timestamp():.6f}",
        "slack_thread": f"{at.timestamp():.6f}", "first_tried_at": at, "owner": "4711-1a2b3c4d-1",
    }  # fmt: skip
    return message(what, f"{what}:{number}:{n}", at, **about, **sent)


def _prune(store: Store) -> list[float]:
    before, took = NOW - timedelta(days=KEPT), []
    for prune in PRUNES.values():
        reached, is_last = 0, False
        while not is_last:
            began = time.process_time()
            step = store.write(lambda c, prune=prune, after=reached: prune(c, before, after))  # type: ignore[misc]
            took.append(1000 * (time.process_time() - began))
            reached, is_last = step.reached, step.is_last
    return took


def _megabytes(store: Store) -> float:
    """The size of the file without its free pages."""

    def read(name: str) -> int:
        return store.read(lambda connection: int(connection.scalar(text(f"PRAGMA {name}")) or 0))

    return (read("page_count") - read("freelist_count")) * read("page_size") / 1e6
