"""``coverage report | who | correct``: whole periods in three forms, answers for any moment, corrections on record."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from handlers.i18n.rota_labels import VERDICT
from models.oncall import rota_versions
from models.oncall.coverage_ledger import AHEAD, BEFORE, DOWN, RUNNING
from models.oncall.rota_store import RotaStore
from models.rules.people import Actor
from models.rules.rota.on_call import CoverageStatus
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from models.store.oncall_tables import LEDGER
from tests.bot.commands.conftest import CommandResult, Terminal
from tests.sample_rotas import DAILY_TURNS

COLUMNS = ["start", "end", "verdict", "seat", "person", "evidence", "by", "why"]
YEAR = ("--from", "2025-01-01", "--to", "2026-01-01")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here: tests/models/oncall/test_coverage_ledger.py keeps the ledger on both."""
    return sqlite_url


@pytest.fixture
def team(url: str, terminal: Terminal) -> Terminal:
    """A rota since the beginning of 2025, in UTC."""
    store = Store(url)
    store.upgrade()
    rota_versions.import_rota(
        store, DAILY_TURNS.replace("2026-11-22", "2024-12-01"), "cli", datetime(2025, 1, 1, tzinfo=UTC)
    )
    store.dispose()
    return terminal


def report(terminal: Terminal, *options: str, language: str = "en_GB.UTF-8") -> CommandResult:
    """Report the year 2025."""
    return terminal.type("coverage", "report", *YEAR, *options, language=language)


def test_a_year_in_json_adds_up_by_seat(team: Terminal) -> None:
    said = report(team, "--format", "json")
    rows = json.loads(said.out)

    assert said.code == 0
    assert list(rows[0]) == COLUMNS
    for seat in ("primary", "bot"):
        spans = [[datetime.fromisoformat(row[key]) for key in ("start", "end")] for row in rows if row["seat"] == seat]
        assert sum((end - start for start, end in spans), timedelta()) == timedelta(hours=8760)
        assert all(one[1] == other[0] for one, other in zip(spans, spans[1:], strict=False))  # noqa: RUF007


def test_csv_has_the_same_rows_and_no_formulas(team: Terminal) -> None:
    rows = list(csv.DictReader(io.StringIO(report(team, "--format", "csv").out.removeprefix("\ufeff"))))

    assert rows == json.loads(report(team, "--format", "json").out)


def test_text_tells_hours_in_the_operators_language(team: Terminal) -> None:
    assert "8,760.00" in report(team).out
    assert "已排班" in report(team, language="zh_CN.UTF-8").out


def test_text_shows_every_interval_of_a_week_with_its_person_and_its_evidence(team: Terminal) -> None:
    week = team.type("coverage", "report", "--from", "2025-01-06", "--to", "2025-01-13", "--seat", "primary").out
    rows = [line.split() for line in week.partition("Who, and what proves it\n")[2].splitlines() if "2025-" in line]

    assert len(rows) >= 7
    assert {row[5] for row in rows} == {"ann", "bob"}
    assert all(len(row) > 7 for row in rows)
    assert report(team).out.endswith("Who, and what proves it: --format csv\n")


@pytest.mark.parametrize(("language", "ahead"), [("en_GB.UTF-8", "planned (ahead)"), ("zh_CN.UTF-8", "已排班（未来）")])
def test_hours_that_lie_ahead_are_told_apart_and_the_bot_is_not_absent_then(
    team: Terminal, language: str, ahead: str
) -> None:
    period = ("--from", "2095-06-01", "--to", "2095-06-02")
    text = team.type("coverage", "report", *period, language=language).out
    rows = json.loads(team.type("coverage", "report", *period, "--format", "json").out)

    assert ahead in text
    assert ("its time has not come" in text, "时间未到" in text) == (
        language != "zh_CN.UTF-8",
        language == "zh_CN.UTF-8",
    )
    assert [(row["verdict"], row["evidence"]) for row in rows if row["seat"] == "bot"] == [("ahead", "not_yet")]
    assert {row["verdict"] for row in rows if row["seat"] == "primary"} == {"planned"}


def test_one_seat_can_be_asked_for(team: Terminal) -> None:
    rows = json.loads(report(team, "--seat", "primary", "--format", "json").out)

    assert {row["seat"] for row in rows} == {"primary"}
    said = report(team, "--seat", "night")
    assert said.code == 2
    assert "primary, bot" in said.err


@pytest.mark.parametrize(
    "period", [("2026-01-01", "2025-01-01"), ("yesterday", "2026-01-01"), ("2026-13-01", "2027-01-01")]
)
def test_wrong_times_are_told_and_end_with_2(team: Terminal, period: tuple[str, str]) -> None:
    said = team.type("coverage", "report", "--from", period[0], "--to", period[1])

    assert said.code == 2
    assert said.err


def test_who_stood_at_a_moment_is_told_with_the_proof(team: Terminal) -> None:
    said = team.type("coverage", "who", "2025-06-01T12:00")

    assert said.code == 0
    assert "primary: ann (planned, days)" in said.out or "primary: bob (planned, days)" in said.out


@pytest.mark.parametrize("typed", [["now"], ["at", "now"], ["yesterday", "at", "3", "am"], ["明天 02:30"]])
def test_a_moment_may_be_said_as_in_slack(team: Terminal, typed: list[str]) -> None:
    said = team.type("coverage", "who", *typed)

    assert said.code == 0
    assert "primary: " in said.out
    assert "(UTC)" in said.out


