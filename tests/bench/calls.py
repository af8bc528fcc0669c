"""From a raise until whoever is on call has the message: one case after another, and 200 raised at the same moment."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from models.oncall.rota_versions import import_rota
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.tables import ESCALATION, OUTBOX
from tests.bench import databases
from tests.bench.load_harness import LocalSlack, ours, raise_one
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, p99, percentile, told
from tests.bench.submissions import CROWD, LATENCY, filled

ONE_BY_ONE = 20
ON_CALL = "U0WANG"
RAISER = "U0EMMA"
ROTA = f"""
zone = "Asia/Shanghai"
[[member]]
name = "Wang"
slack = "{ON_CALL}"
role = "admin_agent"
[[layer]]
name = "all"
seat = "primary"
members = ["Wang"]
starts = 2026-01-01
turn_hours = 24
"""


def measure(workshop: Workshop) -> list[Figure]:
    """Slack limits what it takes as it really does; each call to it takes a tenth of a second."""
    singly, _ = _raised(workshop, crowd=0)
    together, messages = _raised(workshop, crowd=CROWD)
    note = f"from the ack of the raise, which is its commit; each Web API call takes {LATENCY} s"
    return [
        told("raised one by one: p50 until the message of who is on call", percentile(singly, 0.5), "s", note=note),
        at_most("raised one by one: p99", 1, p99(singly), "s"),
        at_most(f"{CROWD} raised at once: p99", 1, p99(together), "s"),
        told(f"{CROWD} raised at once: slowest", max(together), "s"),
        told(f"{CROWD} raised at once: messages that list them", messages, "messages"),
    ]


def _raised(workshop: Workshop, crowd: int) -> tuple[list[float], int]:
    """The seconds of each case, and in how many messages they were told."""
    folder = workshop.folder / f"crowd-{crowd}"
    url = databases.sqlite(folder, "csp")
    store = Store(url)
    import_rota(store, ROTA, "cli", datetime.now(UTC) - timedelta(days=1))
    slack = LocalSlack(folder)
    app = ours(slack, folder, url)
    with closing_all(app, slack):
        workshop.say(f"{crowd} raised at once" if crowd else f"{ONE_BY_ONE} raised one by one")
        acked = _together(slack, crowd) if crowd else _one_by_one(slack)
        called = slack.driver.wait_for(lambda: _called(store, len(acked)), 60, "the calls")
    store.dispose()
    return [called[raised] - at for raised, at in acked.items()], len(set(called.values()))


def _together(slack: LocalSlack, crowd: int) -> Mapping[str, float]:
    """When each of them was told that theirs is recorded, by the title of what they raised."""
    people = slack.crowd(crowd)
    acts = filled(slack, people)
    slack.driver.settings(rate_scale=1, latency=LATENCY)
    answers = slack.together(acts)
    return {
        user: answer["began"] + answer["ms"] / 1000
        for user, answer in zip(people, answers, strict=True)
        if answer["ok"]
    }


def _one_by_one(slack: LocalSlack) -> Mapping[str, float]:
    slack.driver.settings(rate_scale=1, latency=LATENCY)
    acked = {}
    for number in range(ONE_BY_ONE):
        raise_one(slack, RAISER, f"{number} 账单")
        acked[str(number)] = time.time()
        time.sleep(1.0)
    return acked


def _called(store: Store, cases: int) -> dict[str, float]:
    """When the message about each case was there, by the first word of its title, once all are."""
    query = (
        select(ESCALATION.c.title, OUTBOX.c.slack_ts)
        .join(OUTBOX, OUTBOX.c.number == ESCALATION.c.number)
        .where(OUTBOX.c.what == MessageKind.CALL, OUTBOX.c.slack_ts.is_not(None))
    )
    rows = store.read(lambda c: c.execute(query).all())
    return {title.split(" ")[0]: float(ts) for title, ts in rows} if len(rows) >= cases else {}
