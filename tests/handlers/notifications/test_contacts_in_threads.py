"""Contacts of customers reach a message only where the installation says so."""

from dataclasses import replace

import pytest

from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.handlers import block_limits, escalation_samples
from tests.handlers.harness import SETTINGS
from tests.handlers.notifications.test_render import Worker

LIST = "Company name,Contact,Phone,E-mail,WeCom\nContoso,赵敏 <!channel>,0512 5550,zhao@contoso.cn,zhaomin\n"
CONTACT = ("赵敏", "0512 5550", "zhao@contoso.cn", "zhaomin")


def shown(store: Store, *, in_threads: bool) -> dict[MessageKind, str]:
    """Everything that is sent for a case of the customer, by kind."""
    worker = Worker(store, replace(SETTINGS, contacts_in_threads=in_threads))
    import_customers(store, read_sheet(LIST.encode()).lines, worker.now)
    request = escalation_samples.request(RequestKind.CUSTOMER, "Mail is down")
    request = request.model_copy(update={"customer_name": "Contoso", "customer_id": "C1-1"})
    by = escalation_samples.WANG
    number = worker.commands.raise_escalation(request, escalation_samples.CHANNEL, by, worker.now, "v").number
    worker.commands.move(number, MoveRequest(Move.NOTE, by, worker.now, text="Called them"), "n")
    texts: dict[MessageKind, str] = {}
    for delivery, message in worker.sent():
        read = f"{block_limits.read(message.blocks)} {message.text}"
        texts[delivery.what] = texts.get(delivery.what, "") + read
    return texts


def test_by_default_no_message_has_a_contact(store: Store) -> None:
    texts = shown(store, in_threads=False)

    assert {MessageKind.CARD, MessageKind.LINE, MessageKind.RECEIPT} <= set(texts)
    assert [fact for fact in CONTACT if fact in "".join(texts.values())] == []


def test_with_the_setting_the_thread_has_them_and_nothing_else(store: Store) -> None:
    texts = shown(store, in_threads=True)

    thread = texts.pop(MessageKind.LINE)
    assert [fact for fact in CONTACT if fact not in thread] == []
    assert [fact for fact in CONTACT if fact in "".join(texts.values())] == []


@pytest.mark.parametrize("typed", ["<!channel>"])
def test_a_contact_mentions_nobody(store: Store, typed: str) -> None:
    assert typed in shown(store, in_threads=True)[MessageKind.LINE]
