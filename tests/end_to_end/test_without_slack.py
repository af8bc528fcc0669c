"""A night without Slack with the real bot: a phone rings, a link acts, and Slack repeats nothing when it is back."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models.outbox.page_links import PageLinks
from models.rules.escalations.escalation import Status
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.link import LinkAction, WantedLink, number_of
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from tests.end_to_end.gateway import SECRET, Gateway, gateway
from tests.end_to_end.setup import AFTERNOON
from tests.end_to_end.setup import world as making
from tests.end_to_end.test_first_night import rota
from tests.end_to_end.world import PATIENCE, World
from tests.handlers.block_limits import read
from tests.handlers.links.link_duty import read_page

NUMBERS = {"U0LINA": "+8613800000001", "U0WANG": "+8613800000002", "U0EMMA": "+8613800000003"}
PLANTED = (SECRET, "PLANTED-robot-77ab", "PLANTED-mail-55cd", "PLANTED-app-33ef", "PLANTED-feishu-11aa")
FILE = """
[[service]]
name = "phone"
channel = "hook"
url = "{gateway}/call"
secret = "{hook}"
per_minute = 60
per_hour = 600
per_day = 6000
[[person]]
name = "everybody"
[[person.address]]
channel = "dingtalk_bot"
url = "{gateway}/robot/send?access_token={robot}"
secret = "SEC{robot}"
[[person.address]]
channel = "email"
server = "127.0.0.1:9"
sender = "a@example.cn"
to = "desk@example.cn"
user = "a@example.cn"
password = "{mail}"
tls = "none"
[[person.address]]
channel = "wecom_app"
corp_id = "ww0"
agent_id = "1"
secret = "{app}"
to = "desk"
url = "{gateway}"
[[person.address]]
channel = "feishu_app"
app_id = "cli_0"
secret = "{feishu}"
to = "ou_0"
url = "{gateway}"
"""
PERSON = '[[person]]\nname = "{user}"\n[[person.address]]\nservice = "phone"\nto = "{number}"\n'
CASE = {
    "customer_name": "云杉", "severity": "A", "title": "Mail is down", "details": "Since 01:40",
    "service": "m365", "answers": {"impact": "Nobody can work"},
}  # fmt: skip


@pytest.fixture(scope="module")
def phones() -> Iterator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture(scope="module", params=["socket", "http"])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, phones: Gateway) -> Iterator[World]:
    """A workspace with a rota and phones, by Socket Mode and by signed HTTP."""
    folder, phones.calls = tmp_path_factory.mktemp("night"), []
    names = dict(zip(("hook", "robot", "mail", "app", "feishu"), PLANTED, strict=True))
    people = "".join(PERSON.format(user=user, number=number) for user, number in NUMBERS.items())
    (folder / "reach.toml").write_text(FILE.format(gateway=phones.url, **names) + people, encoding="utf-8")
    (folder / "reach.toml").chmod(0o600)
    (folder / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
    more = {
        "CSP_REACH_FILE": str(folder / "reach.toml"), "CSP_PUBLIC_URL": "https://bot.example.cn",
        "CSP_LOG_LEVEL": "debug",
    }  # fmt: skip
    with making(folder, http=request.param == "http", more=more, begins=AFTERNOON) as made:
        (folder / "rota.toml").write_text(rota(made.now), encoding="utf-8")
        made.run("rota", "import", str(folder / "rota.toml"))
        made.until(lambda: made.slack.dms("U0LINA") + made.slack.dms("U0WANG"), "a reminder of a shift")
        made.quiet()
        yield made


def ask(world: World, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], str]:
    """Ask the bot's web server."""
    connection = HTTPConnection(urlsplit(world.web).netloc, timeout=PATIENCE)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), read_page(answer.read().decode())
    finally:
        connection.close()


def link_in(text: str) -> tuple[str, str]:
    """The path of the link in a message, and its number."""
    token = re.findall(r"https://bot\.example\.cn/act/(\S+)", text)[0]
    return f"/act/{token}", number_of(token)


