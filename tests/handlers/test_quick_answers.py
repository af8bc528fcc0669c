"""Two answers of a form given so quickly that their redrawings overlap."""

import copy

from bot.sandbox.elements import elements
from tests.handlers import payloads
from tests.handlers.member import Member
from tests.handlers.stage import Stage


def _answer(wang: Member, view: payloads.Json, name: str, value: str) -> payloads.Json:
    """The delivery of one answer, given on a view as it looked then."""
    block, element = next((b, e) for b, e in elements(view["blocks"]) if b["block_id"] == name)
    chosen = {"selected_option": next(one for one in element["options"] if one["value"] == value)}
    entry = {"type": element["type"], **chosen}
    view["state"]["values"].setdefault(name, {})[element["action_id"]] = entry
    acted = {"block_id": block["block_id"], "action_id": element["action_id"], **entry}
    return payloads.view_click(wang.user, wang.trigger, copy.deepcopy(view), acted)


def _two_answers(wang: Member) -> tuple[payloads.Json, payloads.Json]:
    wang.command()
    wang.fill(kind="customer")
    view = copy.deepcopy(wang.modal)
    return _answer(wang, view, "service", "m365"), _answer(wang, view, "scope", "some_users")


def test_the_later_of_two_quick_answers_wins_over_a_form_drawn_meanwhile(stage: Stage, wang: Member) -> None:
    earlier, later = _two_answers(wang)
    stage.deliver(earlier)
    stage.deliver(later)
    assert {"workload", "affected"} <= set(wang.fields)


def test_an_answer_that_was_overtaken_on_its_way_undoes_nothing(stage: Stage, wang: Member) -> None:
    earlier, later = _two_answers(wang)
    stage.deliver(later)
    stage.deliver(earlier)
    assert {"workload", "affected"} <= set(wang.fields)
