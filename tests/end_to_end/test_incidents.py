"""Customers are informed of our support in bulk; one incident hits two customers, from the form to their resolution."""

from models.customers.informed_customers import InformedCustomers
from models.rules.escalations.escalation import Escalation, ParentBond, Status
from tests.end_to_end.auditor import audit
from tests.end_to_end.world import PATIENCE, Json, World

INCIDENT = {"health": "incident", "incident_id": "MO777001"}


def count_due(world: World) -> int:
    return len(InformedCustomers(world._store).find_due(world.ticked_at))


def test_customers_who_are_due_are_informed_in_bulk(shared: World) -> None:
    before = count_due(shared)
    assert shared.emma.command("/csp-escalate informed")["ok"]

    def listed() -> Json | None:
        answers = shared.slack.ephemerals(user="U0EMMA")
        return next((answer for answer in reversed(answers) if "inform.told" in str(answer)), None)

    answer = shared.until(listed, "the list of customers", stride=0)
    assert shared.emma.click({"channel": "C0ESCAL", **answer}, "inform.told")["ok"]
    shared.emma.wait_for_modal(lambda modal: bool(modal["callback_id"] == "inform.told"), timeout=PATIENCE)
    (menu,) = (b["element"] for b in shared.emma.modal["blocks"] if b["block_id"] == "informed_customers")
    chosen = [option["value"] for option in menu["options"]]
    sent = shared.emma.fill({"informed_customers": chosen, "through": "email", "evidence": "mail-7.msg"}).submit()

    assert sent["response_action"] == "update"
    assert before - count_due(shared) >= 3
    shared.emma.close()


def attach(world: World, customer: str, parent: int) -> Escalation:
    """Emma raises a request of a customer in one press, attached to the case of the incident."""
    number = world.queries.count_all() + 1
    world._open_form(world.emma)
    answers = {"kind": "customer", "customer_name": customer, "service": "m365", "severity": "B", "title": "邮件延迟"}
    for name, value in {**answers, "health": "incident"}.items():
        world.answer(world.emma, name, value)
    world.emma.wait_for_modal(lambda modal: f"CSP-{parent}" in str(modal["blocks"]), timeout=PATIENCE)
    assert world.emma.press("attach.to")["ok"]
    return world.until(lambda: world.queries.escalation(number), f"CSP-{number}", stride=0)


def test_two_customers_of_one_incident_follow_it_and_are_resolved_by_one_press(shared: World) -> None:
    assert shared.raise_one(shared.emma, **INCIDENT)["ok"]
    parent = shared.queries.count_all()
    shared.emma.close()
    shared.do(shared.emma, "acknowledge", parent)

    children = [attach(shared, customer, parent) for customer in ("云杉", "海棠")]
    assert [(child.parent, child.parent_bond) for child in children] == [(parent, ParentBond.FOLLOWS)] * 2
    shared.quiet()
    assert all(child.name in str(shared.card(parent)["blocks"]) for child in children)
    card = shared.until(lambda: shared.card(parent), "the card")
    shown = shared.press(shared.emma, card, "resolve")
    assert shown["ok"]
    shared.emma.wait_for_modal(lambda modal: bool(modal["callback_id"] == "sheet.resolve"), timeout=PATIENCE)
    assert shared.emma.fill({"fix": "已回滚"}).submit()["response_action"] == "update"
    assert shared.emma.submit()["response_action"] == "update"

    assert [shared.escalation(child.number).status for child in children] == [Status.RESOLVED] * 2
    assert [shared.escalation(child.number).told_at for child in children] == [None, None]
    shared.quiet()
    audit(shared)
