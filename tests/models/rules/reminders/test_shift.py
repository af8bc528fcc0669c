"""The steps of a shift nobody confirmed: it begins gently with its person, however late it became theirs."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.handover import HandoverFacts
from models.rules.reminders.handover import find_steps as find_handover_steps
from models.rules.reminders.shift import ShiftFacts, find_steps
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.rota.on_call import Slot

A = Audience
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAME = ShiftName(Slot("primary"), START, "王伟")
HANDOVER = HandoverName(Slot("primary"), START, "李娜", "王伟")
LONG_AGO = START - timedelta(days=30)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIRST_HOUR = ("asked", "10min", "backup", "leads", "open0", "open1", "open2")


def steps(facts: ShiftFacts) -> list[tuple[str, float, set[Audience]]]:
    """The first steps of the sequence: name, minutes from the start of the shift, audience."""
    owed = find_steps(facts, facts.name.start + 10 * HOUR).steps
    return [(one.name, (one.due_at - START) / MINUTE, set(one.to)) for one in owed if one.name in FIRST_HOUR]


def shift(since: datetime, **more: object) -> ShiftFacts:
    return ShiftFacts(NAME, START + 12 * HOUR, "U0WANG", (60, 10), since, **more)  # type: ignore[arg-type]


def test_who_knew_in_time_is_reminded_and_then_the_backup_the_leads_and_the_channel_are_called() -> None:
    assert steps(shift(LONG_AGO)) == [
        ("10min", -10, {A.PERSON}),
        ("backup", -10, {A.PERSON, A.BACKUP}),
        ("leads", -5, {A.PERSON, A.BACKUP, A.LEADS}),
        ("open0", 0, {A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL}),
        ("open1", 15, {A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL}),
        ("open2", 30, {A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL, A.EVERYONE}),
    ]


@pytest.mark.parametrize("late", [-9, -1, 0, 5, 300])
def test_who_comes_into_it_at_short_notice_is_asked_alone_first_and_the_rest_follows_as_slowly(late: int) -> None:
    found = steps(shift(START + late * MINUTE))

    assert [(name, at - late) for name, at, _ in found] == [
        ("asked", 0), ("backup", 10), ("leads", 15), ("open0", 20), ("open1", 35), ("open2", 50),
    ]  # fmt: skip
    assert found[0][2] == {A.PERSON}
    assert all(earlier[2] <= later[2] for earlier, later in pairwise(found))


def test_what_is_confirmed_is_not_asked_again_but_said_once_unless_its_person_wished_otherwise() -> None:
    def ahead(**more: object) -> list[str]:
        facts = shift(LONG_AGO, confirmed_at=START - 48 * HOUR, **more)
        return [step.name for step in find_steps(facts, START).steps if step.what is MessageKind.SHIFT]

    assert ahead() == ["10min"]
    assert ahead(chosen=True) == ["60min", "10min"]
    assert [name for name, *_ in steps(shift(LONG_AGO))][:1] == ["10min"]


def test_in_a_handover_others_are_called_up_to_the_change_only() -> None:
    assert [name for name, *_ in steps(shift(LONG_AGO, handed=True))] == ["10min", "backup", "leads"]


def test_a_confirmation_redraws_what_asked_for_it_and_calls_nobody() -> None:
    def told(at: datetime) -> list[MessageKind]:
        owed = find_steps(shift(LONG_AGO, confirmed_at=at), START + HOUR).steps
        return [one.what for one in owed if one.step == "confirmed"]

    assert told(START - 30 * HOUR) == [MessageKind.REMINDER_REFRESH]
    assert told(START + 3 * MINUTE) == [MessageKind.REMINDER_REFRESH]


def handover(since: datetime, *, unheard: bool = False) -> list[tuple[str, float, bool, bool]]:
    facts = HandoverFacts(HANDOVER, START + 12 * HOUR, "U0LINA", "U0WANG", since, ("U0LINA",), unheard)
    owed = find_handover_steps(facts, START + 70 * MINUTE).steps
    return [(one.name, (one.due_at - START) / MINUTE, A.LEADS in one.to, A.EVERYONE in one.to) for one in owed]


def test_a_handover_widens_sooner_while_the_incoming_person_has_said_nothing() -> None:
    heard, unheard = handover(LONG_AGO), handover(LONG_AGO, unheard=True)

    assert [name for name, _, leads, _ in heard if leads] == ["open3", "open4", "open5", "open6"]
    assert next(name for name, _, leads, _ in unheard if leads) == "open1"
    assert [name for name, *_, everyone in heard if everyone] == ["open6"]
    assert next(name for name, *_, everyone in unheard if everyone) == "open3"


def test_a_handover_at_short_notice_is_waited_for_as_long_as_any_other() -> None:
    assert [(name, at) for name, at, *_ in handover(START + 30 * MINUTE)][:3] == [
        ("card", 30), ("open1", 55), ("open2", 65),
    ]  # fmt: skip
