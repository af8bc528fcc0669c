"""``rota import team.ics``, ``rota export --format ics`` and ``rota feed``, as an operator types them."""

import re
from pathlib import Path

import icalendar
import pytest

from models.oncall import calendar_feeds
from models.store.database import Store
from tests.bot.commands.conftest import CommandResult, Terminal
from tests.models.rules.rota.calendars import calendar

ROTA = """
zone = "Asia/Shanghai" # ours

[[member]]
name = "李娜"
slack = "U0LINA"
email = "lina@example.cn"

# Who stands when no calendar says else.
[[layer]]
name = "all"
seat = "backup"
members = ["李娜"]
starts = 2026-01-05
turn_hours = 24
"""
DAY = "DTSTART;TZID=Asia/Shanghai:20300107T080000\nDTEND;TZID=Asia/Shanghai:20300107T200000\n"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


def bring(
    terminal: Terminal, content: str, *options: str, name: str = "team.ics", language: str = "en_GB.UTF-8"
) -> CommandResult:
    """Import a file of this content."""
    Path(name).write_text(content, encoding="utf-8", newline="")
    return terminal.type("rota", "import", name, *options, language=language)


def test_a_calendar_without_a_rota_makes_one(terminal: Terminal) -> None:
    said = bring(terminal, calendar(f"{DAY}SUMMARY:Primary: U0NEW"), "--seat", "primary")

    exported = terminal.type("rota", "export").out
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("U0NEW (U0NEW) is new: a member without a role")
    assert "\n1 event made 1 shift in the seat “primary”; series are followed until 20" in said.out
    assert "New people: 1\n" in said.out
    assert '[[shift]]\nseat = "primary"\nmember = "U0NEW"\nfrom = 2030-01-07 00:00:00+00:00' in exported
    assert bring(terminal, exported, name="again.toml").out == "This is the rota already: 1 member, 0 layers.\n"


def test_a_calendar_replaces_its_seats_shifts_and_nothing_else(terminal: Terminal) -> None:
    bring(terminal, ROTA, name="rota.toml")
    for summary, seat in (("李娜", "primary"), ("李娜", "backup"), ("U0NEW1", "primary")):
        assert bring(terminal, calendar(f"{DAY}SUMMARY:{summary}"), "--seat", seat, "--yes").code == 0

    exported = terminal.type("rota", "export").out
    assert exported.startswith(ROTA)
    assert re.findall(r'seat = "(\w+)"\nmember = "(\w+)"', exported) == [("backup", "李娜"), ("primary", "U0NEW1")]


def test_a_file_that_only_looks_like_a_calendar_is_one(terminal: Terminal) -> None:
    assert bring(terminal, calendar(f"{DAY}SUMMARY:U0NEW1"), "--seat", "primary", name="download").code == 0
    assert bring(terminal, "zone = 'UTC'", "--seat", "primary", name="x.ics").err.startswith(
        "x.ics, line 1: this is no"
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Say which seat the calendar fills, with --seat: primary, backup\n"),
        (["--seat", "primery"], "There is no seat “primery”. Seats: primary, backup\n  Did you mean “primary”?\n"),
        (["--seat", "primary", "--zone", "Asia/Shangai"], "there is no time zone “Asia/Shangai”. Use a name such as "
         "Asia/Shanghai.\n  Did you mean “Asia/Shanghai”?\n"),
    ],
)  # fmt: skip
def test_a_wrong_option_changes_nothing(terminal: Terminal, options: list[str], says: str) -> None:
    said = bring(terminal, calendar(f"{DAY}SUMMARY:U0NEW1"), *options)

    assert (said.code, said.err) == (2, says)
    assert terminal.type("rota", "export").code == 2


def test_the_options_of_calendars_are_not_for_rota_files(terminal: Terminal) -> None:
    assert bring(terminal, ROTA, "--seat", "primary", name="rota.toml").code == 2


