"""Slack is slow, busy, broken or away: people are answered, and everything is said later, in order, once."""

from typing import Any

import pytest

from models.rules.escalations.escalation import Status
from models.rules.outbox.delivery import DeliveryState
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import ESCALATIONS, ONCALL, World

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def healthy(shared: World) -> None:
    """Each of these stories begins with a Slack that is well."""
    shared.slack.clear_faults()


def test_slack_being_away_at_the_start_does_not_keep_the_bot_from_starting(shared: World) -> None:
    shared.terminate()
    shared.slack.fault("*", "http_503", times=-1)
    shared.slack.fault("socket", "http_503", times=-1)
    after = _last(shared)
    shared.slack.app("start")
    shared.until(lambda: len(_calls(shared, "apps.connections.open", after)) >= 2, "two attempts", stride=0)
    assert shared.slack.state("bot")["bot"]["running"]
    shared.slack.clear_faults()
    shared.ready()
    assert shared.raise_one(shared.wang)["ok"]
    audit(shared)


def test_moves_made_while_slack_takes_no_messages_are_told_later_in_order(shared: World) -> None:
    number = shared.raised()
    shared.slack.fault("chat.*", "drop_before", times=-1)
    shared.slack.fault("conversations.*", "http_503", times=-1)
    card = shared.card(number)
    for move in ("acknowledge", "tell", "resolve"):
        assert shared.press(shared.emma, card, move)["ok"]
    shared.emma.wait_for_modal()
    assert shared.emma.fill({"fix": "Repaired while Slack was away"}).submit()["ok"]
    assert shared.escalation(number).status is Status.RESOLVED
    shared.until(lambda: len(_calls(shared, "conversations.replies", 0)) >= 2 or None, "two looks in vain")
    shared.slack.clear_faults()
    audit(shared, stride=8)


def test_a_rate_limit_is_waited_out_and_then_said_once(shared: World) -> None:
    number = shared.raised()
    after = _last(shared)
    shared.slack.fault("chat.postMessage", "ratelimited", retry_after=30, channel=ESCALATIONS)
    shared.do(shared.emma, "note", number, note="After the limit")
    audit(shared)
    posts = [call for call in _calls(shared, "chat.postMessage", after) if call["request"]["channel"] == ESCALATIONS]
    assert [post["status"] for post in posts] == ["fault: ratelimited", "ok"]
    assert posts[1]["at"] - posts[0]["at"] >= 29


@pytest.mark.parametrize(
    ("mode", "more"),
    [
        ("http_500", {"accepted": True}), ("http_503", {}), ("drop_after", {}), ("drop_after", {"reset": True}),
        ("truncated", {}), ("html", {"accepted": True}), ("empty", {"accepted": True}),
        ("ok_false", {"accepted": True, "error": "internal_error"}), ("ratelimited", {"retry_after": "date"}),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(part),
)  # fmt: skip
def test_a_message_of_unknown_fate_is_looked_for_and_never_shown_twice(shared: World, mode: str, more: Json) -> None:
    number = shared.raised()
    shared.slack.fault("chat.postMessage", mode, channel=ESCALATIONS, **more)
    shared.do(shared.emma, "note", number, note=f"Once, in spite of {mode}")
    audit(shared, stride=8)


def test_a_copy_that_arrives_after_it_was_sent_again_is_removed(shared: World) -> None:
    number = shared.raised()
    # After all looks and the second send, before the last search for second copies.
    shared.slack.fault("chat.postMessage", "late_commit", seconds=600, channel=ESCALATIONS)
    shared.do(shared.emma, "note", number, note="Twice for a while")
    audit(shared, stride=8)
    shared.until(lambda: max(shared.copies.values()) == 2 or None, "the late copy", stride=30)
    shared.until(lambda: max(shared.copies.values()) == 1 or None, "its removal", stride=60)
    audit(shared)


def test_a_revoked_token_keeps_everything_and_loses_nothing(shared: World) -> None:
    number = shared.raised()
    shared.slack.settings(token_revoked=True)
    card = shared.card(number)
    assert shared.emma.click(card, "card.acknowledge")["ok"]
    shared.until(lambda: "token_revoked" in {row.last_error for row in shared.unfinished} or None, "the refusal")
    shared.slack.settings(token_revoked=False)
    audit(shared, stride=8)
    assert shared.escalation(number).status is Status.ACKNOWLEDGED


def test_an_archived_channel_is_said_aloud_and_its_messages_come_later(shared: World) -> None:
    number = shared.raised()
    shared.slack.channel(ESCALATIONS, is_archived=True)
    assert shared.emma.click(shared.card(number), "card.acknowledge")["ok"]
    shared.until(
        lambda: [
            message
            for message in shared.slack.messages(ONCALL)
            if f"<#{ESCALATIONS}> 的消息无法送达。频道已归档。" in message["text"]
        ],
        "word in the on-call channel",
    )
    shared.slack.channel(ESCALATIONS, is_archived=False)
    audit(shared, stride=40)


def test_a_card_that_somebody_deleted_is_posted_anew_and_goes_on(shared: World) -> None:
    number = shared.raised()
    old = shared.card(number)
    shared.lina.delete(old)
    said = shared.emma.command(f"/csp-escalate show CSP-{number}")
    assert said["ok"]
    shown = shared.until(lambda: _private_card(shared, number), "the private card", stride=0)
    assert shared.emma.click(shown, "card.acknowledge")["ok"]
    new = shared.card(number)
    assert new["ts"] != old["ts"]
    shared.quiet()
    assert {row.state for row in shared.rows} <= {DeliveryState.SENT, DeliveryState.SUPERSEDED}


def _private_card(world: World, number: int) -> Json | None:
    """What Emma was shown of a case, among all that she was told in other stories."""
    told = world.slack.ephemerals(user="U0EMMA")
    return next((one for one in told if f"CSP-{number} " in f"{one['text']} {one.get('blocks')}"), None)


def _last(world: World) -> int:
    return max([0, *(int(one["n"]) for one in world.slack.traffic())])


def _calls(world: World, method: str, after: int, status: str = "") -> list[Json]:
    calls = world.slack.traffic(after=after, name=method)
    return [call for call in calls if call["direction"] == "out" and status in ("", call["status"])]
