"""Describing the rota from Slack: leads only, a part at a time, shown before it is saved, never over another's."""

from typing import Any

import pytest

from handlers import ids
from handlers.i18n.rota_labels import LIMIT
from models.oncall.rota_versions import import_rota, text_at, versions
from models.rules.rota.rota import LoadLimits, PartnerRole, Rota
from models.rules.rota.toml import reader
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import HOUR
from tests.sample_rotas import DAY_AND_NIGHT

EDIT = ids.ROTA_EDIT


def plan(stage: Stage) -> Rota:
    found = stage.rota_store.rota(NOW + HOUR)
    assert found is not None
    return found


def in_modal(stage: Stage, member: Member, action_id: str, value: str = "", block_id: str = "b") -> HandlerResult:
    """A button of the open modal."""
    acted = {**payloads.button(action_id, value), "block_id": block_id}
    return stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


def opened(stage: Stage, lina: Member, value: str) -> Member:
    """The form of one part."""
    lina.button(f"{EDIT}.open", "")
    in_modal(stage, lina, f"{EDIT}.pick.{value.partition(' ')[0]}", value)
    return lina


def read(member: Member) -> str:
    return block_limits.read(member.modal["blocks"])


def test_only_leads_are_offered_to_edit_and_only_they_can(rota: Stage, lina: Member, emma: Member) -> None:
    assert f"{EDIT}.open" in str(lina.command("rota").told)
    assert f"{EDIT}.open" not in str(emma.command("rota").told)
    assert emma.button(f"{EDIT}.open", "").text == "Only leads can do this."


def test_the_overview_names_what_there_is(rota: Stage, lina: Member) -> None:
    lina.button(f"{EDIT}.open", "")

    assert "王伟" in read(lina)
    assert "nights → 主值班" in read(lina)


def test_a_member_gets_another_role_and_another_name_and_keeps_their_turns(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "member 王伟").fill(name="王伟伟", role="sales_agent", languages="zh，EN").submit()

    assert "主值班：不达标 · 无人有权向世纪互联提交请求（王伟伟）" in read(lina)
    assert "王伟" in plan(rota).members

    lina.submit()

    member = plan(rota).members["王伟伟"]
    assert (member.slack_id, member.role, member.languages) == (
        "U0WANG",
        PartnerRole.SALES_AGENT,
        frozenset({"zh", "en"}),
    )
    assert plan(rota).layers[0].members == ("王伟伟",)


def test_back_keeps_what_was_typed(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "member 王伟").fill(role="sales_agent", services="azure").submit()
    in_modal(rota, lina, f"{EDIT}.again")

    assert (lina.value("role"), lina.value("services")) == ("sales_agent", "azure")


def test_somebody_new_is_added_with_a_layer(rota: Stage, lina: Member, emma: Member) -> None:
    opened(rota, lina, "layer").fill(
        name="weekends", seat="primary", members=["U0EMMA", "U0TOM"], starts="2026-12-05", turn_hours="24",
        days=["sat", "sun"], **{"from": "09:00", "to": "21:00"},
    ).submit()  # fmt: skip
    lina.submit()

    layer = plan(rota).layers[-1]
    assert layer.members == ("Emma <Clarke>", "U0TOM")
    assert plan(rota).members["U0TOM"].role is None
    assert (f"{layer.opens:%H:%M}", f"{layer.handoff:%H:%M}", layer.days) == ("09:00", "09:00", frozenset({5, 6}))


def test_turns_of_a_layer_pass_on_its_days_only_unless_said_otherwise(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "layer").fill(name="weekdays", members=["U0EMMA"], starts="2026-11-23", days=["mon", "fri"])
    lina.submit()
    lina.submit()

    assert [layer.skips_days for layer in plan(rota).layers] == [False, False, False, True]
    assert 'turns = "covered days"' in str(text_at(rota.store, NOW + HOUR))

    opened(rota, lina, "layer weekdays").fill(turn_hours="48").submit()
    lina.submit()
    assert plan(rota).layers[-1].skips_days
    opened(rota, lina, "layer weekdays").fill(turns=[]).submit()
    lina.submit()
    assert not plan(rota).layers[-1].skips_days


def test_a_layer_is_removed_and_the_gaps_it_leaves_are_shown(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "layer nights").fill(remove=["yes"]).submit()
    assert "将产生" in read(lina)
    assert "主值班：未覆盖 · 未安排人员" in read(lina)

    lina.submit()
    assert [layer.name for layer in plan(rota).layers] == ["days", "backup"]


def test_a_seat_and_the_limits_change(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "seat primary").fill(people="2", services="m365").submit()
    lina.submit()
    opened(rota, lina, "limits").fill(rest_hours="", longest_hours="12").submit()
    lina.submit()

    seat = plan(rota).seats[0]
    assert (seat.people, seat.services) == (2, frozenset({"m365"}))
    assert (plan(rota).min_rest, str(plan(rota).max_on_call)) == (None, "12:00:00")


