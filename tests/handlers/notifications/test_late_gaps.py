"""A gap that somebody saw to after it began: what passed uncovered is told so, on its card and in its thread."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.blocks import shift_buttons
from handlers.blocks.override_form import TAKE, OverrideRequest
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from models.oncall.gap_register import CLOSED, INTENDED
from models.rules.rota.overrides import OverrideKind
from models.rules.rota.rota import BEIJING, Rota
from models.store.database import Store
from tests.handlers.notifications.test_reminders import NIGHT, TEAM_SETTINGS, DutyWithOutbox, texts
from tests.models.reminders.conftest import BOBS, HOUR, MINUTE, hasty
from tests.models.samples import NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

LATE = NIGHT + 7 * MINUTE + timedelta(seconds=20)
END = NIGHT + 12 * HOUR


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """Bob is away from 08:00 to 20:00, and nobody has taken it when it begins."""
    made = DutyWithOutbox(hasty(store))
    made.rota()
    made.confirmed(BOBS, 4)
    made.leave("bob", NIGHT, END)
    made.at(NOW)
    made.at(NIGHT + MINUTE)
    return made


def card_text(stage: DutyWithOutbox) -> str:
    """All that is said of the gap after that: its thread, its card, and in place of direct messages."""
    said = [(delivery, drawn) for delivery, drawn in stage.at(LATE + MINUTE) if delivery.subject == "gap:1"]
    assert {bool(delivery.user) for delivery, _ in said} >= {False}
    return "\n---\n".join(texts(said))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "08:00–08:07 went uncovered; 08:07–20:00 dan"),
        ("zh_CN", "08:00–08:07 未覆盖；08:07–20:00 dan"),
    ],
)
def test_what_passed_before_somebody_took_it_went_uncovered(
    stage: DutyWithOutbox, language: str, sentence: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    stage.stand("dan", LATE, END, LATE)

    said = card_text(stage)

    assert said.count(sentence) >= 3, "the thread, the card and its fallback"
    assert "Closed by" not in said
    kept = stage.render_context().gap_register.find(1)
    assert kept
    assert (kept.start, kept.end, kept.ended_how) == (NIGHT, END, CLOSED)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "08:00–08:07 went uncovered; 08:07–20:00 accepted gap"),
        ("zh_CN", "08:00–08:07 未覆盖；08:07–20:00 计划内缺口"),
    ],
)
def test_what_passed_before_it_was_accepted_went_uncovered_and_the_rest_is_accepted(
    stage: DutyWithOutbox, language: str, sentence: str
) -> None:
    stage.settings = replace(TEAM_SETTINGS, language=language)
    stage.changed(OverrideKind.ACCEPT_GAP, LATE, END, LATE, why="office is shut")

    said = card_text(stage)

    assert said.count(sentence) >= 3
    assert "office is shut" in said
    kept = stage.render_context().gap_register.find(1)
    assert kept
    assert kept.ended_how == INTENDED
    ledger = stage.render_context().coverage_ledger.report(NIGHT, END, END)
    assert [(entry.status, entry.evidence, entry.end) for entry in ledger if entry.slot.seat == "primary"] == [
        ("uncovered", "gap:on_leave", LATE), ("intended", "change:2", END),
    ]  # fmt: skip


def test_a_part_that_is_taken_late_leaves_the_rest_a_gap_of_its_own(stage: DutyWithOutbox) -> None:
    stage.stand("dan", LATE, NIGHT + 4 * HOUR, LATE)

    assert "08:00–08:07 went uncovered; 08:07–12:00 dan\n" in card_text(stage)
    first, rest = (stage.render_context().gap_register.find(number) for number in (1, 2))
    assert first
    assert rest
    assert (first.end, rest.start, rest.end, rest.ended_at) == (NIGHT + 4 * HOUR, NIGHT + 4 * HOUR, END, None)


def test_somebody_who_does_not_meet_what_is_owed_is_named_so(stage: DutyWithOutbox) -> None:
    without_role = DAILY_TURNS_WITH_BACKUP.replace('slack = "U0DAN"\nrole = "admin_agent"', 'slack = "U0DAN"')
    assert without_role != DAILY_TURNS_WITH_BACKUP
    stage.rota(without_role, NIGHT + 2 * MINUTE)
    stage.stand("dan", LATE, END, LATE)

    assert "08:00–08:07 went uncovered; 08:07–20:00 dan, below the requirement" in card_text(stage)


def test_a_new_version_of_the_rota_that_covers_it_changes_nothing_of_what_passed(stage: DutyWithOutbox) -> None:
    stage.rota(DAILY_TURNS_WITH_BACKUP.replace('members = ["ann", "bob"]', 'members = ["dan"]', 1), LATE)

    said = card_text(stage)

    assert "08:00–08:07 went uncovered; 08:07–20:00 dan" in said


def test_a_gap_taken_before_it_began_is_told_as_before(store: Store) -> None:
    stage = DutyWithOutbox(hasty(store))
    stage.rota()
    stage.leave("bob", NIGHT, END)
    stage.at(NOW)
    stage.stand("dan", NIGHT, END, NOW + HOUR)

    said = "".join(texts([entry for entry in stage.at(NOW + HOUR) if entry[0].subject == "gap:1"]))

    assert "Closed by <@U0LINA>." in said
    assert "uncovered;" not in said


def test_the_taker_is_told_what_went_uncovered_before() -> None:
    viewer = ViewContext(Words.of("en"), BEIJING, Rota(), LATE)
    wish = OverrideRequest(TAKE, "primary", "dan", "", int(LATE.timestamp()) // 60 * 60, int(END.timestamp()))

    assert shift_buttons.gap_taken(wish, viewer, NIGHT).splitlines()[1] == "⚫ 08:00–08:07 went uncovered"
    assert "uncovered" not in shift_buttons.gap_taken(wish, viewer, NIGHT + 7 * MINUTE)
