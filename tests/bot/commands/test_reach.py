"""``reach`` at the terminal: the file is checked and masked, what reaches nobody is said, and each try has its end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from models.store.database import Store
from models.store.reach_tables import PAGE_TRY
from tests.bot.commands.conftest import Terminal, begun
from tests.end_to_end.gateway import SECRET, Gateway, gateway
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

PERSON = '[[person]]\nname = "bob"\n[[person.address]]\n'


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One kind of database is enough here."""
    return begun(f"sqlite:///{tmp_path / 'csp.db'}")


@pytest.fixture
def phones() -> Iterator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose reach file a test writes."""
    (tmp_path / "rota.toml").write_text(DAILY_TURNS_WITH_BACKUP, encoding="utf-8")
    assert terminal.type("rota", "import", "rota.toml").code == 0
    write(tmp_path, "")
    monkeypatch.setenv("CSP_REACH_FILE", str(tmp_path / "reach.toml"))
    return terminal


def write(folder: Path, text: str) -> None:
    path = folder / "reach.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_the_packaged_example_is_checked_and_shown_without_secrets(desk: Terminal, tmp_path: Path) -> None:
    text = files("models.rules.reach").joinpath("example.toml").read_text(encoding="utf-8")
    write(tmp_path, text)

    done = desk.type("reach", "check")

    assert done.code == 0
    assert "WeCom LiNa" in done.out
    assert "the secret of the app" not in done.out + done.err
    assert "Li Na" in done.err  # whom this rota does not know


@pytest.mark.parametrize(
    ("address", "says"),
    [("json://127.0.0.1:9/x", "apprise is not installed"), ("wecombot://key", "have channels of their own")],
)
def test_addresses_that_reach_nobody_are_named(desk: Terminal, tmp_path: Path, address: str, says: str) -> None:
    write(tmp_path, f'{PERSON}channel = "apprise"\nurl = "{address}"\n')

    done = desk.type("reach", "check")

    assert done.code == 0
    assert says in done.err


def test_a_test_message_says_what_came_back(desk: Terminal, tmp_path: Path, phones: Gateway) -> None:
    hook = f'channel = "hook"\nurl = "{phones.url}/call"\nto = "138"\nsecret = '
    write(tmp_path, f'{PERSON}{hook}"{SECRET}"\n[[person.address]]\n{hook}"wrong"\n')

    done = desk.type("reach", "test", "bob")

    assert done.code == 1
    assert done.out.splitlines() == [
        "Gateway (phone, SMS) 138: delivered (200)",
        "Gateway (phone, SMS) 138: refused by the service (http_401)",
    ]
    assert len(phones.texts("138")) == 1
    assert "bob" in phones.texts("138")[0]


def test_nobody_is_tested_by_an_unknown_name(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, PERSON + 'channel = "wecom_bot"\nurl = "https://a.cn/x"\n')

    assert desk.type("reach", "test", "ann").code == 2


@pytest.mark.parametrize(
    ("subject", "says"),
    [("escalation:7", "CSP-7"), ("gap:3", "缺口 3"), ("shift:[]", "班次"), ("handover:[]", "交接"), ("x", "提醒")],
)
def test_a_try_names_what_it_was_about(desk: Terminal, store: Store, subject: str, says: str) -> None:
    tried = {
        "delivery": "d", "person": "U0BOB", "subject": subject, "address": "a", "sender": "s", "channel": "hook",
        "tried_at": datetime.now(UTC), "again": True, "outcome": "delivered", "code": "200",
    }  # fmt: skip
    store.write(lambda connection: connection.execute(PAGE_TRY.insert(), [tried]))

    line = desk.type("reach", "show", "bob", language="zh_CN.UTF-8").out

    assert says in line
    assert "重发" in line
    assert "已送达" in line


def test_without_a_try_and_without_a_link_it_says_so(desk: Terminal) -> None:
    assert desk.type("reach", "show", "bob").out.strip() == "Nothing was sent outside Slack in this time."
    assert desk.type("reach", "revoke", "bob").out.strip() == "0 links were revoked."
