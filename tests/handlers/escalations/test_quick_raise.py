"""Quick raise: title, severity and customer are enough; the rest is asked for before the number can be recorded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.notifications.message import Message
from models.outbox.queue import Outbox
from models.rules.escalations.escalation import Status
from models.rules.escalations.request import Severity
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import SETTINGS, HandlerResult, Stage
from tests.handlers.member import Member
from tests.handlers.rendering import render, render_context_on

CUSTOMER = ("Not in the list: 蓝天", "typed:蓝天")
QUICK = {"customer_name": CUSTOMER, "title": "Mail is down", "severity": "A"}
DETAILS = {
    "service": "m365", "scope": "whole_tenant", "details": "All mail bounces", "impact": "Nobody can work",
    "health": "normal", "tried": "Restarted", "lacks": ["tools"], "contact": "Emma, 138 0013 8000",
}  # fmt: skip
ADD = "card.correct"
HOUR = timedelta(hours=1)


def test_title_severity_and_customer_raise_a_case_in_one_press(stage: Stage, emma: Member) -> None:
    emma.command("quick")
    assert emma.fields == ["customer_name", "title", "severity"]

    heard = emma.fill(**QUICK).submit()

    case = stage.escalation()
    assert (case.title, case.severity, case.customer_name) == ("Mail is down", Severity.A, "蓝天")
    confirmation = block_limits.read(heard.ack["view"]["blocks"])
    assert "Service" in confirmation
    assert "Add details" in confirmation
    assert "Fit to escalate" not in confirmation, "nobody can tell yet"


@pytest.mark.parametrize("typed", ["快速 邮件中断", "快速呈报 邮件中断", "快速邮件中断", "quick 邮件中断"])
def test_words_after_the_command_are_the_title(wang: Member, typed: str) -> None:
    wang.command(typed)

    assert wang.value("title") == "邮件中断"
    assert wang.modal["title"]["text"] == "快速呈报"


def test_home_and_the_first_screen_of_the_form_offer_it(stage: Stage, emma: Member) -> None:
    stage.deliver(payloads.event("U0EMMA"))
    home = stage.slack.surfaces.homes["U0EMMA"]
    stage.deliver(payloads.view_click("U0EMMA", emma.trigger, home, payloads.button("home.quick", "")))
    assert "title" in emma.fields
    stage.slack.surfaces.close("U0EMMA", emma.modal["id"])

    emma.command()
    _press_in_form(stage, emma, "yes")

    assert emma.fields == ["customer_name", "title", "severity"]


def test_switching_to_all_questions_loses_nothing(stage: Stage, emma: Member) -> None:
    emma.command("quick")
    emma.fill(**QUICK)

    _press_in_form(stage, emma, "no")

    assert {name: emma.value(name) for name in ("kind", "severity", "title")} == {
        "kind": "customer", "severity": "A", "title": "Mail is down",
    }  # fmt: skip
    assert emma.value("customer_name") == "typed:蓝天"


def test_the_text_of_a_message_is_kept_by_a_quick_raise(stage: Stage, emma: Member) -> None:
    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, "Nobody can sign in"))
    _press_in_form(stage, emma, "yes")

    emma.fill(**QUICK).submit()

    assert stage.escalation().details == "Nobody can sign in"


def test_a_quick_form_that_was_closed_is_continued_as_one(stage: Stage, emma: Member) -> None:
    emma.command("quick")
    emma.fill(**QUICK)
    view = emma.modal
    stage.deliver(payloads.closed("U0EMMA", view))
    stage.slack.surfaces.close("U0EMMA", view["id"])
    key = emma.command("drafts").told[0]["blocks"][1]["elements"][0]["value"]

    emma.button("draft.continue", key)
    emma.submit()

    assert stage.escalation().title == "Mail is down"
    assert "You have no drafts" in emma.command("drafts").words


def test_the_last_answer_keeps_all_of_them_before_the_form_is_sent_or_closed(emma: Member) -> None:
    emma.command("quick")
    emma.fill(**QUICK)

    assert "Mail is down · 蓝天" in emma.command("drafts").words


@pytest.mark.parametrize("missing", ["customer_name", "title", "severity"])
def test_none_of_the_three_may_be_missing(stage: Stage, emma: Member, missing: str) -> None:
    emma.command("quick")
    emma.fill(**{name: value for name, value in QUICK.items() if name != missing})
    state = {name: value for name, value in emma.modal["state"]["values"].items() if name != missing}

    heard = emma.submit(state={"values": state})

    assert missing in heard.errors
    assert stage.everything() == []


def test_the_number_cannot_be_recorded_before_the_press_says_what_is_missing_and_opens_the_form(
    stage: Stage, emma: Member
) -> None:
    _raise(emma)

    emma.press("record")

    assert emma.modal["title"]["text"] == "Add details"
    assert "Still missing: Service, Details, Business impact, Our contact" in _read(emma)
    assert emma.fields[:3] == ["service", "details", "impact"]
    assert emma.value("title") == "Mail is down"


def test_after_the_missing_answers_the_number_is_recorded(stage: Stage, emma: Member) -> None:
    _raise(emma)
    emma.press("record")
    emma.fill(**DETAILS).submit()

    emma.press("record")
    emma.fill(request_number="6261234567").submit()

    case = stage.escalation()
    assert (case.status, case.request_number, case.service) == (Status.SUBMITTED, "6261234567", "m365")


def test_a_part_of_the_answers_can_be_saved_and_none_of_them_can_be_emptied(stage: Stage, emma: Member) -> None:
    _raise(emma)
    emma.press("correct")
    emma.fill(service="m365", details="All mail bounces").submit()

    emma.press("record")
    assert "Still missing: Business impact, Our contact" in _read(emma)
    heard = emma.fill(details="").submit(private_metadata=emma.modal["private_metadata"])

    assert "details" in heard.errors
    assert stage.escalation().details == "All mail bounces"


def test_a_typed_line_opens_the_form_too_and_says_that_the_number_waits(stage: Stage, emma: Member) -> None:
    _raise(emma)

    heard = emma.command("CSP-1 SR 6261234567")

    assert heard.told == []
    assert "6261234567 is not recorded yet" in _read(emma)
    assert stage.escalation().request_number is None


def test_a_line_typed_to_the_bot_is_answered_with_what_is_missing_and_the_button(stage: Stage, emma: Member) -> None:
    _raise(emma)

    answer = emma.type("CSP-1 SR 6261234567")

    assert answer is not None
    assert "these answers are missing: Service, Details" in block_limits.read(answer["blocks"])
    assert ADD in str(answer["blocks"])
    assert stage.escalation().request_number is None


def test_who_may_not_add_them_reads_what_is_missing_and_who_may(stage: Stage, emma: Member, wang: Member) -> None:
    _raise(emma)

    heard = wang.press("record")
    refused = wang.press("correct")

    assert "<@U0EMMA>" in heard.text
    assert "服务" in heard.text
    assert "<@U0EMMA>" in refused.text
    assert stage.slack.surfaces.top("U0WANG") is None


def test_who_raised_it_adds_them_after_somebody_else_took_it(stage: Stage, emma: Member, wang: Member) -> None:
    _raise(emma)
    wang.press("acknowledge")

    emma.press("correct", version=2)
    emma.fill(**DETAILS).submit()

    assert stage.escalation().service == "m365"
    assert "Only" in emma.press("correct", version=3).text  # complete: its owner corrects it


def test_a_forged_form_cannot_record_the_number_either(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.press("record")
    record = emma.modal
    stage.slack.surfaces.close("U0EMMA", record["id"])
    _raise(emma)
    forged = {**record, "private_metadata": record["private_metadata"].replace('"n": 1', '"n": 2')}
    forged["state"] = {"values": {"request_number": {"sheet.record": {"type": "plain_text_input", "value": "626"}}}}

    heard = stage.deliver(payloads.submission("U0EMMA", emma.trigger, forged))

    assert "Service" in " ".join(heard.errors.values())
    assert stage.escalation(2).request_number is None


def test_a_case_without_all_answers_can_be_resolved(stage: Stage, emma: Member) -> None:
    _raise(emma)

    emma.press("resolve")
    emma.fill(fix="It came back").submit()

    assert stage.escalation().status is Status.RESOLVED


@pytest.mark.parametrize("language", ["en", "zh_CN", "both"])
def test_the_thread_asks_with_a_button_until_all_is_there(stage: Stage, emma: Member, language: str) -> None:
    _raise(emma)
    asked = _sent(stage, MessageKind.LINE, language)
    emma.press("correct")
    emma.fill(service="m365").submit()
    asked_again = _sent(stage, MessageKind.LINE, language, HOUR)
    emma.press("correct", version=2)
    emma.fill(**{name: value for name, value in DETAILS.items() if name != "service"}).submit()

    assert ADD in asked
    assert ADD in asked_again
    assert ADD not in _sent(stage, MessageKind.LINE, language, 2 * HOUR)


def test_the_receipt_asks_for_the_rest_instead_of_giving_a_text_that_is_not_whole(stage: Stage, emma: Member) -> None:
    _raise(emma)

    receipt = _sent(stage, MessageKind.RECEIPT, "en")

    assert ADD in receipt
    assert "Copy this text" not in receipt


def test_the_card_offers_the_details_first_and_names_them(stage: Stage, emma: Member) -> None:
    _raise(emma)
    emma.press("acknowledge")

    card = emma.command("CSP-1")

    buttons = [element for block in card.told[0]["blocks"] for element in block.get("elements", ())]
    pressed = [element["action_id"] for element in buttons if element.get("type") == "button"]
    assert pressed == [ADD, "card.record", "card.note"]
    assert "Still missing" in card.words


def _raise(member: Member) -> None:
    member.command("quick")
    heard = member.fill(**QUICK).submit()
    assert heard.ack["response_action"] == "update", heard
    member.stage.slack.surfaces.close(member.user, member.modal["id"])


def _press_in_form(stage: Stage, member: Member, value: str) -> HandlerResult:
    acted = payloads.button("form.quick", value)
    return stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


def _read(member: Member) -> str:
    return block_limits.read(member.modal["blocks"])


def _sent(stage: Stage, kind: MessageKind, language: str, after: timedelta = timedelta()) -> str:
    """Send all that is owed some time ``after``; the blocks of the only message of a kind."""
    outbox, now, sent = Outbox(stage.store), NOW + after, []
    for n in range(30):
        now += timedelta(seconds=2)
        if delivery := outbox.claim(now, "w"):
            message = render(delivery, render_context_on(stage.store, replace(SETTINGS, language=language), now))
            assert isinstance(message, Message)
            block_limits.message(message.blocks, message.text)
            place = message.channel or f"D{message.user}"
            outbox.settle(delivery, SendOutcome(SendResult.SENT, place, f"{now.timestamp():.0f}.{n:06}"), now)
            sent += [str(message.blocks)] if delivery.what is kind else []
    assert len(sent) == 1
    return sent[0]
