"""After an erasure, Slack shows the card, the thread, the receipt and the calls without the erased texts."""

from dataclasses import replace

import pytest

from models.escalations import erasing
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.handlers import block_limits, escalation_samples
from tests.handlers.harness import SETTINGS
from tests.handlers.notifications.test_render import Worker
from tests.handlers.test_slack_limits import LANGUAGES

TYPED = "Zhao Lei rang 138 0013 8000"
KEPT = "Connector renewed"
SAYS = {"en": "Text erased", "zh_CN": "文本已删除", "both": "文本已删除 Text erased"}


@pytest.fixture
def worker(store: Store) -> Worker:
    return Worker(store)


def live(worker: Worker) -> int:
    """A case of Wang's with texts in every place, and a note of Li's."""
    request = escalation_samples.request(RequestKind.CUSTOMER, TYPED, incident_id="INC1")
    request = request.model_copy(update={"customer_name": "Contoso", "tenant_id": "", "domain": ""})
    by = escalation_samples.WANG
    number = worker.commands.raise_escalation(request, escalation_samples.CHANNEL, by, worker.now, "v").number
    worker.commands.move(number, MoveRequest(Move.NOTE, by, worker.now, text=TYPED), "n")
    worker.commands.move(number, MoveRequest(Move.NOTE, escalation_samples.LI, worker.now, text=KEPT), "o")
    return number


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_in_slack_is_redrawn_without_the_erased_texts(store: Store, language: str) -> None:
    worker = Worker(store, replace(SETTINGS, language=language))
    live(worker)
    before = worker.sent()
    assert any(TYPED in block_limits.read(message.blocks) for _, message in before)

    erasing.erase(store, ErasureRequest(user=escalation_samples.WANG.id), "cli", "left", worker.now)
    redrawn = worker.sent()

    kinds = [delivery.what for delivery, _ in redrawn]
    assert set(kinds) >= {MessageKind.REFRESH, MessageKind.LINE_REFRESH, MessageKind.RECEIPT_REFRESH}
    assert kinds.count(MessageKind.LINE_REFRESH) == 2
    assert all(message.update_ts for _, message in redrawn)
    shown = [f"{block_limits.read(message.blocks)} {message.text}" for _, message in redrawn]
    assert [text for text in shown if "Zhao" in text] == []
    lines = [block_limits.read(message.blocks) for d, message in redrawn if d.what is MessageKind.LINE_REFRESH]
    assert all(SAYS[language] in line for line in lines)
    if foreign := {"en": "已删除", "zh_CN": "erased"}.get(language):
        assert [text for text in shown if foreign in text] == []


def test_lines_of_others_stay_as_they_are(worker: Worker) -> None:
    live(worker)
    sent = {delivery.id: delivery for delivery, _ in worker.sent()}
    kept = next(d.id for d in sent.values() if d.what is MessageKind.LINE and d.seq == 3)

    erasing.erase(worker.store, ErasureRequest(user=escalation_samples.WANG.id), "cli", "left", worker.now)

    assert kept not in {delivery.redraws for delivery, _ in worker.sent()}
