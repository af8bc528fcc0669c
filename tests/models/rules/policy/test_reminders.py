"""The times of reminders: as packaged, replaced in part by an operator, and what a pace makes of them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.escalations.request import Severity
from models.rules.policy.reminders import InvalidReminderTimes, ReminderPace, load_packaged, parse_reminder_times

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_every_severity_has_its_values() -> None:
    values = load_packaged()

    for table in (
        values.acknowledge,
        values.number,
        values.ours,
        values.customer,
        values.submitted,
        values.repeat,
        values.snooze,
    ):
        assert list(table) == list(Severity)
    assert [values.snooze[severity] for severity in Severity] == [4 * HOUR, 30 * DAY, 30 * DAY]


def test_an_empty_file_is_what_was_packaged() -> None:
    assert parse_reminder_times("") == load_packaged()


def test_a_file_replaces_what_it_names_and_nothing_else() -> None:
    own = parse_reminder_times('[acknowledge]\nA = "3 min"\n[silence.resolved]\ntell = "2h"\n[repeat.A]\ncap = "1 h"\n')

    assert (own.acknowledge["A"], own.acknowledge["B"]) == (3 * MINUTE, 15 * MINUTE)
    assert (own.tell, own.close) == (2 * HOUR, 72 * HOUR)
    assert own.repeat["A"] == ReminderPace(5 * MINUTE, 1.5, HOUR)
    assert own.submitted == load_packaged().submitted


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[acknowledge]\nD = "3 min"', "acknowledge.D"), ('[nagging]\nA = "3 min"', "nagging"),
        ("[acknowledge]\nA = 5", "acknowledge.A"), ('[repeat.A]\nstart = "0 min"', "repeat.A.start"),
        ('[call]\nA = "loudly"', "call.A"), ("[call]\nB = true", "call.B"), ('[call]\nD = "direct"', "call.D"),
        ('[acknowledge]\nA = "five minutes"', "acknowledge.A"), ('[snooze]\nA = "99999 d"', "snooze.A"),
        ('[acknowledge]\nA = "-5 min"', "acknowledge.A"), ('acknowledge = "5 min"', "acknowledge"),
        ('[silence]\nresolved = "5 min"', "silence.resolved"), ("[repeat.A]\ngrowth = 0.5", "repeat.A.growth"),
        ("[repeat.A]\ngrowth = true", "repeat.A.growth"), ("[repeat.A]\ngrowth = nan", "repeat.A.growth"),
        ('[repeat.A]\ngrowth = "2"', "repeat.A.growth"), ('[repeat.A]\ncap = "1 min"', "repeat.A.cap"),
        ("[acknowledge", "Expected"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused_with_its_key(text: str, key: str) -> None:
    with pytest.raises(InvalidReminderTimes, match=key):
        parse_reminder_times(text)


def test_every_wrong_key_is_named_at_once() -> None:
    wrong = '[snooze]\nA = "ever"\nB = "2 h"\n[acknowledge]\nD = "3 min"\n[repeat.A]\ngrowth = 0.5\ncap = "1 min"\n'

    with pytest.raises(InvalidReminderTimes) as caught:
        parse_reminder_times(wrong)

    assert sorted(str(caught.value).split(", ")) == ["acknowledge.D", "repeat.A.cap", "repeat.A.growth", "snooze.A"]


def test_reminders_slow_down_to_the_longest_wait_and_go_on_for_ever() -> None:
    pace = load_packaged().repeat["A"]
    steps = [pace.after(step) for step in range(9)]

    waits = [round((later - earlier) / MINUTE, 1) for earlier, later in pairwise(steps)]

    assert steps[0] == timedelta()
    assert waits == [5, 7.5, 11.2, 16.9, 25.3, 30, 30, 30]
    assert pace.after(10_000) - pace.after(9_999) == 30 * MINUTE


def test_without_growth_the_waits_stay_as_long_as_the_first() -> None:
    pace = parse_reminder_times("[repeat.C]\ngrowth = 1").repeat["C"]

    assert [pace.after(step) for step in range(4)] == [step * HOUR for step in range(4)]


PACES = st.builds(
    lambda start, growth, more: ReminderPace(start * MINUTE, growth, (start + more) * MINUTE),
    st.integers(1, 500), st.floats(1.01, 10), st.integers(0, 10_000),
)  # fmt: skip


@given(PACES, st.integers(0, 200))
def test_at_its_instant_a_step_is_the_last_one_due_and_just_before_it_is_not(pace: ReminderPace, step: int) -> None:
    at = pace.after(step)

    assert pace.step_at(at) == step
    assert pace.step_at(at - timedelta(microseconds=1)) == step - 1
    assert pace.after(step + 1) - at <= max(pace.cap, pace.start)
