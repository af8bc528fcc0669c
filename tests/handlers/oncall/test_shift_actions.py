"""The duty's buttons: a gap has one taker, a shift is confirmed by its person, a handover takes two presses."""

import json
from typing import Any

import pytest

from handlers import ids
from handlers.blocks.schedule import page_value
from handlers.ids import GapSubject, SeatInterval, ShiftSubject
from models.oncall.rota_versions import import_rota
from models.outbox.messages import OutgoingMessage, enqueue_messages
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.oncall_tables import GAP
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HOME, HandlerResult, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import HOUR, beijing, seconds
from tests.handlers.oncall.test_swaps import read, sent
from tests.sample_rotas import DAY_AND_NIGHT

DAY = ("11-24 08:00", "11-24 20:00")
GAPPED = DAY_AND_NIGHT.replace('["王伟"]', '["张敏"]')
"""Nobody by day: 张敏 has no account."""


@pytest.fixture
def gapped(rota: Stage) -> Stage:
    """A stage on which every day is a gap."""
    import_rota(rota.store, GAPPED, "cli", NOW - HOUR)
    return rota


def span() -> str:
    return str(SeatInterval("primary", beijing(DAY[0]), beijing(DAY[1])))


def kept(stage: Stage, **facts: Any) -> str:
    """A numbered gap of that day, as the tick would have found it; its button's value."""
    row = {
        "number": 7, "seat": "primary", "reason": "no_account", "start": beijing(DAY[0]), "end": beijing(DAY[1]),
        "who": ["张敏"], "what": [], "found_at": NOW, "ended_at": None, "ended_how": "", "ended_by": "", "version": 1,
    }  # fmt: skip
    stage.store.write(lambda c: c.execute(GAP.insert(), [{**row, **facts}]))
    return str(GapSubject(7, 1))


def standing(stage: Stage) -> list[str]:
    """Who stands as primary on that day in the end."""
    start, end = (beijing(text) for text in DAY)
    found = stage.rota_store.shifts(NOW + HOUR, start, end)
    return [one.member for one in found if one.seat == "primary"]


def test_one_click_takes_a_gap_and_the_second_person_is_told_who_was_first(
    gapped: Stage, wang: Member, lina: Member
) -> None:
    first = wang.button(ids.ROTA_TAKE_LISTED, span())
    second = lina.button(ids.ROTA_TAKE_LISTED, span())

    assert first.words.strip() == "✅ 由你值班：11月24日 周二 08:00–20:00，主值班。"
    assert second.text.startswith("<@U0WANG> 抢先一步，已于<!date^")
    assert standing(gapped) == ["王伟"]
    assert len(gapped.rota_store.changes(NOW + HOUR)) == 1


def test_a_gaps_card_is_taken_by_its_number(gapped: Stage, wang: Member) -> None:
    assert "由你值班" in wang.button(ids.ROTA_TAKE, kept(gapped)).words
    assert standing(gapped) == ["王伟"]


def in_the_channel(stage: Stage) -> list[str]:
    """What is told of changes in the on-call channel, while the gap's card stands there."""
    card = OutgoingMessage(MessageKind.GAP, "gap:7/card", "gap:7", "gap:7", "C0ONCALL")
    stage.store.write(lambda c: enqueue_messages(c, [card], NOW))
    said = [read(one) for one in sent(stage) if one.channel == "C0ONCALL"]
    return [one for one in said if not one.startswith("🕳️")]


def test_a_gap_that_is_taken_whole_is_told_by_its_card_alone(gapped: Stage, wang: Member) -> None:
    wang.button(ids.ROTA_TAKE, kept(gapped))

    assert in_the_channel(gapped) == []


def test_a_gap_of_which_a_part_is_taken_or_that_a_lead_gives_to_somebody_is_told_in_a_line(
    gapped: Stage, wang: Member, lina: Member
) -> None:
    wang.button(ids.ROTA_TAKE_PART, kept(gapped))
    wang.fill(end=seconds("11-24 12:00")).submit()
    wang.submit()
    lina.command("cover")
    lina.fill(seat="primary", member="U0EMMA", start=seconds("11-24 12:00"), end=seconds(DAY[1])).submit()
    lina.submit()

    first, second = in_the_channel(gapped)
    assert "11月24日 周二 08:00–12:00 · 主值班：张敏 → 王伟" in first
    assert "11月24日 周二 12:00–20:00 · 主值班：张敏 → Emma <Clarke>" in second


def test_a_gap_without_a_card_is_told_of_when_it_is_taken(gapped: Stage, wang: Member) -> None:
    wang.button(ids.ROTA_TAKE_LISTED, span())

    (told,) = [read(one) for one in sent(gapped) if one.channel == "C0ONCALL"]
    assert "主值班：张敏 → 王伟\n" in told
    assert "✅ 消除了 1 个缺口。" in told


