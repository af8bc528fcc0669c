"""What an answer of Slack's means for a message, without any store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.delivery import (
    BREAKER,
    EVERYTHING,
    LOOKING,
    LOOKS,
    SWEEPS,
    TARGET_WAIT,
    UNFINISHED,
    Answer,
    Delivery,
    State,
    Verdict,
    What,
    backoff,
    interval,
    settle,
)
from tests.models.samples import NOW

SENDING = Delivery(
    position=1, id="an-id", what=What.LINE, number=1, seq=2, user=None, channel="C0ESCAL", lane="CSP-1",
    scope="post:C0ESCAL", state=State.PENDING, owner="worker", generation=1, tries=0, looks=0, plain=False, note="",
    created_at=NOW, first_tried_at=NOW, doubtful=False,
)  # fmt: skip
IN_DOUBT = replace(SENDING, state=State.UNKNOWN, doubtful=True)


def settled(delivery: Delivery, verdict: Verdict, **answer: Any) -> Any:
    """What becomes of a delivery."""
    return settle(delivery, Answer(verdict, **answer), NOW)


def seconds(outcome: Any) -> float:
    """How long from now the outcome waits."""
    wait: timedelta = outcome.due_at - NOW
    return wait.total_seconds()


def test_a_sent_message_is_done() -> None:
    outcome = settled(SENDING, Verdict.SENT)

    assert (outcome.state, outcome.sweep_at) == (State.SENT, None)


def test_a_message_once_in_doubt_is_looked_for_again_after_it_was_sent() -> None:
    assert settled(IN_DOUBT, Verdict.SENT).sweep_at == NOW + SWEEPS[0]


def test_a_message_of_unknown_outcome_is_looked_for_after_5_20_and_60_seconds_and_then_sent_again() -> None:
    delivery, waits = SENDING, []
    outcome = settled(delivery, Verdict.UNKNOWN)
    while replace(delivery, state=outcome.state, looks=outcome.looks).must_look:
        waits.append(seconds(outcome))
        delivery = replace(delivery, state=outcome.state, looks=outcome.looks, doubtful=outcome.doubtful)
        outcome = settled(delivery, Verdict.ABSENT)

    assert waits == [look.total_seconds() for look in LOOKS]
    assert (outcome.state, seconds(outcome)) == (State.UNKNOWN, 0)


def test_a_resend_of_unknown_outcome_is_looked_for_anew() -> None:
    outcome = settled(replace(IN_DOUBT, looks=len(LOOKS)), Verdict.UNKNOWN)

    assert (outcome.state, outcome.looks, seconds(outcome)) == (State.UNKNOWN, 0, 5)


def test_after_a_failure_that_slack_reported_one_look_after_5_seconds_is_enough() -> None:
    failed = settled(SENDING, Verdict.UNKNOWN, answered=True)
    looking = replace(SENDING, state=failed.state, looks=failed.looks, tries=failed.tries, doubtful=failed.doubtful)
    absent = settled(looking, Verdict.ABSENT)
    again = settled(replace(looking, looks=absent.looks), Verdict.UNKNOWN, answered=True)

    assert (failed.state, seconds(failed), looking.must_look) == (State.UNKNOWN, 5, True)
    assert (seconds(absent), replace(looking, looks=absent.looks).must_look) == (0, False)
    assert (seconds(again), again.looks) == (5, failed.looks)
    assert absent.doubtful


def test_silence_after_a_reported_failure_is_looked_for_as_long_as_ever() -> None:
    resent = replace(IN_DOUBT, looks=len(LOOKS), tries=1)

    assert settled(resent, Verdict.UNKNOWN).looks == 0


def test_a_rate_limit_of_a_look_pauses_looks_only() -> None:
    outcome = settled(IN_DOUBT, Verdict.NOT_ACCEPTED, retry_after=60.0, scope=LOOKING)

    assert (outcome.state, outcome.pause_scope) == (State.UNKNOWN, LOOKING)


def test_a_look_that_gets_no_answer_is_not_counted_and_waits_longer_each_time() -> None:
    waits = [seconds(settled(replace(IN_DOUBT, looks=1, tries=tries), Verdict.UNKNOWN)) for tries in range(9)]

    assert settled(replace(IN_DOUBT, looks=1), Verdict.UNKNOWN).looks == 1
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5, 60)


def test_redrawing_a_card_is_never_looked_for() -> None:
    outcome = settled(replace(SENDING, what=What.REFRESH), Verdict.UNKNOWN)

    assert outcome.state is State.PENDING
    assert not replace(IN_DOUBT, what=What.REFRESH).must_look


def test_a_rate_limit_pauses_its_scope_and_is_no_failure() -> None:
    outcome = settled(SENDING, Verdict.NOT_ACCEPTED, retry_after=30.0)

    assert (outcome.state, outcome.tries, seconds(outcome)) == (State.PENDING, 0, 30)
    assert (outcome.pause_scope, outcome.pause_until) == ("post:C0ESCAL", NOW + timedelta(seconds=30))


def test_a_rate_limited_look_goes_on_looking() -> None:
    assert settled(IN_DOUBT, Verdict.NOT_ACCEPTED, retry_after=30.0).state is State.UNKNOWN


def test_a_workspace_that_refuses_us_pauses_everything() -> None:
    outcome = settled(SENDING, Verdict.WORKSPACE_BROKEN)

    assert (outcome.state, outcome.pause_scope, outcome.pause_until) == (State.PENDING, EVERYTHING, NOW + BREAKER)


def test_a_channel_that_refuses_us_is_tried_again_and_people_are_told() -> None:
    outcome = settled(SENDING, Verdict.TARGET_BROKEN)

    assert (outcome.state, outcome.due_at, outcome.trouble) == (State.PENDING, NOW + TARGET_WAIT, True)


def test_a_word_to_somebody_who_has_left_is_set_aside_and_people_are_told() -> None:
    receipt = replace(SENDING, what=What.RECEIPT, user="U0GONE", channel=None)
    outcome = settled(receipt, Verdict.TARGET_BROKEN)

    assert (outcome.state, outcome.trouble) == (State.DEAD, True)


def test_a_refused_message_goes_once_more_as_plain_text_and_is_then_set_aside_aloud() -> None:
    first = settled(SENDING, Verdict.CONTENT_BROKEN)
    assert (first.state, first.plain, first.trouble) == (State.PENDING, True, False)

    second = settled(replace(SENDING, plain=True), Verdict.CONTENT_BROKEN)
    assert (second.state, second.trouble) == (State.DEAD, True)


@pytest.mark.parametrize("verdict", [Verdict.TARGET_BROKEN, Verdict.CONTENT_BROKEN])
def test_no_trouble_is_told_of_telling_trouble(verdict: Verdict) -> None:
    outcome = settled(replace(SENDING, what=What.TROUBLE, plain=True), verdict)

    assert (outcome.state, outcome.trouble) == (State.DEAD, False)


def test_a_card_that_was_deleted_is_posted_anew() -> None:
    outcome = settled(replace(SENDING, what=What.REFRESH), Verdict.GONE)

    assert (outcome.state, outcome.repost, outcome.sweep_at) == (State.SUPERSEDED, True, None)


def test_what_builds_on_something_under_way_waits_a_second() -> None:
    assert seconds(settled(SENDING, Verdict.NOT_YET)) == 1


def test_channels_are_posted_to_once_a_second_and_cards_redrawn_fifty_times_a_minute() -> None:
    assert interval("post:C0ESCAL") >= timedelta(seconds=1)
    assert interval("update") * 50 >= timedelta(minutes=1)


@given(st.integers(0, 10_000))
def test_no_wait_is_ever_longer_than_a_minute(tries: int) -> None:
    assert 1 <= backoff(tries) <= 60


@given(
    st.sampled_from(Verdict), st.sampled_from(What), st.sampled_from([State.PENDING, State.UNKNOWN]),
    st.integers(0, len(LOOKS)), st.integers(0, 50), st.booleans(), st.booleans(),
)  # fmt: skip
def test_doubt_is_never_forgotten_and_nothing_is_dropped_silently(
    verdict: Verdict, what: What, state: State, looks: int, tries: int, plain: bool, doubtful: bool
) -> None:
    delivery = replace(SENDING, what=what, state=state, looks=looks, tries=tries, plain=plain, doubtful=doubtful)
    outcome = settled(delivery, verdict, retry_after=None)

    if outcome.state in UNFINISHED:
        assert outcome.due_at >= NOW
        assert outcome.doubtful >= doubtful
    if outcome.state is State.DEAD:
        assert outcome.trouble or what is What.TROUBLE
    if verdict is Verdict.UNKNOWN:
        assert outcome.doubtful
