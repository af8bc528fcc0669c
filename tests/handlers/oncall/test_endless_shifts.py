"""What goes on without an end: no look ahead is told as its end, and it can be confirmed like any other shift."""

from datetime import timedelta

import pytest

from handlers import ids
from handlers.ids import SeatInterval, ShiftSubject, shift_of
from models.oncall.rota_versions import import_rota
from models.rules.rota.on_call import ShiftEventKind, Slot
from models.rules.times import ENDLESS
from models.store.oncall_tables import ROTA_CHANGE
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import HOUR, beijing
from tests.sample_rotas import DAY_AND_NIGHT

BEGAN = beijing("2026-01-05 00:00")
"""When 李娜's turn as the only backup began."""
LAYER = DAY_AND_NIGHT.index('[[layer]]\nname = "backup"')
NO_BACKUP = DAY_AND_NIGHT[:LAYER]
MONTHS = DAY_AND_NIGHT.replace('members = ["李娜"]\nstarts = 2026-01-05\nturn_hours = 168', (
    'members = ["李娜", "Emma <Clarke>"]\nstarts = 2026-11-01\nturn_hours = 720'
))  # fmt: skip


@pytest.mark.parametrize("ahead", ["", "tomorrow 10:00", "2027-06-01 10:00"])
def test_who_says_nobody_follows_only_where_that_is_so(rota: Stage, lina: Member, emma: Member, ahead: str) -> None:
    said = emma.command(f"who {ahead}").words

    assert "nobody from" not in said
    assert "since Sun 4 Jan 16:00" in said[said.index("backup") :]
    assert "until" not in said[said.index("backup") :]


def test_my_tells_when_it_began_and_no_end(rota: Stage, lina: Member) -> None:
    mine = lina.command("my").words

    assert "1月5日 周一 00:00 起" in mine
    assert "12月" not in mine.split("提醒")[0]


def test_it_is_confirmed_with_its_true_beginning_and_stays_so(rota: Stage, lina: Member) -> None:
    shown = lina.command("my").told[0]["blocks"]
    (button,) = [one["accessory"] for one in shown if (one.get("accessory") or {}).get("action_id") == ids.ROTA_CONFIRM]
    assert shift_of(button["value"]).start == BEGAN

    lina.button(ids.ROTA_CONFIRM, button["value"])

    assert [press.kind for press in rota.services.confirmations.find_events(BEGAN, BEGAN + HOUR)] == [
        ShiftEventKind.CONFIRM
    ]
    for days in (0, 40, 200):
        rota.later(timedelta(days=days))
        assert "✅" in lina.command("who").words.split("备值班")[1]
        on = {one.slot.seat: one for one in rota.services.confirmations.find_on_call(rota.services.now())}
        assert (on["backup"].person, on["backup"].status) == ("李娜", "confirmed")


def test_a_turn_of_a_month_is_told_with_its_true_times_and_confirmed_after_weeks(rota: Stage, lina: Member) -> None:
    import_rota(rota.store, MONTHS, "cli", NOW - HOUR)
    said = lina.command("who").words

    assert "12月1日 周二 00:00" in said
    assert "11月1日 周日 00:00" in said
    value = next(
        one["accessory"]["value"]
        for one in lina.command("my").told[0]["blocks"]
        if (one.get("accessory") or {}).get("action_id") == ids.ROTA_CONFIRM
    )
    lina.button(ids.ROTA_CONFIRM, value)
    assert shift_of(value).start == beijing("2026-11-01 00:00")
    assert len(rota.services.confirmations.find_events(BEGAN, NOW)) == 1


def test_a_gap_without_an_end_says_so_and_only_a_part_of_it_is_taken(rota: Stage, emma: Member) -> None:
    import_rota(rota.store, NO_BACKUP, "cli", NOW - HOUR)
    shown = emma.command("gaps")
    home = rota.services.rota_store.gaps_ahead(NOW, timedelta(days=28))

    assert "backup: uncovered" in shown.words
    assert "and on" in shown.words
    assert "Nov 2027" not in shown.words
    assert [one.end for one in home] == [ENDLESS]
    emma.button(ids.ROTA_TAKE_LISTED, str(SeatInterval("backup", NOW, ENDLESS)))
    assert emma.modal["callback_id"]
    assert rota.store.read(lambda c: c.execute(ROTA_CHANGE.select()).all()) == []


def test_a_press_on_somebody_elses_beginning_is_refused(rota: Stage, lina: Member) -> None:
    value = str(ShiftSubject(Slot("backup"), BEGAN + HOUR, "李娜"))
    lina.button(ids.ROTA_CONFIRM, value)

    assert rota.services.confirmations.find_events(BEGAN - HOUR, NOW) == []
