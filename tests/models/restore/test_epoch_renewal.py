"""A record that begins anew, on either database: a new epoch, no number twice, open cards anew, nothing said twice."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from models.escalations.commands import EscalationCommands
from models.outbox.messages import OutgoingMessage, enqueue_messages
from models.outbox.queue import Outbox
from models.restore import epoch_renewal
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.store import epoch
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.oncall_tables import GAP
from models.store.tables import OUTBOX
from tests.models.samples import NOW, raised, step

LATER = NOW + timedelta(days=3)


def with_gap(store: Store, number: int, *, over: bool = False) -> None:
    """A gap whose card was sent."""
    name = subjects.gap(number)
    row = {
        "number": number, "seat": f"seat {number}", "reason": "nobody", "start": NOW, "end": LATER, "found_at": NOW,
        "who": [], "what": [], "ended_at": NOW if over else None, "ended_how": "", "ended_by": "", "version": 1,
    }  # fmt: skip
    store.write(lambda c: c.execute(insert(GAP), row))
    store.write(
        lambda c: enqueue_messages(
            c, [OutgoingMessage(MessageKind.GAP, f"{name}/card", name, f"{name}/card", "C0ONCALL")], NOW
        )
    )


def all_sent(store: Store) -> None:
    store.write(lambda c: c.execute(update(OUTBOX).values(state=DeliveryState.SENT, slack_ts="1.1")))


def test_cards_of_what_is_open_are_drawn_anew_and_of_nothing_else(store: Store) -> None:
    commands = EscalationCommands(store)
    raised(commands, "open")
    raised(commands, "over")
    commands.move(2, step(Move.WITHDRAW, text="Solved"), "withdraw")
    with_gap(store, 1)
    with_gap(store, 2, over=True)
    all_sent(store)

    store.write(lambda c: epoch_renewal.renew(c, LATER))

    query = select(OUTBOX.c.what, OUTBOX.c.number, OUTBOX.c.subject).where(OUTBOX.c.state == DeliveryState.PENDING)
    found = {tuple(row) for row in store.read(lambda c: c.execute(query).all())}
    assert found == {(MessageKind.REFRESH, 1, None), (MessageKind.GAP_REFRESH, None, subjects.gap(1))}


def test_what_was_still_to_be_said_is_looked_for_first(store: Store) -> None:
    raised(EscalationCommands(store))

    store.write(lambda c: epoch_renewal.renew(c, LATER))
    taken = Outbox(store).claim(LATER, "worker")

    assert taken
    assert (taken.state, taken.must_look, taken.first_tried_at) == (DeliveryState.UNKNOWN, True, NOW)


def test_the_epoch_is_another_and_numbers_go_on_after_the_highest_known_anywhere(store: Store) -> None:
    commands, record = EscalationCommands(store), StoreEpoch(store)
    raised(commands)
    before = record.epoch

    store.write(lambda c: epoch.renew(c, last_number=7, last_gap=3))

    assert not record.is_ours(None)
    assert record.is_ours(StoreEpoch(store).epoch)
    assert record.epoch != before
    assert raised(commands, "next").number == 8
    store.write(lambda c: epoch.reserve_numbers(c, last_number=5))
    assert raised(commands, "after").number == 9


def test_only_a_message_that_is_not_recorded_renews_the_epoch(store: Store) -> None:
    raised(EscalationCommands(store))
    recorded = store.read(lambda c: list(c.scalars(select(OUTBOX.c.id))))

    is_older_before = store.write(lambda c: epoch_renewal.renew_if_older(c, LATER, recorded, 1))
    is_older_after = store.write(lambda c: epoch_renewal.renew_if_older(c, LATER, [*recorded, "not known"], 4))

    assert (is_older_before, is_older_after) == (False, True)
    assert raised(EscalationCommands(store), "next").number == 5
