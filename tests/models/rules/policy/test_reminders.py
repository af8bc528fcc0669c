"""The times of reminders: as packaged, replaced in part by an operator, and what a pace makes of them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.escalations.request import Severity
from models.rules.policy.reminders import ReminderPace, load_packaged, parse_reminder_times, read_example
from models.rules.toml.tables import FaultKind, InvalidFile

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


@pytest.mark.parametrize("language", ["", "zh_CN"])
def test_the_packaged_file_of_each_language_says_the_same(language: str) -> None:
    assert parse_reminder_times(read_example(language)) == load_packaged()


def test_a_file_replaces_what_it_names_and_nothing_else() -> None:
    own = parse_reminder_times('[acknowledge]\nA = "4 min"\n[silence.resolved]\ntell = "2h"\n[repeat.A]\ncap = "1 h"\n')

    assert (own.acknowledge["A"], own.acknowledge["B"]) == (4 * MINUTE, 15 * MINUTE)
    assert (own.tell, own.close) == (2 * HOUR, 72 * HOUR)
    assert own.repeat["A"] == ReminderPace(5 * MINUTE, 1.5, HOUR)
    assert own.submitted == load_packaged().submitted


@pytest.mark.parametrize(
    ("text", "line", "kind", "key"),
    [
        ('[acknowledge]\nD = "3 min"', 2, FaultKind.UNKNOWN_KEY, "D"),
        ('[nagging]\nA = "3 min"', 1, FaultKind.UNKNOWN_KEY, "nagging"),
        ("[acknowledge]\nA = 5", 2, FaultKind.NOT_DURATION, "A"),
        ('[repeat.A]\nstart = "0 min"', 2, FaultKind.NOT_DURATION, "start"),
        ('[call]\nA = "loudly"', 2, FaultKind.UNKNOWN_CHOICE, "A"),
        ("[call]\nB = true", 2, FaultKind.NOT_TEXT, "B"),
        ('[call]\nD = "direct"', 2, FaultKind.UNKNOWN_KEY, "D"),
        ('[acknowledge]\nA = "five minutes"', 2, FaultKind.NOT_DURATION, "A"),
        ('[snooze]\nA = "99999 d"', 2, FaultKind.NOT_DURATION, "A"),
        ('[acknowledge]\nA = "-5 min"', 2, FaultKind.NOT_DURATION, "A"),
        ('acknowledge = "5 min"', 1, FaultKind.NOT_TABLE, "acknowledge"),
        ('[silence]\nresolved = "5 min"', 2, FaultKind.NOT_TABLE, "resolved"),
        ("[repeat.A]\ngrowth = 0.5", 2, FaultKind.NOT_NUMBER, "growth"),
        ("[repeat.A]\ngrowth = true", 2, FaultKind.NOT_NUMBER, "growth"),
        ("[repeat.A]\ngrowth = nan", 2, FaultKind.NOT_NUMBER, "growth"),
        ('[repeat.A]\ngrowth = "2"', 2, FaultKind.NOT_NUMBER, "growth"),
        ('[repeat.A]\ncap = "1 min"', 2, FaultKind.CAP_TOO_SHORT, "cap"),
        ('[repeat.A]\nstart = "2 h"', 2, FaultKind.CAP_TOO_SHORT, "start"),
        ("[returned]\ncount = 0", 2, FaultKind.NOT_WHOLE, "count"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_line_and_key(
    text: str, line: int, kind: FaultKind, key: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        parse_reminder_times(text)

    assert [(fault.line, fault.kind, fault.values["key"]) for fault in caught.value.faults] == [(line, kind, key)]


def test_every_wrong_key_is_named_at_once_with_the_one_that_was_probably_meant() -> None:
    wrong = '[snoose]\nA = "1 h"\n[acknowledge]\nD = "3 min"\n[repeat.A]\ngrowht = 0.5\ncap = "1 min"\n'

    with pytest.raises(InvalidFile) as caught:
        parse_reminder_times(wrong)

    assert [(fault.line, fault.nearest) for fault in caught.value.faults] == [
        (1, "snooze"), (4, ""), (6, "growth"), (7, ""),
    ]  # fmt: skip


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
