"""How a failure notice is stored."""

import pytest

from models.rules.outbox.failure_notice import FailureKind, FailureNotice, read_notice


@pytest.mark.parametrize(
    ("note", "notice"),
    [
        ("topic C0ONCALL not_in_channel", FailureNotice(FailureKind.TOPIC, "C0ONCALL", "not_in_channel")),
        ("discarded week 12 Wang Wei", FailureNotice(FailureKind.DISCARDED, "week", "12 Wang Wei")),
        ("unused_file CSP_REACH_FILE", FailureNotice(FailureKind.UNUSED_FILE, "CSP_REACH_FILE")),
        ("edited U0LINA", FailureNotice(FailureKind.EDITED, "U0LINA")),
        ("U0NOONE user_not_found", FailureNotice(FailureKind.MESSAGE, "U0NOONE", "user_not_found")),
        ("record is_older", FailureNotice(FailureKind.OLDER_RECORD)),
        ("record is_older oncall 2 3", FailureNotice(FailureKind.OLDER_RECORD, "oncall", numbers=("2", "3"))),
    ],
)
def test_a_notice_is_read_as_it_was_written(note: str, notice: FailureNotice) -> None:
    assert read_notice(note) == notice
    assert notice.written() == note


def test_a_long_error_is_cut_and_the_missing_cases_of_an_older_record_are_not() -> None:
    numbers = tuple(map(str, range(1, 500)))

    assert len(FailureNotice(FailureKind.PAGE, "U0LINA", "x" * 500).written()) == 200
    assert read_notice(FailureNotice(FailureKind.OLDER_RECORD, "oncall", numbers=numbers).written()).numbers == numbers
