"""``rota import`` over a rota: the difference is shown, asked about, saved, and told to everybody concerned."""

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.oncall import rota_versions
from models.oncall.rota_store import RotaStore
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bot.commands.conftest import CommandResult, Terminal
from tests.models.rules.rota.calendars import calendar

HEAD = """
zone = "Asia/Shanghai"

[[seat]]
name = "primary"
needs_role = false
"""
PEOPLE = {"Ann": "U0ANN", "Bo": "U0BO", "Cai": "U0CAI", "Dee": "U0DEE"}
TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
MEMBERS = "".join(f'[[member]]\nname = "{name}"\nslack = "{slack}"\n' for name, slack in PEOPLE.items())


def shift(who: str, first: int, last: int) -> str:
    """A shift of somebody between two hours from now."""
    start, end = (TODAY + timedelta(hours=hours) for hours in (first, last))
    return f'[[shift]]\nseat = "primary"\nmember = "{who}"\nfrom = {start.isoformat()}\nto = {end.isoformat()}\n'


BEFORE = HEAD + MEMBERS + shift("Ann", -2, 12) + shift("Bo", 12, 32) + shift("Cai", 32, 9000)
AFTER = HEAD + MEMBERS + shift("Dee", -2, 12) + shift("Bo", 12, 22) + shift("Cai", 22, 9000)
EVENT = f"DTSTART:{TODAY + timedelta(hours=1):%Y%m%dT%H%M%SZ}\nDURATION:PT9H\nSUMMARY:Dee"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One kind of database is enough here: tests/models/oncall/test_confirmed_preview.py saves versions on both."""
    return f"sqlite:///{tmp_path / 'csp.db'}"


def bring(terminal: Terminal, content: str, *options: str, language: str = "en_GB.UTF-8") -> CommandResult:
    """Import a file of this content."""
    name = "team.ics" if content.startswith("BEGIN") else "rota.toml"
    Path(name).write_text(content, encoding="utf-8")
    return terminal.type("rota", "import", name, *options, language=language)


def told(store: Store) -> list[str]:
    """The channel or the person of each message about a change that waits."""
    query = select(OUTBOX.c.channel, OUTBOX.c.user).where(OUTBOX.c.what == MessageKind.CHANGED)
    return store.read(lambda connection: sorted(row.channel or row.user for row in connection.execute(query)))


def begun(terminal: Terminal, store: Store) -> None:
    """The rota before, whose messages are sent long since."""
    assert bring(terminal, BEFORE).code == 0
    store.write(lambda connection: connection.execute(OUTBOX.delete()))


class Keyboard(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


# Shown and asked -----------------------------------------------------------------------------------------------


def test_a_first_rota_is_not_asked_about(terminal: Terminal) -> None:
    said = bring(terminal, BEFORE)

    assert (said.code, said.out) == (0, "This is the rota now: 4 members, 0 layers.\nIn the next 28 days: no gaps.\n")


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "en_GB.UTF-8",
            "⚠️ In the next 28 days: 2 gaps, 15 h uncovered. To see each: csp-escalate rota check --days 28",
        ),
        ("zh_CN.UTF-8", "⚠️ 今后 28 天：2 个缺口，未覆盖 15 小时。查看每个缺口：csp-escalate rota check --days 28"),
    ],
)
def test_a_first_rota_with_gaps_says_how_many_and_how_to_see_them(terminal: Terminal, language: str, says: str) -> None:
    with_gaps = HEAD + MEMBERS + shift("Ann", -2, 12) + shift("Bo", 17, 32) + shift("Cai", 42, 9000)

    said = bring(terminal, with_gaps, language=language)

    assert said.code == 0
    assert said.out.splitlines()[-1] == says
    checked = terminal.type("rota", "check", "--days", "28")
    assert checked.code == 1
    assert "2 gaps, 15 h uncovered" in checked.out


def test_without_a_terminal_the_difference_is_shown_and_nothing_saved(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    said = bring(terminal, AFTER)

    assert said.code == 2
    assert "primary: Ann → Dee" in said.out
    assert "primary: Bo → Cai" in said.out
    assert "Notified after saving: Ann, Bo, Cai, Dee\n" in said.out
    assert said.err.startswith("There is no terminal to ask on, and this moves shifts or opens a gap.")
    assert "--yes" in said.err
    assert terminal.type("rota", "export").out == BEFORE
    assert told(store) == []


@pytest.mark.parametrize(("language", "says"), [("en_GB.UTF-8", " and on · "), ("zh_CN.UTF-8", " 起 · ")])
def test_what_goes_on_beyond_the_time_ahead_is_told_without_an_end(
    terminal: Terminal, store: Store, language: str, says: str
) -> None:
    layer = '[[layer]]\nname = "all"\nseat = "primary"\nmembers = ["Ann"]\nstarts = 2026-01-01\nturn_hours = 24\n'
    assert bring(terminal, HEAD + MEMBERS + layer).code == 0

    said = bring(terminal, HEAD + MEMBERS, language=language)

    rows = [line for line in said.out.splitlines() if line.startswith("  ")]
    assert len(rows) == 2
    assert all(says in row and " – " not in row for row in rows)


def test_a_chinese_operator_is_asked_in_chinese(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    said = bring(terminal, AFTER, language="zh_CN.UTF-8")

    assert "主值班：Ann → Dee" in said.out
    assert "保存后将通知：Ann、Bo、Cai、Dee" in said.out
    assert "--yes" in said.err


@pytest.mark.parametrize(
    ("typed", "code", "newest"), [("y", 0, AFTER), ("是", 0, AFTER), ("n", 1, BEFORE), ("", 1, BEFORE)]
)
def test_at_a_terminal_somebody_is_asked(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, newest: str
) -> None:
    begun(terminal, store)
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{typed}\n"))

    said = bring(terminal, AFTER)

    assert said.code == code
    assert said.out.index("Ann → Dee") < said.out.index("Save this as the rota? [y/N]")
    assert terminal.type("rota", "export").out == newest
    assert (said.err == "Nothing was changed.\n") == (code == 1)


def test_a_gap_that_opens_is_asked_about_and_one_that_closes_is_not(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)
    owed = BEFORE.replace("needs_role = false", 'needs_role = false\nlanguages = ["zh"]')

    opens = bring(terminal, owed)
    bring(terminal, owed, "--yes")
    closes = bring(terminal, BEFORE)

    assert (opens.code, "🕳️ This opens 1 gap:" in opens.out) == (2, True)
    assert (closes.code, "✅ This closes 1 gap:" in closes.out) == (0, True)


def test_what_is_odd_in_a_file_is_told_before_anybody_is_asked(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)
    layer = '[[layer]]\nname = "l"\nseat = "primary"\nmembers = []\nstarts = 2026-01-05\nturn_hours = 24\n'

    said = bring(terminal, HEAD + MEMBERS + layer)

    assert (said.code, said.out.startswith("⚠️ Layer “l” has no members")) == (2, True)


def test_who_only_gains_a_shift_is_not_asked_about(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    said = bring(terminal, BEFORE + shift("Dee", 9000, 9010))

    assert said.code == 0
    assert "primary: nobody → Dee" in said.out
    assert told(store) == ["U0DEE"]


def test_a_member_by_another_name_moves_no_shift(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    said = bring(terminal, BEFORE.replace('"Ann"', '"Ann Lee"'))

    assert said.code == 0
    assert "nobody's shifts change, and no gap opens or closes." in said.out


@pytest.mark.parametrize("event", ["", "DTSTART:20200101T000000Z\nDURATION:PT9H\nSUMMARY:Ann"])
def test_a_calendar_without_anything_ahead_is_asked_about(terminal: Terminal, store: Store, event: str) -> None:
    begun(terminal, store)
    empty = calendar(*filter(None, [event]))

    refused = bring(terminal, empty, "--seat", "primary")
    kept = terminal.type("rota", "export").out
    saved = bring(terminal, empty, "--seat", "primary", "--yes")

    assert (refused.code, kept) == (2, BEFORE)
    assert (
        "No event of this calendar lies ahead: all shifts of the seat “primary” that a calendar made end."
        in refused.out
    )
    assert saved.code == 0
    assert "⚠️ Nobody is on call in it, so every hour is a gap." in saved.out


def test_a_calendar_over_a_rota_is_asked_about_too(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    refused = bring(terminal, calendar(EVENT), "--seat", "primary")

    assert (refused.code, "primary: Ann → Dee" in refused.out) == (2, True)
    assert bring(terminal, calendar(EVENT), "--seat", "primary", "--yes").code == 0


# Saved and told ------------------------------------------------------------------------------------------------


def test_everybody_who_loses_gains_or_moves_a_shift_is_told_and_the_channel(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(terminal, store)
    monkeypatch.setenv("CSP_ONCALL_CHANNEL", "C0ONCALL")

    assert bring(terminal, AFTER, "--yes").code == 0

    assert told(store) == sorted(["C0ONCALL", *PEOPLE.values()])
    assert bring(terminal, AFTER, "--yes").out == "This is the rota already: 4 members, 0 layers.\n"
    assert len(told(store)) == 5


def test_who_is_no_member_any_more_is_told_too(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)
    without_ann = AFTER.replace('[[member]]\nname = "Ann"\nslack = "U0ANN"\n', "")

    assert bring(terminal, without_ann, "--yes").code == 0

    assert "U0ANN" in told(store)


def test_with_a_reason_nobody_is_told_and_the_reason_is_kept(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)

    said = bring(terminal, AFTER, "--yes", "--quiet-people", "a rehearsal")

    assert (said.code, told(store)) == (0, [])
    assert "Nobody will be notified: a rehearsal\n" in said.out
    newest, before = rota_versions.versions(store, datetime.now(UTC))
    assert (newest.quiet, before.quiet) == ("a rehearsal", "")
    assert "a rehearsal" in terminal.type("rota", "versions").out


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 301])
def test_a_reason_that_says_nothing_is_refused(terminal: Terminal, store: Store, reason: str) -> None:
    begun(terminal, store)

    said = bring(terminal, AFTER, "--yes", "--quiet-people", reason)

    assert (said.code, terminal.type("rota", "export").out) == (2, BEFORE)
    assert said.err.startswith("--quiet-people needs a reason on one line")


def test_what_is_told_is_told_from_what_was_saved(terminal: Terminal, store: Store) -> None:
    begun(terminal, store)
    bring(terminal, AFTER, "--yes")

    happened = RotaStore(store).find_version_change(2)

    assert happened is not None
    assert {(one.before, one.after) for one in happened.outcome.reassigned} == {("Ann", "Dee"), ("Bo", "Cai")}
    assert (happened.by, happened.before is not None) == (rota_versions.TERMINAL, True)
