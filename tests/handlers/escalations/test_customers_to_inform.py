"""Customers who must be informed of our support: listed privately, recorded in bulk, due again after a new service."""

import json
from datetime import timedelta
from typing import Any

import pytest

from handlers import ids
from models.customers.importer import import_customers
from models.customers.informing import find_all_sent, import_statement
from models.rules.customers.csv_columns import read_sheet
from tests.handlers import payloads
from tests.handlers.block_limits import read
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member

LIST = "Company name,Services,Language\n云杉精密,Azure,zh\nContoso <!channel>,Microsoft 365,en\nLitware,,\n"
STATEMENT = "".join(
    f"[{language}]\ntypes = '{types}'\nhours = '24 x 365'\nsite = 's'\nemail = 'e'\nphone = '400'\nprice = '0'\n"
    for language, types in (("zh", "技术支持"), ("en", "technical"))
)
ANSWERS = {"through": "email", "evidence": "mail-7.msg"}


@pytest.fixture
def desk(stage: Stage, emma: Member) -> Member:
    """Emma, three customers who were never informed, and a statement."""
    import_customers(stage.store, read_sheet(LIST.encode()).lines, NOW)
    import_statement(stage.store, STATEMENT, "cli", NOW - timedelta(days=1))
    return emma


def sent(stage: Stage) -> list[tuple[Any, ...]]:
    """What is on record: customer, version, channel, who and evidence."""
    rows = [vars(row) for row in stage.store.read(find_all_sent)]
    return [tuple(row[name] for name in ("customer_id", "statement", "through", "by", "evidence")) for row in rows]


def test_three_who_are_due_are_told_in_bulk_and_a_new_service_makes_one_due_again(stage: Stage, desk: Member) -> None:
    before = desk.command("informed")
    desk.button(ids.INFORM_TOLD, "page 0")
    menu = desk.modal["blocks"][0]["element"]
    assert "initial_options" not in menu, "nobody is recorded as informed who was not chosen"
    chosen = [option["value"] for option in menu["options"]]
    heard = desk.fill(informed_customers=chosen, **ANSWERS).submit()

    assert before.told[0]["response_type"] == "ephemeral"
    assert "3 customers must be informed." in before.words
    assert "never informed · by 20" in before.words
    assert "3 customers recorded as informed." in json.dumps(heard.ack)
    assert {row[1:] for row in sent(stage)} == {(1, "email", "U0EMMA", "mail-7.msg")}
    assert "Every customer is informed" in desk.command("已告知客户").words
    later = "Company name,Services\nLitware,Power BI\n"
    import_customers(stage.store, read_sheet(later.encode()).lines, NOW + timedelta(days=1))
    again = desk.command("告知名单").words
    assert "1 customer must be informed." in again
    assert "Litware\nnew service · by 20" in again


def press(desk: Member, value: str) -> None:
    """Open the form from a private answer: Slack sends no message with it."""
    pressed = payloads.click(desk.user, desk.trigger, payloads.button(ids.INFORM_TOLD, value))
    pressed["container"]["is_ephemeral"] = True
    del pressed["message"]
    desk.stage.deliver(pressed)


def drawn_again(heard: HandlerResult) -> str:
    """What stands in the place of the private answer in which the form was opened."""
    [answer] = heard.told
    assert answer["replace_original"] is True
    assert answer["url"] == payloads.HOOK
    return read(answer["blocks"])


def test_the_list_above_the_form_no_longer_shows_who_was_recorded(stage: Stage, desk: Member) -> None:
    press(desk, "page 0")

    heard = desk.fill(informed_customers=["C1-1", "C1-2"], **ANSWERS).submit()

    shown = drawn_again(heard)
    assert "1 customer must be informed." in shown
    assert "Litware" in shown
    assert "Contoso" not in shown


def test_the_customer_above_the_form_shows_that_it_was_informed(stage: Stage, desk: Member) -> None:
    press(desk, "customer C1-2")

    heard = desk.fill(**ANSWERS, informed_on="2026-01-05").submit()

    assert "2026-01-05 · by e-mail · version 1 · Emma <Clarke> · mail-7.msg" in drawn_again(heard)


def test_a_day_of_the_customer_file_is_told_as_a_day_and_as_from_the_file(stage: Stage, emma: Member) -> None:
    listed = "Company name,Statement sent,Statement channel\nContoso,2025-09-01,mail\n"
    import_customers(stage.store, read_sheet(listed.encode()).lines, NOW, zone=stage.services.settings.timezone)

    assert "2025-09-01 · by e-mail · from the customer file" in emma.command("customer contoso").words


