"""Four weeks of the example rota in which everybody is prompt: nobody is written to more than needed."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.elements import elements
from bot.simulation.world import example_rota
from handlers import ids
from handlers.notifications.message import Message
from models.oncall.snapshot import SnapshotCache
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor
from models.rules.reminders import subjects
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.store.database import Store
from tests.handlers.notifications.test_reminders import DutyWithOutbox
from tests.models.reminders.conftest import DAY, MINUTE, hasty
from tests.models.samples import NOW

PRESSES = {ids.ROTA_CONFIRM: ShiftEventKind.CONFIRM, ids.ROTA_HAND_OVER: ShiftEventKind.HAND_OVER,
           ids.ROTA_TAKE_OVER: ShiftEventKind.TAKE_OVER}  # fmt: skip
START = NOW.replace(hour=1, minute=0, second=0) - DAY  # a Saturday, 09:00 in Shanghai
WEEKS = timedelta(weeks=4)


class Prompt:
    """A team whose members press every button of theirs at once. Counts what they are sent."""

    def __init__(self, stage: DutyWithOutbox) -> None:
        self.stage, self.snapshots = stage, SnapshotCache(stage.store, stage.rota_store)
        self.per_shift: Counter[tuple[str, str, str, str]] = Counter()
        self.weekly: Counter[tuple[str, str]] = Counter()

    def read(self, delivery: Delivery, message: Message) -> None:
        """One direct message: count it, and press what it asks for."""
        user = str(delivery.user)
        if delivery.what is MessageKind.WEEK:
            self.weekly[user, delivery.reminder.key] += 1
        else:
            self.per_shift[(user, *self._shift(delivery, user))] += 1
        for _, element in elements(message.blocks):
            self._press(user, element)

    def _shift(self, delivery: Delivery, user: str) -> tuple[str, str, str]:
        """Which of their shifts it is about: where, which edge of it, and when that is."""
        subject = str(delivery.subject)
        if subject.startswith(subjects.SHIFT):
            name = subjects.shift_of(subject)
            return name.place.name, "begins", name.start.isoformat()
        handover = subjects.handover_of(subject)
        begins = self.snapshots.at(self.stage.now).user_of(handover.incoming) == user
        return handover.place.name, "begins" if begins else "ends", handover.at.isoformat()

    def _press(self, user: str, element: dict[str, Any]) -> None:
        snapshot, now = self.snapshots.at(self.stage.now), self.stage.now
        if element["action_id"] == ids.ROTA_CONFIRM_ALL:
            span = ids.interval_of(element["value"])
            mine = [shift for shift in snapshot.unconfirmed() if snapshot.user_of(shift.member) == user]
            shifts = [shift for shift in mine if span.start <= shift.start < span.end]
            made = [
                ShiftEvent(
                    0, now, user, ShiftEventKind.CONFIRM, Slot(shift.seat, shift.slot_number), shift.start, shift.member
                )
                for shift in shifts
            ]
        elif kind := PRESSES.get(element["action_id"]):
            value = ids.shift_of(element["value"])
            made = [ShiftEvent(0, now, user, kind, value.slot, value.start, value.person)]
        else:
            return
        self.stage.confirmations.record_all(made, Actor(user, "T0"), f"{user} {now} {element['value']}")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """This is about how much is said, which no database decides."""
    return sqlite_url


def test_four_quiet_weeks_cost_two_direct_messages_a_shift_and_one_a_week(store: Store) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota(example_rota(), START - 30 * DAY)
    team, at = Prompt(stage), START
    while at < START + WEEKS:
        stage.now = at
        following = stage.tick(at).next_due or at + DAY
        for delivery, said in stage.deliver():
            if isinstance(said, Message) and delivery.user and not said.update_ts:
                team.read(delivery, said)
        at = max(min(following, at + timedelta(hours=1)), at + MINUTE)

    settled = {key: n for key, n in team.per_shift.items() if key[3] >= (START + 9 * DAY).isoformat()}
    assert max(settled.values()) == 1, "one before it begins, one before it ends: together two"
    assert len({key[0] for key in settled}) == 8
    assert max(team.weekly.values()) == 1
