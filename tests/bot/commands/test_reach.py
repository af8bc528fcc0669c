"""``reach`` at the terminal: the file is checked and masked, what reaches nobody is said, and each try has its end."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest

from bot.commands.reach_people import ReachPeople
from bot.commands.session import CommandError
from handlers.i18n.reach_labels import PAGE_STATUS
from handlers.i18n.words import Words
from models.escalations import person_rows
from models.outbox.page_links import PageLinks
from models.rules.people import Person
from models.rules.reach.channels import Channel
from models.rules.reach.link import LinkAction, WantedLink
from models.rules.reach.page import PageStatus
from models.rules.reach.reach_plan import CHINA, NOBODY_REACHED
from models.rules.reach.reader import parse_reach
from models.rules.rota.rota import Member, Rota
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from tests.bot.commands.conftest import Terminal
from tests.end_to_end.gateway import SECRET, Gateway, gateway
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ROBOT = 'channel = "wecom_bot"\nurl = "https://a.cn/x"\n'
ENGLISH = Words("en")
PERSON = '[[person]]\nname = "bob"\n[[person.address]]\n'


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


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


def test_the_example_has_comments_in_the_language_of_the_terminal_and_the_same_values(desk: Terminal) -> None:
    english = desk.type("reach", "example").out
    chinese = desk.type("reach", "example", language="zh_CN.UTF-8").out

    plan, other = (parse_reach(text, CHINA).people for text in (english, chinese))
    assert "# 检查：csp-escalate reach check reach.toml" in chinese
    assert [*plan.values()] == [*other.values()]
    assert "李娜" in other


def test_addresses_by_slack_id_stand_beside_the_name_of_their_person(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, PERSON.replace('"bob"', '"U0BOB"') + ROBOT + PERSON + ROBOT)

    said, chinese = desk.type("reach", "check").out, desk.type("reach", "check", language="zh_CN.UTF-8").out

    assert "bob (U0BOB)" in said
    assert "bob（U0BOB）" in chinese
    assert said.count("(") == 1  # the other entry is by name


def test_an_entry_that_names_nobody_is_said_with_who_is_probably_meant(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, "".join(f'[[person]]\nname = "{name}"\n' for name in ("U0BOB", "U0TOM", "Bob", "zoe")))

    said = desk.type("reach", "check").err
    chinese = desk.type("reach", "check", language="zh_CN.UTF-8")

    assert "Neither the rota nor Slack has a “Bob”: nobody is reached by these addresses. Did you mean “bob”?" in said
    assert "a “zoe”: nobody is reached by these addresses.\n" in said
    assert (
        "Not in the rota, and not met by the bot in Slack yet: U0TOM. Leads among them are reached; others are not."
        in said
    )
    assert "U0BOB" not in said
    assert "⚠️ 值班表和 Slack 中都没有“U0TOM”" not in chinese.err


@pytest.mark.parametrize(
    ("address", "says"),
    [("json://127.0.0.1:9/x", "apprise is not installed"), ("wecombot://key", "have channels of their own")],
)
def test_addresses_that_reach_nobody_are_named(desk: Terminal, tmp_path: Path, address: str, says: str) -> None:
    write(tmp_path, f'{PERSON}channel = "apprise"\nurl = "{address}"\n')

    done = desk.type("reach", "check")

    assert done.code == 0
    assert says in done.err


def test_a_file_without_addresses_is_said_to_reach_nobody(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, '[[person]]\nname = "bob"\n')

    said, chinese = desk.type("reach", "check"), desk.type("reach", "check", language="zh_CN.UTF-8")

    assert said.code == 0
    assert "reach.toml has no addresses: nobody is reached by it." in said.out
    assert "reach.toml 中没有地址：无法通过它联系到任何人。" in chinese.out


def test_nobody_is_known_before_there_is_a_rota_or_a_file() -> None:
    with pytest.raises(CommandError, match="nobody “bob”: there is no rota yet"):
        ReachPeople(NOBODY_REACHED, None).find("bob", ENGLISH)


def test_faults_are_read_by_programs_too(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, PERSON + 'channel = "dingtalkbot"\n')

    done = desk.type("reach", "check", str(tmp_path / "reach.toml"), "--format", "json")

    [fault] = json.loads(done.out)
    assert done.code == 2
    assert (fault["line"], fault["fault"], fault["nearest"]) == (4, "unknown_choice", "dingtalk_bot")
    assert "“dingtalkbot” is not known for “channel”" in fault["reason"]


def test_a_test_message_says_what_came_back(desk: Terminal, tmp_path: Path, phones: Gateway) -> None:
    hook = f'channel = "hook"\nurl = "{phones.url}/call"\nto = "138"\nsecret = '
    write(tmp_path, f'{PERSON}{hook}"{SECRET}"\n[[person.address]]\n{hook}"wrong"\n')

    done = desk.type("reach", "test", "bob")

    assert done.code == 1
    assert done.out.splitlines() == [
        "Phone or SMS 138: delivered",
        "Phone or SMS 138: refused by the service: The signature is not accepted. (http_401)",
        "  Correct “secret” in the reach file, and check this machine's clock.",
    ]
    assert len(phones.texts("138")) == 1
    assert "bob" in phones.texts("138")[0]


def test_what_came_back_of_a_test_is_read_by_programs_and_so_is_what_kept_it_from_being_sent(
    desk: Terminal, tmp_path: Path, phones: Gateway
) -> None:
    hook = f'channel = "hook"\nurl = "{phones.url}/call"\nto = "138"\nsecret = '
    write(tmp_path, f'{PERSON}{hook}"{SECRET}"\n[[person.address]]\n{hook}"wrong"\n')

    done, nobody = (desk.type("reach", "test", name, "--format", "json") for name in ("bob", "bobb"))

    delivered, refused = json.loads(done.out)
    errors = json.loads(nobody.out)["errors"]
    assert (done.code, nobody.code) == (1, 2)
    assert (delivered["channel"], delivered["address"], delivered["end"], delivered["step"]) == (
        "hook", "138", "delivered", "",
    )  # fmt: skip
    assert (refused["end"], refused["code"], refused["step"][:7]) == ("refused", "http_401", "Correct")
    assert {error["reason"] for error in errors} == {"input"}
    assert any("Did you mean “bob”?" in error["says"] for error in errors)


def test_nobody_is_tested_by_an_unknown_name(desk: Terminal, tmp_path: Path) -> None:
    write(tmp_path, PERSON + 'channel = "wecom_bot"\nurl = "https://a.cn/x"\n')

    no_address, nobody = desk.type("reach", "test", "ann"), desk.type("reach", "test", "bobb")

    assert (no_address.code, nobody.code) == (2, 2)
    assert no_address.err.strip() == "The file has no addresses for “ann”. It has: bob"
    assert "Did you mean “bob”?" in nobody.err


@pytest.mark.parametrize("key", ["李娜", "U0LINA"])  # whatever the file calls her
@pytest.mark.parametrize("typed", ["李娜", "Li Na", "lina", "U0LINA", "Xiao Na"])
def test_somebody_is_found_by_any_name_whatever_the_file_calls_them(key: str, typed: str) -> None:
    plan = parse_reach(f'[[person]]\nname = "{key}"\n[[person.address]]\n{ROBOT}', CHINA)
    rota = Rota(members={"李娜": Member("李娜", "U0LINA")})
    people = ReachPeople(plan, rota, {"U0LINA": "Xiao Na", "U0ANN": "Ann"})

    person = people.find(typed, ENGLISH)

    assert (person.name, person.user) == ("李娜", "U0LINA")
    assert len(people.find_addresses(person)) == 1


def test_a_lead_outside_the_rota_is_found_by_the_name_in_slack_and_is_no_stranger() -> None:
    plan = parse_reach(f'[[person]]\nname = "U0ANN"\n[[person.address]]\n{ROBOT}[[person]]\nname = "zoe"\n', CHINA)
    people = ReachPeople(plan, None, {"U0ANN": "Ann Lee"})

    assert people.find("ann", ENGLISH).keys == ("U0ANN",)
    assert people.find_strangers() == ["zoe"]
    assert people.find_nearest("zoe") == ""
    assert people.find("Everybody", ENGLISH).keys == ("everybody",)


def test_a_test_is_in_the_language_of_its_reader(desk: Terminal, tmp_path: Path, phones: Gateway, store: Store) -> None:
    bob = Person(id="U0BOB", team_id="T1", name="bob", locale="zh-CN")
    store.write(lambda connection: person_rows.save(connection, [(bob, datetime.now(UTC))]))
    write(tmp_path, f'{PERSON}channel = "hook"\nurl = "{phones.url}/call"\nto = "138"\nsecret = "{SECRET}"\n')

    assert desk.type("reach", "test", "bob").code == 0
    assert "测试" in phones.texts("138")[0]


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("escalation:7", "CSP-7"),
        ("gap:3", "缺口 3"),
        ("x", "提醒"),
        ('shift:["2026-11-23T00:00:00+00:00", "primary", 1, "ann"]', "班次 主值班 11-23 08:00"),
        ('handover:["2026-11-23T00:00:00+00:00", "backup", 1, "ann", "bob"]', "交接 备值班 11-23 08:00"),
    ],
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


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("81013", "no such person, or the app is not available", "对方服务中没有此人"),
        ("4711", "The meaning of this code is not known here. (4711)", "本程序不了解此代码的含义。（4711）"),
    ],
)
def test_a_try_says_in_words_what_the_service_answered_and_what_to_do(
    desk: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch, code: str, english: str, chinese: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    tried = {
        "delivery": "d", "person": "U0BOB", "subject": "gap:3", "address": "a", "sender": "s", "channel": "wecom_app",
        "tried_at": datetime.now(UTC), "again": False, "outcome": "refused", "code": code,
    }  # fmt: skip
    store.write(lambda connection: connection.execute(PAGE_TRY.insert(), [tried]))

    in_english, in_chinese = desk.type("reach", "show").out, desk.type("reach", "show", language="zh_CN.UTF-8").out

    assert english in in_english
    assert chinese in in_chinese
    assert f"({code})" in in_english
    assert f"• {code}: " in in_english
    assert f"• {code}：请" in in_chinese


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_message_that_worked_is_told_by_its_status_alone_whatever_its_channel(
    desk: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for channel, (status, label) in product(Channel, PAGE_STATUS.items()):
        record_try(store, channel, status, "202" if channel is Channel.HOOK else "0")

        said = desk.type("reach", "show", language=f"{language}.UTF-8").out

        (line,) = (line for line in said.splitlines() if "bob" in line)
        has_failed = status in {PageStatus.REFUSED, PageStatus.UNKNOWN}
        assert line.rstrip().endswith(Words(language)(label)) is not has_failed
        store.write(lambda connection: connection.execute(PAGE_TRY.delete()))
        store.write(lambda connection: connection.execute(PAGE_LINK.delete()))


def test_a_code_that_means_different_things_by_channel_has_a_step_for_each(
    desk: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for channel in (Channel.HOOK, Channel.HOOK, Channel.WECOM_BOT):
        record_try(store, channel, PageStatus.REFUSED, "http_401")

    said = desk.type("reach", "show").out

    assert said.count("• http_401: Correct “secret” in the reach file") == 1
    assert said.count("• http_401: Look at its log") == 1


def test_a_try_says_that_it_rang(desk: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    record_try(store, Channel.FEISHU_APP, PageStatus.ACCEPTED, "urgent phone")

    said = desk.type("reach", "show").out

    assert "accepted by the service: It rang as a call." in said
    assert "•" not in said  # there is nothing to do


def record_try(store: Store, channel: Channel, status: PageStatus, code: str) -> None:
    """Record a try; one whose link was opened or used has a link."""
    now, by_link = datetime.now(UTC), status in {PageStatus.OPENED, PageStatus.ACTED}
    delivery = str(uuid.uuid4())
    tried = {
        "delivery": delivery, "person": "U0BOB", "subject": "gap:3", "address": "a", "sender": "s",
        "channel": channel, "tried_at": now, "again": False,
        "outcome": PageStatus.ACCEPTED if by_link else status, "code": code,
    }  # fmt: skip
    store.write(lambda connection: connection.execute(PAGE_TRY.insert(), [tried]))
    if by_link:
        links = PageLinks(store, StoreEpoch(store))
        token = links.make(WantedLink("U0BOB", "T1", LinkAction.TAKE_GAP, "3"), delivery, now)
        link = links.find(token, now)[1]
        assert link
        (links.note_used if status is PageStatus.ACTED else links.note_opened)(link, now)


def test_without_a_try_and_without_a_link_it_says_so(desk: Terminal) -> None:
    assert desk.type("reach", "show", "bob").out.strip().startswith("Nothing was sent outside Slack")
    assert desk.type("reach", "revoke", "bob").out.strip() == "0 links of bob were revoked."
