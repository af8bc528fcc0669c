"""What is read by whoever is called to acknowledge, and what others read of who was called."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.elements import elements
from handlers import ids
from handlers.blocks import call
from handlers.blocks.call import CalledCase, CallState
from handlers.i18n.words import Words
from handlers.notifications.message import Message
from models.escalations.commands import EscalationCommands
from models.outbox.queue import Outbox
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind, Severity
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.people import Actor
from models.rules.policy import reader
from models.store.database import Store
from tests.handlers import block_limits, escalation_samples
from tests.handlers.harness import PEOPLE, SETTINGS
from tests.handlers.rendering import render, render_context_on

EMMA = Actor("U0EMMA", escalation_samples.TEAM)
ENGLISH = replace(SETTINGS, language="en", oncall_usergroup="S0ONCALL")
NEXT = "Unless somebody acknowledges within 3 min,"
ON_CALL = OnCallPeople((EMMA.id,), ("U0LINA",), ("U0LINA",), "C0ONCALL")


class Worker:
    """Draws and settles all that is owed; Slack takes everything."""

    def __init__(self, store: Store, duty: OnCallPeople = ON_CALL) -> None:
        self.store, self.outbox, self.settings, self.duty = store, Outbox(store), ENGLISH, duty
        self.commands = EscalationCommands(store, on_duty=lambda _: self.duty)
        self.commands.remember(*((person, escalation_samples.NOW) for person in PEOPLE.values()))
        self.now = escalation_samples.NOW

    def raised(self, n: int = 1, **answers: object) -> None:
        request = escalation_samples.request(RequestKind.CUSTOMER, "Mail bounces", **answers)
        self.commands.raise_escalation(request, escalation_samples.CHANNEL, escalation_samples.WANG, self.now, f"v{n}")

    def move(self, move: Move, by: Actor = EMMA, number: int = 1, **more: str) -> None:
        step = MoveRequest(move, by, self.now, text="Because", **more)  # type: ignore[arg-type]
        self.commands.move(number, step, f"{move}-{number}-{self.now}")

    def sent(self, *what: MessageKind) -> list[tuple[Delivery, Message]]:
        return [entry for entry in self._sent() if not what or entry[0].what in what]

    def _sent(self) -> Iterator[tuple[Delivery, Message]]:
        for _ in range(100):
            self.now += timedelta(seconds=2)
            delivery = self.outbox.claim(self.now, "w")
            if delivery is None:
                if not any(self.outbox.counts().values()):
                    return
                continue
            message = render(delivery, render_context_on(self.store, self.settings, self.now, lambda _: self.duty))
            assert message is None or isinstance(message, Message)
            place = (message.channel or f"D{message.user}") if message else None
            verdict = SendResult.SENT if message else SendResult.SUPERSEDED
            self.outbox.settle(delivery, SendOutcome(verdict, place, f"{delivery.position}.000001"), self.now)
            if message:
                block_limits.message(message.blocks, message.text)
                yield delivery, message


@pytest.fixture
def worker(store: Store) -> Worker:
    return Worker(store)


def buttons(message: Message) -> list[str]:
    return [str(element["value"]) for _, element in elements(message.blocks)]


def test_a_call_says_what_from_whom_how_severe_by_when_and_offers_to_acknowledge(worker: Worker) -> None:
    worker.raised()

    ((delivery, message),) = worker.sent(MessageKind.CALL)

    said = block_limits.read(message.blocks)
    assert delivery.user == message.user == EMMA.id
    for part in (
        "王伟 Wang Wei raised *CSP-1*",
        "You are on call",
        "acknowledge it by",
        "Mail bounces",
        "A (critical)",
    ):
        assert part in said
    assert buttons(message) == ['{"n": 1, "v": 1}']
    assert "07:33" in message.text  # Emma lives in London; notifications show the text only
    assert "CSP-1" in message.text


def test_once_the_card_is_there_the_call_leads_to_it(worker: Worker) -> None:
    worker.raised()

    ((_, redrawn),) = worker.sent(MessageKind.CALL_REFRESH)

    assert "https://csp.slack.com/archives/C0ESCAL/p" in block_limits.read(redrawn.blocks) + str(redrawn.blocks)
    assert redrawn.update_ts


def test_a_call_stays_in_its_readers_language_when_it_is_drawn_anew(worker: Worker) -> None:
    worker.settings = replace(ENGLISH, language="both")
    worker.duty = replace(ON_CALL, on_call=("U0LINA",))
    worker.raised()

    said = [block_limits.read(message.blocks) for _, message in worker.sent(MessageKind.CALL, MessageKind.CALL_REFRESH)]

    assert len(said) == 2
    for entry in said:
        assert "王伟 Wang Wei 发起了" in entry
        assert "raised" not in entry


def test_who_acknowledged_meanwhile_is_not_asked(worker: Worker) -> None:
    worker.raised()
    worker.move(Move.ACKNOWLEDGE)

    assert worker.sent(MessageKind.CALL, MessageKind.CALL_REFRESH) == []


def test_a_call_says_who_acknowledged_and_has_no_button_then(worker: Worker) -> None:
    worker.raised()
    worker.sent()
    worker.move(Move.ACKNOWLEDGE, escalation_samples.LI)

    ((_, redrawn),) = worker.sent(MessageKind.CALL_REFRESH)

    assert "Acknowledged by 李娜 Li Na" in block_limits.read(redrawn.blocks)
    assert buttons(redrawn) == []


def test_a_call_for_many_cases_lists_twenty_with_their_buttons_and_counts_the_rest(worker: Worker) -> None:
    for n in range(1, 31):
        worker.raised(n)

    ((_, message),) = worker.sent(MessageKind.CALL)

    said = block_limits.read(message.blocks)
    assert "30 escalations are waiting for acknowledgement" in said
    assert len(buttons(message)) == 20
    assert "… and 10 more" in said


def test_of_many_cases_those_that_ask_for_something_come_first(worker: Worker) -> None:
    for n in range(1, 4):
        worker.raised(n)
    worker.sent()
    worker.move(Move.ACKNOWLEDGE, number=1)

    (*_, (_, redrawn)) = worker.sent(MessageKind.CALL_REFRESH)

    assert buttons(redrawn) == ['{"n": 2, "v": 1}', '{"n": 3, "v": 1}']
    assert "2 escalations are waiting" in block_limits.read(redrawn.blocks)
    assert "Acknowledged by Emma" in block_limits.read(redrawn.blocks)


def test_the_next_owner_reads_who_handed_it_over(worker: Worker) -> None:
    worker.raised()
    worker.sent()
    worker.duty = replace(ON_CALL, on_call=())
    worker.move(Move.HAND_OVER, escalation_samples.LI, new_owner=EMMA.id)

    ((_, message),) = worker.sent(MessageKind.CALL)

    assert "李娜 Li Na reassigned" in block_limits.read(message.blocks)
    assert "to you." in block_limits.read(message.blocks)


def test_when_nobody_is_on_call_the_channel_reads_so_and_calls_the_leads(store: Store) -> None:
    worker = Worker(store, replace(ON_CALL, on_call=(), backup=()))
    worker.raised()

    lead, channel = (message for _, message in worker.sent(MessageKind.CALL))

    assert "目前无人值班" in block_limits.read(lead.blocks)
    assert "Nobody is on call" in block_limits.read(channel.blocks)
    assert block_limits.message(channel.blocks, channel.text).pings == ["<@U0LINA>"]
    assert buttons(channel) == ['{"n": 1, "v": 1}']


def test_the_card_of_severity_a_mentions_the_on_call_group_until_it_is_acknowledged(worker: Worker) -> None:
    worker.raised()
    card = next(message for _, message in worker.sent(MessageKind.CARD))
    assert set(block_limits.message(card.blocks, card.text).pings) == {"<!subteam^S0ONCALL>"}

    worker.move(Move.ACKNOWLEDGE)
    redrawn = next(message for _, message in worker.sent(MessageKind.REFRESH))
    assert "<!subteam^S0ONCALL>" not in block_limits.message(redrawn.blocks, redrawn.text).pings


def test_without_a_group_the_card_mentions_who_was_called(worker: Worker) -> None:
    worker.settings = replace(ENGLISH, oncall_usergroup=None)
    worker.raised()

    card = next(message for _, message in worker.sent(MessageKind.CARD))

    assert set(block_limits.message(card.blocks, card.text).pings) == {"<@U0EMMA>"}


def test_other_cards_mention_nobody(worker: Worker) -> None:
    request = escalation_samples.request(RequestKind.CUSTOMER, "Mail bounces").model_copy(
        update={"severity": Severity.B}
    )
    worker.commands.raise_escalation(request, escalation_samples.CHANNEL, escalation_samples.WANG, worker.now, "b")

    card = next(message for _, message in worker.sent(MessageKind.CARD))

    assert block_limits.message(card.blocks, card.text).pings == []


def test_the_receipt_and_the_first_line_say_who_was_called_and_when_the_backup_is(worker: Worker) -> None:
    worker.raised()
    said = {delivery.what: message for delivery, message in worker.sent()}

    for what, sentence in (
        (MessageKind.RECEIPT, "已呼叫 Emma"),
        (
            MessageKind.LINE,
            f"Emma <Clarke> has been called. {NEXT} the backup is called: 李娜 Li Na.",
        ),
    ):
        assert sentence in block_limits.read(said[what].blocks)
    assert block_limits.message(said[MessageKind.LINE].blocks, said[MessageKind.LINE].text).pings == []


def test_once_it_is_acknowledged_the_first_line_promises_no_backup(worker: Worker) -> None:
    worker.raised()
    worker.move(Move.ACKNOWLEDGE)

    line = next(message for delivery, message in worker.sent(MessageKind.LINE) if delivery.seq == 1)

    assert "backup" not in block_limits.read(line.blocks)


@pytest.mark.parametrize(
    ("duty", "sentence"),
    [
        (replace(ON_CALL, backup=()), "Emma <Clarke> has been called. " f"{NEXT} the leads are called: 李娜 Li Na."),
        (replace(ON_CALL, backup=(), leads=()), "Emma <Clarke> has been called."),
        (
            replace(ON_CALL, on_call=("U0EMMA", "U0NEW"), names={"U0NEW": "陈静"}),
            "Emma <Clarke>, 陈静 have been called. " f"{NEXT} the backup is called: 李娜 Li Na.",
        ),
        (
            replace(ON_CALL, on_call=(), backup=()),
            "Nobody is on call. 李娜 Li Na and the on-call channel have been called.",
        ),
        (OnCallPeople(channel="C0ONCALL"), "Nobody is on call. The on-call channel has been called."),
        (OnCallPeople(on_call=("U0WANG",)), ""),
    ],
)  # fmt: skip
def test_the_line_names_who_was_called(store: Store, duty: OnCallPeople, sentence: str) -> None:
    worker = Worker(store, duty)
    worker.raised()

    line = next(message for _, message in worker.sent(MessageKind.LINE))

    assert sentence in block_limits.read(line.blocks)
    assert ("📟" in block_limits.read(line.blocks)) == bool(sentence)


@pytest.mark.parametrize(("language", "says"), [("en", "A newer reminder is below: "), ("zh_CN", "最新提醒见下方：")])
def test_a_call_that_a_reminder_repeats_is_folded_as_reminders_are(language: str, says: str) -> None:
    case, words = next(escalation_samples.life(RequestKind.CUSTOMER))[0], Words.of(language)
    folded = CalledCase(case, Move.RAISE, state=CallState.REMINDED)

    (block,) = call.blocks([folded], "", words, reader.load_packaged(), escalation_samples.NOW)

    assert block["text"]["text"] == f"⤵️ {says}*{case.name}* · {case.title}"


def test_the_button_of_a_call_is_the_cards(worker: Worker) -> None:
    worker.raised()

    ((_, message),) = worker.sent(MessageKind.CALL)

    assert [element["action_id"] for _, element in elements(message.blocks)] == [ids.move_button(Move.ACKNOWLEDGE)]
