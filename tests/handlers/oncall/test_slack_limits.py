"""What is shown of the rota fits where Slack shows it, in either language and in both, with names as long as may be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import (
    command_answers,
    home_schedule,
    my_shifts,
    override_form,
    rota_changes,
    rota_editor,
    schedule,
    shift_buttons,
    swap,
)
from handlers.blocks.my_shifts import OwnShift
from handlers.blocks.override_form import ACCEPT_GAP, CANCEL, COVER, LEAVE, STAY, TAKE, OverrideRequest
from handlers.blocks.rota_editor import LAYER, LIMITS, MEMBER, ROLE, SEAT
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.ids import ShiftSubject
from models.oncall.swaps import SwapOffer
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.impact import Impact, ReassignedTime
from models.rules.rota.on_call import CoverageStatus, Handover, Slot
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import PartnerRole
from models.rules.rota.shifts import Shift
from models.rules.rota.toml import reader as toml_reader
from tests.handlers import block_limits
from tests.handlers.test_slack_limits import LANGUAGES, too_long

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = toml_reader.read_rota(toml_reader.example())
SHIFT = Shift("primary", 1, "Emma Clarke", NOW, NOW + 12 * HOUR, "base")
GAPS = [Gap("backup", NOW, NOW + HOUR, reason, ("李娜" * 20,), ("azure",)) for reason in GapReason] * 40
MOVES = [ReassignedTime("primary", 1, NOW, NOW + HOUR, "李娜" * 30, "")] * 400
OFFERED = swap.SwapChoices(PLAN.members["李娜"], [SHIFT], False, PLAN.members)
OUTCOME = Impact(MOVES, GAPS, GAPS)
WISH = OverrideRequest(COVER, "primary", "李娜", "", int(NOW.timestamp()), int((NOW + HOUR).timestamp()), "why " * 100)


@pytest.fixture(params=LANGUAGES)
def viewer(request: pytest.FixtureRequest) -> ViewContext:
    return ViewContext(Words.of(request.param), ZoneInfo("America/Argentina/Buenos_Aires"), PLAN, NOW)


def test_every_form_and_preview_fits(viewer: ViewContext) -> None:
    people = {override_form.member_key(member): member.name for member in PLAN.members.values()}
    kinds = [replace(WISH, kind=kind) for kind in (COVER, LEAVE, ACCEPT_GAP, TAKE, STAY)]
    views = [override_form.form(wish, viewer, people, "") for wish in kinds]
    views += [override_form.preview(replace(WISH, kind=kind), OUTCOME, viewer, "", "note") for kind in (*_KINDS,)]
    views += [override_form.preview(replace(WISH, kind=LEAVE), Impact(), viewer, "")]
    views += [override_form.saved_view(OUTCOME, ["李娜"] * 50, viewer)]
    views += [swap.form(OFFERED, people, [SHIFT], {"ask": "U0LINA"}, viewer)]
    handover = Handover(Slot("primary"), NOW, "李娜", SHIFT)
    views += [shift_buttons.note_form(handover, ShiftSubject(Slot("primary"), NOW, "李娜"), viewer)]
    views += [shift_buttons.reminders_form((60, 10), viewer)]

    for view in views:
        block_limits.view(view)
    assert too_long(iter(views)) == set()


_KINDS = (COVER, LEAVE, ACCEPT_GAP, TAKE, CANCEL, STAY)


def test_every_form_of_the_rota_itself_fits(viewer: ViewContext) -> None:
    words = viewer.words
    parts = {MEMBER: "李娜", LAYER: "primary, days", SEAT: "primary", LIMITS: ""}
    views = [rota_editor.form(what, name, PLAN, None, words, "") for what, name in parts.items()]
    views += [rota_editor.form(what, "", PLAN, None, words, "") for what in parts]
    views += [rota_editor.overview(PLAN, words), rota_editor.preview(OUTCOME, viewer, "", True, "note")]
    views += [rota_editor.file(toml_reader.example() * 30, words)]

    for view in views:
        block_limits.view(view)
    assert too_long(iter(views)) == set()


def test_everything_to_look_at_fits(viewer: ViewContext) -> None:
    post = OnCallEntry(
        Slot("primary"), "Emma Clarke", NOW - HOUR, NOW + HOUR, CoverageStatus.PLANNED, "李娜", SHIFT, True, NOW
    )
    posts = [post, OnCallEntry(Slot("backup", 2))] * 20
    mine = [OwnShift(SHIFT, False), OwnShift(SHIFT, True)] * 20
    home = {"type": "home", "blocks": home_schedule.top(posts, mine, GAPS, viewer)}
    change = Override(1, NOW, "U0LINA", OverrideKind.OVERRIDE, NOW, NOW + HOUR, "李娜", "primary", why="why")
    offer = SwapOffer(
        1, NOW, "U0EMMA", "Emma", "primary", NOW, NOW + HOUR, (), "why", "李娜", "backup", NOW, NOW + HOUR
    )
    shown = [
        schedule.who(posts[:8], GAPS[:10], NOW, viewer), schedule.days([SHIFT] * 50, GAPS[:10], NOW.date(), 7, viewer,
        []),
        schedule.gap_page(GAPS, 8, viewer), my_shifts.my_page(mine, 20, (60, 10), "Emma", viewer),
        my_shifts.my_page([], 0, (), "E", viewer),
        rota_changes.public([change], OUTCOME, "李娜", viewer),
        rota_changes.private([change], OUTCOME, "李娜", rota_changes.NameChange("李娜" * 30, "李娜" * 30), viewer),
        swap.card(offer, "Emma", "", viewer),
        swap.card(replace(offer, is_over=True), "E", "", viewer),
        rota_editor.begin(True, viewer.words), command_answers.list_commands(viewer.words),
    ]  # fmt: skip

    block_limits.view(home, "home")
    assert len(home["blocks"]) < 60  # the escalations want room too
    for blocks in shown:
        block_limits.message(blocks)
    assert too_long(iter([home, *shown])) == set()


def test_every_role_has_a_name() -> None:
    assert set(ROLE) == set(PartnerRole)
