"""At 3 a.m. on a phone: three answers raise a case, the thread asks for the rest, then the number is recorded."""

from models.rules.escalations.escalation import Status
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import PATIENCE, Json, World


def test_a_quickly_raised_case_is_completed_in_its_thread_and_filed(shared: World) -> None:
    number = shared.queries.count_all() + 1
    assert shared.wang.command("/csp-escalate 快速 邮件中断")["ok"]
    shared.answer(shared.wang, "customer_name", "晨曦")
    shared.answer(shared.wang, "severity", "A")
    assert shared.wang.submit()["response_action"] == "update"
    shared.wang.close()

    asked = shared.until(lambda: [m for m in shared.thread(number) if "card.correct" in str(m)], "the question")
    assert "待补充" in str(shared.card(number)["blocks"])
    assert shared.wang.click(asked[0], "card.correct")["ok"]
    shared.wang.wait_for_modal(lambda modal: bool(modal["callback_id"] == "sheet.correct"), timeout=PATIENCE)
    rest: Json = {
        "service": "m365", "scope": "whole_tenant", "details": "All mail bounces", "impact": "Nobody can work",
        "health": "normal", "tried": "Restarted", "lacks": ["tools"], "contact": "138 0013 8000",
    }  # fmt: skip
    assert shared.wang.fill(rest).submit()["ok"]
    shared.do(shared.wang, "record", number, request_number="6261234567")

    assert shared.escalation(number).status is Status.SUBMITTED
    shared.quiet()
    assert "待补充" not in str(shared.card(number)["blocks"])
    audit(shared)
