"""Nothing lost and nothing twice: killed anywhere, by several bots at once, by jumping clocks, through downtime."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.reminders.engine import ROTA, ReminderEngine
from models.rules.rota.on_call import ShiftEventKind
from models.rules.rota.overrides import OverrideKind
from models.store import reminder_queue
from models.store.database import Store
from models.store.oncall_tables import AGENDA, DOWNTIME, GAP, REMINDER, ROTA_CHANGE
from models.store.tables import OUTBOX
from tests.models.concurrent_writers import PATIENCE
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, REMINDER_SETTINGS, Duty, hasty
from tests.models.samples import NOW, raised

NIGHT = BOBS + 4 * DAY
MOMENTS = (NOW, NOW + HOUR, NIGHT - 71 * HOUR, NIGHT - 4 * HOUR, NIGHT, NIGHT + 15 * MINUTE, NIGHT + 40 * MINUTE)


class Killed(BaseException):
    """What kill -9 looks like from inside: nobody catches it."""


@pytest.fixture
def busy(duty: Duty) -> Duty:
    """A duty with a gap ahead, an escalation nobody takes, and a handover with one press."""
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    return duty


def keys(store: Store) -> tuple[set[str], set[str]]:
    """The reminders and the messages there are; each exactly once."""
    reminders = store.read(lambda c: c.scalars(select(REMINDER.c.key)).all())
    messages = store.read(lambda c: c.scalars(select(OUTBOX.c.dedupe_key)).all())
    assert max(Counter(messages).values(), default=1) == 1
    return set(reminders), set(messages)


def killed_at(store: Store, n: int, engine: ReminderEngine, now: datetime) -> bool:
    """Tick, and kill it before its n-th statement; False when it had fewer."""
    count = 0

    def die(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == n:
            raise Killed

    event.listen(store.engine, "before_cursor_execute", die)
    try:
        engine.tick(now)
    except Killed:
        return True
    finally:
        event.remove(store.engine, "before_cursor_execute", die)
    return False


def test_a_tick_killed_before_any_of_its_statements_leaves_all_or_nothing(busy: Duty) -> None:
    """Each message has its reminder and each reminder its message, wherever the tick ended; the next one goes on."""
    for now in MOMENTS:
        n = 1
        while killed_at(busy.store, n, busy.replica(), now):
            _, messages = keys(busy.store)
            spoken = {f"gap:1/{step}" for step, *_, into in busy.made("gap:1") if not into and step != "found"}
            assert spoken <= messages
            n += 1
        assert n > 5

    steps = {step.partition("@")[0] for step, *_ in busy.made("gap:1")}
    assert {"found", "72h", "24h", "4h", "30min", "open0", "open1", "open2"} == steps


def test_three_bots_that_tick_at_once_make_what_one_would(url: str, busy: Duty) -> None:
    stores = [hasty(Store(url, PATIENCE)) for _ in range(3)]
    engines = [ReminderEngine(store, SnapshotCache(store, RotaStore(store)), REMINDER_SETTINGS) for store in stores]
    with ThreadPoolExecutor(3) as pool:
        for now in MOMENTS:
            list(pool.map(lambda engine: engine.tick(now), engines))  # noqa: B023  # finished before now moves on
    for store in stores:
        store.dispose()

    assert busy.engine.tick(MOMENTS[-1]).reminders == 0
    assert [one for one in busy.said("gap:1") if one.key == "gap:1/card"] != []
    assert busy.said("gap:2") == []
    keys(busy.store)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_schedule_each_step_is_made_once(busy: Duty, seed: int) -> None:
    """Ticks at random, out of order, by bots that come and go; in the end everything owed was made, and only that."""
    rng = random.Random(seed)
    for now in _schedule(rng):
        engine = busy.engine if rng.random() < 0.7 else busy.replica()
        engine.tick(now)
    busy.replica().tick(NIGHT + 2 * HOUR)

    steps = [step.partition("@")[0] for step, *_ in busy.made("gap:1")]
    expected = ["found", "72h", "24h", "4h", "30min", *(f"open{n}" for n in range(9))]
    assert sorted(steps) == sorted(expected)
    keys(busy.store)


def _schedule(rng: random.Random) -> Iterator[datetime]:
    """From now to the gap: pauses of minutes or of half a day, and clocks an hour off in between."""
    now = NOW
    while now < NIGHT + 2 * HOUR:
        yield now
        if rng.random() < 0.2:
            yield now - rng.choice([HOUR, 10 * MINUTE])
        now += rng.choice([5 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR]) if now < NIGHT - HOUR else 20 * MINUTE


def test_a_clock_that_jumped_ahead_and_came_back_says_nothing_twice(busy: Duty) -> None:
    busy.tick(NOW)
    busy.tick(NOW + HOUR)
    before = keys(busy.store)

    for minute in range(0, 60, 10):
        busy.tick(NOW + minute * MINUTE)

    reminders, _ = keys(busy.store)
    assert {key for key in reminders - before[0] if key.startswith("gap")} == set()


def test_six_hours_without_a_bot_are_one_reminder_that_names_them(busy: Duty) -> None:
    busy.ticks(NIGHT - 5 * HOUR, NIGHT - 4 * HOUR - MINUTE)
    down = NIGHT + 2 * HOUR

    busy.replica().tick(down)

    merged = [step.partition("@")[0] for step, _, made, into in busy.made("gap:1") if made == down and into]
    spoken = [step.partition("@")[0] for step, _, made, into in busy.made("gap:1") if made == down and not into]
    assert merged == ["4h", "30min", *(f"open{n}" for n in range(8))]
    assert spoken == ["open8"]
    assert busy.store.read(lambda c: c.execute(select(DOWNTIME.c.end)).scalars().all())[-1] == down


def test_a_clock_step_while_the_bot_ran_is_no_downtime(busy: Duty) -> None:
    busy.engine.tick(NOW)
    busy.engine.tick(NOW + HOUR, ran=timedelta(seconds=5))

    assert busy.store.read(lambda c: c.execute(select(DOWNTIME)).all()) == []


def test_bad_rows_are_told_and_stop_nobody_elses_reminders(busy: Duty) -> None:
    busy.tick(NOW)
    raised(busy.commands, at=NOW)

    def spoil(connection: Any) -> None:
        now = {"start": NOW, "end": NOW + HOUR}
        change = {"key": "x", "batch": "x", "at": NOW, "by": "U", "kind": "bogus", "member": "", "seat": "", **now}
        connection.execute(insert(ROTA_CHANGE), [{**change, "instead_of": "", "why": ""}])
        gap = {"number": 99, "seat": "primary", "reason": "bogus", "who": [], "what": [], "found_at": NOW, **now}
        connection.execute(insert(GAP), [{**gap, "ended_how": "", "ended_by": "", "version": 1}])
        reminder_queue.put(connection, {"gap:99": NOW, "gap:x": NOW})

    busy.store.write(spoil)
    ticked = busy.engine.tick(NIGHT - 70 * HOUR)

    assert {"rota_change:2", "gap:99", "gap:x"} <= set(ticked.failed)
    assert "72h" in {step.partition("@")[0] for step, *_ in busy.made("gap:1")}
    assert busy.made("escalation:1") != []


def test_what_could_not_be_understood_is_looked_at_again_later(busy: Duty) -> None:
    busy.tick(NOW)
    busy.store.write(lambda c: reminder_queue.put(c, {"shift:not one": NOW}))

    first = busy.engine.tick(NOW + MINUTE).failed
    second = busy.engine.tick(NOW + 2 * MINUTE).failed
    third = busy.engine.tick(NOW + 7 * MINUTE).failed

    assert (list(first), list(second), list(third)) == (["shift:not one"], [], ["shift:not one"])
    assert ROTA not in first


def test_a_moved_escalation_is_looked_at_again_at_once(busy: Duty) -> None:
    busy.tick(NOW)
    case = raised(busy.commands, at=NOW)

    due = busy.store.read(
        lambda c: c.scalar(select(AGENDA.c.due_at).where(AGENDA.c.subject == f"escalation:{case.number}"))
    )

    assert due == NOW


def test_two_hundred_that_are_due_at_once_are_all_told_in_one_tick(busy: Duty) -> None:
    for n in range(200):
        raised(busy.commands, key=f"view-{n}", at=NOW)
    busy.tick(NOW)
    due = NOW + 15 * MINUTE

    ticked = busy.tick(due)

    assert ticked.reminders >= 200
    assert len({one.subject for one in busy.said("escalation:") if one.at == due}) == 200


def test_a_change_that_only_cancels_is_no_gap_closer(busy: Duty) -> None:
    busy.changed(OverrideKind.OVERRIDE, NIGHT, NIGHT + DAY, NOW, member="dan", seat="primary")

    busy.tick(NOW)

    assert busy.said("gap:") == []
