"""The database is locked, the operator stops the bot in the middle of the work, many people come at once."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from tests.end_to_end.auditor import audit, audit_log
from tests.end_to_end.world import World
from tests.handlers import payloads
from tests.slack_driver import ACK_SECONDS


@contextmanager
def _locked(world: World) -> Iterator[None]:
    """Another process has the database for itself: nobody can even read."""
    with closing(sqlite3.connect(world.folder / "csp.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_leaves_the_form_open_with_all_that_was_typed(shared: World) -> None:
    shared.raised()
    emma = shared.emma
    shared.fill_one(emma, title="Typed once")
    with _locked(shared):
        # Slack waits three seconds. The machine may stand still meanwhile, but not each time.
        answer = next(one for one in (emma.submit() for _ in range(20)) if one["ms"] < 3000)
    assert answer.get("by") == "bot", answer
    assert list(answer["errors"].values()) == ["Not saved. Please try again in a moment."]
    assert emma.submit()["response_action"] == "update"
    assert shared.escalation(shared.queries.count_all()).title == "Typed once"
    audit(shared)


def test_a_click_on_a_card_while_the_database_is_locked_is_told_and_changes_nothing(shared: World) -> None:
    number = shared.raised()
    card = shared.card(number)
    before = len(shared.slack.ephemerals(user="U0EMMA"))
    with _locked(shared):
        assert shared.emma.click(card, "card.acknowledge")["ok"]
        told = shared.until(lambda: shared.slack.ephemerals(user="U0EMMA")[before:], "what Emma is told", stride=0)
    assert "Not saved" in told[0]["text"]
    assert shared.escalation(number).version == 1
    audit(shared)


def test_the_same_submission_delivered_twice_at_once_is_one_escalation(shared: World) -> None:
    number = shared.raised()
    shared.fill_one(shared.emma)
    payload = payloads.submission("U0EMMA", "1.1", shared.emma.modal)
    acks = shared.slack.deliver("interactive", payload, times=3, together=True)
    assert [ack["ok"] for ack in acks] == [True, True, True]
    assert {ack["payload"]["response_action"] for ack in acks} == {"update"}
    assert shared.queries.count_all() == number + 1
    audit(shared)


def test_a_double_click_is_one_move(shared: World) -> None:
    number = shared.raised()
    card = shared.card(number)
    # Nothing is redrawn before both have come, however far apart they come.
    shared.slack.fault("chat.update", "ratelimited", retry_after=5, times=-1)
    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(shared.emma.click, card, "card.acknowledge") for _ in range(2)]
        assert [click.result()["ok"] for click in clicks] == [True, True]
    shared.slack.clear_faults()
    shared.until(lambda: shared.escalation(number).owner, "the owner", stride=0)
    audit(shared)
    assert len(shared.queries.history(number)) == 2


def test_stopped_under_load_it_ends_well_and_keeps_all_that_it_accepted(shared: World) -> None:
    before, people = shared.queries.count_all(), ("U0EMMA", "U0WANG", "U0LINA")
    template = {}
    for user in people:
        shared.fill_one(shared.as_(user))
        template[user] = payloads.submission(user, "1.1", shared.as_(user).modal)
    accepted: list[str] = []
    going = threading.Barrier(9)

    def submit(n: int) -> None:
        user = people[n % 3]
        view = {**template[user]["view"], "id": f"V{n}", "root_view_id": f"V{n}"}
        going.wait()
        for again in range(20):
            sent = {**template[user], "view": {**view, "root_view_id": f"V{n}.{again}"}}
            if shared.slack.deliver("interactive", sent)[0]["ok"]:
                accepted.append(sent["view"]["root_view_id"])

    with ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(submit, n) for n in range(8)]
        going.wait()
        shared.until(lambda: len(accepted) > 10 or None, "the first submissions", stride=0)
        shared.slack.settings(ack_seconds=10)  # what comes while the bot leaves is not waited for as long as usual
        assert shared.terminate() == 0
        for one in sending:
            one.result()
    shared.slack.settings(ack_seconds=ACK_SECONDS)
    assert len(accepted) <= shared.queries.count_all() - before
    shared.start()
    audit(shared, stride=3)


def test_nothing_that_people_typed_and_no_secret_stands_in_the_log(shared: World) -> None:
    shared.fill_one(shared.emma)
    sent = payloads.submission("U0EMMA", "1.1", {**shared.emma.modal, "private_metadata": "Restarted Outlook {"})
    assert shared.slack.deliver("interactive", sent)[0]["payload"]["response_action"] == "errors"
    shared.slack.settings(ack_seconds=3)  # some of these are never answered
    shared.slack.deliver("interactive", {"type": "view_submission", "view": "邮件无法送达"})
    shared.slack.deliver("events_api", {"event": "All mail to chenxi"})
    shared.slack.deliver("slash_commands", {"command": "/csp-escalate", "text": "All mail to chenxi"})
    shared.slack.settings(ack_seconds=ACK_SECONDS)
    assert "refused a delivery of workspace" in shared.log
    audit_log(shared)
