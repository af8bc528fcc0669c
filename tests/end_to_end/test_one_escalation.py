"""One escalation from the command to closed and open again, by Li Na in Chinese and Emma in English."""

import json
from typing import Any

from models.rules.escalations.escalation import Status
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import ESCALATIONS, World
from tests.handlers.block_limits import read


def test_an_escalation_travels_from_the_command_to_its_recorded_history(either: World) -> None:
    ts = _wang_raises_it(either)
    _emma_takes_it_and_wang_comes_second(either)
    _it_is_solved_but_not_closed_before_the_customer_knows(either)
    _it_comes_back_and_is_handed_to_emma(either)
    # One card, updated in place; the thread in the order of the moves; nothing else anywhere.
    audit(either)
    shown = [message for message in either.slack.messages(ESCALATIONS) if message.get("bot_id")]
    assert [one["ts"] for one in shown] == [ts]
    _history_in_slack_in_the_store_and_in_the_export_agree(either)


def _wang_raises_it(world: World) -> str:
    wang = world.wang
    assert world.raise_one(wang)["response_action"] == "update"
    assert "CSP-1" in read(wang.modal["blocks"])
    assert "客户请求" in read(wang.modal["blocks"])
    wang.close()
    receipt = world.until(lambda: world.slack.dms("U0WANG"), "the receipt")
    assert "All mail to chenxi bounces" in read(receipt[0]["blocks"])
    assert "5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a001" in read(receipt[0]["blocks"])
    card = world.card()
    assert "上海晨曦电子科技有限公司" in read(card["blocks"])
    assert "邮件无法送达" in card["text"]
    return str(card["ts"])


def _emma_takes_it_and_wang_comes_second(world: World) -> None:
    card = world.card()
    world.slack.fault("chat.update", "ratelimited", retry_after=5, times=-1)  # Wang still sees the old card
    assert world.emma.click(card, "card.acknowledge")["ok"]
    # A click is answered before it is carried out: without this, Wang's may be carried out first.
    world.until(lambda: world.escalation().owner == "U0EMMA", "Emma's click to be carried out", stride=0)
    assert world.wang.click(card, "card.acknowledge")["ok"]
    told = world.until(lambda: world.slack.ephemerals(user="U0WANG"), "what Wang is told", stride=0)
    assert "<@U0EMMA>" in told[0]["text"]
    assert "已" in told[0]["text"]
    world.slack.clear_faults()
    assert world.escalation().owner == "U0EMMA"


def _it_is_solved_but_not_closed_before_the_customer_knows(world: World) -> None:
    world.do(world.emma, "note", note="Called 21Vianet <!channel>")
    world.do(world.emma, "record", request_number="625112200012345")
    assert world.escalation().status is Status.SUBMITTED
    world.do(world.emma, "resolve", fix="Connector repaired")
    world.until(lambda: "✅" in read(world.card()["blocks"]), "the card to say so")
    assert not _has(world, "card.close")
    world.do(world.lina, "tell")
    world.do(world.lina, "close")
    assert (world.escalation().status, world.escalation().closed_by) == (Status.CLOSED, "U0LINA")


def _it_comes_back_and_is_handed_to_emma(world: World) -> None:
    world.do(world.wang, "reopen", reason="又出现了")
    assert world.escalation().closed_by == "U0LINA"
    world.do(world.wang, "acknowledge")
    world.do(world.lina, "hand_over", owner="U0EMMA")
    handed = world.until(lambda: _handed(world), "the message to Emma")
    assert "CSP-1" in handed[0]["text"]
    assert "Acknowledge" in world.emma.labels(handed[0])
    world.do(world.emma, "acknowledge")
    assert "card.withdraw" not in str(world.card()["blocks"])  # 21Vianet has it
    world.do(world.emma, "resolve", fix="Solved by itself")
    assert world.escalation().status is Status.RESOLVED


