"""A form outlives the bot: it is killed, and what was typed is found again and sent."""

from tests.end_to_end.auditor import audit
from tests.end_to_end.world import PATIENCE, Json, World


def test_a_draft_is_found_again_after_the_bot_was_killed_while_somebody_typed(shared: World) -> None:
    number = shared.queries.count_all() + 1
    assert shared.emma.command("/csp-escalate")["ok"]
    shared.answer(shared.emma, "kind", "customer")
    shared.emma.fill({"title": "邮件无法送达", "details": "All mail bounces"})
    shared.answer(shared.emma, "severity", "B")
    shared.kill()
    shared.expected.add("not_acked")
    shared.emma.close()  # the bot hears nothing of it
    shared.start()

    assert shared.emma.command("/csp-escalate drafts")["ok"]
    listed = shared.until(
        lambda: [m for m in shared.slack.ephemerals(user="U0EMMA") if "邮件无法送达" in str(m["blocks"])], "the draft"
    )
    assert shared.emma.click(listed[-1], "draft.continue")["ok"]
    shared.emma.wait_for_modal(timeout=PATIENCE)
    rest: Json = {
        "customer_name": "晨曦",
        "service": "m365",
        "scope": "whole_tenant",
        "health": "normal",
        "area": "none",
    }
    for name, value in {**rest, "tried": "Restarted Outlook", "lacks": ["tools"]}.items():
        shared.answer(shared.emma, name, value)
    assert shared.emma.submit()["response_action"] == "update"

    sent = shared.escalation(number)
    assert (sent.title, sent.details) == ("邮件无法送达", "All mail bounces")
    before = len(shared.slack.ephemerals(user="U0EMMA"))
    assert shared.emma.command("/csp-escalate drafts")["ok"]
    left = shared.until(lambda: shared.slack.ephemerals(user="U0EMMA")[before:], "the answer")
    assert "draft.continue" not in str(left)
    audit(shared)
