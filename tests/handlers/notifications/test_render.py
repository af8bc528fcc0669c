"""What the outbox worker sends: drawn from current facts, valid in each language, private where it should be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.notifications.message import Message, NotReady
from handlers.notifications.render import RENDERERS
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands, SentForm
from models.escalations.queries import EscalationQueries
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind
from models.rules.escalations.transitions import list_moves
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import KINDS, MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.database import Store
from tests.handlers import block_limits, escalation_samples
from tests.handlers.harness import PEOPLE, SETTINGS
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.rendering import render, render_context_on

Sent = list[tuple[Delivery, Message]]


class Worker:
    """Claims, draws and settles as the running worker does; Slack takes everything."""

    def __init__(self, store: Store, settings: Settings = SETTINGS) -> None:
        self.outbox, self.queries, self.commands = (
            Outbox(store),
            EscalationQueries(store),
            EscalationCommands(store),
        )
        self.store, self.settings = store, settings
        self.now = escalation_samples.NOW
        self.commands.remember(*((person, escalation_samples.NOW) for person in PEOPLE.values()))

    def claimed(self) -> Iterator[Delivery]:
        """Everything that is owed, in the order it may be sent."""
        for _ in range(500):
            self.now += timedelta(seconds=2)
            if delivery := self.outbox.claim(self.now, "w"):
                yield delivery
            elif not any(self.outbox.counts().values()):
                return
        raise AssertionError("the outbox does not empty")

    def drawn(self, delivery: Delivery) -> Message | None:
        drawn = render(delivery, render_context_on(self.store, self.settings, self.now))
        assert drawn is None or isinstance(drawn, Message)
        return drawn

    def sent(self) -> Sent:
        """Send all that is owed."""
        messages: Sent = []
        for delivery in self.claimed():
            message = self.drawn(delivery)
            verdict = SendResult.SENT if message else SendResult.SUPERSEDED
            place = (message.channel or f"D{message.user}") if message else None
            self.outbox.settle(delivery, SendOutcome(verdict, place, f"{len(messages) + 1}.000001"), self.now)
            if message:
                messages.append((delivery, message))
        return messages

    def live(self, kind: RequestKind, text: str) -> int:
        """A whole life, with that text everywhere; the number."""
        raised = self.commands.raise_escalation(
            escalation_samples.request(kind, text), escalation_samples.CHANNEL, escalation_samples.WANG, self.now, "v"
        )
        for n, move in enumerate((*escalation_samples.PATH, Move.HAND_OVER)):
            escalation = self.queries.escalation(raised.number)
            assert escalation
            if move in list_moves(escalation):
                self.commands.move(raised.number, escalation_samples.step_of(move, text, self.now), f"k{n}")
        return raised.number


@pytest.fixture
def worker(store: Store) -> Worker:
    return Worker(store)


@pytest.mark.parametrize("language", ["en", "zh_CN", "both"])
@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize("text", ["broadcast", "long"])
def test_everything_that_a_life_owes_is_valid_and_rings_for_nobody_by_what_was_typed(
    store: Store, language: str, kind: RequestKind, text: str
) -> None:
    worker = Worker(store, replace(SETTINGS, language=language))
    worker.live(kind, TEXTS[text])
    sent = worker.sent()
    kinds = {
        MessageKind.CARD,
        MessageKind.REFRESH,
        MessageKind.LINE,
        MessageKind.RECEIPT,
        MessageKind.RECEIPT_REFRESH,
        MessageKind.CALL,
        MessageKind.CALL_REFRESH,
        MessageKind.CASE_PICTURE,
    }
    assert {delivery.what for delivery, _ in sent} == kinds
    for _, message in sent:
        report = block_limits.message(message.blocks, message.text)
        assert set(report.pings) <= {"<@U0EMMA>", "<@U0LINA>"}


def test_every_message_is_read_aloud_with_its_facts(worker: Worker) -> None:
    number = worker.live(RequestKind.CUSTOMER, "Mail bounces")
    sent = worker.sent()
    said = {delivery.what: message.text for delivery, message in sent if delivery.what is not MessageKind.LINE}
    lines = [message.text for delivery, message in sent if delivery.what is MessageKind.LINE]

    assert "B（" in said[MessageKind.CARD]
    assert f"CSP-{number}" in said[MessageKind.CARD]
    assert "Mail bounces" in said[MessageKind.RECEIPT]
    assert all(line.startswith(f"CSP-{number} · ") for line in lines)
    assert any("→ !Mail bounces" in line for line in lines), lines
    assert any(line.count("\n") > 3 for line in lines)  # the details of the first one


def test_the_receipt_and_the_word_to_the_next_owner_go_to_one_person(worker: Worker) -> None:
    worker.live(RequestKind.CUSTOMER, "Mail bounces")
    private = {delivery.what: message for delivery, message in worker.sent() if message.channel is None}
    assert {what: message.user for what, message in private.items()} == {
        MessageKind.RECEIPT: "U0WANG",
        MessageKind.CALL: "U0EMMA",
    }


def test_private_messages_speak_the_language_of_their_reader(worker: Worker) -> None:
    worker.live(RequestKind.CUSTOMER, "Mail bounces")
    said = {delivery.what: block_limits.read(message.blocks) for delivery, message in worker.sent()}
    assert "已提交给世纪互联" in said[MessageKind.RECEIPT]  # Wang reads Chinese
    assert "reassigned" in said[MessageKind.CALL]  # Emma reads English


def test_a_card_is_drawn_from_the_facts_of_the_moment_it_is_sent(worker: Worker) -> None:
    number = worker.live(RequestKind.CUSTOMER, "Mail bounces")
    card = next(message for delivery, message in worker.sent() if delivery.what is MessageKind.CARD)
    assert worker.queries.escalation(number).fix == "Mail bounces"  # type: ignore[union-attr]  # it is there
    assert "Mail bounces" in block_limits.read(card.blocks[1:2])


def test_many_quick_moves_are_one_redrawing(worker: Worker) -> None:
    raised = worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER),
        escalation_samples.CHANNEL,
        escalation_samples.WANG,
        worker.now,
        "v",
    )
    worker.sent()
    for n in range(10):
        step = MoveRequest(Move.NOTE, escalation_samples.LI, worker.now, text=f"Note {n}")
        worker.commands.move(raised.number, step, f"n{n}")
    sent = [delivery.what for delivery, _ in worker.sent()]
    assert sent.count(MessageKind.REFRESH) == 1
    assert sent.count(MessageKind.LINE) == 10


def test_a_lower_severity_is_told_to_the_owner_with_the_reason(worker: Worker) -> None:
    raised = worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER), escalation_samples.CHANNEL, escalation_samples.WANG,
        worker.now, "v",
    )  # fmt: skip
    for move, by in ((Move.ACKNOWLEDGE, escalation_samples.WANG), (Move.RECORD, escalation_samples.LI)):
        step = replace(escalation_samples.step_of(move, "6111", worker.now), by=by)
        worker.commands.move(raised.number, step, move)
    lines = [message for delivery, message in worker.sent() if delivery.what is MessageKind.LINE]

    assert "世纪互联核定为 B，我方申请的是 A" in block_limits.read(lines[-1].blocks)
    assert block_limits.message(lines[-1].blocks).pings == ["<@U0WANG>"]
    assert not any("核定为" in block_limits.read(line.blocks) for line in lines[:-1])


def test_the_receipt_of_a_quick_raise_gets_the_text_for_21vianet_once_all_answers_are_there(worker: Worker) -> None:
    whole = escalation_samples.request(RequestKind.CUSTOMER)
    quick = whole.model_copy(update={"details": ""})
    raised = worker.commands.raise_escalation(
        quick, escalation_samples.CHANNEL, escalation_samples.WANG, worker.now, "v", SentForm(quick=True)
    )
    receipts = [message for delivery, message in worker.sent() if delivery.what is MessageKind.RECEIPT]
    step = MoveRequest(Move.CORRECT, escalation_samples.WANG, worker.now, changes={"details": "All mail bounces"})
    worker.commands.move(raised.number, step, "c")
    redrawn = [message for delivery, message in worker.sent() if delivery.what is MessageKind.RECEIPT_REFRESH]

    assert ["复制" in block_limits.read(message.blocks) for message in (*receipts, *redrawn)] == [False, True]
    assert redrawn[0].update_ts


def test_a_line_waits_for_the_card_it_hangs_on(worker: Worker) -> None:
    worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER),
        escalation_samples.CHANNEL,
        escalation_samples.WANG,
        worker.now,
        "v",
    )
    card = next(delivery for delivery in worker.claimed() if delivery.what is MessageKind.CARD)
    with pytest.raises(NotReady):
        worker.drawn(replace(card, what=MessageKind.LINE))


def test_word_to_somebody_who_is_no_longer_the_owner_is_not_sent(worker: Worker) -> None:
    raised = worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER),
        escalation_samples.CHANNEL,
        escalation_samples.WANG,
        worker.now,
        "v",
    )
    for n, to in enumerate(("U0EMMA", "U0WANG")):
        worker.commands.move(
            raised.number, MoveRequest(Move.HAND_OVER, escalation_samples.LI, worker.now, new_owner=to), f"h{n}"
        )
    handed = [message.user for delivery, message in worker.sent() if delivery.what is MessageKind.CALL]
    assert handed == ["U0WANG"]


def test_what_cannot_be_delivered_is_told_in_the_on_call_channel(worker: Worker) -> None:
    worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER),
        escalation_samples.CHANNEL,
        escalation_samples.WANG,
        worker.now,
        "v",
    )
    card = next(delivery for delivery in worker.claimed() if delivery.what is MessageKind.CARD)
    message = worker.drawn(replace(card, what=MessageKind.TROUBLE, note="C0X <!channel> is_archived"))
    assert message
    assert message.channel == "C0ONCALL"
    assert block_limits.message(message.blocks, message.text).pings == []
    assert "is_archived" in message.text


def test_every_kind_of_message_has_a_description_and_a_renderer() -> None:
    assert set(MessageKind) == set(KINDS) == set(RENDERERS) | {MessageKind.PAGE, MessageKind.WEBHOOK}


def test_an_id_nobody_has_is_told_in_plain_words(worker: Worker) -> None:
    worker.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER),
        escalation_samples.CHANNEL,
        escalation_samples.WANG,
        worker.now,
        "v",
    )
    card = next(delivery for delivery in worker.claimed() if delivery.what is MessageKind.CARD)
    message = worker.drawn(replace(card, what=MessageKind.TROUBLE, note="U0NOONE user_not_found"))

    assert message
    assert "Slack 中没有 `U0NOONE` 这个人" in message.text
    assert "doctor" not in message.text


def test_the_cards_of_duplicates_and_their_original_link_to_each_other(worker: Worker) -> None:
    for key in ("1", "2"):
        request = escalation_samples.request(RequestKind.CUSTOMER, "Mail bounces")
        worker.commands.raise_escalation(request, escalation_samples.CHANNEL, escalation_samples.WANG, worker.now, key)
    worker.sent()
    original = worker.queries.escalation(1)
    mark = MoveRequest(Move.DUPLICATE, escalation_samples.WANG, worker.now, original=original)
    worker.commands.move(2, mark, "mark")

    cards = {delivery.number: str(message.blocks) for delivery, message in worker.sent() if message.update_ts}

    places = {number: worker.queries.card_place(number) for number in (1, 2)}
    for number, other in ((1, 2), (2, 1)):
        place = places[other]
        assert place
        assert f"'url': 'https://csp.slack.com/archives/{place.channel}/p{place.ts.replace('.', '')}'" in cards[number]
        assert f"CSP-{other}" in cards[number]
