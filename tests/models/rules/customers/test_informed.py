"""When a customer must be informed: new, new service, changed statement, a year gone by."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rules.customers.informed import InformedFacts, InformingDue, InformReason, find_informing_due
from models.rules.customers.statement import parse_statement
from models.rules.toml.tables import InvalidFile

NOW = datetime(2026, 11, 28, tzinfo=UTC)
WEEK = timedelta(days=7)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (InformedFacts(days_ago(1), None, None, 0), InformingDue(InformReason.NEW, days_ago(1) + WEEK)),
        (InformedFacts(None, None, None, 0), InformingDue(InformReason.NEW, None)),
        (InformedFacts(days_ago(9), None, days_ago(5), 2), None),
        (InformedFacts(days_ago(9), days_ago(6), days_ago(5), 2), None),
        (
            InformedFacts(days_ago(9), days_ago(4), days_ago(5), 2),
            InformingDue(InformReason.NEW_SERVICE, days_ago(4) + WEEK),
        ),
        (InformedFacts(days_ago(99), None, days_ago(50), 1), InformingDue(InformReason.CHANGED, days_ago(30) + WEEK)),
        (InformedFacts(None, None, days_ago(357), 2), None),
        (InformedFacts(None, None, days_ago(360), 2), InformingDue(InformReason.A_YEAR, NOW + timedelta(days=5))),
    ],
)
def test_a_customer_is_due_by_the_most_urgent_reason(facts: InformedFacts, expected: InformingDue | None) -> None:
    assert find_informing_due(facts, version=2, changed_at=days_ago(30), now=NOW) == expected


def test_the_first_statement_is_no_change_for_who_was_informed_before_it() -> None:
    facts = InformedFacts(days_ago(99), None, days_ago(50), 0)

    assert find_informing_due(facts, version=1, changed_at=days_ago(30), now=NOW) is None


def test_a_statement_with_faults_is_refused_with_each_line() -> None:
    with pytest.raises(InvalidFile) as refused:
        parse_statement("[zh]\ntypes = '技术支持'\nhours = 24\n[en]\n")

    assert len(refused.value.faults) > 2
