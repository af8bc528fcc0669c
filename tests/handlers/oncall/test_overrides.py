"""Changing the rota: each change is shown before it is saved, saved as it was shown, and told to whom it concerns."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import ids
from handlers.blocks import override_form, rota_changes
from handlers.blocks.rota_changes import NameChange
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.ids import SeatInterval
from models.oncall.rota_versions import import_rota
from models.oncall.snapshot import SnapshotCache
from models.reminders.engine import ReminderEngine
from models.rules.people import Actor
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.toml import reader as toml_reader
from models.store.tables import OUTBOX
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import BEIJING, DAY, HOUR, beijing, seconds
from tests.handlers.oncall.test_swaps import sent
from tests.models.reminders.conftest import REMINDER_SETTINGS as ONCALL_SETTINGS
from tests.sample_rotas import DAY_AND_NIGHT

PLAN = toml_reader.read_rota(DAY_AND_NIGHT)
LEAD = Actor("U0LINA", "T0SANDBOX", is_lead=True)


def told(stage: Stage) -> list[tuple[str, str]]:
    """What waits to be said of the rota, and to whom."""
    rows = stage.store.read(lambda c: c.execute(OUTBOX.select().order_by(OUTBOX.c.position)).all())
    return [(row.what, row.user or row.channel) for row in rows]


def read(member: Member) -> str:
    return block_limits.read(member.modal["blocks"])


def asks(somebody: Member, verb: str, /, **answers: Any) -> HandlerResult:
    """Open the form, fill it, and ask what would happen."""
    heard = somebody.command(verb)
    assert heard.told == []
    return somebody.fill(**answers).submit()


def test_a_leave_is_shown_as_the_gap_it_opens_and_saved_only_then(rota: Stage, emma: Member) -> None:
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"), why="Wedding")

    assert "This opens 1 gap:" in read(emma)
    assert "Mon 23 Nov 12:00–00:00 · primary: uncovered · on leave (Emma <Clarke>)" in read(emma)
    assert "primary: Emma <Clarke> → nobody" in read(emma)
    assert "Wedding" in read(emma)
    assert "Times: Europe/London (UTC+0)" in read(emma)
    assert rota.rota_store.changes(NOW + HOUR) == []

    emma.submit()

    assert [(change.kind, change.member, change.by) for change in rota.rota_store.changes(NOW + HOUR)] == [
        (OverrideKind.TIME_OFF, "Emma <Clarke>", "U0EMMA")
    ]
    assert "Saved." in read(emma)
    assert "Times: Europe/London (UTC+0)" in read(emma)
    assert told(rota) == [("changed", "C0ONCALL")]


def test_a_leave_makes_one_message_in_the_channel(rota: Stage, emma: Member) -> None:
    """The card of the gap says who is away and when; the line that says so too is not sent."""
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"))
    emma.submit()
    ReminderEngine(rota.store, SnapshotCache(rota.store, rota.rota_store), ONCALL_SETTINGS).tick(NOW + HOUR / 1000)

    about = [one for one in told(rota) if one[0] in {"gap", "changed"}]
    assert about == [("changed", "C0ONCALL"), ("gap", "C0ONCALL")]
    gone = OUTBOX.delete().where(OUTBOX.c.what.not_in(["gap", "changed"]))
    rota.store.write(lambda c: c.execute(gone))
    (said,) = [one for one in sent(rota) if one.channel == "C0ONCALL"]
    assert said.text.startswith("🕳️")


def test_to_cover_proposes_the_next_gap_else_the_next_shift_of_somebody_else(
    rota: Stage, wang: Member, emma: Member
) -> None:
    wang.command("cover")
    assert (wang.value("start"), wang.value("end")) == (seconds("11-22 20:00"), seconds("11-23 08:00"))

    asks(emma, "leave", start=seconds("11-24 20:00"), end=seconds("11-25 08:00"))
    emma.submit()
    wang.command("cover")
    assert (wang.value("start"), wang.value("end")) == (seconds("11-24 20:00"), seconds("11-25 08:00"))
    assert wang.value("seat") == "primary"


@pytest.mark.parametrize(
    ("text", "hours"),
    [("leave in 2 hours", 2), ("请假 两小时后", 2), ("leave now", 0), ("cover in 3 hours", 3), ("代班两小时后", 2)],
)  # fmt: skip
def test_a_time_typed_after_the_word_is_where_the_form_begins(rota: Stage, wang: Member, text: str, hours: int) -> None:
    begin = timedelta(minutes=9, seconds=37)
    rota.later(begin)
    assert wang.command(text).told == []
    assert wang.value("start") == int((NOW + timedelta(minutes=9) + hours * HOUR).timestamp())
    assert wang.value("end") - wang.value("start") == (24 if wang.modal["callback_id"] == "rota.leave" else 12) * 3600
    assert "未能识别" not in read(wang)


@pytest.mark.parametrize("verb", ["leave", "cover", "swap"])
def test_what_is_no_time_is_said_to_be_unread(rota: Stage, wang: Member, emma: Member, verb: str) -> None:
    wang.command(f"{verb} *发烧*")
    assert "未能识别“*发烧*”，请在下面填写。" in read(wang)
    emma.command(f"{verb} some day")
    assert "“some day” was not understood. Please fill in the fields below." in read(emma)
    emma.command(verb)
    assert "was not understood" not in read(emma)


def test_why_somebody_is_away_is_theirs_to_tell(rota: Stage, emma: Member) -> None:
    """The form says who will see it, the channel hears when, and the history keeps why."""
    emma.command("leave")
    assert "The team is told when, not why; the history keeps it." in str(emma.modal["blocks"])
    emma.command("cover")
    assert "The team sees this." in str(emma.modal["blocks"])

    change = Override(1, NOW, "U0EMMA", OverrideKind.TIME_OFF, NOW, NOW + HOUR, "Emma <Clarke>", why="Wedding")
    viewer = ViewContext(Words.of("en"), BEIJING, toml_reader.read_rota(DAY_AND_NIGHT), NOW)
    assert "Wedding" not in block_limits.read(rota_changes.public([change], Impact(), "Emma", viewer))
    assert "Wedding" not in block_limits.read(
        rota_changes.private([change], Impact(), "Emma", NameChange("王伟", "王伟"), viewer)
    )
    assert "Wedding" in block_limits.read(
        rota_changes.private([change], Impact(), "李娜", NameChange("Emma <Clarke>", "Emma <Clarke>"), viewer)
    )


@pytest.mark.parametrize(("seat", "name"), [("primary", "主值班"), ("", "所有席位")])
def test_that_a_gap_is_intended_is_told_with_its_seat_and_times(seat: str, name: str) -> None:
    change = Override(1, NOW, "U0LINA", OverrideKind.ACCEPT_GAP, NOW, NOW + 2 * HOUR, seat=seat, why="试验")
    gone = Impact(closed_gaps=(Gap("primary", NOW, NOW + 2 * HOUR, GapReason.NOBODY),))
    viewer = ViewContext(Words.of("zh_CN"), BEIJING, toml_reader.read_rota(DAY_AND_NIGHT), NOW)

    for blocks in (
        rota_changes.public([change], gone, "李娜", viewer),
        rota_changes.private([change], gone, "李娜", NameChange("王伟", "王伟"), viewer),
    ):  # fmt: skip
        said = block_limits.read(blocks)
        assert f"⚪ 11月22日 周日 15:30–17:30 · {name}\n试验" in said
        assert "试验" in said
        assert "消除" not in said


def test_back_keeps_all_that_was_typed(rota: Stage, lina: Member) -> None:
    given = {
        "seat": "backup", "member": "U0WANG", "start": seconds("11-24 20:00"), "end": seconds("11-25 08:00"),
        "why": "李娜 is <away>",
    }  # fmt: skip
    asks(lina, "代班", **given)
    back(rota, lina)

    assert {name: lina.value(name) for name in given} == given


def back(stage: Stage, member: Member) -> None:
    """The button “Back” of a preview."""
    acted = {**payloads.button("rota.back", ""), "block_id": "back"}
    stage.deliver(payloads.view_click(member.user, member.trigger, member.modal, acted))


def test_a_lead_puts_somebody_elses_shift_into_other_hands_and_both_are_told(rota: Stage, lina: Member) -> None:
    asks(lina, "cover", seat="primary", member="U0LINA", start=seconds("11-24 08:00"), end=seconds("11-24 20:00"))
    lina.submit()

    assert told(rota) == [("changed", "C0ONCALL"), ("changed", "U0WANG")]


def test_what_nobody_may_do_is_refused_where_it_was_asked(rota: Stage, wang: Member, emma: Member) -> None:
    assert emma.command("intend").text == "Only leads can do this."
    heard = asks(emma, "cover", seat="primary", start=seconds("11-24 08:00"), end=seconds("11-24 20:00"))

    assert heard.errors == {
        "why": "This is a shift of 王伟. Only 王伟 or a lead can change it; you can ask 王伟 to offer it to you."
    }
    assert emma.value("start") == seconds("11-24 08:00")


@pytest.mark.parametrize(
    ("start", "end", "field"), [("11-20 08:00", "11-21 08:00", "start"), ("11-25 08:00", "11-24 08:00", "end")]
)
def test_the_past_never_changes_and_nothing_ends_before_it_begins(
    rota: Stage, emma: Member, start: str, end: str, field: str
) -> None:
    heard = asks(emma, "leave", start=seconds(start), end=seconds(end))

    assert list(heard.errors) == [field]


def test_what_has_begun_changes_from_now_on(rota: Stage, wang: Member) -> None:
    asks(wang, "请假", start=seconds("11-22 08:00"), end=seconds("11-22 20:00"))
    wang.submit()

    assert [change.start > NOW for change in rota.rota_store.changes(NOW + HOUR)] == [True]


def test_when_the_rota_changed_meanwhile_the_new_outcome_is_shown_and_nothing_saved(
    rota: Stage, emma: Member, lina: Member
) -> None:
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"))
    stand = Override(
        0, NOW, "U0LINA", OverrideKind.OVERRIDE, beijing("11-23 20:00"), beijing("11-24 08:00"), "王伟", "primary"
    )  # fmt: skip
    rota.rota_store.record([stand], LEAD, NOW, "other")
    emma.submit()

    assert "The rota has changed in the meantime. This is the result now:" in read(emma)
    assert "There is no shift in this time" in read(emma)
    assert len(rota.rota_store.changes(NOW + HOUR)) == 1

    emma.submit()

    assert len(rota.rota_store.changes(NOW + HOUR)) == 2


def test_a_second_submission_changes_nothing_twice(rota: Stage, emma: Member) -> None:
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"))
    view = dict(emma.modal)
    emma.submit()
    emma.submit(**view)

    assert len(rota.rota_store.changes(NOW + HOUR)) == 1
    assert len(told(rota)) == 1


def test_a_lead_declares_a_gap_intended_with_a_reason_and_an_end(rota: Stage, lina: Member) -> None:
    import_rota(rota.store, DAY_AND_NIGHT.replace('["王伟"]', '["张敏"]'), "cli", NOW - HOUR)
    asks(lina, "intend", seat="primary", start=seconds("11-24 08:00"), end=seconds("11-24 20:00"), why="春节")

    assert "⚪ 将把 1 个缺口登记为计划内：" in read(lina)
    assert "消除" not in read(lina)
    lina.submit()
    assert "⚪ 已将 1 个缺口登记为计划内：" in read(lina)
    assert "消除" not in read(lina)
    assert [change.kind for change in rota.rota_store.changes(NOW + HOUR)] == [OverrideKind.ACCEPT_GAP]


def test_once_it_is_saved_the_gaps_are_told_as_what_has_happened(rota: Stage, lina: Member) -> None:
    gap = Gap("primary", NOW, NOW + HOUR, GapReason.NOBODY)
    both = Impact(opened_gaps=(gap,), closed_gaps=(gap, gap))
    said = {
        language: block_limits.read(
            override_form.saved_view(both, [], ViewContext(Words.of(language), BEIJING, PLAN, NOW))["blocks"]
        )
        for language in ("en", "zh_CN")
    }
    assert [part for part in ("This opened 1 gap:", "This closed 2 gaps:") if part not in said["en"]] == []
    assert [part for part in ("已产生 1 个缺口", "已消除 2 个缺口") if part not in said["zh_CN"]] == []

    asks(lina, "leave", member="U0WANG", start=seconds("11-24 08:00"), end=seconds("11-24 20:00"))
    assert "将产生 1 个缺口" in read(lina)
    lina.submit()
    assert "已产生 1 个缺口" in read(lina)
    assert "将产生" not in read(lina)


def test_too_little_rest_is_shown_before_it_is_saved(rota: Stage, lina: Member) -> None:
    asks(lina, "cover", seat="backup", member="U0WANG", start=seconds("11-24 20:00"), end=seconds("11-25 08:00"))
    assert "将产生" not in read(lina)
    back(rota, lina)
    lina.fill(seat="backup", member="U0WANG", start=seconds("11-24 22:00"), end=seconds("11-25 06:00")).submit()

    assert "休息不足" in read(lina)


def test_who_is_not_on_the_rota_may_not_change_it(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, 'zone = "UTC"', "cli", NOW - HOUR)

    assert emma.command("leave").text == "You are not on the rota. <@U0LINA> can add you."


@pytest.mark.parametrize("metadata", ["", "[]", "{}", '{"kind":"leave","start":"x"}', '{"kind":"fly"}', "9e999"])
def test_a_made_up_form_is_refused_and_says_so(rota: Stage, emma: Member, metadata: str) -> None:
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"))
    heard = emma.submit(private_metadata=metadata)

    assert "can't be read any more" in read(emma)
    assert heard.status == 200
    assert rota.rota_store.changes(NOW + HOUR) == []


def test_a_refusal_of_what_was_shown_stands_on_top_of_it(rota: Stage, emma: Member) -> None:
    asks(emma, "leave", start=seconds("11-23 20:00"), end=seconds("11-24 08:00"))
    rota.people.away = True
    emma.submit()

    assert "Slack did not answer just now." in read(emma)
    rota.people.away = False
    emma.submit()
    assert "Saved." in read(emma)


LATE = """
[[layer]]
name = "late"
seat = "backup"
members = ["Emma <Clarke>"]
starts = 2026-01-05
turn_hours = 24
from = 20:00:00
to = 08:00:00
"""
LONG_DAYS = DAY_AND_NIGHT.replace('["王伟"]', '["张敏"]').replace("rest_hours = 8", "longest_hours = 12") + LATE
"""Nobody on by day, and Emma, who may be on for twelve hours, is on from 20:00."""


def preview_of_a_gap_that_has_begun(stage: Stage, somebody: Member) -> str:
    """“Take it” on today's gap, which opens hours beyond the limit that begin so many hours from now."""
    span = SeatInterval("primary", beijing("11-22 08:00"), beijing("11-22 20:00"))
    somebody.button(ids.ROTA_TAKE_LISTED, str(span))
    return read(somebody)