def test_each_event_with_a_fault_is_told_and_nothing_taken(terminal: Terminal) -> None:
    bring(terminal, ROTA, name="rota.toml")

    said = bring(
        terminal, calendar(f"{DAY}SUMMARY:Anna", f"{DAY}SUMMARY:李娜\nRRULE:FREQ=SECONDLY"), "--seat", "primary"
    )
    alone = bring(terminal, calendar(f"{DAY}SUMMARY:Nobody"), "--seat", "primary", language="zh_CN.UTF-8")

    assert (said.code, alone.code) == (2, 2)
    assert said.err == (
        "team.ics, line 4: “Anna”, 2030-01-07 08:00, UID e0: can't tell whose shift this is. Name a member in its "
        "summary or attendees by name, e-mail or Slack ID.\n"
        "team.ics, line 15: “李娜”, 20300107T080000, UID e1: “FREQ=SECONDLY” begins more often than once an hour. "
        "Make longer shifts.\nNothing was changed.\n"
    )
    assert "team.ics，第 4 行：“Nobody”, 2030-01-07 08:00, UID e0：无法判断是谁的班次。" in alone.err
    assert terminal.type("rota", "export").out == ROTA


def test_what_is_left_out_is_said(terminal: Terminal) -> None:
    events = [
        f"{DAY}SUMMARY:U0A1\nSTATUS:CANCELLED",
        "DTSTART:20300101T000000Z\nSUMMARY:U0A1",
        f"{DAY}SUMMARY:U0A1 & U0B1",
    ]

    said = bring(terminal, calendar(*events), "--seat", "primary")

    assert "Left out because they are cancelled: 1\n" in said.out
    assert "it has no length and was left out." in said.out
    assert "More people have a shift at once than the seat takes (1), first at 2030-01-07 08:00" in said.out


# Out -----------------------------------------------------------------------------------------------------------


def test_the_final_shifts_are_exported_and_can_be_another_seats_rota(terminal: Terminal) -> None:
    bring(terminal, ROTA, name="rota.toml")

    said = terminal.type("rota", "export", "--format", "ics", "--from", "2030-01-07", "--days", "3", "--gaps")

    events = icalendar.Calendar.from_ical(said.out).events
    assert {str(event["SUMMARY"]) for event in events} == {
        "backup: 李娜", "primary: uncovered · nobody is scheduled",
        "backup: below the requirement · nobody may open requests with 21Vianet",
    }  # fmt: skip
    again = bring(terminal, said.out, "--seat", "primary", "--yes")
    assert "2030-01-07 00:00 – 2030-01-10 00:00 · primary: nobody → 李娜" in again.out
    assert "1 event made 1 shift in the seat “primary”" in again.out


def test_an_export_may_be_of_one_seat_or_one_person(terminal: Terminal) -> None:
    bring(terminal, ROTA, name="rota.toml")

    def shifts(*options: str) -> int:
        return terminal.type("rota", "export", "--format", "ics", "--days", "3", *options).out.count("BEGIN:VEVENT")

    assert [shifts(), shifts("--seat", "primary"), shifts("--seat", "backup", "--member", "U0LINA")] == [1, 0, 1]
    wrong = terminal.type("rota", "export", "--format", "ics", "--member", "李娜娜")
    assert (wrong.code, "Did you mean “李娜”?" in wrong.err) == (2, True)


# Feeds ---------------------------------------------------------------------------------------------------------


def test_an_address_is_told_once_and_can_be_ended(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(terminal, ROTA, name="rota.toml")
    monkeypatch.setenv("CSP_PUBLIC_URL", "https://bot.example.cn/")

    said = terminal.type("rota", "feed", "--member", "李娜")

    found = re.fullmatch(r"https://bot\.example\.cn/rota/([\w-]{43})\.ics\n", said.out)
    assert found
    assert calendar_feeds.member_of(store, found[1]) == "李娜"
    assert terminal.type("rota", "feed", "--member", "U0LINA", "--revoke").out == "Addresses revoked: 1\n"
    assert calendar_feeds.member_of(store, found[1]) is None


def test_without_an_outside_address_the_path_is_told_and_what_to_do(terminal: Terminal) -> None:
    said = terminal.type("rota", "feed")

    assert re.fullmatch(r"/rota/[\w-]{43}\.ics\n", said.out)
    assert "CSP_PUBLIC_URL" in said.err
