"""Why a reminder came late is what delayed it: Slack, or a stop of the bot that came before."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.reminders.lateness import LateReasons, find_reasons

DUE = datetime(2026, 11, 29, 17, 50, tzinfo=UTC)
SENT = DUE + timedelta(minutes=71)
OUT = (DUE, SENT)


def after(minutes: float) -> datetime:
    return DUE + timedelta(minutes=minutes)


def test_a_reminder_that_slack_did_not_take_names_slack_and_no_stop_meanwhile() -> None:
    reasons = find_reasons(DUE, DUE, SENT, [(after(2), after(2.5)), (after(5), after(25))], [OUT])

    assert reasons == LateReasons(slack_since=DUE)


def test_slack_is_named_since_it_took_nothing_although_the_reminder_is_newer() -> None:
    assert find_reasons(after(60), after(60), SENT, [], [OUT]).slack_since == DUE


def test_a_reminder_that_nobody_could_make_names_the_stop() -> None:
    stop = (after(-1), after(40))

    assert find_reasons(DUE, after(40), after(41), [stop], []) == LateReasons(stops=(stop,))


def test_a_message_on_its_way_when_the_bot_was_stopped_names_the_stop_and_not_slack() -> None:
    stop = (after(0.2), after(40))

    assert find_reasons(DUE, DUE, after(40.3), [stop], [(DUE, after(40.3))]) == LateReasons(stops=(stop,))


def test_a_stop_before_slack_failed_is_named_beside_it() -> None:
    stop = (after(-1), after(20))

    reasons = find_reasons(DUE, after(20), SENT, [stop], [(after(20), SENT)])

    assert reasons == LateReasons(slack_since=after(20), stops=(stop,))


def test_a_stop_while_slack_was_silent_is_named_where_the_message_went_as_soon_as_the_bot_ran_again() -> None:
    stop = (after(10), after(70))

    assert find_reasons(DUE, DUE, SENT, [stop], [OUT]) == LateReasons(slack_since=DUE, stops=(stop,))


def test_a_message_that_is_looked_for_after_a_stop_does_not_blame_slack() -> None:
    stop = (after(0.2), after(40))

    assert find_reasons(DUE, DUE, after(41.5), [stop], [(DUE, after(41.5))]) == LateReasons(stops=(stop,))


@pytest.mark.parametrize(("since", "is_partial"), [(1.5, False), (25, True)])
def test_reasons_for_a_part_of_the_delay_say_so(since: float, *, is_partial: bool) -> None:
    """A clock that was set forward by 25 minutes leaves no trace but the time itself."""
    reasons = find_reasons(DUE, after(since), SENT, [], [(after(since), SENT)])

    assert reasons == LateReasons(slack_since=after(since), is_partial=is_partial)


def test_a_stop_that_ended_long_before_the_message_went_explains_only_a_part() -> None:
    stop = (after(-1), after(20))

    assert find_reasons(DUE, after(40), after(41), [stop], []) == LateReasons(stops=(stop,), is_partial=True)


def test_a_stop_of_less_than_a_minute_is_no_reason() -> None:
    assert find_reasons(DUE, after(3), after(3), [(after(1), after(1.5))], []) == LateReasons()


def test_an_outage_that_was_over_before_is_no_reason() -> None:
    assert find_reasons(DUE, DUE, after(3), [], [(after(-60), after(-1))]) == LateReasons()