def on_primary(stage: Stage, at: str) -> str:
    later = beijing(at)
    return next(
        shift.member for shift in stage.rota_store.shifts(NOW + DAY, later, later + HOUR) if shift.seat == "primary"
    )


def test_a_gap_that_has_begun_is_saved_as_shown_however_long_somebody_reads(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, LONG_DAYS, "cli", NOW - HOUR)
    assert "This opens 1 gap:" in preview_of_a_gap_that_has_begun(rota, emma)
    rota.later(3 * HOUR / 60)
    emma.submit()

    assert "Saved." in read(emma)
    assert on_primary(rota, "11-22 16:00") == "Emma <Clarke>"


def test_so_is_what_a_form_showed_of_a_shift_that_has_begun(rota: Stage, lina: Member) -> None:
    import_rota(rota.store, LONG_DAYS, "cli", NOW - HOUR)
    asks(
        lina, "cover", seat="primary", member="U0EMMA", start=seconds("11-22 08:00"), end=seconds("11-22 20:00")
    )  # fmt: skip
    assert "超过允许的时长" in read(lina)
    rota.later(3 * HOUR / 60)
    lina.submit()

    assert "已保存" in read(lina)


def test_so_is_a_preview_of_what_begins_while_it_is_read(rota: Stage, emma: Member) -> None:
    asks(emma, "leave", start=seconds("11-22 20:00"), end=seconds("11-23 08:00"))
    rota.later(beijing("11-22 20:01") - NOW)
    emma.submit()

    assert "Saved." in read(emma)


