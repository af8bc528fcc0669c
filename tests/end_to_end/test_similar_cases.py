"""A case that is ours to solve is solved from a past one while it is typed; the fix is kept and solves the next."""

from models.rules.escalations.escalation import Move, Status
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import PATIENCE, Json, World
from tests.slack_driver import Actor

FIX = "在合作伙伴中心为该用户重新分配许可证"
OURS: Json = {"title": "新员工打不开 Outlook，提示没有许可证", "details": "错误 0x8004010F，许可证已购买"}


def begin(world: World, who: Actor, named: str) -> None:
    """Type a problem that is ours to solve, until a similar case or article is named."""
    who.command("/csp-escalate new")
    answers = {"kind": "customer", "customer_name": "晨曦", "service": "m365", "severity": "C", "area": "how_to"}
    for name, value in {**answers, "title": "用户缺少许可证，Outlook 打不开", "details": "0x8004010F"}.items():
        world.answer(who, name, value)
    who.wait_for_modal(lambda modal: f"similar:{named}" in str(modal["blocks"]), timeout=PATIENCE)


def solve(world: World, who: Actor) -> int:
    """Press “This solved it” below the first case that is named; the number of the new case."""
    number = world.queries.count_all() + 1
    assert who.press("similar.solved")["ok"]
    who.wait_for_modal(lambda modal: modal["title"]["text"] == f"CSP-{number}", timeout=PATIENCE)
    who.close()
    world.quiet()
    return number


def test_a_case_that_is_ours_is_solved_from_a_past_one_and_its_fix_becomes_an_article(shared: World) -> None:
    assert shared.raise_one(shared.wang, **OURS, area="none")["ok"]
    past = shared.queries.count_all()
    shared.do(shared.wang, "resolve", past, fix=FIX)

    begin(shared, shared.emma, f"CSP-{past}")
    number = solve(shared, shared.emma)

    case = shared.escalation(number)
    assert (case.status, case.solved_from, case.is_escalated, case.review) == (Status.RESOLVED, past, False, None)
    assert [entry.move for entry in shared.queries.history(number)] == [Move.RAISE, Move.RESOLVE]
    assert shared.queries.call_targets(number).people == ()
    assert FIX in str(shared.card(number)["blocks"])
    assert "solved 1 more case" in str(shared.card(past)["blocks"])
    assert not [told for told in shared.slack.dms(shared.emma.id) if f"CSP-{number}" in told["text"]]
    shared.do(shared.emma, "tell", number)
    shared.do(shared.emma, "close", number)

    shared.wang.click(shared.card(past), "card.more", option="存为知识 Keep as article")
    shared.wang.wait_for_modal(lambda modal: modal["callback_id"] == "article.form", timeout=PATIENCE)
    assert shared.wang.submit()["ok"]
    shared.wang.close()
    begin(shared, shared.emma, "KB-1")
    assert shared.escalation(solve(shared, shared.emma)).solved_by_article == 1

    shared.quiet()
    audit(shared)