def _handed(world: World) -> list[dict[str, Any]]:
    return [one for one in world.slack.dms("U0EMMA") if "Li Na reassigned" in read(one["blocks"])]


def _history_in_slack_in_the_store_and_in_the_export_agree(world: World) -> None:
    entries = world.queries.history(1)
    asked = ("history CSP-1", "show CSP-1", "search 625112200012345", "list", "help")
    answers = [_asked(world, words) for words in asked]
    for entry in entries[:10]:
        assert entry.text in answers[0]
    assert "邮件无法送达" in answers[1]
    assert "CSP-1" in answers[2]
    exported = json.loads(world.run("escalations", "export", "--format", "json"))
    history = next(one for one in exported if one["escalation"] == "CSP-1")["history"]
    assert [(line["move"], line["by"], line["reason"]) for line in history] == [(e.move, e.by, e.text) for e in entries]


def _asked(world: World, words: str) -> str:
    """What Emma is answered to a command."""
    before = len(world.slack.ephemerals(user="U0EMMA"))
    assert world.emma.command(f"/csp-escalate {words}")["ok"]
    found = world.until(lambda: world.slack.ephemerals(user="U0EMMA")[before:], f"an answer to {words}", stride=0)
    return read(found[0]["blocks"])


def test_a_message_becomes_an_escalation_with_its_text_and_address(either: World) -> None:
    world, emma = either, either.emma
    ts = emma.post("Invoice is *wrong* <!here>", channel=ESCALATIONS)
    message = next(m for m in world.slack.messages(ESCALATIONS) if m["ts"] == ts)
    assert emma.message_shortcut("escalate_message", message)["ok"]
    emma.wait_for_modal()
    for name, value in {"kind": "partner_center", "category": "billing", "severity": "C", "title": "Invoice"}.items():
        world.answer(emma, name, value)
    assert emma.submit()["ok"]
    number = world.queries.count_all()
    escalation = world.escalation(number)
    assert escalation.details == "Invoice is *wrong* <!here>"
    assert escalation.answers["source"].endswith(f"/archives/{ESCALATIONS}/p{ts.replace('.', '')}")
    audit(world)


def test_a_mail_of_21vianet_is_attached_to_the_case_that_it_names(either: World) -> None:
    world, emma = either, either.emma
    assert world.raise_one(emma)["response_action"] == "update"
    emma.close()
    number = world.queries.count_all()
    world.do(emma, "record", number, request_number="625112200054321")
    ts = emma.post("[625112200054321] Please send <!here> the logs", channel=ESCALATIONS)
    message = next(m for m in world.slack.messages(ESCALATIONS) if m["ts"] == ts)
    before = len(world.slack.ephemerals(user="U0EMMA"))

    assert emma.message_shortcut("attach_message", message)["ok"]

    found = world.until(lambda: world.slack.ephemerals(user="U0EMMA")[before:], "the private answer", stride=0)
    assert f"history of CSP-{number}" in read(found[-1]["blocks"])
    entry = world.queries.history(number)[-1]
    assert entry.text == "[625112200054321] Please send <!here> the logs"
    assert entry.changes["link"][1].endswith(f"/archives/{ESCALATIONS}/p{ts.replace('.', '')}")
    world.until(
        lambda: any("附加了一条消息" in read(one["blocks"]) for one in world.thread(number)), "the line in the thread"
    )
    audit(world)


def test_the_home_tab_lists_what_is_open_and_begins_a_new_one(either: World) -> None:
    world, emma = either, either.emma
    emma.open_home()
    world.until(lambda: world.slack.home("U0EMMA"), "the Home tab", stride=0)
    assert emma.press_home("home.new")["ok"]
    emma.wait_for_modal(lambda modal: bool(modal["callback_id"] == "form"))
    emma.close()


def _has(world: World, action_id: str) -> bool:
    shown = [one for block in world.card()["blocks"] if block["type"] == "actions" for one in block["elements"]]
    return any(one["action_id"] == action_id for one in shown)
