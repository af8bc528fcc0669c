"""Two bots on one PostgreSQL database: whatever reaches both of them happens once."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from models.rules.escalations.escalation import Status
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import another_bot, world
from tests.end_to_end.world import ESCALATIONS, PATIENCE, World
from tests.handlers import payloads
from tests.pgbouncer import pooled
from tests.postgres import Databases, end_all
from tests.slack_driver import ACK_SECONDS


@pytest.fixture(scope="module")
def two(postgresql: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with two bots, each with a connection of its own; Slack gives each delivery to one of them in turn."""
    folder: Path = tmp_path_factory.mktemp("two")
    with postgresql.migrated() as url, world(folder, url) as made, another_bot(made):
        made.slack.connected(2, timeout=PATIENCE)
        yield made


def test_the_same_submission_on_both_is_one_escalation(two: World) -> None:
    two.fill_one(two.emma)
    payload = payloads.submission("U0EMMA", "1.1", two.emma.modal)
    acks = two.slack.deliver("interactive", payload, times=4, together=True)
    assert [ack["payload"]["response_action"] for ack in acks] == ["update"] * 4
    assert two.queries.count_all() == 1
    audit(two)


def test_of_two_people_at_once_one_takes_it_and_the_other_is_told_who(two: World) -> None:
    number = two.raised()
    card = two.card(number)
    # Nothing is redrawn before both have pressed, however far apart they come.
    two.slack.fault("chat.update", "ratelimited", retry_after=60, times=-1)
    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(who.click, card, "card.acknowledge") for who in (two.emma, two.wang)]
        assert [click.result()["ok"] for click in clicks] == [True, True]
    told = two.until(two.slack.ephemerals, "what the second is told", stride=0)
    owner = two.escalation(number).owner
    assert {one["ephemeral_to"] for one in told} == {"U0EMMA", "U0WANG"} - {owner}
    assert f"<@{owner}>" in told[0]["text"]
    two.slack.clear_faults()
    audit(two, stride=8)


def test_submissions_through_both_get_numbers_without_a_hole(two: World) -> None:
    before = two.queries.count_all()
    two.fill_one(two.lina)
    template = payloads.submission("U0LINA", "1.1", two.lina.modal)

    def submit(n: int) -> bool:
        view = {**template["view"], "root_view_id": f"V{n}"}
        return bool(two.slack.deliver("interactive", {**template, "view": view})[0]["ok"])

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(submit, range(12)))
    numbers = [escalation.number for escalation, _ in two.queries.all_with_history()]
    assert numbers == list(range(1, before + 13))
    audit(two)


def test_one_that_was_stopped_for_longer_than_its_lease_says_nothing_twice_when_it_goes_on(two: World) -> None:
    number = two.raised()
    two.slack.fault("chat.postMessage", "hang", accepted=True, channel=ESCALATIONS)
    assert two.emma.click(two.card(number), "card.acknowledge")["ok"]
    held = two.until(lambda: _hanging(two), "a send that hangs", stride=0)
    stopped = int(held.owner.split("-")[0])
    os.kill(stopped, signal.SIGSTOP)
    try:
        two.expected |= {"not_acked", "late_ack"}
        two.slack.settings(ack_seconds=3)  # what the stopped one gets is not waited for
        two.slack.advance_clock(61)
        two.until(lambda: _is_sent(two, held.id) or None, "the other to have said it", stride=3)
    finally:
        os.kill(stopped, signal.SIGCONT)
        two.slack.settings(ack_seconds=ACK_SECONDS)
    audit(two, stride=3)


def _hanging(world: World) -> Row[Any] | None:
    """What is being sent by a bot that waits for Slack's answer."""
    planned = world.slack.state("faults")["faults"]
    return None if planned else next((row for row in _lines(world) if row.state == DeliveryState.SENDING), None)


def _lines(world: World) -> list[Row[Any]]:
    """The rows of threads: a card may be drawn by the other bot at the same time."""
    return [row for row in world.rows if row.what == MessageKind.LINE]


def _is_sent(world: World, id_: str) -> bool:
    return any(row.id == id_ and row.state == DeliveryState.SENT for row in world.rows)


def test_one_of_them_killed_the_other_goes_on_with_its_work(two: World) -> None:
    number = two.raised()
    two.slack.fault("chat.*", "hang", times=2, accepted=True)
    assert two.emma.click(two.card(number), "card.acknowledge")["ok"]
    two.until(lambda: two.escalation(number).status is Status.ACKNOWLEDGED or None, "the move", stride=0)
    two.kill()
    two.expected.add("not_acked")
    audit(two, stride=3)


def test_two_bots_behind_a_pooler_of_transactions_lose_nothing_when_one_is_killed(
    postgresql: Databases, tmp_path: Path
) -> None:
    with (
        postgresql.migrated() as direct, pooled(direct) as url, world(tmp_path, url) as made, another_bot(made),
    ):  # fmt: skip
        made.slack.connected(2, timeout=PATIENCE)
        number = made.raised()
        end_all(direct)  # as a restart of the server does
        made.slack.fault("chat.*", "hang", times=2, accepted=True)
        assert made.emma.click(made.card(number), "card.acknowledge")["ok"]
        made.until(lambda: made.escalation(number).status is Status.ACKNOWLEDGED or None, "the move", stride=0)
        made.kill()
        made.expected.add("not_acked")
        audit(made, stride=3)
        assert "through a pooler" in made.log
