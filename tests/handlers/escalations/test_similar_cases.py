"""Similar solved cases in the form: they appear while somebody types, and the form loses nothing by it."""

from typing import Any

import pytest

from handlers.blocks.similar_cases import does_ask_first, read_names
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Move, Status
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.member import Member
from tests.models.samples import CHANNEL, NOW, WANG, customer_request, step

PAST = {"service": "m365", "title": "Outlook 反复要求输入密码", "details": "每隔几分钟弹出登录窗口 0x8004010F"}
FIX = "清除凭据管理器中的旧凭据"


@pytest.fixture
def solved(stage: Stage) -> int:
    """The number of a case that was solved."""
    return solve(stage)


def solve(stage: Stage, fix: str = FIX, **changes: Any) -> int:
    """Raise and resolve a case; its number."""
    request = customer_request(**{**PAST, **changes})
    number = stage.commands.raise_escalation(request, CHANNEL, WANG, NOW, f"past {changes}").number
    stage.commands.move(number, step(Move.RESOLVE, text=fix), f"fix {number}")
    return number


def press(member: Member, action_id: str, number: int = 1) -> Any:
    """Press a button of a similar case in the open form."""
    acted = payloads.button(action_id, f"CSP-{number}")
    return member.stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


@pytest.mark.usefixtures("solved")
def test_a_similar_case_appears_below_the_details_while_they_are_typed(emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", severity="B", tried="已重启")
    assert read_names(emma.modal) == []

    emma.fill(details="Outlook 总是弹出登录窗口")

    said = block_limits.read(emma.modal["blocks"])
    assert read_names(emma.modal) == ["CSP-1"]
    assert "CSP-1 · Outlook 反复要求输入密码" in said
    assert " · Solved on: " in said
    assert FIX in said
    assert (emma.value("details"), emma.value("tried")) == ("Outlook 总是弹出登录窗口", "已重启")
    order = [block.get("block_id") for block in emma.modal["blocks"]]
    assert order.index("details") < order.index("similar:CSP-1") < order.index("impact")


@pytest.mark.usefixtures("solved")
def test_typing_on_draws_the_form_again_only_when_other_cases_are_similar(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", details="Outlook 总是弹出登录窗口")
    stage.slack.calls.clear()

    emma.fill(details="Outlook 总是弹出登录窗口，今天")
    assert stage.slack.calls == []

    emma.fill(details="别的事情")
    assert stage.slack.calls == ["views.update"]
    assert read_names(emma.modal) == []


@pytest.mark.usefixtures("solved")
def test_the_short_form_and_a_brought_along_message_name_them_too(stage: Stage, emma: Member) -> None:
    emma.command("quick 0x8004010F")
    assert read_names(emma.modal) == ["CSP-1"]

    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, "Outlook 0x8004010F"))
    assert read_names(emma.modal) == ["CSP-1"]