def test_a_double_click_has_one_effect_and_a_friendly_answer(gapped: Stage, wang: Member) -> None:
    value = kept(gapped)
    wang.button(ids.ROTA_TAKE, value)

    assert "抢先一步" in wang.button(ids.ROTA_TAKE, value).text
    assert len(gapped.rota_store.changes(NOW + HOUR)) == 1


def test_who_looks_at_the_preview_while_another_takes_it_is_told_who_and_can_not_save(
    gapped: Stage, wang: Member, lina: Member
) -> None:
    value = kept(gapped)
    wang.button(ids.ROTA_TAKE_PART, value)
    wang.submit()
    lina.button(ids.ROTA_TAKE, value)
    lina.submit()
    wang.submit()

    assert wang.modal["callback_id"] == ids.DONE
    assert not wang.modal.get("submit")
    assert "李娜 已于 15:30 接下。\n未做任何更改。" in block_limits.read(wang.modal["blocks"])
    assert standing(gapped) == ["李娜"]


def test_where_a_part_is_left_the_preview_shows_that_part_and_can_be_saved(
    gapped: Stage, wang: Member, lina: Member
) -> None:
    value = kept(gapped)
    wang.button(ids.ROTA_TAKE_PART, value)
    wang.submit()
    lina.button(ids.ROTA_TAKE_PART, value)
    lina.fill(end=seconds("11-24 12:00")).submit()
    lina.submit()
    wang.submit()

    said = block_limits.read(wang.modal["blocks"])
    assert "李娜 已于 15:30 接下。\n以下是剩下的部分：" in said
    assert "11月24日 周二 12:00–20:00" in said
    wang.submit()
    assert standing(gapped) == ["李娜", "王伟"]


def test_what_is_refused_in_a_preview_can_not_be_saved_once_more(rota: Stage, emma: Member) -> None:
    emma.command("leave")
    emma.fill(start=seconds("11-23 20:00"), end=seconds("11-24 08:00")).submit()
    import_rota(rota.store, DAY_AND_NIGHT.replace("Emma <Clarke>", "Emma"), "cli", NOW)
    emma.submit()

    assert "⚠️" in block_limits.read(emma.modal["blocks"])
    assert not emma.modal.get("submit")


def test_who_takes_a_gap_that_is_open_has_the_watch_with_it(gapped: Stage, lina: Member) -> None:
    now = str(SeatInterval("primary", beijing("11-22 08:00"), beijing("11-22 20:00")))

    lina.button(ids.ROTA_TAKE_LISTED, now)
    lina.submit()

    assert presses(gapped) == []
    assert "已在岗" in lina.command("who").words


def test_a_gap_that_was_taken_ahead_is_confirmed_with_that_everywhere(gapped: Stage, wang: Member) -> None:
    wang.button(ids.ROTA_TAKE_LISTED, span())

    assert "✅ 11月24日 周二 08:00–20:00\n主值班 · 已确认" in wang.command("my").words
    assert "○" not in wang.command("my").words
    assert "✅ 11月24日 周二 08:00–20:00" in block_limits.read(home(gapped, "U0WANG")["blocks"])
    after = beijing(DAY[1]) + HOUR
    gapped.services.coverage_ledger.record(after)
    start, end = (beijing(text) for text in DAY)
    (taken,) = [one for one in gapped.services.coverage_ledger.report(start, end, after) if one.person == "王伟"]
    assert (taken.status, taken.evidence) == ("confirmed", "change:1")


def test_a_lead_who_puts_somebody_there_confirms_for_nobody(gapped: Stage, wang: Member, lina: Member) -> None:
    lina.command("cover")
    lina.fill(seat="primary", member="U0WANG", start=seconds(DAY[0]), end=seconds(DAY[1])).submit()
    lina.submit()

    assert "○ 11月24日 周二 08:00–20:00" in wang.command("my").words


def test_a_card_whose_gap_was_closed_says_by_whom(gapped: Stage, wang: Member) -> None:
    value = kept(gapped, ended_at=NOW, ended_how="closed", ended_by="U0LINA")

    assert wang.button(ids.ROTA_TAKE, value).text.startswith("<@U0LINA> 抢先一步，已于<!date^")


def test_nobody_took_a_gap_that_was_declared_intended(gapped: Stage, wang: Member) -> None:
    value = kept(gapped, ended_at=NOW, ended_how="intended", ended_by="U0LINA")

    assert wang.button(ids.ROTA_TAKE, value).text.startswith("此缺口已消除或已过去。")


