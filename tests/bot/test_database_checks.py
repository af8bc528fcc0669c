"""The doctor tells of a pooler, and of the other ways to people, without sending anything."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot import environment
from bot.clock import Clock
from bot.config import Requirement
from bot.database_checks import DatabaseChecks, Finding
from bot.database_errors import is_open_to_others
from handlers.i18n.words import Words
from models.outbox.messages import enqueue, message
from models.outbox.queue import Outbox
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.database import Store
from tests.postgres import Databases

REACH = '[[person]]\nname = "bob"\n[[person.address]]\nchannel = "wecom_bot"\nurl = "https://a.cn/the-secret"\n'


def findings(**given: str) -> dict[str, Finding]:
    config = environment.read(Requirement.DATABASE, None, given)
    return {finding.what: finding for finding in DatabaseChecks(config, Words.of("en"), Clock(None)).findings()}


def test_a_pooler_before_postgresql_is_named(postgresql: Databases) -> None:
    with postgresql.migrated() as url:
        pooled = make_url(url).update_query_dict({"pgbouncer": "true"}).render_as_string(hide_password=False)

        assert "PgBouncer" in findings(DATABASE_URL=pooled)["Pooler"].says
        assert "Pooler" not in findings(DATABASE_URL=url)


def test_a_full_disk_and_a_file_that_can_only_be_read_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path / 'csp.db'}"
    store = Store(database)
    store.upgrade()
    store.dispose()
    before = findings(DATABASE_URL=database)
    monkeypatch.setattr(Store, "free_bytes", lambda _: 5_000_000)
    monkeypatch.setattr("os.access", lambda path, _: path == tmp_path / "csp.db")  # its folder can only be read

    after = findings(DATABASE_URL=database)

    assert (before["Disk"].fine, before["Database"].fine) == (True, True)
    assert (after["Disk"].fine, after["Database"].fine) == (False, False)
    assert "has 5 MB left. Free some space" in after["Disk"].says
    assert "can't be written. Check who owns the file" in after["Database"].says


def test_other_ways_to_people_are_counted_and_no_secret_is_told(tmp_path: Path) -> None:
    file = tmp_path / "reach.toml"
    file.write_text(REACH, encoding="utf-8")
    file.chmod(0o600)
    database = f"sqlite:///{tmp_path / 'csp.db'}"

    unset, told = findings(DATABASE_URL=database), findings(DATABASE_URL=database, CSP_REACH_FILE=str(file))

    assert (unset["CSP_REACH_FILE"].fine, "nobody is reached" in unset["CSP_REACH_FILE"].says) == (None, True)
    assert told["CSP_REACH_FILE"].says.startswith("1 address under 1 name.")
    assert "bring no link" in told["CSP_PUBLIC_URL"].says
    assert "secret" not in str(told)


def test_a_file_with_faults_is_one_finding_and_all_else_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "reach.toml"
    file.write_text(REACH.replace("wecom_bot", "wecom_bott"), encoding="utf-8")
    file.chmod(0o600)

    found = findings(DATABASE_URL=f"sqlite:///{tmp_path / 'csp.db'}", CSP_REACH_FILE=str(file))

    assert found["CSP_REACH_FILE"].fine is False
    assert "line 4" in found["CSP_REACH_FILE"].says
    assert found["CSP_REACH_FILE"].hint == "csp-escalate reach check"
    assert "secret" not in str(found)
    assert {"Database", "21Vianet's pages", "CSP_PUBLIC_URL"} <= set(found)


def test_a_file_in_a_folder_that_is_closed_is_open_to_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "reach.toml"
    file.write_text(REACH, encoding="utf-8")
    file.chmod(0o644)
    assert is_open_to_others(file)

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("os.stat", refuse)  # as another user's folder with mode 700 does
        is_open = is_open_to_others(file)

    assert not is_open


def test_messages_that_wait_for_slack_are_counted_with_since_when(tmp_path: Path) -> None:
    database, now = f"sqlite:///{tmp_path / 'csp.db'}", Clock(None).now()
    store = Store(database)
    store.upgrade()
    row = message(MessageKind.ON_NOW, "on", now - timedelta(minutes=9), lane="duty", channel="C1")
    store.write(lambda connection: enqueue(connection, [row]))
    assert findings(DATABASE_URL=database)["Outbox"].fine

    outbox, tried = Outbox(store), now - timedelta(minutes=7)
    delivery = outbox.claim(tried, "worker")
    assert delivery
    outbox.settle(delivery, SendOutcome(SendResult.NOT_ACCEPTED), tried)
    store.dispose()

    found = findings(DATABASE_URL=database)["Outbox"]
    assert found.fine is False
    assert found.says.startswith("Messages that wait for Slack: 1. It has taken none since ")