def test_a_similar_case_is_viewed_over_the_form_which_stays(solved: int, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", title="0x8004010F")
    form = emma.modal

    press(emma, "similar.show", solved)

    assert emma.modal["title"]["text"] == "CSP-1"
    emma.stage.slack.surfaces.close("U0EMMA", emma.modal["id"])
    assert emma.modal["id"] == form["id"]
    assert emma.value("title") == "0x8004010F"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_past_case_and_fix_can_be_shown(stage: Stage, emma: Member, text: str) -> None:
    solve(stage, title=f"0x8004010F {text}"[:150], fix=text)

    emma.command("quick 0x8004010F")

    assert read_names(emma.modal) == ["CSP-1"]


@pytest.mark.usefixtures("solved")
def test_while_the_store_is_away_the_form_goes_on_without_them(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365")
    stage.store.path.rename(stage.store.path.with_name("away.db"))
    stage.store.path.mkdir()
    stage.store.dispose()

    emma.fill(details=PAST["details"])

    assert emma.value("details") == PAST["details"]
    assert read_names(emma.modal) == []


@pytest.mark.usefixtures("solved")
def test_the_confirmation_names_what_the_form_did_not_show(emma: Member) -> None:
    emma.command("quick")
    emma.fill(customer_name=("Not in the list: 蓝天", "typed:蓝天"), severity="B")
    view = emma.modal
    for name, value in {"title": "Outlook 反复要求输入密码 0x8004010F"}.items():  # the event of typing was lost
        next(iter(view["state"]["values"][name].values()))["value"] = value

    said = block_limits.read(emma.submit().ack["view"]["blocks"])

    assert "CSP-1 · Outlook 反复要求输入密码" in said
    assert "press “Resolve” on the card and name it" in said


# This solved it ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("solved")
def test_this_solved_it_records_a_solved_case_and_asks_to_inform_the_customer(stage: Stage, emma: Member) -> None:
    stage.duty = OnCallPeople(("U0LINA",))
    typed = form_with_similar(emma)

    press(emma, "similar.solved")

    case = stage.escalation(2)
    assert (case.status, case.solved_from, case.owner) == (Status.RESOLVED, 1, "U0EMMA")
    assert (case.fix, case.title) == (f"as CSP-1: {FIX}", typed["title"])
    assert stage.queries.call_targets(2).people == ()
    said = block_limits.read(emma.modal["blocks"])
    assert "*CSP-2* is recorded as solved. Nobody was called." in said
    assert "Mark customer informed" in said
    assert "solved {n}" not in said


@pytest.mark.usefixtures("solved")
def test_it_asks_before_it_acts_because_a_thumb_slips(wang: Member) -> None:
    form_with_similar(wang)

    buttons = [one for block in wang.modal["blocks"] if block["type"] == "actions" for one in block["elements"]]
    solved_button = next(button for button in buttons if button["action_id"] == "similar.solved")
    assert solved_button["confirm"]["title"]["text"] == "按 CSP-1 的办法解决的？"


@pytest.mark.usefixtures("solved")
def test_what_is_missing_is_named_before_it_asks_and_it_asks_once_nothing_is(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", title="Outlook", details="0x8004010F")
    assert "Before you press “This solved it”, fill in: Customer, Severity." in block_limits.read(emma.modal["blocks"])
    assert not does_ask_first(emma.modal)

    emma.fill(severity="B", customer_name=("Not in the list: 蓝天", "typed:蓝天"))  # the bot hears of the severity only
    press(emma, "similar.solved")

    assert does_ask_first(emma.modal)
    assert "Before you press" not in block_limits.read(emma.modal["blocks"])
    assert len(stage.everything()) == 1
    press(emma, "similar.solved")
    assert stage.escalation(2).status is Status.RESOLVED


@pytest.mark.usefixtures("solved")
def test_pressed_twice_it_is_one_case_and_the_draft_is_gone(stage: Stage, emma: Member) -> None:
    form_with_similar(emma)
    form = {**emma.modal}
    acted = payloads.button("similar.solved", "CSP-1")

    for _ in range(2):
        stage.deliver(payloads.view_click("U0EMMA", emma.trigger, form, acted))

    assert [case.number for case, _ in stage.everything()] == [1, 2]
    emma.command("drafts")
    assert "You have" not in block_limits.read(emma.modal["blocks"])


@pytest.mark.usefixtures("solved")
def test_what_is_missing_is_named_and_the_form_stays(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", details="0x8004010F")

    press(emma, "similar.solved")

    assert "Fill in Customer, Severity, Title first" in block_limits.read(emma.modal["blocks"])
    assert emma.value("details") == "0x8004010F"
    assert len(stage.everything()) == 1


def test_a_case_that_was_reopened_meanwhile_solves_nothing(stage: Stage, emma: Member, solved: int) -> None:
    form_with_similar(emma)
    stage.commands.move(solved, step(Move.REOPEN), "reopen")

    press(emma, "similar.solved")

    assert "CSP-1 is not solved" in block_limits.read(emma.modal["blocks"])
    assert len(stage.everything()) == 1


@pytest.mark.usefixtures("solved")
def test_a_guest_and_somebody_of_another_workspace_solve_nothing(stage: Stage, emma: Member) -> None:
    form_with_similar(emma)
    form, acted = {**emma.modal}, payloads.button("similar.solved", "CSP-1")

    stage.deliver(payloads.view_click("U0TOM", emma.trigger, form, acted))

    assert len(stage.everything()) == 1


@pytest.mark.usefixtures("solved")
def test_a_raised_case_is_resolved_as_a_past_one_with_its_fix(stage: Stage, wang: Member) -> None:
    number = wang.raise_one(title="Outlook 反复要求输入密码", details="弹出登录窗口")
    wang.press("resolve", number)
    assert "CSP-1 · Outlook 反复要求输入密码" in block_limits.read(wang.modal["blocks"])

    wang.fill(solved_from="csp-1").submit()

    case = stage.escalation(number)
    assert (case.solved_from, case.fix) == (1, f"同 CSP-1：{FIX}")
    wang.command("show CSP-1")


@pytest.mark.usefixtures("solved")
def test_lists_and_cases_say_how_often_a_fix_was_used(stage: Stage, emma: Member) -> None:
    form_with_similar(emma)
    press(emma, "similar.solved")

    assert "solved 1 more case" in emma.command("search CSP-1").words
    assert "solved 1 more case" in emma.command("show CSP-1").words
    assert "Resolution: \nas CSP-1: " in emma.command("show CSP-2").words
    history = emma.command("history CSP-2").words
    assert ("as CSP-1: " in history, "in the same way as CSP-1" in history) == (True, False)
    assert stage.escalation(2).solved_from == 1


def form_with_similar(member: Member) -> dict[str, Any]:
    """Fill what a solved case needs, with a similar case shown."""
    typed = {
        "kind": "customer", "customer_name": ("Not in the list: 蓝天", "typed:蓝天"), "service": "m365",
        "severity": "B", "title": "Outlook 反复弹出密码", "details": "登录窗口 0x8004010F",
    }  # fmt: skip
    member.command()
    member.fill(**typed)
    assert read_names(member.modal) == ["CSP-1"]
    return typed