def test_where_taking_it_opens_something_else_it_is_shown_first(gapped: Stage, emma: Member) -> None:
    shorter = GAPPED.replace("from = 20:00:00\nto = 08:00:00", "from = 22:00:00\nto = 06:00:00")
    import_rota(gapped.store, shorter, "cli", NOW - HOUR)
    heard = emma.button(ids.ROTA_TAKE_LISTED, span())

    assert heard.told == []
    said = block_limits.read(emma.modal["blocks"])
    assert "Check first: taking this opens another gap." in said
    assert emma.modal["submit"]["text"] == "Take it anyway"
    assert "primary: below the requirement · too little rest (Emma <Clarke>)" in said
    assert standing(gapped) == ["张敏"]

    emma.submit()

    assert standing(gapped) == ["Emma <Clarke>"]


def test_a_part_of_a_gap_can_be_taken_and_the_rest_stays(gapped: Stage, wang: Member) -> None:
    wang.button(ids.ROTA_TAKE_PART, kept(gapped))
    assert wang.value("start") == seconds(DAY[0])
    wang.fill(end=seconds("11-24 12:00")).submit()
    wang.submit()

    assert standing(gapped) == ["王伟", "张敏"]


def test_more_than_the_gap_is_not_a_part_of_it(gapped: Stage, lina: Member) -> None:
    lina.button(ids.ROTA_TAKE_PART, kept(gapped))
    heard = lina.fill(end=seconds("11-24 22:00")).submit()

    assert heard.errors == {"end": "超出了缺口的范围，请选择其中一段。"}


def test_what_is_no_gap_any_more_can_not_be_taken(rota: Stage, lina: Member) -> None:
    assert lina.button(ids.ROTA_TAKE_LISTED, span()).text == "此缺口已消除或已过去。"
    past = str(SeatInterval("primary", beijing("11-20 08:00"), beijing("11-20 20:00")))
    assert lina.button(ids.ROTA_TAKE_LISTED, past).text == "此缺口已消除或已过去。"
    assert rota.rota_store.changes(NOW + HOUR) == []


@pytest.mark.parametrize("action", [ids.ROTA_TAKE_LISTED, ids.ROTA_TAKE, ids.ROTA_TAKE_PART, ids.ROTA_CONFIRM])
@pytest.mark.parametrize("value", ["", "{}", "[]", '{"gap": 99}', '{"seat": "x", "from": "y", "to": 7}', "9e999"])
def test_made_up_values_are_refused_privately(rota: Stage, lina: Member, action: str, value: str) -> None:
    heard = lina.button(action, value)

    assert heard.text in {"此表单或按钮已失效。请重新打开。", "此缺口已消除或已过去。"}


# Shifts --------------------------------------------------------------------------------------------------------------


def shift(start: str, person: str, seat: str = "primary") -> str:
    return str(ShiftSubject(Slot(seat), beijing(start), person))


def presses(stage: Stage) -> list[tuple[ShiftEventKind, str]]:
    return [(press.kind, press.by) for press in stage.confirmations.find_events(NOW - 40 * HOUR, NOW + 400 * HOUR)]


def test_a_shift_is_confirmed_with_one_click(rota: Stage, wang: Member) -> None:
    heard = wang.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    wang.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))

    assert heard.words.strip() == "✅ 已确认，由你值班：11月22日 周日 08:00–20:00，主值班。"
    assert presses(rota) == [(ShiftEventKind.CONFIRM, "U0WANG")]
    assert "已在岗" in wang.command("who").words


def test_whoever_is_called_can_step_in_for_who_has_not_confirmed(rota: Stage, emma: Member, lina: Member) -> None:
    """王伟 is on and has said nothing: Emma is no lead, and needs no gap."""
    value = shift("11-22 08:00", "王伟")
    assert "too little rest" in block_limits.read((emma.button(ids.ROTA_STEP_IN, value), emma.modal)[1]["blocks"])
    emma.submit()

    soon = rota.rota_store.shifts(NOW + HOUR, NOW + HOUR, NOW + 2 * HOUR)
    assert [one.member for one in soon if one.seat == "primary"] == ["Emma <Clarke>"]
    assert presses(rota) == []
    assert "is on call" in emma.command("who").words
    assert lina.button(ids.ROTA_STEP_IN, value).text.startswith("<@U0EMMA> 抢先一步")


def test_nobody_steps_in_for_who_has_confirmed(rota: Stage, wang: Member, emma: Member) -> None:
    value = shift("11-22 08:00", "王伟")
    wang.button(ids.ROTA_CONFIRM, value)

    assert emma.button(ids.ROTA_STEP_IN, value).text.startswith("王伟 has confirmed this shift now.")
    assert rota.rota_store.changes(NOW + HOUR) == []


