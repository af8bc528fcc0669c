"""What people see while the database or Slack is in trouble, and at the ends of the calendar."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.rules.errors import NotSaved
from tests.handlers import payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member

CUSTOMERS = "Name,Domain\nContoso China,contoso.cn\n上海蓝天科技有限公司,lantian.cn\n"


@pytest.mark.parametrize("status", ["http_500", "http_502", "http_503"])
def test_a_server_error_of_slacks_is_to_be_tried_again(stage: Stage, emma: Member, status: str) -> None:
    stage.slack.refuses = status

    heard = emma.command("")

    assert "Please try again" in heard.text
    assert "unexpected" not in heard.text.lower()


def test_the_customer_field_goes_on_from_memory_while_the_database_is_away(stage: Stage, emma: Member) -> None:
    import_customers(stage.store, read_sheet(CUSTOMERS.encode()).lines, NOW)
    emma.command("")
    before = emma.suggest("contoso")

    stage.store.path.rename(stage.store.path.with_name("away.db"))
    stage.store.path.mkdir()
    stage.store.dispose()

    assert emma.suggest("contoso")[0] == before[0]
    assert emma.suggest("nobody knows") == ["Not in the list: nobody knows"]


@pytest.mark.parametrize("when", ["9998-12-31", "9999-12-31 23:59", "1 Jan 9999", "1970-01-01", "9999-12-31T23:59Z"])
def test_the_ends_of_the_calendar_are_refused_with_a_sentence(lina: Member, when: str) -> None:
    heard = lina.command(f"who at {when}")

    assert heard.text
    assert "unexpected" not in heard.text.lower()


@pytest.mark.parametrize("seconds", [253_370_764_800, 253_402_300_799, 10**15, -1])
def test_a_moment_of_a_form_near_the_end_of_the_calendar_is_refused_under_its_field(
    emma: Member, stage: Stage, seconds: int
) -> None:
    emma.raise_one()
    emma.press("acknowledge")
    emma.press("snooze")
    heard = emma.fill(until=seconds, reason="Later").submit()

    assert "between the years 2000 and 2100" in " ".join(heard.errors.values())
    assert stage.escalation().snoozed_until is None


def test_a_form_opens_after_the_first_read_that_fails_because_each_would_wait(stage: Stage, emma: Member) -> None:
    tried: list[str] = []

    def fail(kind: str) -> AbstractContextManager[None]:
        tried.append(kind)
        if kind == "read":
            raise NotSaved
        return nullcontext()

    stage.store.measure = fail

    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, "Outlook 0x8004010F"))

    assert emma.value("details") == "Outlook 0x8004010F"
    assert tried.count("read") == 1