def test_from_where_on_hours_are_worth_a_hint_can_be_set_and_set_back(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "limits").fill(month_overtime_hours="0", days_in_a_row="5", week_hours="60").submit()
    lina.submit()

    limits = plan(rota).limits
    assert (limits.month_overtime, limits.days_in_a_row, limits.week) == (0 * HOUR, 5, 60 * HOUR)
    assert limits.average_week == LoadLimits().average_week

    opened(rota, lina, "limits").fill(**dict.fromkeys(LIMIT, "")).submit()
    lina.submit()
    assert plan(rota).limits == LoadLimits()


@pytest.mark.parametrize(
    ("value", "answers", "field"),
    [
        ("member", {"role": "none"}, "name"), ("member", {"role": "none", "name": "王伟"}, "name"),
        ("member", {"role": "none", "name": "new", "slack": "U0WANG"}, "slack"),
        ("layer nights", {"name": "days"}, "name"), ("layer nights", {"turn_hours": "often"}, "turn_hours"),
        ("layer nights", {"zone": "Mars"}, "zone"), ("seat primary", {"people": "0"}, "people"),
        ("seat primary", {"remove": ["yes"]}, "remove"), ("limits", {"rest_hours": "-1"}, "rest_hours"),
        ("limits", {"days_in_a_row": "0"}, "days_in_a_row"), ("limits", {"week_hours": "169"}, "week_hours"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_under_its_field(
    rota: Stage, lina: Member, value: str, answers: dict[str, Any], field: str
) -> None:
    heard = opened(rota, lina, value).fill(**answers).submit()

    assert list(heard.errors) == [field]
    assert text_at(rota.store, NOW + HOUR) == DAY_AND_NIGHT


def test_nobodys_newer_version_is_written_over_unseen(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "layer nights").fill(remove=["yes"]).submit()
    import_rota(rota.store, DAY_AND_NIGHT.replace('["Emma <Clarke>"]', '["李娜"]'), "cli", NOW)
    lina.submit()

    assert "值班表刚刚有变动" in read(lina)
    assert len(plan(rota).layers) == 3
    lina.submit()
    assert len(plan(rota).layers) == 2


def test_a_rota_is_begun_from_nothing(stage: Stage, lina: Member, emma: Member) -> None:
    assert "There is no rota yet." in emma.command("rota").words
    assert f"{EDIT}.open" in str(lina.command("rota").told)

    opened(stage, lina, "member").fill(slack="U0LINA", role="admin_agent", name="李娜").submit()
    lina.submit()

    assert plan(stage).members["李娜"].slack_id == "U0LINA"


def test_before_comments_get_lost_it_is_said_and_where_they_stay(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "seat primary").fill(people="2").submit()
    assert "comments" not in read(lina)
    lina.submit()
    import_rota(rota.store, reader.example(), "cli", NOW)

    opened(rota, lina, "seat primary").fill(people="2").submit()

    assert f"`csp-escalate rota versions {versions(rota.store, NOW + HOUR)[0].number}`" in read(lina)


def test_the_file_is_shown_to_the_letter(rota: Stage, lina: Member) -> None:
    import_rota(rota.store, reader.example(), "cli", NOW)
    lina.button(f"{EDIT}.open", "")
    in_modal(rota, lina, f"{EDIT}.file")

    assert 'members = ["李娜", "王伟", "Emma Clarke"' in read(lina)


@pytest.mark.parametrize("metadata", ["", "[]", '{"what":"x","name":"","answers":{},"shown":""}', "9e999"])
def test_a_made_up_form_is_refused(rota: Stage, lina: Member, metadata: str) -> None:
    opened(rota, lina, "limits")
    heard = lina.submit(private_metadata=metadata)

    assert heard.ack.get("response_action") == "errors"
    assert text_at(rota.store, NOW + HOUR) == DAY_AND_NIGHT


@pytest.mark.parametrize("value", ["", "x", "member nobody", "layer  ", "\x00"])
def test_a_part_that_is_not_there_is_refused(rota: Stage, lina: Member, value: str) -> None:
    lina.button(f"{EDIT}.open", "")
    before = lina.modal
    in_modal(rota, lina, f"{EDIT}.pick.member", value)

    assert lina.modal["blocks"] == before["blocks"] or "remove" not in lina.fields


def test_a_refused_button_of_a_modal_says_so_above_what_it_shows(rota: Stage, lina: Member) -> None:
    opened(rota, lina, "limits").fill(zone="UTC")
    in_modal(rota, lina, f"{EDIT}.pick.member", "member nobody")

    assert "值班表刚刚有变动" in read(lina)
    assert lina.value("zone") == "UTC"
