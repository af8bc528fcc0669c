"""``rota load | calendar``: hints and holidays, for people and programs; no exit code judges them."""

import csv
import io
import json
from pathlib import Path

import pytest

from models.rules.rota.toml import reader
from tests.bot.commands.conftest import CommandResult, Terminal
from tests.bot.commands.test_rota import WEEKDAYS

MOVED = """
[[calendar]]
date = 2040-01-07
kind = "workday"
name = "补班"
"""


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing is written."""
    return sqlite_url


@pytest.fixture
def alone(terminal: Terminal) -> Terminal:
    """李娜 stands from Monday to Friday, day and night."""
    return imported(terminal, WEEKDAYS + MOVED)


def imported(terminal: Terminal, written: str) -> Terminal:
    Path("rota.toml").write_text(written, encoding="utf-8")
    assert terminal.type("rota", "import", "rota.toml").code == 0
    return terminal


def load(terminal: Terminal, *options: str, language: str = "en_GB.UTF-8") -> CommandResult:
    return terminal.type("rota", "load", "--from", "2026-11-23", "--days", "28", *options, language=language)


def test_everybody_and_every_warning_are_told_and_it_exits_with_nothing_but_zero(alone: Terminal) -> None:
    said = load(alone)

    assert said.code == 0
    assert "=李娜 is on call 120 h a week on average (usual limit: 40 h)." in said.out
    assert "120 h in the week from 2026-11-23" in said.out
    assert "These are hints, not legal advice." in said.out
    assert "不构成法律意见" in load(alone, language="zh_CN.UTF-8").out


def test_nothing_to_warn_of_is_said(terminal: Terminal) -> None:
    ample = "[policy]\naverage_week_hours = 168\nweek_hours = 168\nusual_rest_hours = 0\n"
    said = load(imported(terminal, WEEKDAYS + ample))

    assert "No warnings." in said.out


def test_programs_get_people_and_warnings(alone: Terminal) -> None:
    told = json.loads(load(alone, "--format", "json").out)

    (who,) = told["people"]
    assert (who["who"], who["hours"], who["week"], who["shortest_rest"], who["nights"]) == ("=李娜", 480, 120, 48, 20)
    assert {"kind": "average_week", "who": "=李娜", "seat": "", "found": 120, "limit": 40, "start": "", "times": 1} in (
        told["warnings"]
    )
    assert {one["kind"] for one in told["warnings"] if one["who"]} == set(who["warnings"])


def test_a_table_has_a_line_for_each_person_and_no_formula(alone: Terminal) -> None:
    (head, row) = csv.reader(io.StringIO(load(alone, "--format", "csv").out.removeprefix("\ufeff")))

    told = dict(zip(head, row, strict=True))
    assert told["who"] == "'=李娜"
    assert (told["hours"], told["longest_week"], told["holidays"]) == ("480", "120", "0")
    assert told["weekends"] == "0"
    assert "long_week" in told["warnings"].split("; ")


def test_rota_check_hints_at_it_beside_its_gaps_and_programs_see_none_of_it(alone: Terminal) -> None:
    said = alone.type("rota", "check", "--from", "2026-11-23", "--days", "28")
    machine = alone.type("rota", "check", "--from", "2026-11-23", "--days", "28", "--format", "json")

    assert said.code == machine.code == 1
    assert "hints about hours: csp-escalate rota load --from 2026-11-23 --days 28" in said.err
    assert machine.err == ""
    assert isinstance(json.loads(machine.out), list)


def test_an_empty_database_and_a_wrong_date_say_what_to_do(terminal: Terminal) -> None:
    for command in ("load", "calendar"):
        said = terminal.type("rota", command)
        assert (said.code, "rota example" in said.err) == (2, True)
        assert terminal.type("rota", command, "--from", "soon").code == 2


def test_the_example_has_no_more_than_hints(terminal: Terminal) -> None:
    assert load(imported(terminal, reader.example())).code == 0


# The calendar ------------------------------------------------------------------------------------------------------


def test_days_off_in_a_row_are_one_line_in_the_language_of_the_terminal(alone: Terminal) -> None:
    year = ("rota", "calendar", "--from", "2026-01-01", "--days", "365")

    english, chinese = (alone.type(*year, language=one).out for one in ("en_GB.UTF-8", "zh_CN.UTF-8"))

    assert "2026-02-16 – 2026-02-23  day off  Chinese New Year's Eve, Chinese New Year" in english
    assert "农历除夕、春节" in chinese
    assert "2026-02-14" in english
    assert "Make-up workday" in english
    assert "provisional" not in english


def test_a_year_that_is_not_announced_is_marked_until_it_is_corrected(alone: Terminal) -> None:
    far, corrected = (
        alone.type("rota", "calendar", "--from", f"{year}-01-01", "--days", "300").out for year in (2039, 2040)
    )

    assert "†" in far
    assert "provisional, until the State Council announces it" in far
    assert "补班" in corrected
    assert "provisional" not in corrected


def test_programs_get_both_names_of_each_day(alone: Terminal) -> None:
    year = ("rota", "calendar", "--from", "2026-02-17", "--days", "1", "--format")

    (day,) = json.loads(alone.type(*year, "json").out)
    assert day == {
        "date": "2026-02-17", "kind": "holiday", "name_en": "Chinese New Year (Spring Festival)", "name_zh": "春节",
        "provisional": False,
    }  # fmt: skip
    assert '"2026-02-17","holiday"' in alone.type(*year, "csv").out
    assert "There are none in this period." in alone.type("rota", "calendar", "--from", "2026-03-01", "--days", "2").out
