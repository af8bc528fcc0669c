"""Whoever is on call is called in the transaction of the raise, hand-over or reopening; nobody is called twice."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.sandbox.pacing import BURST
from models.escalations.commands import EscalationCommands, SentForm
from models.escalations.queries import EscalationQueries
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.outbox.queue import Outbox
from models.reminders.on_call import OnCallLookup
from models.reminders.settings import ReminderSettings
from models.rules.escalations.escalation import Escalation, Move
from models.rules.outbox.delivery import LEASE, DeliveryState, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.pace import interval
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Actor, Person
from models.rules.policy.reminders import parse_reminder_times
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.reminders.conftest import MINUTE, REMINDER_SETTINGS, Duty
from tests.models.samples import CHANNEL, LI, NOW, TEAM, WANG, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

BOB, CID, LINA = "U0BOB", "U0CID", "U0LINA"
SECOND = timedelta(seconds=1)


def _with_times(text: str) -> ReminderSettings:
    """The settings of the team with other reminder times."""
    return replace(
        REMINDER_SETTINGS, policy=replace(REMINDER_SETTINGS.policy, reminder_times=parse_reminder_times(text))
    )


def commands_of(duty: Duty, services: ReminderSettings = REMINDER_SETTINGS) -> EscalationCommands:
    return EscalationCommands(
        duty.store, on_duty=OnCallLookup(SnapshotCache(duty.store, RotaStore(duty.store)), services).at
    )


def raised(
    commands: EscalationCommands,
    by: Actor = WANG,
    severity: str = "B",
    key: str = "view-1",
    take: bool = False,
) -> Escalation:
    return commands.raise_escalation(
        customer_request(severity=severity, answers={"impact": "Nobody can work"}),
        CHANNEL,
        by,
        NOW,
        key,
        SentForm(take=take),
    )


def called(duty: Duty) -> list[str]:
    return [one.to for one in duty.said(what={MessageKind.CALL})]


def reminded(duty: Duty, at: datetime) -> set[str]:
    """Who gets a reminder of the case by direct message at an instant."""
    before = len(duty.said("escalation:", {MessageKind.REMINDER}))
    duty.tick(at)
    return {one.to for one in duty.said("escalation:", {MessageKind.REMINDER})[before:]} - {CHANNEL, "C0ONCALL"}


@pytest.mark.parametrize("severity", ["A", "B", "C"])
def test_whoever_is_on_call_is_called_with_the_raise(duty: Duty, severity: str) -> None:
    duty.rota()

    raised(commands_of(duty), severity=severity)

    assert called(duty) == [BOB]
    assert EscalationQueries(duty.store).call_targets(1, 1).people == (BOB,)


def test_the_installation_chooses_who_is_called_at_once(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty, _with_times('[call]\nC = "nobody"\n'))

    raised(commands, severity="C")
    assert called(duty) == []

    raised(commands, severity="B", key="view-2")
    assert called(duty) == [BOB]


def test_who_raises_a_case_and_is_on_call_is_not_called(duty: Duty) -> None:
    duty.rota()

    raised(commands_of(duty), Actor(BOB, TEAM))

    assert called(duty) == []
    assert reminded(duty, NOW + 15 * MINUTE) == {BOB, CID}


def test_who_takes_it_at_the_raise_has_acknowledged_it_in_the_same_transaction(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty)

    case = raised(commands, Actor(BOB, TEAM), take=True)

    assert (case.owner, case.status, case.version) == (BOB, "acknowledged", 2)
    assert [entry.move for entry in EscalationQueries(duty.store).history(1)] == [Move.RAISE, Move.ACKNOWLEDGE]
    assert called(duty) == []
    assert raised(commands, Actor(BOB, TEAM), take=True) == case  # the same submission again


def test_when_nobody_is_on_call_backup_leads_and_the_channel_are_called(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NOW - MINUTE, NOW + 60 * MINUTE, at=NOW - MINUTE)

    raised(commands_of(duty))

    assert called(duty) == [CID, LINA, "C0ONCALL"]


def test_without_a_rota_leads_and_the_channel_are_called(duty: Duty) -> None:
    raised(commands_of(duty))

    assert called(duty) == [LINA, "C0ONCALL"]


def test_a_rota_that_cannot_be_understood_keeps_no_case_from_being_raised(duty: Duty) -> None:
    duty.rota()
    broken = "UPDATE rota_plan SET text = 'zone = \"Nowhere/Nothing\"'"
    if duty.store.is_sqlite:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rota_plan'"
        names = duty.store.read(lambda c: list(c.scalars(text(triggers))))
        duty.store.write(lambda c: [c.execute(text(f"DROP TRIGGER {name}")) for name in names])
    else:
        broken = f"ALTER TABLE rota_plan DISABLE TRIGGER ALL; {broken}"
    duty.store.write(lambda c: c.execute(text(broken)))

    assert raised(commands_of(duty)).number == 1
    assert called(duty) == [LINA, "C0ONCALL"]


def test_a_case_that_is_handed_over_calls_its_owner_first_and_not_who_did_it(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty)
    raised(commands, take=True)

    commands.move(1, step(Move.HAND_OVER, WANG, NOW + SECOND, new_owner="U0DAN"), "hand-1")
    assert called(duty) == ["U0DAN", BOB]

    commands.move(1, step(Move.HAND_OVER, LI, NOW + 2 * SECOND, new_owner=LINA), "hand-2")
    assert called(duty) == ["U0DAN", BOB, BOB]


def test_a_case_that_is_reopened_calls_its_owner_and_who_is_on_call(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty)
    raised(commands, take=True)
    commands.move(1, step(Move.RESOLVE, WANG, NOW + SECOND), "resolve")

    commands.move(1, step(Move.REOPEN, LI, NOW + 2 * SECOND), "reopen")

    assert called(duty) == [WANG.id, BOB]


def test_an_owner_who_left_is_not_called(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty)
    raised(commands, take=True)
    commands.move(1, step(Move.RESOLVE, WANG, NOW + SECOND), "resolve")
    commands.remember((Person(id=WANG.id, team_id=TEAM, name="Wang", is_deleted=True), NOW))

    commands.move(1, step(Move.REOPEN, LI, NOW + 2 * SECOND), "reopen")

    assert called(duty) == [BOB]


def test_who_takes_over_a_shift_is_not_called_for_its_cases(duty: Duty) -> None:
    duty.rota()
    commands = commands_of(duty)
    raised(commands, Actor(BOB, TEAM), take=True)

    commands.move(1, step(Move.TAKE_OVER, LI, NOW + SECOND, new_owner="U0ANN"), "change of shift")

    assert called(duty) == []


def test_after_the_time_to_acknowledge_the_backup_is_called_and_nobody_a_second_time(duty: Duty) -> None:
    duty.rota()
    raised(commands_of(duty), severity="A")

    assert reminded(duty, NOW + 2 * MINUTE) == set()
    assert reminded(duty, NOW + 3 * MINUTE) == {CID}
    assert reminded(duty, NOW + 8 * MINUTE) == {BOB, CID, LINA}


def test_without_a_backup_the_leads_are_called_next(duty: Duty) -> None:
    only = DAILY_TURNS_WITH_BACKUP[: DAILY_TURNS_WITH_BACKUP.rindex("[[layer]]")].replace(
        '[[seat]]\nname = "backup"\n', ""
    )
    duty.rota(only)
    raised(commands_of(duty), severity="A")

    assert reminded(duty, NOW + 3 * MINUTE) == {LINA}


def test_who_came_on_since_was_not_called_and_is_reminded(duty: Duty) -> None:
    duty.rota()
    raised(commands_of(duty), severity="A")
    duty.stand("dan", NOW + MINUTE, NOW + 60 * MINUTE, at=NOW + MINUTE)
    duty.leave("bob", NOW + MINUTE, NOW + 60 * MINUTE, at=NOW + MINUTE)

    assert reminded(duty, NOW + 3 * MINUTE) >= {"U0DAN", CID}


def test_without_time_to_acknowledge_the_backup_is_called_at_once(duty: Duty) -> None:
    duty.rota()
    services = _with_times('[acknowledge]\nA = "0 min"\n')
    duty.engine = duty.replica(services)
    raised(commands_of(duty, services), severity="A")

    assert called(duty) == [BOB, CID]
    assert reminded(duty, NOW) == set()
    assert reminded(duty, NOW + 5 * MINUTE) == {BOB, CID, LINA}


# One message for all that waits -----------------------------------------------------------------------------------


def calls_of(store: Store) -> list[tuple[str, str | None]]:
    """State and message of each call, oldest first."""
    query = (
        select(OUTBOX.c.state, OUTBOX.c.slack_ts).where(OUTBOX.c.what == MessageKind.CALL).order_by(OUTBOX.c.position)
    )
    return [(row.state, row.slack_ts) for row in store.read(lambda c: c.execute(query).all())]


def storm(duty: Duty, cases: int) -> Outbox:
    duty.rota()
    commands = commands_of(duty)
    for n in range(cases):
        raised(commands, key=f"view-{n}")
    return Outbox(duty.store)


def test_a_call_goes_before_everything_else_and_lists_all_who_wait(duty: Duty) -> None:
    outbox = storm(duty, 30)

    delivery = outbox.claim(NOW, "w")

    assert delivery
    assert (delivery.what, delivery.user) == (MessageKind.CALL, BOB)
    listed = EscalationQueries(duty.store).call_message(delivery.id)
    assert listed
    assert [call.case.number for call in listed.calls] == list(range(1, 31))


def test_who_sends_only_calls_is_given_nothing_else(duty: Duty) -> None:
    outbox = storm(duty, 1)
    assert outbox.next_due(part=QueuePart.CALLS) == NOW

    delivery = outbox.claim(NOW, "w", part=QueuePart.CALLS)
    assert delivery
    outbox.settle(delivery, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW)

    assert delivery.what is MessageKind.CALL
    assert outbox.claim(NOW, "w", part=QueuePart.CALLS) is None
    assert outbox.next_due(part=QueuePart.CALLS) is None
    assert outbox.claim(NOW, "w")


def test_each_case_of_a_message_is_kept_as_called_with_it(duty: Duty) -> None:
    outbox = storm(duty, 30)
    delivery = outbox.claim(NOW, "w")
    assert delivery

    outbox.settle(delivery, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW)

    assert calls_of(duty.store) == [(DeliveryState.SENT, "7.0001")] * 30


def test_what_slack_did_not_take_is_listed_again_with_what_came_since(duty: Duty) -> None:
    outbox = storm(duty, 2)
    delivery = outbox.claim(NOW, "w")
    assert delivery
    raised(commands_of(duty), key="later")
    outbox.settle(delivery, SendOutcome(SendResult.NOT_ACCEPTED, error="ratelimited", retry_after=1), NOW)

    again = outbox.claim(NOW + SECOND, "w")

    assert again
    assert again.id == delivery.id
    listed = EscalationQueries(duty.store).call_message(again.id)
    assert listed
    assert [call.case.number for call in listed.calls] == [1, 2, 3]


def test_what_may_be_seen_already_lists_no_more_than_it_did(duty: Duty) -> None:
    outbox = storm(duty, 2)
    delivery = outbox.claim(NOW, "w")
    assert delivery
    raised(commands_of(duty), key="later")
    outbox.settle(delivery, SendOutcome(SendResult.UNKNOWN, error="timeout"), NOW)

    again = outbox.claim(NOW + 60 * SECOND, "w")
    while again and again.what is not MessageKind.CALL:
        outbox.settle(again, SendOutcome(SendResult.SENT, "C1", f"{again.position}.1"), NOW + 60 * SECOND)
        again = outbox.claim(NOW + 60 * SECOND, "w")
    assert again
    outbox.settle(again, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW + 60 * SECOND)

    assert calls_of(duty.store) == [
        (DeliveryState.SENT, "7.0001"),
        (DeliveryState.SENT, "7.0001"),
        (DeliveryState.PENDING, None),
    ]


def test_calls_listed_in_a_message_that_was_sent_late_are_kept_as_called_with_it(duty: Duty) -> None:
    outbox = storm(duty, 3)
    slow, lease_over = outbox.claim(NOW, "slow"), NOW + LEASE + SECOND
    second = outbox.claim(lease_over, "second", part=QueuePart.CALLS)
    assert slow
    assert second
    outbox.settle(second, SendOutcome(SendResult.SUPERSEDED), lease_over)
    assert calls_of(duty.store) == [(DeliveryState.SUPERSEDED, None)] * 3

    assert outbox.settle(slow, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), lease_over)

    assert calls_of(duty.store) == [(DeliveryState.SENT, "7.0001")] * 3


def test_calls_wait_for_no_other_message_to_the_same_person(duty: Duty) -> None:
    outbox = storm(duty, 1)
    first = outbox.claim(NOW, "w")
    assert first
    outbox.settle(first, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW)
    raised(commands_of(duty), key="later")

    # Slack takes short bursts: the next call need not wait a whole second.
    assert [d.what for d in [outbox.claim(NOW + interval("call:U0BOB"), "w")] if d] == [MessageKind.CALL]


def test_calls_keep_within_the_burst_that_slack_takes_for_three_seconds() -> None:
    tokens, every = BURST, interval("call:U0BOB").total_seconds()
    for _ in range(int(3 / every) + 1):
        assert tokens >= 1
        tokens = min(BURST, tokens - 1 + every)


def test_a_call_is_drawn_anew_once_when_the_case_was_acknowledged(duty: Duty) -> None:
    outbox = storm(duty, 2)
    delivery = outbox.claim(NOW, "w")
    assert delivery
    outbox.settle(delivery, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW)
    commands = commands_of(duty)

    for n in (1, 2):
        commands.move(n, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), NOW + SECOND), f"ack-{n}")

    anew = duty.said(what={MessageKind.CALL_REFRESH})
    assert len(anew) == 1  # one redrawing of one message serves both
    commands.move(1, step(Move.NOTE, WANG, NOW + 2 * SECOND), "note")
    assert len(duty.said(what={MessageKind.CALL_REFRESH})) == 1


def test_a_call_drawn_before_an_acknowledgement_is_not_sent_after_one_drawn_later(duty: Duty) -> None:
    outbox = storm(duty, 1)
    for ts in ("7.0001", "7.0002"):  # the call, then the card
        delivery = outbox.claim(NOW, "w")
        assert delivery
        outbox.settle(delivery, SendOutcome(SendResult.SENT, CHANNEL, ts), NOW)
    later = NOW + 2 * SECOND
    claimed = [delivery for _ in range(6) if (delivery := outbox.claim(later, "w"))]
    link = next(delivery for delivery in claimed if delivery.what is MessageKind.CALL_REFRESH)
    commands_of(duty).move(1, step(Move.ACKNOWLEDGE, Actor(BOB, TEAM), later), "ack")

    beside = [delivery.what for _ in range(6) if (delivery := outbox.claim(later + 2 * SECOND, "w"))]
    outbox.settle(link, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), later + 3 * SECOND)
    after = [delivery.what for _ in range(6) if (delivery := outbox.claim(later + 4 * SECOND, "w"))]

    assert MessageKind.CALL_REFRESH not in beside
    assert after.count(MessageKind.CALL_REFRESH) == 1


def test_a_reminder_that_was_sent_folds_the_call_before_it(duty: Duty) -> None:
    outbox = storm(duty, 1)
    delivery = outbox.claim(NOW, "w")
    assert delivery
    outbox.settle(delivery, SendOutcome(SendResult.SENT, "D0BOB", "7.0001"), NOW)

    reminded = NOW + 31 * MINUTE
    duty.ticks(NOW, reminded)
    assert duty.said(what={MessageKind.CALL_REFRESH}) == []

    for second in range(60):
        if newer := outbox.claim(reminded + second * SECOND, "w"):
            answer = SendOutcome(SendResult.SENT, newer.channel or "D0BOB", f"8.{newer.position:04}")
            outbox.settle(newer, answer, reminded + second * SECOND)
    assert [one.key.startswith(f"call/{delivery.id}") for one in duty.said(what={MessageKind.CALL_REFRESH})] == [True]
    listed = EscalationQueries(duty.store).call_message(delivery.id)
    assert listed
    assert [call.reminded for call in listed.calls] == [True]
