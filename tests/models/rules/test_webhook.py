"""What the answer of the webhook's receiver means for a move, and when the move is sent again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendResult
from models.rules.outbox.settlement import settle
from models.rules.webhook import ALOUD_AFTER, WebhookReply, find_outcome
from tests.models.samples import NOW

MOVE = Delivery(
    position=1, id="id", what=MessageKind.WEBHOOK, number=7, seq=2, user=None, channel=None, lane="webhook/CSP-7",
    scope="webhook", state=DeliveryState.PENDING, owner="w", generation=1, tries=0, looks=0, plain=False, note="",
    created_at=NOW, first_tried_at=NOW, doubtful=False,
)  # fmt: skip
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_means_taken(status: int) -> None:
    assert find_outcome(MOVE, WebhookReply(status), NOW).result is SendResult.SENT


@pytest.mark.parametrize("reply", [WebhookReply(500), WebhookReply(503), WebhookReply(429), WebhookReply(408)])
def test_while_the_receiver_is_away_all_moves_wait_longer_and_longer(reply: WebhookReply) -> None:
    waits = []
    for tries in range(9):
        settled = settle(replace(MOVE, tries=tries), find_outcome(MOVE, reply, NOW), NOW)
        waits.append((settled.due_at - NOW) / SECOND)
        assert (settled.state, settled.tries) == (DeliveryState.PENDING, tries + 1)
        assert (settled.pause_scope, settled.pause_until) == ("webhook", settled.due_at)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_no_answer_is_a_receiver_that_is_away_and_is_named() -> None:
    answer = find_outcome(MOVE, WebhookReply(trouble="timeout"), NOW)

    assert (answer.result, answer.error, answer.pauses_scope) == (SendResult.NOT_ACCEPTED, "timeout", True)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
def test_any_other_answer_refuses_the_move_and_holds_back_only_its_case(status: int) -> None:
    settled = settle(MOVE, find_outcome(MOVE, WebhookReply(status), NOW), NOW)

    assert (settled.state, settled.due_at, settled.pause_scope) == (DeliveryState.PENDING, NOW + SECOND, None)


@pytest.mark.parametrize(("asked", "waits"), [(0, 1), (20, 20), (9999, 300)])
def test_a_receiver_says_how_long_to_wait_within_limits(asked: float, waits: float) -> None:
    settled = settle(MOVE, find_outcome(MOVE, WebhookReply(503, retry_after=asked), NOW), NOW)

    assert (settled.due_at - NOW, settled.pause_scope) == (waits * SECOND, "webhook")


@pytest.mark.parametrize(("reply", "paused"), [(WebhookReply(503), "webhook"), (WebhookReply(422), None)])
def test_after_a_quarter_of_an_hour_it_is_said_aloud_and_goes_on_waiting(
    reply: WebhookReply, paused: str | None
) -> None:
    late = NOW + ALOUD_AFTER

    settled = settle(MOVE, find_outcome(MOVE, reply, late), late)

    assert (settled.state, settled.trouble) == (DeliveryState.PENDING, True)
    assert (settled.due_at - late, settled.pause_scope) == (timedelta(minutes=5), paused)
