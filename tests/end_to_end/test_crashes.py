"""The bot dies at the worst moments and is started again: nothing that was accepted is lost, nothing is said twice."""

import pytest

from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Status
from models.store.database import Store
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import ESCALATIONS, World


@pytest.fixture(autouse=True)
def alive(shared: World) -> None:
    """Each of these stories begins with a running bot and no faults."""
    shared.slack.clear_faults()
    if not shared.slack.state("bot")["bot"]["running"]:
        shared.start()


def test_killed_right_after_the_answer_it_says_everything_after_its_restart(shared: World) -> None:
    number = shared.queries.count_all() + 1
    assert shared.raise_one(shared.wang)["response_action"] == "update"
    shared.kill()
    assert shared.escalation(number).status is Status.OPEN
    shared.start()
    audit(shared)


@pytest.mark.parametrize("channel", [ESCALATIONS, "D0WANG"], ids=["card", "receipt"])
def test_killed_after_slack_took_a_message_and_before_the_bot_knew_it_is_not_said_again(
    shared: World, channel: str
) -> None:
    before = sum(shared.copies.values())
    shared.slack.fault("chat.postMessage", "hang", accepted=True, channel=channel)
    assert shared.raise_one(shared.wang)["ok"]
    shared.until(
        lambda: _is_hanging(shared) and sum(shared.copies.values()) > before, "the message to be taken", stride=0
    )
    shared.kill()
    shared.start()
    audit(shared)


def test_killed_in_a_line_of_the_thread_it_is_not_said_again(shared: World) -> None:
    number = shared.raised()
    lines = len(shared.thread(number))
    shared.slack.fault("chat.postMessage", "hang", accepted=True, channel=ESCALATIONS)
    shared.do(shared.emma, "note", number, note="In the thread once")
    shared.until(lambda: len(shared.thread(number)) > lines, "the line to be taken")
    shared.kill()
    shared.start()
    audit(shared)


def test_killed_while_the_card_is_redrawn_the_card_is_right_afterwards(shared: World) -> None:
    number = shared.raised()
    shared.slack.fault("chat.update", "hang", accepted=False)
    shared.do(shared.emma, "acknowledge", number)
    shared.until(lambda: _is_hanging(shared) or None, "the redrawing to hang")
    shared.kill()
    shared.start()
    audit(shared)


def test_killed_again_and_again_during_the_moves_every_move_is_told_once_and_in_order(shared: World) -> None:
    number = shared.raised()
    for move in ("acknowledge", "tell"):
        shared.do(shared.emma, move, number)
        shared.kill()
        shared.start()
    shared.do(shared.lina, "resolve", number, fix="Repaired")
    audit(shared)


def test_a_second_bot_on_the_same_file_refuses_to_start(shared: World) -> None:
    with pytest.raises(AssertionError, match="A bot is already running"):
        shared.run("run")


def test_a_backup_made_beside_the_running_bot_holds_the_record(shared: World) -> None:
    number = shared.raised()
    copy = shared.folder / "copy.db"
    shared.run("db", "backup", str(copy))
    store = Store(f"sqlite:///{copy}")
    kept = EscalationQueries(store).history(number)
    store.dispose()
    assert kept == shared.queries.history(number)


def _is_hanging(world: World) -> bool:
    """The planned fault was met: a call hangs in it."""
    planned: list[object] = world.slack.state("faults")["faults"]
    return not planned
