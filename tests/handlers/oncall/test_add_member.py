"""A lead who is not on the rota and would take a duty is put on it with the same press; others are told whom to ask."""

from typing import Any

import pytest

from bot.sandbox.elements import elements
from handlers import ids
from models.oncall.rota_versions import import_rota
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import HOUR
from tests.handlers.oncall.test_shift_actions import GAPPED, kept, span, standing

WITHOUT_LINA = "# who does what\n" + GAPPED.replace('"李娜"', '"周杰"').replace("U0LINA", "U0ZHOU")


@pytest.fixture
def short(rota: Stage) -> Stage:
    """A stage whose lead is not on the rota, and on which every day is a gap."""
    import_rota(rota.store, WITHOUT_LINA, "cli", NOW - HOUR)
    return rota


def offered(heard: HandlerResult) -> tuple[str, str]:
    """The one button of a private answer: its action and its value."""
    ((_, button),) = elements(heard.told[0]["blocks"])
    return button["action_id"], button["value"]


@pytest.mark.parametrize("where", ["card", "list"])
def test_a_lead_is_offered_to_be_added_and_takes_it_with_the_same_press(short: Stage, lina: Member, where: str) -> None:
    pressed = (ids.ROTA_TAKE, kept(short)) if where == "card" else (ids.ROTA_TAKE_LISTED, span())
    refused = lina.button(*pressed)
    assert refused.text.startswith("你不在值班表上，可请 <@U0LINA> 添加。")
    assert "加入值班表并补位" in refused.words

    heard = lina.button(*offered(refused))

    plan = short.rota_store.rota(NOW + HOUR)
    assert plan
    assert [member.name for member in plan.members.values() if member.slack_id == "U0LINA"] == ["李娜 Li Na"]
    # Nobody knows her role: what taking it opens is shown before it is saved.
    assert lina.modal["callback_id"] == ids.ROTA_SAVE
    assert heard.told == []
    lina.submit()
    assert standing(short) == ["李娜 Li Na"]


def test_the_file_keeps_its_comments(short: Stage, lina: Member) -> None:
    lina.button(*offered(lina.button(ids.ROTA_TAKE_LISTED, span())))

    text = short.services.rota_editor.newest(NOW + HOUR)[1]
    assert text.startswith("# who does what")
    assert text.endswith('[[member]]\nname = "李娜 Li Na"\nslack = "U0LINA"\n')


def test_a_second_press_adds_nobody_twice(short: Stage, lina: Member) -> None:
    button = offered(lina.button(ids.ROTA_TAKE_LISTED, span()))
    lina.button(*button)
    lina.button(*button)

    plan = short.rota_store.rota(NOW + HOUR)
    assert plan
    assert len([member for member in plan.members.values() if member.slack_id == "U0LINA"]) == 1


def test_who_stands_in_the_file_by_that_name_without_an_account_gets_it(rota: Stage, lina: Member) -> None:
    named = WITHOUT_LINA.replace('"张敏"', '"李娜 Li Na"')
    import_rota(rota.store, named, "cli", NOW - HOUR)

    lina.button(*offered(lina.button(ids.ROTA_TAKE_LISTED, span())))

    plan = rota.rota_store.rota(NOW + HOUR)
    assert plan
    assert plan.members["李娜 Li Na"].slack_id == "U0LINA"


def test_others_read_who_can_add_them_and_get_no_button(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, GAPPED.replace("U0EMMA", "U0ELSE"), "cli", NOW - HOUR)

    heard = emma.button(ids.ROTA_TAKE_LISTED, span())

    assert heard.text == "You are not on the rota. <@U0LINA> can add you."
    assert heard.told[0]["blocks"] == []


def test_the_button_of_a_lead_is_no_right_of_whoever_presses_it(short: Stage, lina: Member, emma: Member) -> None:
    import_rota(short.store, WITHOUT_LINA.replace("U0EMMA", "U0ELSE"), "cli", NOW - HOUR / 2)
    button: Any = offered(lina.button(ids.ROTA_TAKE_LISTED, span()))

    heard = emma.button(*button)

    assert "Only leads can do this." in heard.text
    plan = short.rota_store.rota(NOW + HOUR)
    assert plan
    assert all(member.slack_id != "U0EMMA" for member in plan.members.values())