def test_another_change_of_the_rota_is_still_shown_and_whoever_stood_there_before_did_not_take_it(
    rota: Stage, emma: Member
) -> None:
    """李娜 put herself there, and is on for too long: her shift is the gap."""
    import_rota(rota.store, LONG_DAYS.replace("longest_hours = 12", "longest_hours = 5"), "cli", NOW - HOUR)
    before = NOW - HOUR / 60
    stays = Override(0, before, "U0LINA", OverrideKind.OVERRIDE, before, beijing("11-22 20:00"), "李娜", "primary")
    rota.rota_store.record([stays], LEAD, before, "stay")
    preview_of_a_gap_that_has_begun(rota, emma)
    rota.later(3 * HOUR / 60)
    start, end = beijing("11-22 22:00"), beijing("11-23 08:00")
    stand = Override(0, NOW, "U0LINA", OverrideKind.OVERRIDE, start, end, "李娜", "primary")
    rota.rota_store.record([stand], LEAD, NOW, "other")
    emma.submit()

    assert "The rota has changed in the meantime. This is the result now:" in read(emma)
    assert "took it" not in read(emma)
    assert on_primary(rota, "11-22 16:00") == "李娜"
    rota.later(HOUR / 60)
    emma.submit()
    assert "Saved." in read(emma)
