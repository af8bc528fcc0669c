"""One incident, two customers: attached in one press, informed with one text, resolved after the incident."""

import json

import pytest

from handlers import ids
from handlers.blocks import card_buttons
from handlers.i18n.words import Words
from models.rules.escalations.escalation import ParentBond, Status
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage
from tests.handlers.member import Member

INCIDENT = {"health": "incident", "incident_id": "MO123"}


@pytest.fixture
def desk(stage: Stage, emma: Member) -> Member:
    """Emma, who has the case of an incident, and two customers that she attached to it."""
    emma.raise_one(**INCIDENT)
    emma.press("acknowledge")
    for name in ("云杉", "Litware"):
        attach(emma, name)
    return emma


def attach(emma: Member, customer: str, severity: str = "B") -> Member:
    emma.command("new")
    emma.fill(
        kind="customer", customer_name=(customer, f"typed:{customer}"), service="m365", health="incident",
        severity=severity, title="Mail",
    )  # fmt: skip
    heard = emma.stage.deliver(press(emma))
    assert heard.status == 200
    return emma


def press(emma: Member) -> dict[str, object]:
    """The press of “Also hit by MO123 (CSP-1)” in the open form."""
    [button] = [
        element for block in emma.modal["blocks"] for element in block.get("elements", [])
        if element.get("action_id") == ids.ATTACH_TO
    ]  # fmt: skip
    acted = payloads.button(ids.ATTACH_TO, button["value"])
    return payloads.view_click(emma.user, emma.trigger, emma.modal, acted)


def test_a_customer_is_attached_in_one_press_and_both_cards_say_so(stage: Stage, desk: Member) -> None:
    child = stage.escalation(2)

    assert (child.customer_name, child.parent, child.parent_bond) == ("云杉", 1, ParentBond.FOLLOWS)
    assert child.incident_id == "MO123"
    assert "Nobody was called: CSP-1 is acknowledged" in json.dumps(desk.modal["blocks"])
    assert [name for name in ("CSP-2", "CSP-3") if name not in desk.command("show CSP-1").words] == []
    shown = desk.command("show CSP-2").words
    assert "Case of the incident" in shown
    assert "Still missing" not in shown
    assert "A lead looks at it" not in shown
    drawn = card_buttons.buttons(child, Words.of("en"), stage.services.now())
    assert [one["text"]["text"] for one in drawn if one["type"] == "button"] == [
        "Acknowledge", "Mark customer informed", "Add a note",
    ]  # fmt: skip


def test_what_is_missing_is_named_and_nothing_is_raised(stage: Stage, desk: Member) -> None:
    desk.command("new")
    desk.fill(kind="customer", service="m365", health="incident")

    heard = stage.deliver(press(desk))

    assert heard.status == 200
    assert "Fill in" in json.dumps(desk.modal["blocks"])
    assert len(list(stage.queries.all_escalations())) == 3


def test_one_text_goes_to_all_with_the_customer_of_the_incidents_own_case_and_each_is_marked_once(
    stage: Stage, desk: Member
) -> None:
    desk.choose(ids.INFORM_CHILDREN)
    shown = json.dumps(desk.modal["blocks"], ensure_ascii=False)
    view = json.loads(json.dumps(desk.fill(through="phone").modal))
    heard = desk.submit()
    desk.submit(state=view["state"], id=view["id"], blocks=view["blocks"], callback_id=view["callback_id"])

    assert "MO123" in shown
    assert "贵公司使用的服务受到一起事件的影响" in shown
    assert "Mail" not in shown.split("Customers who were told")[0]
    assert "3 customers are marked as informed." in json.dumps(heard.ack)
    assert [stage.escalation(number).told_through for number in (1, 2, 3)] == ["phone"] * 3
    assert [len(stage.queries.history(number)) for number in (1, 2, 3)] == [3, 2, 2]


def test_its_card_has_a_button_that_informs_all_customers(stage: Stage, desk: Member) -> None:
    shown = desk.command("show CSP-1").told[0]["blocks"]
    named = [element for block in shown for element in block.get("elements", []) if element["type"] == "button"]

    assert [one["text"]["text"] for one in named] == ["Inform all customers", "Resolve", "Add a note"]
    desk.button(ids.INFORM_CHILDREN, named[0]["value"])
    assert "Customers who were told" in json.dumps(desk.modal["blocks"])
    assert "Inform all customers" not in json.dumps(desk.command("show CSP-2").told)


@pytest.mark.parametrize(
    ("severity", "acknowledged", "said"),
    [
        ("A", True, "severity A always reaches somebody"),
        ("B", True, "this severity is higher than that of CSP-1"),
        ("C", False, "nobody has acknowledged CSP-1 yet"),
    ],
)
def test_only_the_reason_that_holds_is_told_when_somebody_is_called(
    emma: Member, severity: str, acknowledged: bool, said: str
) -> None:
    emma.raise_one(**INCIDENT, severity="C")
    if acknowledged:
        emma.press("acknowledge")

    attach(emma, "云杉", severity)

    told = block_limits.read(emma.modal["blocks"])
    assert said in told
    assert told.count("Somebody is called") == 1


def test_only_its_owner_or_a_lead_informs_all(stage: Stage, desk: Member, wang: Member) -> None:
    heard = wang.choose(ids.INFORM_CHILDREN)

    assert "<@U0EMMA>" in heard.text
    assert stage.slack.surfaces.top("U0WANG") is None


def test_resolving_the_incident_proposes_its_cases_and_a_press_resolves_those_chosen(
    stage: Stage, desk: Member
) -> None:
    desk.press("resolve", version=2)
    desk.fill(fix="Rolled back")
    heard = desk.submit()

    assert "CSP-1 is resolved; 2 attached cases are open." in json.dumps(heard.ack)
    assert stage.escalation(2).status is Status.OPEN
    desk.fill(cases=["2"])
    done = desk.submit()
    assert "1 case is resolved. Now inform its customer." in json.dumps(done.ack)
    acted = payloads.button(ids.INFORM_CHILDREN, json.dumps({"n": 1, "v": 1}))
    stage.deliver(payloads.view_click(desk.user, desk.trigger, desk.modal, acted))
    assert ids.INFORM_CHILDREN in json.dumps(done.ack)
    assert "2 customers are marked as informed." in json.dumps(
        desk.fill(cases=["1", "2"], through="phone").submit().ack
    )
    assert [stage.escalation(number).told_through for number in (1, 2, 3)] == ["phone", "phone", None]
    stage.slack.surfaces.close(desk.user, desk.modal["id"])
    history = desk.command("history CSP-2").words
    assert "resolved or withdrew CSP-1, so this case no longer follows it" in history
    assert "goes on alone" not in history
    assert (stage.escalation(2).status, stage.escalation(3).status) == (Status.RESOLVED, Status.OPEN)
    assert "CSP-1" in (stage.escalation(2).fix or "")
    desk.choose(ids.RESOLVE_CHILDREN)
    assert "CSP-3" in json.dumps(desk.modal["blocks"])


def test_a_typed_line_attaches_and_the_menu_detaches(stage: Stage, desk: Member) -> None:
    desk.raise_one()
    desk.command("CSP-4 归入 CSP-1")
    attached_to = stage.escalation(4).parent
    desk.choose("card.parent", 4)
    desk.fill(original="").submit()

    assert attached_to == 1
    assert stage.escalation(4).parent is None
    assert "detached it from its incident" in desk.command("history CSP-4").words


def test_a_chinese_reader_reads_chinese(stage: Stage, desk: Member, wang: Member) -> None:
    assert "所属事件的呈报" in wang.command("查看 CSP-2").words