def test_a_night_without_slack(night: World, phones: Gateway) -> None:
    night.slack.post("settings", slack_off=True)
    night.run("escalations", "raise", "--from", str(night.folder / "case.json"), "--as", "王伟")
    text = night.until(lambda: phones.texts(NUMBERS["U0LINA"]) or phones.texts(NUMBERS["U0WANG"]), "a call")[0]
    person = "U0LINA" if text in phones.texts(NUMBERS["U0LINA"]) else "U0WANG"
    path, number = link_in(text)

    opened = ask(night, "GET", path)
    wrong = ask(night, "POST", path, "number=xx")
    still_open = night.escalation().status
    pressed = ask(night, "POST", path, f"number={number}")
    again = ask(night, "POST", path, f"number={number}")

    assert number in text
    assert [answer[0] for answer in (opened, wrong, pressed, again)] == [200, 409, 200, 410]
    assert still_open is Status.OPEN
    assert night.escalation().owner == person
    for _, headers, page in (opened, wrong, pressed, again):
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers
        assert "src=" not in page
        assert "href=" not in page

    night.slack.post("settings", slack_off=False)
    night.ready()
    card = night.card()
    night.quiet()

    assert "Told outside Slack" in read(card["blocks"])
    asking = [message for message in night.slack.dms(person) if "acknowledge" in json.dumps(message.get("blocks"))]
    assert asking == []
    assert "by link" in night.run("escalations", "show", "CSP-1")
    assert "acted by link" in night.run("reach", "show", person)


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        ("wrong", 404, "There is no such link"), ("other", 404, "restored or replaced"), ("revoked", 410, "revoked"),
        ("closed", 410, "three wrong numbers"),
    ],
)  # fmt: skip
def test_a_bad_link_says_which_on_the_running_server_and_nothing_is_done(
    night: World, spoil: str, status: int, says: str
) -> None:
    store = Store(night.url)
    links, now = PageLinks(store, StoreEpoch(store)), night.now
    wanted = WantedLink("U0EMMA", "T0SANDBOX", LinkAction.ACKNOWLEDGE, "1", "any")
    token = links.make(wanted, "none", now)
    token = {"wrong": f"{token[:-2]}zz", "other": f"0000{token[4:]}"}.get(spoil, token)
    if spoil == "revoked":
        links.revoke("U0EMMA", now)
    if spoil == "closed":
        for _ in range(3):
            ask(night, "POST", f"/act/{token}", "number=0")
    before = night.escalation().version

    answers = [ask(night, "GET", f"/act/{token}"), ask(night, "POST", f"/act/{token}", f"number={number_of(token)}")]

    store.dispose()
    for got, headers, page in answers:
        assert got == status
        assert says in page
        assert "CSP-1" not in page
        assert "Mail is down" not in page
        assert headers["Cache-Control"] == "no-store"
    assert night.escalation().version == before


def test_the_running_server_answers_a_link_ten_times_a_minute(night: World) -> None:
    answers = [ask(night, "GET", "/act/nothing-of-ours")[0] for _ in range(12)]

    assert answers == [404] * 10 + [429] * 2


@pytest.mark.parametrize("night", ["socket"], indirect=True)
def test_no_secret_of_the_reach_file_is_in_anything_that_people_see(night: World) -> None:
    page = next(row.position for row in night.rows if row.what == MessageKind.PAGE)
    commands = (
        ("doctor",), ("outbox", "list"), ("outbox", "show", str(page)), ("reach", "check"), ("reach", "show"),
        ("reach", "test", "everybody"), ("events",),
    )  # fmt: skip
    seen = {
        "the log": night.log,
        "processes": "\n".join(_read(path) for path in Path("/proc").glob("[0-9]*/cmdline")),
        **{path: ask(night, "GET", path)[2] for path in ("/metrics", "/healthz", "/livez", "/readyz")},
        **{" ".join(words): _type(night, *words) for words in commands},
        "the database": (night.folder / "csp.db").read_bytes().decode("latin-1"),
    }

    found = [(where, secret) for where, text in seen.items() for secret in PLANTED if secret in text]
    links = re.findall(r"/act/(\S+)", "\n".join(seen.values()))

    assert found == []
    assert links == []
    assert "by dingtalk_bot: unknown 4711" in seen["the log"]  # it does say what was tried
    assert "4711" in seen["reach show"]
    assert "by hook" in seen["the log"]
    assert "phone" in seen["reach check"].lower()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _type(world: World, *words: str) -> str:
    """What a command prints, also one that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--env-file", str(world.folder / "env"), *words],
        env={**world.environment(), "PATH": "/usr/bin:/bin", "COLUMNS": "200", "LC_ALL": "en_GB.UTF-8"},
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=world.folder,
    )  # fmt: skip
    return done.stdout + done.stderr
