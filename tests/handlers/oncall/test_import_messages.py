"""A rota imported at the terminal is told in Slack: to whoever loses, gains or moves shifts, and in the channel."""

from datetime import timedelta
from functools import partial

import pytest

from handlers.blocks import rota_changes
from handlers.blocks.rota_changes import NameChange
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from handlers.notifications.message import Message
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_versions import TERMINAL
from models.rules.rota.impact import Impact, ReassignedTime
from models.rules.rota.rota import Rota
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import PEOPLE, SETTINGS, Stage
from tests.handlers.oncall.test_swaps import read, sent
from tests.sample_rotas import DAY_AND_NIGHT

YEAR = timedelta(days=366)
SWAPPED = DAY_AND_NIGHT.replace('members = ["王伟"]', 'members = ["李娜"]').replace(
    'name = "backup"\nseat = "backup"\nmembers = ["李娜"]', 'name = "backup"\nseat = "backup"\nmembers = ["王伟"]'
)


def imported(stage: Stage, text: str, quiet: str = "") -> dict[str | None, Message]:
    """What is said once a file is imported, by person; the channel's under None."""
    revising = RotaEditor(stage.store, stage.rota_store)
    assert revising.adopt(revising.propose(text, NOW, YEAR), TERMINAL, NOW, SETTINGS.oncall_channel, quiet)
    return {message.user: message for message in sent(stage)}


def test_everybody_whose_shifts_move_reads_what_is_theirs_and_what_is_not(rota: Stage) -> None:
    said = imported(rota, SWAPPED)

    assert set(said) == {None, "U0LINA", "U0WANG"}
    wang = read(said["U0WANG"])
    assert "李娜" in wang
    assert {"➖", "➕"} <= set(wang)
    channel = read(said[None])
    assert "王伟 → 李娜" in channel


@pytest.mark.parametrize(
    ("user", "gained", "lost"),
    [("U0EMMA", "yours now", "nobody is on call then yet"), ("U0WANG", "由你值班", "不再由你值班，目前无人值班")],
)
def test_what_nobody_had_before_or_has_after_is_told_without_a_name(user: str, gained: str, lost: str) -> None:
    viewer = ViewContext(Words.of(PEOPLE[user].language), SETTINGS.timezone, Rota(seats=()), NOW)
    names, moved = NameChange("Ann", "Ann"), partial(ReassignedTime, "primary", 0, NOW, NOW + timedelta(hours=8))

    for one, sentence in ((moved("", "Ann"), gained), (moved("Ann", ""), lost)):
        said = block_limits.read(rota_changes.private([], Impact((one,), (), ()), "", names, viewer))
        assert sentence in said
        assert "原为" not in said
        assert "before" not in said


def test_what_changes_first_is_told_first_whatever_the_seat() -> None:
    viewer = ViewContext(Words.of("en"), SETTINGS.timezone, Rota(seats=()), NOW)
    hours = [*(("backup", n) for n in range(10, 20)), ("primary", 1)]
    moved = [
        ReassignedTime(seat, 0, NOW + timedelta(hours=n), NOW + timedelta(hours=n + 1), "Bob", "Ann")
        for seat, n in hours
    ]
    outcome = Impact(tuple(moved), (), ())

    for said in (
        block_limits.read(rota_changes.private([], outcome, "", NameChange("Ann", "Ann"), viewer)),
        block_limits.read(rota_changes.public([], outcome, "", viewer)),
    ):
        assert said.index("primary") < said.index("backup")
        assert "and 3 more" in said


@pytest.mark.parametrize(
    ("user", "yours"),
    [
        ("U0EMMA", "Your shifts changed: a new version of the rota was imported."),
        ("U0WANG", "你的班次有变动：已导入新版值班表。"),
    ],
)
def test_it_is_told_as_imported_and_by_nobody(rota: Stage, user: str, yours: str) -> None:
    rota.commands.remember((PEOPLE["U0EMMA"], NOW), (PEOPLE["U0WANG"], NOW))
    crossed = DAY_AND_NIGHT.replace('members = ["王伟"]', "DAYS").replace('Emma <Clarke>"]', '王伟"]')

    said = imported(rota, crossed.replace("DAYS", 'members = ["Emma <Clarke>"]'))

    assert yours in read(said[user])
    assert yours in said[user].text
    assert "已导入新版值班表" in read(said[None])
    assert "cli" not in read(said[user])


def test_who_is_no_member_any_more_reads_it_too(rota: Stage) -> None:
    without_wang = SWAPPED.replace(
        '[[member]]\nname = "王伟"\nslack = "U0WANG"\nrole = "helpdesk_agent"\n', ""
    ).replace('members = ["王伟"]', 'members = ["Emma <Clarke>"]')

    wang = read(imported(rota, without_wang)["U0WANG"])

    assert "➖" in wang
    assert "➕" not in wang


def test_another_name_moves_nothing_and_nobody_is_told_of_shifts(rota: Stage) -> None:
    assert set(imported(rota, DAY_AND_NIGHT.replace("王伟", "王伟伟"))) == {None}


def test_with_a_reason_to_be_quiet_nobody_hears_of_it(rota: Stage) -> None:
    assert imported(rota, SWAPPED, "a rehearsal") == {}


def test_who_is_concerned_much_later_only_is_told_where_to_look(rota: Stage) -> None:
    later = f'[[shift]]\nseat = "primary"\nmember = "李娜"\nfrom = {NOW + timedelta(weeks=20):%Y-%m-%dT%H:%M:%SZ}\n'
    later += f"to = {NOW + timedelta(weeks=20, hours=4):%Y-%m-%dT%H:%M:%SZ}\n"

    said = imported(rota, DAY_AND_NIGHT + later)

    assert "U0LINA" in said
    assert "/csp-escalate my" in read(said["U0LINA"])
