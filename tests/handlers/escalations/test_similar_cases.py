"""Similar solved cases in the form: they appear while somebody types, and the form loses nothing by it."""

from typing import Any

import pytest

from handlers.blocks.similar_cases import read_numbers
from models.rules.escalations.escalation import Move
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
    value = f'{{"n": {number}, "v": 1}}'
    acted = payloads.button(action_id, value)
    return member.stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


@pytest.mark.usefixtures("solved")
def test_a_similar_case_appears_below_the_details_while_they_are_typed(emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", severity="B", tried="已重启")
    assert read_numbers(emma.modal) == []

    emma.fill(details="Outlook 总是弹出登录窗口")

    said = block_limits.read(emma.modal["blocks"])
    assert read_numbers(emma.modal) == [1]
    assert "CSP-1 · Outlook 反复要求输入密码" in said
    assert FIX in said
    assert (emma.value("details"), emma.value("tried")) == ("Outlook 总是弹出登录窗口", "已重启")
    order = [block.get("block_id") for block in emma.modal["blocks"]]
    assert order.index("details") < order.index("similar:1") < order.index("impact")


@pytest.mark.usefixtures("solved")
def test_typing_on_draws_the_form_again_only_when_other_cases_are_similar(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365", details="Outlook 总是弹出登录窗口")
    stage.slack.calls.clear()

    emma.fill(details="Outlook 总是弹出登录窗口，今天")
    assert stage.slack.calls == []

    emma.fill(details="别的事情")
    assert stage.slack.calls == ["views.update"]
    assert read_numbers(emma.modal) == []


@pytest.mark.usefixtures("solved")
def test_the_short_form_and_a_brought_along_message_name_them_too(stage: Stage, emma: Member) -> None:
    emma.command("quick 0x8004010F")
    assert read_numbers(emma.modal) == [1]

    stage.deliver(payloads.message_shortcut("U0EMMA", emma.trigger, "Outlook 0x8004010F"))
    assert read_numbers(emma.modal) == [1]


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

    assert read_numbers(emma.modal) == [1]


@pytest.mark.usefixtures("solved")
def test_while_the_store_is_away_the_form_goes_on_without_them(stage: Stage, emma: Member) -> None:
    emma.command()
    emma.fill(kind="customer", service="m365")
    stage.store.path.rename(stage.store.path.with_name("away.db"))
    stage.store.path.mkdir()
    stage.store.dispose()

    emma.fill(details=PAST["details"])

    assert emma.value("details") == PAST["details"]
    assert read_numbers(emma.modal) == []
