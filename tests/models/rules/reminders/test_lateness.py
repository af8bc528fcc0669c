"""Why a reminder came late is what delayed it: Slack, or a stop of the bot that came before."""

from datetime import UTC, datetime, timedelta

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


def test_a_stop_of_less_than_a_minute_is_no_reason() -> None:
    assert find_reasons(DUE, after(3), after(3), [(after(1), after(1.5))], []) == LateReasons()


def test_an_outage_that_was_over_before_is_no_reason() -> None:
    assert find_reasons(DUE, DUE, after(3), [], [(after(-60), after(-1))]) == LateReasons()