def test_the_same_form_sent_twice_records_once(stage: Stage, desk: Member) -> None:
    desk.button(ids.INFORM_TOLD, "customer C1-2")
    view = json.loads(json.dumps(desk.fill(**ANSWERS).modal))
    desk.submit()
    desk.submit(state=view["state"], id=view["id"])

    assert [row[0] for row in sent(stage)] == ["C1-2"]


def test_an_earlier_day_is_recorded_and_a_later_one_refused(stage: Stage, desk: Member) -> None:
    desk.button(ids.INFORM_TOLD, "customer C1-2")
    refused = desk.fill(**ANSWERS, informed_on="2099-01-01").submit()
    desk.fill(informed_on="2026-01-05").submit()

    assert list(refused.errors) == ["informed_on"]
    [row] = stage.store.read(find_all_sent)
    assert row.at < NOW - timedelta(days=300)
    assert "Emma <Clarke>" in desk.command("customer contoso").words


def test_the_statement_is_ready_to_copy_in_the_customers_language(stage: Stage, desk: Member) -> None:
    chinese, english, both = (desk.button(ids.INFORM_TEXT, f"C1-{n}").words for n in (1, 2, 3))

    assert "支持内容：技术支持" in chinese
    assert "technical" not in chinese
    assert "To Contoso <!channel>: this is how" in english
    assert "技术支持" in both
    assert "technical" in both


def test_the_record_of_a_customer_says_how_it_was_informed_and_offers_both(stage: Stage, desk: Member) -> None:
    desk.button(ids.INFORM_TOLD, "customer C1-1")
    desk.fill(**ANSWERS).submit()

    heard = desk.command("customer ysjm")

    assert "by e-mail · version 1 · Emma <Clarke> · mail-7.msg" in heard.words.replace("\n", "")
    assert {ids.INFORM_TEXT, ids.INFORM_TOLD} <= {
        element["action_id"] for block in heard.told[0]["blocks"] for element in block.get("elements", [])
        if "action_id" in element
    }  # fmt: skip


def test_a_record_made_by_mistake_is_marked_once_and_the_customer_is_due_again(stage: Stage, desk: Member) -> None:
    desk.button(ids.INFORM_TOLD, "page 0")
    desk.fill(informed_customers=["C1-2"], **ANSWERS).submit()
    shown = desk.command("customer contoso").told[0]["blocks"]
    (pressed,) = [
        element for block in shown for element in block.get("elements", [])
        if element.get("action_id") == ids.INFORM_MISTAKE
    ]  # fmt: skip

    heard = desk.button(ids.INFORM_MISTAKE, pressed["value"])
    desk.button(ids.INFORM_MISTAKE, pressed["value"])

    assert "confirm" in pressed
    assert "never informed" in heard.words
    assert "Recorded by mistake" not in heard.words
    first, mistake = stage.store.read(find_all_sent)
    assert (first.through, first.evidence) == ("email", "mail-7.msg")
    assert (mistake.corrects, mistake.by) == (first.id, "U0EMMA")
    assert "3 customers must be informed." in desk.command("informed").words


def test_a_record_before_the_mistake_counts_again(stage: Stage, desk: Member) -> None:
    for day in ("2026-01-05", "2026-01-06"):
        desk.button(ids.INFORM_TOLD, "customer C1-2")
        desk.fill(**ANSWERS, informed_on=day).submit()

    assert "2026-01-05 · by e-mail" in desk.button(ids.INFORM_MISTAKE, "C1-2 2").words.replace("\n", "")


def test_without_a_statement_the_form_warns_and_is_no_wall(stage: Stage, emma: Member) -> None:
    import_customers(stage.store, read_sheet(LIST.encode()).lines, NOW)
    emma.button(ids.INFORM_TOLD, "customer C1-1")

    assert "There is no support statement yet" in read(emma.modal["blocks"])
    emma.fill(**ANSWERS).submit()
    assert [row[1] for row in sent(stage)] == [0]


def test_without_a_statement_the_answer_says_who_adds_one(stage: Stage, emma: Member) -> None:
    import_customers(stage.store, read_sheet(LIST.encode()).lines, NOW)

    assert "Whoever operates the bot adds it" in emma.button(ids.INFORM_TEXT, "C1-1").text


@pytest.mark.parametrize("value", ["page x", "customer C9-9", "page -1", ""])
def test_what_nobody_was_offered_is_refused(stage: Stage, desk: Member, value: str) -> None:
    assert desk.button(ids.INFORM_TOLD, value).text
    assert stage.slack.surfaces.top("U0EMMA") is None


def test_a_guest_neither_sees_nor_records_anything(stage: Stage, desk: Member) -> None:
    tom = Member(stage, "U0TOM")

    for heard in (tom.command("informed"), tom.button(ids.INFORM_TOLD, "page 0"), tom.button(ids.INFORM_TEXT, "C1-1")):
        assert "Guests can't use this app" in str(heard.told)
    assert sent(stage) == []
