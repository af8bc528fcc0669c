"""Hours and holidays in Slack: for everybody on the rota, privately, as hints."""

from datetime import UTC, date, datetime

import pytest

from handlers.blocks import workload
from handlers.blocks.schedule import ViewContext
from handlers.i18n.words import Words
from models.oncall.rota_versions import import_rota
from models.rules.rota import holidays
from models.rules.rota.workload import LoadWarning, WarningKind, WorkloadShare
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import BEIJING
from tests.handlers.oncall.test_shift_actions import home
from tests.handlers.oncall.test_slack_limits import PLAN
from tests.handlers.test_slack_limits import LANGUAGES
from tests.sample_rotas import DAY_AND_NIGHT

LONG = "李娜 <!here> & *Li* " * 10


def test_load_tells_who_has_too_much_and_everybodys_share(rota: Stage, emma: Member) -> None:
    said = emma.command("load")

    assert "More than 40 h a week on average: " in said.words
    assert "84 h" in said.words
    assert "Emma <Clarke>  84 h a week · 91 nights · 14 weekends" in said.words
    assert said.words.count("not legal advice") == 1
    assert "/csp-escalate swap" in said.words
    assert said.told[0]["response_type"] == "ephemeral"


def test_chinese_works_as_well(rota: Stage, wang: Member) -> None:
    assert "平均每周超过 40 小时：" in wang.command("工时").words
    assert "法定节假日与调休上班日" in wang.command("节假日").words


def test_nothing_to_warn_of_is_said(rota: Stage, emma: Member) -> None:
    ample = (
        "[policy]\naverage_week_hours = 168\nweek_hours = 168\nusual_rest_hours = 0\nover_mean_percent = 1000\n"
        "days_in_a_row = 366\n"
    )
    few = DAY_AND_NIGHT.replace('[[seat]]\nname = "backup"\nneeds_role = false\n', "").replace(
        '[[layer]]\nname = "backup"\nseat = "backup"', '[[layer]]\nname = "backup"\nseat = "primary"'
    )
    import_rota(rota.store, few + ample, "cli", NOW)

    assert "No warnings." in emma.command("load").words


def test_the_calendar_lists_the_next_year_and_what_is_provisional(rota: Stage, emma: Member) -> None:
    said = emma.command("calendar").words

    assert "New Year's Day" in said
    assert "Fri 1 Jan" in said
    assert "the calendar changes no shift" in said


def test_the_rota_names_a_holiday_beside_its_date(rota: Stage, emma: Member) -> None:
    rota.later(datetime(2026, 12, 30, tzinfo=UTC) - NOW)

    said = emma.command("rota").words

    assert "🏮 New Year's Day" in said
    assert said.count("🏮") <= 3


def test_leads_see_on_the_home_tab_that_there_are_hints_and_nobody_else_does(rota: Stage) -> None:
    shown = {user: str(home(rota, user)) for user in ("U0LINA", "U0EMMA")}

    assert "/csp-escalate load" in shown["U0LINA"]
    assert "/csp-escalate load" not in shown["U0EMMA"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_fit_with_many_people_of_long_names(language: str) -> None:
    words = Words.of(language)
    someone = ViewContext(words, BEIJING, PLAN, NOW)
    warnings = [LoadWarning(kind, 84.5, 40, LONG, "primary", NOW, 3) for kind in WarningKind for _ in range(40)]
    people = [WorkloadShare(LONG, 1000.5, 84.5, 120, 0.5, 99, 13, 20)] * 90
    days = holidays.find_days(date(2027, 1, 1), date(2032, 1, 1))

    for blocks in (
        workload.page(people, warnings, (date(2026, 11, 22), date(2027, 2, 21)), someone),
        workload.page([], [], (date(2026, 11, 22), date(2027, 2, 21)), someone),
        workload.calendar(holidays.group_into_runs(days), someone),
        workload.calendar([], someone),
    ):
        assert block_limits.message(blocks).pings == []