@pytest.mark.parametrize("typed", ["25:00", "2027-02-30 10:00"])
def test_a_moment_that_is_none_is_told_with_an_example(team: Terminal, typed: str) -> None:
    said = team.type("coverage", "who", typed)

    assert said.code == 2
    assert "2026-01-05T08:00" in said.err


def test_a_correction_is_told_from_then_on(team: Terminal) -> None:
    period = ("--from", "2025-06-01T08:00", "--to", "2025-06-01T09:00")
    said = team.type("coverage", "correct", *period, "--seat", "primary", "--person", "cai", "--why", "by phone")

    assert said.code == 0
    assert "primary: cai (confirmed, correction:" in team.type("coverage", "who", "2025-06-01T08:30").out


@pytest.mark.parametrize(("seat", "person", "says"), [("primary", "cay", "“cai”"), ("primery", "cai", "“primary”")])
def test_a_correction_with_a_slip_of_the_pen_is_refused_with_what_was_probably_meant(
    team: Terminal, seat: str, person: str, says: str
) -> None:
    period = ("--from", "2025-06-01T08:00", "--to", "2025-06-01T09:00")
    said = team.type("coverage", "correct", *period, "--seat", seat, "--person", person, "--why", "by phone")

    assert said.code == 2
    assert says in said.err
    assert "correction:" not in team.type("coverage", "who", "2025-06-01T08:30").out


@pytest.mark.parametrize(
    ("language", "says"),
    [("en_GB.UTF-8", "The seat primary takes 1 person.\n"), ("zh_CN.UTF-8", "“primary”席位只有 1 个名额。\n")],
)
def test_a_correction_of_a_place_the_seat_has_not_is_refused(team: Terminal, language: str, says: str) -> None:
    period = ("--from", "2025-06-01T08:00", "--to", "2025-06-01T09:00", "--place", "2")
    typed = (*period, "--seat", "primary", "--person", "cai", "--why", "by phone")
    said = team.type("coverage", "correct", *typed, language=language)

    assert (said.code, said.err) == (2, says)
    assert "primary 2" not in report(team).out


def test_nothing_is_corrected_where_there_is_no_rota(url: str, terminal: Terminal) -> None:
    period = ("--from", "2025-06-01T08:00", "--to", "2025-06-01T09:00")
    said = terminal.type("coverage", "correct", *period, "--seat", "primary", "--why", "by phone")

    assert said.code == 2
    assert said.err.startswith("There is no rota yet.")


def test_the_same_correction_twice_is_kept_once_and_another_over_it_is_kept(team: Terminal, url: str) -> None:
    typed = ("--from", "2025-06-01T08:00", "--to", "2025-06-01T09:00", "--seat", "primary", "--person")

    said = [
        team.type("coverage", "correct", *typed, person, "--why", "by phone").out
        for person in ("cai", "cai", "bob", "cai")
    ]

    already = "This correction is on record already.\n"
    assert [one == already for one in said] == [False, True, False, False]
    store = Store(url)
    assert store.read(lambda c: c.scalar(select(func.count()).where(LEDGER.c.corrects))) == 3
    store.dispose()
    told = team.type("coverage", "correct", *typed, "cai", "--why", "by phone", language="zh_CN.UTF-8")
    assert (told.code, told.out) == (0, "该更正已在记录中。\n")


def test_a_correction_needs_the_past(team: Terminal) -> None:
    period = ("--from", "2095-06-01T08:00", "--to", "2095-06-01T09:00")
    said = team.type("coverage", "correct", *period, "--seat", "primary", "--why", "x", language="zh_CN.UTF-8")

    assert said.code == 2
    assert "只能更正已经结束的时段" in said.err


def test_every_verdict_has_its_word() -> None:
    assert set(VERDICT) == {*map(str, CoverageStatus), RUNNING, DOWN, BEFORE, AHEAD}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_GB.UTF-8", ("below the requirement (ahead)", "accepted gap (ahead)", "U0LEAD: Spring Festival")),
        ("zh_CN.UTF-8", ("不达标（未来）", "计划内缺口（未来）", "U0LEAD：Spring Festival")),
    ],
)
def test_hours_that_are_no_full_coverage_are_listed_by_their_words_with_who_accepted_them_and_why(
    team: Terminal, url: str, language: str, words: tuple[str, ...]
) -> None:
    now, start = datetime(2026, 1, 2, tzinfo=UTC), datetime(2095, 6, 1, tzinfo=UTC)
    store = Store(url)
    sales = DAILY_TURNS.replace("2026-11-22", "2024-12-01").replace("admin_agent", "sales_agent")
    rota_versions.import_rota(store, sales, "cli", now)
    end = start + timedelta(hours=8)
    meant = Override(0, now, "", OverrideKind.ACCEPT_GAP, start, end, seat="primary", why="Spring Festival")
    RotaStore(store).record([meant], Actor("U0LEAD", "T0", is_lead=True), now, "meant")
    store.dispose()

    period = ("--from", "2095-06-01", "--to", "2095-06-02")
    said = " ".join(team.type("coverage", "report", *period, language=language).out.split())
    rows = json.loads(team.type("coverage", "report", *period, "--format", "json").out)
    moment = team.type("coverage", "who", "2095-06-01T03:00", language=language).out

    assert [word for word in words[:2] if word not in said] == []
    assert "U0LEAD" in said
    assert words[2] in moment
    mine = [(row["verdict"], row["evidence"], row["by"], row["why"]) for row in rows if row["seat"] == "primary"]
    assert mine == [
        ("intended", "change:1", "U0LEAD", "Spring Festival"), ("below_requirement", "gap:no_eligible_role", "", ""),
    ]  # fmt: skip
