"""``db`` and what every command says of a database: restored, not there, damaged, full, closed to it."""

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, make_url, select, update

from models.escalations import policy_versions
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.messages import OutgoingMessage, enqueue_messages, redraw_older
from models.outbox.queue import Outbox
from models.reminders.engine import record_tick
from models.reminders.log import ReminderLog
from models.rules.escalations.escalation import Move
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience, ReminderDetails
from models.rules.policy.reader import packaged_text
from models.store import epoch
from models.store.database import Store
from models.store.oncall_tables import DOWNTIME, PULSE
from models.store.tables import OUTBOX
from tests.bot.commands.conftest import Terminal
from tests.models.samples import NOW, raised, step
from tests.postgres import Databases

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h
HANDOVER = 'handover:["2026-11-22T08:00:00+00:00", "primary", 0, "李娜", "王伟"]'
ROOT = Path(__file__).parents[3]
READING = [
    ["escalations", "list"], ["escalations", "show", "CSP-1"], ["escalations", "export"], ["rota", "check"],
    ["rota", "export"], ["rota", "versions"], ["rota", "load"], ["coverage", "who"], ["db", "backup", "copy.db"],
]  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    yield store
    store.dispose()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder, with a database that was never begun."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'csp.db'}")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A record with a case whose card was sent."""
    path = tmp_path / "csp.db"
    with opened(path) as store:
        raised(EscalationCommands(store))
        store.write(
            lambda c: c.execute(
                update(OUTBOX).values(state=DeliveryState.SENT, slack_channel="C0ESCAL", slack_ts="1.1")
            )
        )
    return path


# Restoring -----------------------------------------------------------------------------------------------------


def test_a_restored_backup_loses_no_number_and_says_what_is_missing(terminal: Terminal, database: Path) -> None:
    terminal.type("db", "backup", "copy.db")
    with opened(database) as store:
        before = store.read(epoch.read)[0]
        commands = EscalationCommands(store)
        raised(commands, "second")
        raised(commands, "third")
        commands.move(1, step(Move.NOTE), "note")
        policy_versions.import_policy(store, f"{packaged_text()}# own\n", "cli", NOW)

    said = terminal.type("db", "restore", "copy.db")

    assert said.code == 0, said.err
    assert "CSP-2, CSP-3" in said.out
    assert "Missing now: 1 history entry of other escalations." in said.out
    assert "Missing now: 1 version of 21Vianet's rules. Import it again." in said.out
    kept = list(database.parent.glob("csp.db.replaced-*"))
    assert len(kept) == 1
    with closing(sqlite3.connect(kept[0])) as replaced:
        assert replaced.execute("SELECT count(*) FROM escalation").fetchone() == (3,)
    with opened(database) as store:
        assert store.read(epoch.read)[0] != before
        assert raised(EscalationCommands(store), "fourth").number == 4


def test_what_was_erased_since_the_backup_is_erased_again_by_a_restore(terminal: Terminal, database: Path) -> None:
    terminal.type("db", "backup", "copy.db")
    terminal.type("person", "erase", "--case", "CSP-1", "--why", "asked", "--yes")

    said = terminal.type("db", "restore", "copy.db")

    assert "1 erasure of personal data was repeated" in said.out
    with opened(database) as store:
        assert [one.erased_at is not None for one in EscalationQueries(store).history(1)] == [True]


def test_the_channels_and_the_thread_of_its_card_are_told_once_which_case_a_restore_lost(
    terminal: Terminal, database: Path
) -> None:
    terminal.type("db", "backup", "copy.db")
    with opened(database) as store:
        raised(EscalationCommands(store), "second")
        card = update(OUTBOX).where(OUTBOX.c.dedupe_key == "card:2")
        store.write(
            lambda c: c.execute(
                card.values(state=DeliveryState.SENT, slack_channel="C0ESCAL", slack_ts="1700000000.000200")
            )
        )

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        told = select(OUTBOX.c.channel, OUTBOX.c.note).where(OUTBOX.c.what == MessageKind.TROUBLE)
        rows = {tuple(row) for row in store.read(lambda c: c.execute(told).all())}
    assert rows == {
        (None, "record is_older oncall 2"),
        (None, "record is_older escalations 2"),
        ("C0ESCAL", "record is_older 1700000000.000200 2"),
    }


def test_a_restored_record_knows_until_when_the_bot_ran(terminal: Terminal, database: Path) -> None:
    """And not that it was down since the backup: its pulse went on in the database that is replaced."""
    with opened(database) as store:
        store.write(lambda c: record_tick(c, NOW, None))
    terminal.type("db", "backup", "copy.db")
    stopped, started, last = (NOW + timedelta(minutes=m) for m in (5, 6, 11))
    with opened(database) as store:
        store.write(lambda c: c.execute(insert(DOWNTIME), [{"start": stopped, "end": started}]))
        store.write(lambda c: c.execute(update(PULSE).values(at=last)))

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        store.write(lambda c: record_tick(c, last + timedelta(seconds=40), None))
        down = store.read(lambda c: [tuple(row) for row in c.execute(select(DOWNTIME.c.start, DOWNTIME.c.end))])
    assert down == [(stopped, started), (last, last + timedelta(seconds=40))]


def test_a_reminder_that_is_sent_again_after_a_restore_takes_the_buttons_of_the_first(
    terminal: Terminal, database: Path
) -> None:
    terminal.type("db", "backup", "copy.db")
    call = OutgoingMessage(
        MessageKind.REMINDER,
        "call",
        HANDOVER,
        "dm:U0WANG",
        user="U0WANG",
        reminder=ReminderDetails("call", audience=frozenset({Audience.PERSON})),
    )
    with opened(database) as store:
        store.write(lambda c: enqueue_messages(c, [call], NOW))
        sent = update(OUTBOX).where(OUTBOX.c.dedupe_key == "call")
        store.write(lambda c: c.execute(sent.values(state=DeliveryState.SENT, slack_channel="D0WANG", slack_ts="1.5")))

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        redrawn = store.read(lambda c: [*redraw_older(c, [call])])
        assert store.write(lambda c: enqueue_messages(c, [call, *redrawn], NOW)) == 2
        first = ReminderLog(store).find_posting(redrawn[0].redraws or "")
        states = store.read(
            lambda c: c.scalars(select(OUTBOX.c.state).where(OUTBOX.c.dedupe_key.in_(["call", redrawn[0].key]))).all()
        )
    assert first == (DeliveryState.SENT, "D0WANG", "1.5")
    assert states == [DeliveryState.PENDING, DeliveryState.PENDING]


@pytest.mark.parametrize(
    ("state", "doubtful"), [(DeliveryState.SENDING, False), (DeliveryState.UNKNOWN, True), (DeliveryState.DEAD, True)]
)
def test_a_reminder_that_may_be_in_slack_is_searched_for_after_a_restore(
    terminal: Terminal, database: Path, state: DeliveryState, doubtful: bool
) -> None:
    terminal.type("db", "backup", "copy.db")
    call = OutgoingMessage(MessageKind.REMINDER, "call", HANDOVER, "duty", "C0ONCALL")
    with opened(database) as store:
        store.write(lambda c: enqueue_messages(c, [call], NOW))
        lost = {"state": state, "doubtful": doubtful, "first_tried_at": NOW, "look_from": "1.2"}
        place = {"slack_channel": "C0ONCALL", "slack_thread": "1.1"}
        sent = update(OUTBOX).where(OUTBOX.c.dedupe_key == "call")
        store.write(lambda c: c.execute(sent.values(**lost, **place)))

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        swept = Outbox(store).claim_sweep(NOW + timedelta(days=9000))
    assert swept
    assert (swept.state, swept.slack_channel, swept.slack_thread, swept.look_from) == (
        DeliveryState.SUPERSEDED, "C0ONCALL", "1.1", "1.2",
    )  # fmt: skip


def test_a_reminder_that_waited_in_a_backup_is_searched_for_where_it_was_posted_since(
    terminal: Terminal, database: Path
) -> None:
    call = OutgoingMessage(MessageKind.REMINDER, "call", HANDOVER, "duty", "C0ONCALL")
    with opened(database) as store:
        store.write(lambda c: enqueue_messages(c, [call], NOW))
    terminal.type("db", "backup", "copy.db")
    with opened(database) as store:
        place = {"state": DeliveryState.SENT, "slack_channel": "C0ONCALL", "slack_thread": "1.1", "slack_ts": "1.2"}
        store.write(lambda c: c.execute(update(OUTBOX).where(OUTBOX.c.dedupe_key == "call").values(**place)))

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        row = store.read(lambda c: c.execute(select(OUTBOX).where(OUTBOX.c.dedupe_key == "call")).one())
    assert (row.state, row.slack_channel, row.slack_thread) == (DeliveryState.UNKNOWN, "C0ONCALL", "1.1")


def test_a_restored_record_looks_before_it_says_anything_again_and_redraws_open_cards(
    terminal: Terminal, database: Path
) -> None:
    with opened(database) as store:
        EscalationCommands(store).move(1, step(Move.NOTE), "note")
    terminal.type("db", "backup", "copy.db")

    terminal.type("db", "restore", "copy.db")

    with opened(database) as store:
        rows = store.read(lambda c: c.execute(select(OUTBOX).where(OUTBOX.c.state != DeliveryState.SENT)).all())
        taken = Outbox(store).claim(NOW + timedelta(days=9), "worker")
    line = next(row for row in rows if row.what == MessageKind.LINE)
    assert (line.state, line.looks, line.doubtful) == (DeliveryState.UNKNOWN, 0, True)
    assert [row.number for row in rows if row.what == MessageKind.REFRESH and row.state == DeliveryState.PENDING] == [1]
    assert taken


def test_a_copy_is_put_in_an_empty_place_and_over_a_damaged_database(terminal: Terminal, database: Path) -> None:
    terminal.type("db", "backup", "copy.db")
    database.unlink()
    first = terminal.type("db", "restore", "copy.db")
    database.write_bytes(b"not a database at all, however long it may be" * 100)

    second = terminal.type("db", "restore", "copy.db", language="zh_CN.UTF-8")

    assert (first.code, second.code) == (0, 0)
    assert "kept" not in first.out
    assert "无法读取" in second.out
    assert terminal.type("escalations", "show", "CSP-1").code == 0


def test_a_restore_removes_what_a_killed_one_had_copied(terminal: Terminal, database: Path) -> None:
    terminal.type("db", "backup", "copy.db")
    left = [database.with_name(f"csp.db.restoring-4711{end}") for end in ("", "-journal")]
    for path in left:
        path.write_bytes(b"half a copy")
    others = database.with_name("other.db.restoring-4711")
    others.write_bytes(b"of another database")

    assert terminal.type("db", "restore", "copy.db").code == 0

    assert [path for path in left if path.exists()] == []
    assert others.exists()


@pytest.mark.parametrize("content", [b"", b"no database" * 500])
def test_what_is_no_copy_of_a_record_is_refused_and_nothing_changes(
    terminal: Terminal, database: Path, content: bytes
) -> None:
    before = database.read_bytes()
    Path("copy.db").write_bytes(content)

    said = terminal.type("db", "restore", "copy.db")

    assert said.code == 1
    assert "copy.db" in said.err
    assert "nothing was changed" in said.err
    assert database.read_bytes() == before
    assert not list(database.parent.glob("*restoring*"))


def test_a_copy_is_not_put_under_a_running_bot(terminal: Terminal, database: Path) -> None:
    terminal.type("db", "backup", "copy.db")
    store = Store(f"sqlite:///{database}")
    claim = store.claim_file()
    assert claim

    said = terminal.type("db", "restore", "copy.db")

    claim.release()
    assert said.code == 2
    assert "A bot is already running" in said.err


# Looking makes nothing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_looking_into_a_database_that_is_not_there_makes_none_and_names_the_path(
    terminal: Terminal, tmp_path: Path, words: list[str]
) -> None:
    said = terminal.type(*words)

    assert said.code == 2
    assert (
        said.err
        == f"There is no record at {tmp_path / 'csp.db'}. Correct DATABASE_URL, or begin one with csp-escalate run.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_record_either(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "csp.db").touch()

    said = terminal.type("escalations", "list")

    assert "There is no record at" in said.err
    assert (tmp_path / "csp.db").stat().st_size == 0


def test_an_empty_postgresql_database_is_not_filled_by_looking(
    terminal: Terminal, postgresql: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.empty() as url:
        monkeypatch.setenv("DATABASE_URL", url)

        said = terminal.type("escalations", "list")

        with psycopg.connect(url) as connection:
            tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert "There is no record at" in said.err
    assert tables == (0,)


def test_a_command_that_begins_a_record_says_where(terminal: Terminal, tmp_path: Path) -> None:
    first, again = terminal.type("db", "upgrade"), terminal.type("db", "upgrade")

    assert f"A new record begins at {tmp_path / 'csp.db'}." in first.err
    assert again.err == ""


# Damage, disk, rights ------------------------------------------------------------------------------------------


def test_a_damaged_database_is_one_sentence(terminal: Terminal, database: Path) -> None:
    database.write_bytes(b"SQLite format 3\0" + os.urandom(8000))

    for words in (
        ["escalations", "list"],
        ["db", "upgrade"],
        ["db", "backup", "copy.db"],
        ["rota", "check"],
        ["rota", "versions"],
    ):
        said = terminal.type(*words)
        assert said.code == 2
        assert f"{database} is damaged" in said.err
        assert "db restore" in said.err
        assert len(said.err.splitlines()) == 1


def test_a_page_that_was_overwritten_is_found_at_start(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)

    done = as_process(database, "run")

    assert done.returncode == 2
    assert f"{database} is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_in_a_folder_that_is_not_there_names_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all/csp.db")

    said = terminal.type("db", "upgrade")

    assert said.err == "The folder of /nowhere/at/all/csp.db does not exist. Create it, or correct DATABASE_URL.\n"


def test_a_database_nobody_may_write_is_one_sentence(database: Path) -> None:
    database.chmod(0o444)
    database.parent.chmod(0o555)
    try:
        done = as_process(database, "run", bound_by_modes=True)
    finally:
        database.parent.chmod(0o755)

    assert done.returncode == 2
    assert f"{database} can't be written. Check who owns the file and its folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_fills_during_a_backup_is_one_sentence_and_leaves_nothing(database: Path) -> None:
    done = as_process(database, "db", "backup", str(database.parent / "copy.db"), largest=40_000)

    assert done.returncode == 2
    assert "is full or can't be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(database.parent.glob("copy*"))


def test_somebody_elses_part_file_is_left_alone_and_named(terminal: Terminal, database: Path) -> None:
    part = database.parent / "copy.db.part"
    part.write_text("mine")

    said = terminal.type("db", "backup", "copy.db")

    assert (said.code, part.read_text()) == (2, "mine")
    assert said.err.strip() == "copy.db.part already exists; nothing was written."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "nobody_here"}, "The server refuses the user of"),
        ({"database": "nothing_here"}, "The server has no database nothing_here"),
        ({"port": 9, "host": "127.0.0.1", "query": {}}, "Nothing listens for"),
    ],
    ids=["user", "database", "port"],
)
def test_a_wrong_postgresql_address_is_one_sentence(
    terminal: Terminal, postgresql: Databases, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], sentence: str
) -> None:
    with postgresql.empty() as url:
        monkeypatch.setenv("DATABASE_URL", make_url(url).set(**change).render_as_string(hide_password=False))  # type: ignore[arg-type]

        said = terminal.type("escalations", "list")

    assert said.code == 2
    assert said.err.startswith(sentence)
    assert len(said.err.splitlines()) == 1


def test_a_postgresql_user_without_rights_is_one_sentence(
    terminal: Terminal, postgresql: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.empty() as url, psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE poor LOGIN")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        monkeypatch.setenv("DATABASE_URL", make_url(url).set(username="poor").render_as_string(hide_password=False))

        said = terminal.type("db", "upgrade")

        admin.execute("DROP ROLE poor")
    assert said.code == 2
    assert "may not work in its schema" in said.err
    assert len(said.err.splitlines()) == 1


def test_the_options_of_an_address_are_kept(postgresql: Databases) -> None:
    with postgresql.empty() as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE SCHEMA elsewhere")
        address = make_url(url).update_query_dict({"options": "-csearch_path=elsewhere"})
        store = Store(address.render_as_string(hide_password=False))
        store.upgrade()
        store.dispose()

        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('escalation', 'record')"
            ).fetchall()
    assert found == [("elsewhere",)]


def test_files_that_everybody_can_read_are_named_at_start(database: Path) -> None:
    env = database.parent / ".env"
    env.write_text("CSP_LANGUAGE=en\n")
    env.chmod(0o644)
    database.chmod(0o666)

    done = as_process(database, "run", "--health", "203.0.113.1:8080")  # nobody's address: it ends

    assert f"can read or change {database}; close it: chmod 600" in done.stderr
    assert "can read or change .env; close it: chmod 600" in done.stderr


def as_process(
    database: Path, *words: str, bound_by_modes: bool = False, largest: int | None = None
) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own, for which the modes of files count even as root, or whose files can't be
    larger than so many bytes."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLACK_", "CSP_", "LC_", "LANG"))}
    settings = {
        "DATABASE_URL": f"sqlite:///{database}", "SLACK_BOT_TOKEN": "xoxb-test", "SLACK_APP_TOKEN": "xapp-test",
        "SLACK_API_URL": "http://127.0.0.1:9/api/", "CSP_ESCALATION_CHANNEL": "C0ESCAL", "LANG": "C.UTF-8",
        "CSP_ONCALL_CHANNEL": "C0ONCALL", "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    def limited() -> None:
        if largest:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        if bound_by_modes:
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)

    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=database.parent, env=kept | settings, capture_output=True, text=True,
        timeout=300, check=False, preexec_fn=limited,
    )  # fmt: skip


def test_the_doctor_makes_no_database_and_names_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "csp.db"
    nothing = as_process(path, "doctor")
    made = path.exists()
    path.write_bytes(b"SQLite format 3\0" + os.urandom(8000))

    damaged = as_process(path, "doctor")

    assert "There is no record at" in " ".join(nothing.stdout.split())
    assert not made
    assert "is damaged" in " ".join(damaged.stdout.split())
    assert damaged.returncode == 1
    assert "Traceback" not in nothing.stderr + damaged.stderr