def test_nobody_steps_in_before_a_shift_begins(rota: Stage, lina: Member) -> None:
    heard = lina.button(ids.ROTA_STEP_IN, shift("11-23 08:00", "王伟"))

    assert "无需顶班" in heard.text
    assert rota.rota_store.changes(NOW + HOUR) == []


def test_by_the_form_a_member_still_replaces_nobody(rota: Stage, emma: Member) -> None:
    """Stepping in is for the button of a watch nobody confirmed; the form asks for a gap, as ever."""
    emma.command("cover")
    heard = emma.fill(seat="primary", start=seconds("11-22 16:00"), end=seconds("11-22 20:00")).submit()

    assert "王伟" in str(heard.errors)


def test_in_a_direct_message_the_answer_takes_the_place_of_the_button(rota: Stage, wang: Member) -> None:
    acted = payloads.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    payload = payloads.click("U0WANG", wang.trigger, acted)
    section = {"type": "section", "text": {"type": "plain_text", "text": "Your shift"}}
    payload["channel"] = {"id": "D0X", "name": "directmessage"}
    payload["message"]["blocks"] = [section, {"type": "actions", "elements": [acted]}]
    heard = rota.deliver(payload)

    assert [one["type"] for one in heard.told[0]["blocks"]] == ["section", "rich_text"]
    assert heard.told[0]["replace_original"] is True


def test_my_list_shows_at_once_what_was_confirmed(rota: Stage, wang: Member) -> None:
    acted = payloads.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    payload = payloads.click("U0WANG", wang.trigger, acted)
    payload["container"]["is_ephemeral"] = True
    heard = rota.deliver(payload)

    assert "✅ 11月22日 周日 08:00–20:00" in heard.words


def test_nobody_confirms_for_somebody_else(rota: Stage, emma: Member, lina: Member) -> None:
    heard = emma.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    assert heard.text.startswith("This is a shift of 王伟.")

    heard = lina.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    assert heard.text.startswith("只能由 王伟 本人确认")
    assert presses(rota) == []


@pytest.mark.parametrize(
    ("start", "said"),
    [("11-21 08:00", "past shifts can't be changed"), ("11-23 09:00", "no longer exists"),
     ("11-23 20:00", "no longer exists")],
)  # fmt: skip
def test_a_shift_that_is_over_or_moved_can_not_be_confirmed(rota: Stage, emma: Member, start: str, said: str) -> None:
    heard = emma.button(ids.ROTA_CONFIRM, shift(start, "王伟"))

    assert said in heard.text


def handover(stage: Stage, wang: Member) -> None:
    """王伟 stands, so Emma can only take over from him."""
    wang.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))


