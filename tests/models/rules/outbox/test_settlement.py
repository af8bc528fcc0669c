"""What an answer of Slack's means for a message, without any store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.outbox.delivery import LOOKS, UNFINISHED, Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.pace import EVERYTHING, LOOKING
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.outbox.settlement import (
    SWEEPS,
    TARGET_WAIT,
    UPLOAD_TRIES,
    WORKSPACE_WAIT,
    backoff,
    retry_upload,
    settle,
)
from tests.models.samples import NOW

SENDING = Delivery(
    position=1, id="an-id", what=MessageKind.LINE, number=1, seq=2, user=None, channel="C0ESCAL", lane="CSP-1",
    scope="post:C0ESCAL", state=DeliveryState.PENDING, owner="worker", generation=1, tries=0, looks=0, plain=False,
    note="",
    created_at=NOW, first_tried_at=NOW, doubtful=False,
)  # fmt: skip
IN_DOUBT = replace(SENDING, state=DeliveryState.UNKNOWN, doubtful=True)


def settled(delivery: Delivery, verdict: SendResult, **answer: Any) -> Any:
    """What becomes of a delivery."""
    return settle(delivery, SendOutcome(verdict, **answer), NOW)


def seconds(outcome: Any) -> float:
    """How long from now the outcome waits."""
    wait: timedelta = outcome.due_at - NOW
    return wait.total_seconds()


def test_a_sent_message_is_done() -> None:
    outcome = settled(SENDING, SendResult.SENT)

    assert (outcome.state, outcome.sweep_at) == (DeliveryState.SENT, None)


def test_a_message_once_in_doubt_is_looked_for_again_after_it_was_sent() -> None:
    assert settled(IN_DOUBT, SendResult.SENT).sweep_at == NOW + SWEEPS[0]


def test_a_message_that_was_found_keeps_when_it_was_sent_and_one_that_is_sent_again_does_not() -> None:
    in_doubt = replace(IN_DOUBT, looks=0, in_doubt_since=NOW - timedelta(minutes=4))

    assert settled(in_doubt, SendResult.SENT).in_doubt_since == in_doubt.in_doubt_since
    assert settled(replace(in_doubt, looks=len(LOOKS)), SendResult.SENT).in_doubt_since is None


def test_a_message_of_unknown_outcome_is_looked_for_after_5_20_and_60_seconds_and_then_sent_again() -> None:
    delivery, waits = SENDING, []
    outcome = settled(delivery, SendResult.UNKNOWN)
    while replace(delivery, state=outcome.state, looks=outcome.looks).must_look:
        waits.append(seconds(outcome))
        delivery = replace(delivery, state=outcome.state, looks=outcome.looks, doubtful=outcome.doubtful)
        outcome = settled(delivery, SendResult.ABSENT)

    assert waits == [look.total_seconds() for look in LOOKS]
    assert (outcome.state, seconds(outcome)) == (DeliveryState.UNKNOWN, 0)


@pytest.mark.parametrize(("since", "looks", "waits"), [(3, 1, 20), (10, 1, 15), (30, 2, 55), (84, 2, 1), (85, 3, 0)])
def test_a_look_counts_for_all_that_were_due_since_the_message_was_sent(since: float, looks: int, waits: float) -> None:
    looking = replace(IN_DOUBT, looks=0, in_doubt_since=NOW - timedelta(seconds=since))

    outcome = settled(looking, SendResult.ABSENT)

    assert (outcome.looks, seconds(outcome)) == (looks, waits)


def test_a_resend_of_unknown_outcome_is_looked_for_anew() -> None:
    outcome = settled(replace(IN_DOUBT, looks=len(LOOKS)), SendResult.UNKNOWN)

    assert (outcome.state, outcome.looks, seconds(outcome)) == (DeliveryState.UNKNOWN, 0, 5)


def test_after_a_failure_that_slack_reported_one_look_after_5_seconds_is_enough() -> None:
    failed = settled(SENDING, SendResult.UNKNOWN, answered=True)
    looking = replace(SENDING, state=failed.state, looks=failed.looks, tries=failed.tries, doubtful=failed.doubtful)
    absent = settled(looking, SendResult.ABSENT)
    again = settled(replace(looking, looks=absent.looks), SendResult.UNKNOWN, answered=True)

    assert (failed.state, seconds(failed), looking.must_look) == (DeliveryState.UNKNOWN, 5, True)
    assert (seconds(absent), replace(looking, looks=absent.looks).must_look) == (0, False)
    assert (seconds(again), again.looks) == (5, failed.looks)
    assert absent.doubtful


def test_silence_after_a_reported_failure_is_looked_for_as_long_as_ever() -> None:
    resent = replace(IN_DOUBT, looks=len(LOOKS), tries=1)

    assert settled(resent, SendResult.UNKNOWN).looks == 0


def test_a_rate_limit_of_a_look_pauses_looks_only() -> None:
    outcome = settled(IN_DOUBT, SendResult.NOT_ACCEPTED, retry_after=60.0, scope=LOOKING)

    assert (outcome.state, outcome.pause_scope) == (DeliveryState.UNKNOWN, LOOKING)


def test_a_look_that_gets_no_answer_is_not_counted_and_waits_longer_each_time() -> None:
    waits = [seconds(settled(replace(IN_DOUBT, looks=1, tries=tries), SendResult.UNKNOWN)) for tries in range(9)]

    assert settled(replace(IN_DOUBT, looks=1), SendResult.UNKNOWN).looks == 1
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5, 60)


def test_a_page_of_unknown_outcome_is_sent_again_over_more_than_a_minute() -> None:
    page = replace(SENDING, what=MessageKind.PAGE)

    again = [settled(replace(page, tries=tries), SendResult.UNKNOWN, answered=True) for tries in range(4)]

    assert [seconds(outcome) for outcome in again] == [5, 10, 20, 40]
    assert {outcome.state for outcome in again} == {DeliveryState.PENDING}


def test_redrawing_a_card_is_never_looked_for() -> None:
    outcome = settled(replace(SENDING, what=MessageKind.REFRESH), SendResult.UNKNOWN)

    assert outcome.state is DeliveryState.PENDING
    assert not replace(IN_DOUBT, what=MessageKind.REFRESH).must_look


def test_a_rate_limit_pauses_its_scope_and_is_no_failure() -> None:
    outcome = settled(SENDING, SendResult.NOT_ACCEPTED, retry_after=30.0)

    assert (outcome.state, outcome.tries, seconds(outcome)) == (DeliveryState.PENDING, 0, 30)
    assert (outcome.pause_scope, outcome.pause_until) == ("post:C0ESCAL", NOW + timedelta(seconds=30))


def test_a_rate_limited_look_goes_on_looking() -> None:
    assert settled(IN_DOUBT, SendResult.NOT_ACCEPTED, retry_after=30.0).state is DeliveryState.UNKNOWN


def test_a_workspace_that_refuses_us_pauses_everything() -> None:
    outcome = settled(SENDING, SendResult.WORKSPACE_BROKEN)

    assert (outcome.state, outcome.pause_scope, outcome.pause_until) == (
        DeliveryState.PENDING,
        EVERYTHING,
        NOW + WORKSPACE_WAIT,
    )


def test_a_channel_that_refuses_us_is_tried_again_and_people_are_told() -> None:
    outcome = settled(SENDING, SendResult.TARGET_BROKEN)

    assert (outcome.state, outcome.due_at, outcome.trouble) == (DeliveryState.PENDING, NOW + TARGET_WAIT, True)


def test_a_word_to_somebody_who_has_left_is_set_aside_and_people_are_told() -> None:
    receipt = replace(SENDING, what=MessageKind.RECEIPT, user="U0GONE", channel=None)
    outcome = settled(receipt, SendResult.TARGET_BROKEN)

    assert (outcome.state, outcome.trouble) == (DeliveryState.DEAD, True)


def test_a_refused_message_goes_once_more_as_plain_text_and_is_then_set_aside_aloud() -> None:
    first = settled(SENDING, SendResult.CONTENT_BROKEN)
    assert (first.state, first.plain, first.trouble) == (DeliveryState.PENDING, True, False)

    second = settled(replace(SENDING, plain=True), SendResult.CONTENT_BROKEN)
    assert (second.state, second.trouble) == (DeliveryState.DEAD, True)


@pytest.mark.parametrize("verdict", [SendResult.TARGET_BROKEN, SendResult.CONTENT_BROKEN])
def test_no_trouble_is_told_of_telling_trouble(verdict: SendResult) -> None:
    outcome = settled(replace(SENDING, what=MessageKind.TROUBLE, plain=True), verdict)

    assert (outcome.state, outcome.trouble) == (DeliveryState.DEAD, False)


def test_a_card_that_was_deleted_is_posted_anew() -> None:
    outcome = settled(replace(SENDING, what=MessageKind.REFRESH), SendResult.GONE)

    assert (outcome.state, outcome.repost, outcome.sweep_at) == (DeliveryState.SUPERSEDED, True, None)


def test_what_builds_on_something_under_way_waits_a_second() -> None:
    assert seconds(settled(SENDING, SendResult.NOT_YET)) == 1


@given(st.integers(0, 10_000))
def test_no_wait_is_ever_longer_than_a_minute(tries: int) -> None:
    assert 1 <= backoff(tries) <= 60


@given(
    st.sampled_from(SendResult), st.sampled_from(MessageKind), st.sampled_from([DeliveryState.PENDING,
    DeliveryState.UNKNOWN]),
    st.integers(0, len(LOOKS)), st.integers(0, 50), st.booleans(), st.booleans(),
)  # fmt: skip
def test_doubt_is_never_forgotten_and_nothing_is_dropped_silently(
    verdict: SendResult, what: MessageKind, state: DeliveryState, looks: int, tries: int, plain: bool, doubtful: bool
) -> None:
    delivery = replace(SENDING, what=what, state=state, looks=looks, tries=tries, plain=plain, doubtful=doubtful)
    outcome = settled(delivery, verdict, retry_after=None)

    if outcome.state in UNFINISHED:
        assert outcome.due_at >= NOW
        assert outcome.doubtful >= doubtful
    if outcome.state is DeliveryState.DEAD:
        assert outcome.trouble or what is MessageKind.TROUBLE
    if verdict is SendResult.UNKNOWN:
        assert outcome.doubtful


@pytest.mark.parametrize(
    ("verdict", "tries", "waits_as"),
    [
        (SendResult.NOT_YET, 99, SendResult.NOT_YET),
        (SendResult.NOT_ACCEPTED, 99, SendResult.NOT_ACCEPTED),
        (SendResult.UNKNOWN, UPLOAD_TRIES - 1, SendResult.NOT_ACCEPTED),
        (SendResult.UNKNOWN, UPLOAD_TRIES, None),
        (SendResult.CONTENT_BROKEN, 0, None),
    ],
)
def test_a_failed_upload_is_tried_again_while_that_can_help(
    verdict: SendResult, tries: int, waits_as: SendResult | None
) -> None:
    again = retry_upload(SendOutcome(verdict), tries)

    assert (again.result if again else None) is waits_as