def test_a_handover_takes_two_presses(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    rota.later(beijing("11-22 19:50") - NOW)
    first = wang.button(ids.ROTA_HAND_OVER, shift("11-22 20:00", "王伟"))
    second = emma.button(ids.ROTA_TAKE_OVER, shift("11-22 20:00", "Emma <Clarke>"))

    assert "在 Emma <Clarke> 接班之前仍由你负责" in first.words
    assert second.words.strip() == "✅ You take over at 12:00. Until then 王伟 is on call."
    assert presses(rota)[1:] == [(ShiftEventKind.HAND_OVER, "U0WANG"), (ShiftEventKind.TAKE_OVER, "U0EMMA")]


def test_a_shift_that_begins_with_a_handover_is_told_to_be_taken_over(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    rota.later(beijing("11-22 19:50") - NOW)

    row = emma.command("my").words
    said = emma.button(ids.ROTA_CONFIRM, shift("11-22 20:00", "Emma <Clarke>")).words
    assert "I take over" in row
    assert "press “I take over”. 王伟 remains on call" in said


def test_a_shift_that_has_begun_is_not_on_before_both_have_pressed(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    emma.button(ids.ROTA_CONFIRM, shift("11-22 20:00", "Emma <Clarke>"))
    rota.later(beijing("11-22 20:10") - NOW)
    assert "○ Sun 22 Nov 12:00–00:00\nprimary · not taken over yet" in emma.command("my").words

    emma.button(ids.ROTA_TAKE_OVER, shift("11-22 20:00", "Emma <Clarke>"))
    assert "○ Sun 22 Nov 12:00–00:00\nprimary · taken over, not handed over yet" in emma.command("my").words

    wang.button(ids.ROTA_HAND_OVER, shift("11-22 20:00", "王伟"))
    assert "✅ Sun 22 Nov 12:00–00:00\nnow · primary · confirmed" in emma.command("my").words


def test_who_puts_themselves_where_somebody_is_on_reads_that_it_takes_a_handover(
    rota: Stage, wang: Member, lina: Member
) -> None:
    handover(rota, wang)
    lina.command("cover")
    lina.fill(seat="primary", member="U0LINA", start=seconds("11-22 15:00"), end=seconds("11-22 20:00")).submit()
    lina.submit()

    assert "已保存" in block_limits.read(lina.modal["blocks"])
    assert "请按“我接班”。双方都按下之前，仍由 王伟 值班。" in block_limits.read(lina.modal["blocks"])


def test_who_is_on_is_so_since_they_took_over_also_in_some_hours(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    rota.later(beijing("11-22 20:21") - NOW)
    wang.button(ids.ROTA_HAND_OVER, shift("11-22 20:00", "王伟"))
    emma.button(ids.ROTA_TAKE_OVER, shift("11-22 20:00", "Emma <Clarke>"))
    rota.later(beijing("11-22 21:00") - NOW)

    assert "since 12:21, until" in emma.command("who").words
    assert "since 12:21, until" in emma.command("who at in 2 hours").words


def test_whoever_takes_over_first_is_told_who_must_still_hand_over(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    rota.later(beijing("11-22 19:50") - NOW)

    assert "王伟 stays responsible" in emma.button(ids.ROTA_TAKE_OVER, shift("11-22 20:00", "Emma <Clarke>")).words


def test_the_outgoing_person_adds_a_note(rota: Stage, wang: Member, emma: Member) -> None:
    handover(rota, wang)
    value = shift("11-22 20:00", "王伟")
    assert emma.button(ids.ROTA_NOTE, value).text == "Only 王伟 or a lead can hand over this shift."

    wang.button(ids.ROTA_NOTE, value)
    heard = wang.fill(note="Watch <CSP-1>!").submit()

    assert heard.ack == {}
    notes = [
        press
        for press in rota.confirmations.find_events(NOW - HOUR, NOW + 24 * HOUR)
        if press.kind is ShiftEventKind.NOTE
    ]
    assert [note.text for note in notes] == ["Watch <CSP-1>!"]


@pytest.mark.parametrize(("person", "action"), [("王伟", ids.ROTA_HAND_OVER), ("Emma <Clarke>", ids.ROTA_TAKE_OVER)])
def test_a_handover_is_not_pressed_hours_ahead(
    rota: Stage, wang: Member, emma: Member, person: str, action: str
) -> None:
    """As after a clock that was set back."""
    handover(rota, wang)
    rota.later(beijing("11-22 17:00") - NOW)
    who = wang if person == "王伟" else emma
    heard = who.button(action, shift("11-22 20:00", person))

    assert "尚未到交接时间" in heard.text or "This handover is not due yet." in heard.text
    assert len(presses(rota)) == 1


def test_a_handover_nobody_owes_is_refused(rota: Stage, wang: Member) -> None:
    heard = wang.button(ids.ROTA_HAND_OVER, shift("11-25 20:00", "王伟"))

    assert "此班次已不存在" in heard.text


def test_a_lead_who_hands_over_for_somebody_reads_who_stays_responsible(
    rota: Stage, wang: Member, lina: Member
) -> None:
    wang.button(ids.ROTA_CONFIRM, shift("11-22 08:00", "王伟"))
    rota.later(beijing("11-22 20:10") - NOW)
    heard = lina.button(ids.ROTA_HAND_OVER, shift("11-22 20:00", "王伟"))

    assert "已交班。在 Emma <Clarke> 接班之前仍由 王伟 负责。" in heard.words


def test_a_lead_puts_somebody_else_there_from_what_is_left_of_the_shift(rota: Stage, lina: Member) -> None:
    value = str(SeatInterval("primary", beijing("11-22 08:00"), beijing("11-22 20:00")))
    lina.button(ids.ROTA_COVER, value)

    assert lina.value("seat") == "primary"
    assert (lina.value("start"), lina.value("end")) == (seconds("11-22 15:30"), seconds("11-22 20:00"))
    assert "已失效" in lina.button(ids.ROTA_COVER, "{}").text


def test_who_stays_on_says_until_when_and_stands_there_confirmed(gapped: Stage, emma: Member) -> None:
    """Emma's night ends at 08:00, and nobody follows."""
    emma.button(ids.ROTA_STAY, span())
    assert emma.fields == ["end"]
    assert emma.value("end") == seconds(DAY[1])
    heard = emma.fill(end=seconds("11-24 12:00")).submit()

    assert heard.ack["response_action"] == "update"
    assert standing(gapped) == ["Emma <Clarke>", "张敏"]
    assert "✅ Tue 24 Nov 00:00–04:00" in emma.command("my").words


def test_what_staying_on_opens_is_shown_before_it_is_saved(gapped: Stage, emma: Member) -> None:
    limited = GAPPED.replace("rest_hours = 8", "longest_hours = 16")
    import_rota(gapped.store, limited, "cli", NOW - HOUR)
    emma.button(ids.ROTA_STAY, span())
    emma.submit()

    assert "This opens 1 gap:" in block_limits.read(emma.modal["blocks"])
    assert standing(gapped) == ["张敏"]
    emma.submit()
    assert "Saved." in block_limits.read(emma.modal["blocks"])
    assert standing(gapped) == ["Emma <Clarke>"]


def test_who_would_stay_where_somebody_follows_by_now_is_told_who(gapped: Stage, emma: Member, wang: Member) -> None:
    emma.button(ids.ROTA_STAY, span())
    wang.button(ids.ROTA_TAKE_LISTED, span())
    heard = emma.submit()

    assert "王伟" in heard.errors["end"]
    assert standing(gapped) == ["王伟"]


def test_who_can_not_stay_says_so_for_themselves_only(rota: Stage, wang: Member, emma: Member) -> None:
    value = shift("11-22 08:00", "王伟")
    assert "This is a shift of 王伟." in emma.button(ids.ROTA_CANNOT_STAY, value).text

    assert "正在通知组长和值班频道" in wang.button(ids.ROTA_CANNOT_STAY, value).words
    assert presses(rota) == [(ShiftEventKind.CANNOT_STAY, "U0WANG")]


# The list of one's own shifts ----------------------------------------------------------------------------------------


def pressed_in_list(stage: Stage, member: Member, action_id: str, value: str, block_id: str = "b1") -> HandlerResult:
    """A press in a private answer."""
    acted = {**payloads.button(action_id, value), "block_id": block_id}
    payload = payloads.click(member.user, member.trigger, acted)
    payload["container"]["is_ephemeral"] = True
    return stage.deliver(payload)


def test_every_shift_of_the_next_four_weeks_can_be_reached(rota: Stage, wang: Member) -> None:
    first = wang.command("my")
    second = pressed_in_list(rota, wang, f"{ids.ROTA_PAGE}.more", page_value("my", 20))

    assert (first.words.count("○"), second.words.count("○")) == (20, 9)
    assert "下一页 ›" in first.words
    assert "下一页 ›" not in second.words


def test_a_press_on_a_later_page_stays_on_that_page(rota: Stage, wang: Member) -> None:
    second = pressed_in_list(rota, wang, f"{ids.ROTA_PAGE}.more", page_value("my", 20)).told[0]["blocks"]
    row = next(one for one in second if (one.get("accessory") or {}).get("action_id") == ids.ROTA_CONFIRM)

    shown = pressed_in_list(rota, wang, ids.ROTA_CONFIRM, row["accessory"]["value"], row["block_id"])

    assert (shown.words.count("○"), shown.words.count("✅")) == (8, 1)
    assert "下一页 ›" not in shown.words
    assert (
        pressed_in_list(rota, wang, ids.ROTA_CONFIRM, row["accessory"]["value"], "my.999999.1").words.count("○") == 20
    )


def test_a_handover_pressed_in_the_list_shows_in_the_list(rota: Stage, wang: Member) -> None:
    press = ShiftEvent(0, NOW, "U0WANG", ShiftEventKind.CONFIRM, Slot("primary"), beijing("11-22 08:00"), "王伟")
    rota.confirmations.record(press, Actor("U0WANG", HOME), "k")
    rota.later(beijing("11-22 19:50") - NOW)
    rows = wang.command("my").told[0]["blocks"]
    row = next(one for one in rows if (one.get("accessory") or {}).get("action_id") == ids.ROTA_HAND_OVER)

    (answer,) = pressed_in_list(rota, wang, ids.ROTA_HAND_OVER, row["accessory"]["value"], row["block_id"]).told

    assert answer["replace_original"]
    assert ids.ROTA_HAND_OVER not in json.dumps(answer["blocks"])
    assert "20:00" in block_limits.read(answer["blocks"])


def test_one_press_confirms_all_and_the_list_shows_it(rota: Stage, wang: Member, emma: Member) -> None:
    value = json.dumps({"seat": "", "from": NOW.isoformat(), "to": (NOW + 400 * HOUR).isoformat()})
    assert "全部确认" in wang.command("my").words
    heard = pressed_in_list(rota, wang, ids.ROTA_CONFIRM_ALL, value)
    pressed_in_list(rota, wang, ids.ROTA_CONFIRM_ALL, value)

    assert heard.words.count("✅") == 16
    assert set(presses(rota)) == {(ShiftEventKind.CONFIRM, "U0WANG")}
    assert len(presses(rota)) == 16
    assert "✅" not in emma.command("my").words


def test_confirming_all_confirms_nothing_of_anybody_else(rota: Stage, emma: Member) -> None:
    said = emma.button(ids.ROTA_CONFIRM_ALL, str(SeatInterval("", NOW, NOW + 48 * HOUR)))

    assert "✅ 2 shifts are confirmed." in said.words
    assert presses(rota) == [(ShiftEventKind.CONFIRM, "U0EMMA")] * 2


# The Home tab --------------------------------------------------------------------------------------------------------


def home(stage: Stage, user: str) -> dict[str, Any]:
    stage.deliver(payloads.event(user))
    drawn: dict[str, Any] = stage.slack.surfaces.homes[user]
    return drawn


def press_at_home(stage: Stage, member: Member, action_id: str, value: str) -> HandlerResult:
    acted = {**payloads.button(action_id, value), "block_id": "b"}
    return stage.deliver(
        payloads.view_click(member.user, member.trigger, stage.slack.surfaces.homes[member.user], acted)
    )


def test_home_shows_who_is_on_my_shifts_and_what_is_open_after_the_cases(gapped: Stage, emma: Member) -> None:
    said = block_limits.read(home(gapped, "U0EMMA")["blocks"])

    assert said.startswith("Escalations to 21Vianet")
    assert "\nOn call now" in said
    assert "Your next shifts\n○ Sun 22 Nov 12:00–00:00\nprimary · not confirmed yet" in said
    assert "gaps in the next four weeks" in said
    assert said.index("Escalations to 21Vianet") < said.index("On call now") < said.index("gaps in the next")
    assert len(home(gapped, "U0EMMA")["blocks"]) < 60


def test_who_is_due_and_has_not_taken_over_is_named_wherever_who_is_on_is_told(rota: Stage, emma: Member) -> None:
    """王伟 is on call, and Emma's night began half an hour ago."""
    press = ShiftEvent(0, NOW, "U0WANG", ShiftEventKind.CONFIRM, Slot("primary"), beijing("11-22 08:00"), "王伟")
    rota.confirmations.record(press, Actor("U0WANG", HOME), "k")
    rota.later(beijing("11-22 20:30") - NOW)

    for said in (emma.command("who").words, block_limits.read(home(rota, "U0EMMA")["blocks"])):
        assert "still on call: Emma <Clarke> has not taken over yet" in said
        assert "Next: " in said
        assert " due since 12:00\n" in said
    assert "primary 王伟; Emma <Clarke> has not taken over yet" in emma.command("rota").words
    now = beijing("11-22 20:31")
    assert rota.services.coverage_ledger.at(now, now)[0].person == "王伟"
    rota.later(beijing("11-22 21:30") - NOW)
    assert "still on call: Emma <Clarke> has not taken over yet" in emma.command("who today 12:30").words


def test_home_confirms_and_takes_with_one_click_and_shows_it(gapped: Stage, wang: Member, emma: Member) -> None:
    home(gapped, "U0EMMA")
    press_at_home(gapped, emma, ids.ROTA_CONFIRM, shift("11-22 20:00", "Emma <Clarke>"))
    assert "✅ Sun 22 Nov 12:00–00:00" in block_limits.read(gapped.slack.surfaces.homes["U0EMMA"]["blocks"])

    home(gapped, "U0WANG")
    press_at_home(gapped, wang, ids.ROTA_TAKE_LISTED, span())
    assert "11月24日 周二 08:00–20:00\n主值班" in block_limits.read(gapped.slack.surfaces.homes["U0WANG"]["blocks"])


def test_a_form_of_the_rota_opened_at_home_shows_its_effect_there(rota: Stage, emma: Member, wang: Member) -> None:
    home(rota, "U0EMMA")
    press_at_home(rota, emma, ids.ROTA_LEAVE, "")
    emma.fill(start=seconds("11-22 20:00"), end=seconds("11-23 08:00")).submit()
    emma.submit()
    drawn = block_limits.read(rota.slack.surfaces.homes["U0EMMA"]["blocks"])
    assert "Sun 22 Nov 12:00–00:00\nprimary · not confirmed yet" not in drawn
    assert "1 gap in the next four weeks" in drawn

    home(rota, "U0WANG")
    press_at_home(rota, wang, ids.ROTA_COVER, "")
    wang.submit()
    wang.submit()
    assert "未来四周没有缺口" in block_limits.read(rota.slack.surfaces.homes["U0WANG"]["blocks"])


def test_taking_what_opens_something_else_at_home_shows_there_too(gapped: Stage, emma: Member) -> None:
    shorter = GAPPED.replace("from = 20:00:00\nto = 08:00:00", "from = 22:00:00\nto = 06:00:00")
    import_rota(gapped.store, shorter, "cli", NOW - HOUR)
    home(gapped, "U0EMMA")
    press_at_home(gapped, emma, ids.ROTA_TAKE_LISTED, span())
    before = gapped.slack.calls.count("views.publish")
    emma.submit()

    assert gapped.slack.calls.count("views.publish") == before + 1


def test_a_form_that_was_typed_draws_no_home_tab(rota: Stage, emma: Member) -> None:
    emma.command("leave")
    emma.fill(start=seconds("11-22 20:00"), end=seconds("11-23 08:00")).submit()
    emma.submit()

    assert "views.publish" not in rota.slack.calls


def test_a_refusal_at_home_opens_a_small_modal(gapped: Stage, wang: Member, lina: Member) -> None:
    wang.button(ids.ROTA_TAKE_LISTED, span())
    home(gapped, "U0LINA")
    press_at_home(gapped, lina, ids.ROTA_TAKE_LISTED, span())

    assert "抢先一步" in block_limits.read(lina.modal["blocks"])


def test_home_without_a_rota_is_as_before(stage: Stage) -> None:
    assert block_limits.read(home(stage, "U0EMMA")["blocks"]).startswith("Escalations to 21Vianet")


# What else stands on the list of one's own ---------------------------------------------------------------------------


def test_who_chose_no_reminders_reads_what_a_confirmed_shift_gets(rota: Stage, emma: Member, wang: Member) -> None:
    said = "of a shift until you confirm it: 24 h, 1 h, 10 min ahead; of a confirmed one only 10 min ahead."
    assert said in emma.command("my").words
    assert "班次提醒：确认前提前 24 小时、1 小时、10 分钟；确认后只提前 10 分钟。" in wang.command("my").words


def test_everybody_chooses_when_to_be_reminded(rota: Stage, emma: Member) -> None:
    emma.button(ids.ROTA_REMIND, "")
    assert emma.value("at") == ["1440", "60", "10"]
    emma.fill(at=["30", "720"]).submit()

    assert rota.confirmations.reminder_times("U0EMMA") == (720, 30)
    assert "You are reminded before each shift: 12 h, 30 min" in emma.command("my").words


def test_a_leave_can_be_undone_and_that_is_shown_first(rota: Stage, emma: Member) -> None:
    emma.command("leave")
    emma.fill(start=seconds("11-23 20:00"), end=seconds("11-24 08:00")).submit()
    emma.submit()
    assert "🏖️ Mon 23 Nov 12:00–00:00\nyou are away" in emma.command("my").words

    emma.button(ids.ROTA_UNDO, "1")
    assert "This closes 1 gap:" in block_limits.read(emma.modal["blocks"])
    emma.submit()

    assert "🏖️" not in emma.command("my").words


@pytest.mark.parametrize("value", ["", "x", "99", "-1"])
def test_what_is_not_there_can_not_be_undone(rota: Stage, emma: Member, value: str) -> None:
    assert emma.button(ids.ROTA_UNDO, value).text == "This change no longer exists."


def test_a_gap_taken_in_a_private_list_is_gone_from_that_list(gapped: Stage, wang: Member) -> None:
    before = wang.command("gaps").words
    [answer] = pressed_in_list(gapped, wang, ids.ROTA_TAKE_LISTED, span()).told

    said = block_limits.read(answer["blocks"])
    assert answer["replace_original"]
    assert ("366 个缺口" in before, "365 个缺口" in said) == (True, True)
    assert "11月24日 周二 08:00–20:00（12 小时）" not in said
    assert standing(gapped) == ["王伟"]


def test_nobody_is_said_to_have_been_quicker_where_the_gap_is_as_it_was(
    rota: Stage, emma: Member, lina: Member
) -> None:
    """王伟 put himself there, and neither he nor the others may open requests: taking it closes nothing."""
    roles = DAY_AND_NIGHT.replace('role = "admin_agent"', "").replace('role = "helpdesk_agent"', "")
    import_rota(rota.store, roles, "cli", NOW - HOUR)
    start, end = (beijing(text) for text in DAY)
    stand = Override(0, NOW, "U0WANG", OverrideKind.OVERRIDE, start, end, "王伟", "primary")
    rota.rota_store.record([stand], Actor("U0WANG", "T0SANDBOX", is_lead=True), NOW, "own")

    assert emma.button(ids.ROTA_TAKE_LISTED, span()).text.startswith("This is a shift of 王伟.")
    assert lina.button(ids.ROTA_TAKE_LISTED, span()).text.startswith("内容没有变化。")
    assert standing(rota) == ["王伟"]
