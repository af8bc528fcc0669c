"""Settings: everything that is wrong is told at once, and no secret is ever repeated."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import environment
from bot.config import InvalidConfig, Requirement
from bot.database_errors import describe_unused, list_file_problems
from bot.operator_language import operator_language
from handlers.i18n.words import Words
from models.rules.policy import reminders
from models.rules.reach.reach_plan import NOBODY_REACHED

EVERYTHING = Requirement.DATABASE | Requirement.SLACK | Requirement.SOCKET | Requirement.HTTP
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-canary",
    "SLACK_APP_TOKEN": "xapp-1-canary",
    "SLACK_SIGNING_SECRET": "0123456789abcdef-canary",
    "CSP_ESCALATION_CHANNEL": "C0ESCAL",
    "CSP_ONCALL_CHANNEL": "C0ONCALL",
    "CSP_ONCALL_USERGROUP": "S0ONCALL",
    "CSP_LEADS": "U0LINA, U0WANG",
    "CSP_TEAM_ID": "T0SANDBOX",
    "CSP_LANGUAGE": "zh_CN",
    "CSP_TIMEZONE": "Europe/Berlin",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, so that no .env of the developer's is read."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrong(environ: dict[str, str], needs: Requirement = EVERYTHING, env_file: Path | None = None) -> list[str]:
    with pytest.raises(InvalidConfig) as caught:
        environment.read(needs, env_file, environ)
    return [problem.key for problem in caught.value.problems]


def test_good_settings_become_one_frozen_value() -> None:
    read = environment.read(EVERYTHING, environ=GOOD)
    assert read.settings is not None
    assert read.access is not None
    assert read.settings.leads == {"U0LINA", "U0WANG"}
    assert read.settings.language == "zh_CN"
    assert read.timezone.key == "Europe/Berlin"
    assert read.access.bot_token.reveal() == "xoxb-1-canary"
    assert read.access.api_url == "https://slack.com/api/"
    assert read.database_url.reveal() == "sqlite:///csp-escalate.db"


def test_every_missing_setting_is_named_at_once() -> None:
    assert wrong({}) == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "CSP_ESCALATION_CHANNEL",
        "CSP_ONCALL_CHANNEL",
    ]


def test_socket_mode_needs_no_signing_secret_and_http_no_app_token() -> None:
    assert "SLACK_SIGNING_SECRET" not in wrong({}, Requirement.DATABASE | Requirement.SLACK | Requirement.SOCKET)
    assert "SLACK_APP_TOKEN" not in wrong({}, Requirement.DATABASE | Requirement.SLACK | Requirement.HTTP)


def test_a_command_for_the_database_needs_nothing_of_slack() -> None:
    read = environment.read(Requirement.DATABASE, environ={"DATABASE_URL": "postgresql://me:canary@db/csp"})
    assert read.access is None
    assert read.secrets() == ["postgresql://me:canary@db/csp"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1-canary"),
        ("SLACK_BOT_TOKEN", "canary"),
        ("SLACK_APP_TOKEN", "xoxb-1-canary"),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_SIGNING_SECRET", "with blanks in the middle"),
        ("CSP_ESCALATION_CHANNEL", "#csp-escalations"),
        ("CSP_ONCALL_CHANNEL", "D0DIRECT"),
        ("CSP_ONCALL_USERGROUP", "@oncall"),
        ("CSP_LEADS", "U0LINA;U0WANG"),
        ("CSP_LEADS", "lina"),
        ("CSP_TEAM_ID", "acme"),
        ("CSP_LANGUAGE", "klingon"),
        ("CSP_CONTACTS_IN_THREADS", "perhaps"),
        ("CSP_TIMEZONE", "Mars/Olympus"),
        ("CSP_TIMEZONE", "../../etc/passwd"),
        ("CSP_TIMEZONE", "/etc/localtime"),
        ("DATABASE_URL", "mysql://me@db/csp"),
        ("DATABASE_URL", "postgresql+asyncpg://me@db/csp"),
        ("DATABASE_URL", "not a url"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("SLACK_API_URL", "http://slack.example/api/"),
        ("SLACK_API_URL", "http://127.0.0.1.example/api/"),
        ("SLACK_API_URL", "file:///etc/passwd"),
        ("SLACK_API_URL", "https://[canary"),
        ("CSP_CLOCK_OFFSET_FILE", "/tmp/offset"),
    ],
)
def test_a_malformed_value_is_one_problem_that_does_not_repeat_the_value(key: str, value: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        environment.read(EVERYTHING, environ=GOOD | {key: value})
    (problem,) = caught.value.problems
    assert problem.key == key
    assert value not in f"{problem} {caught.value}".replace(problem.fix, "")
    assert problem.fix


@pytest.mark.parametrize("key", ["CSP_REMINDERS_FILE", "CSP_REACH_FILE"])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("absent.toml", "names a file that does not exist"),
        ("folder.toml", "names a folder"),
        ("a\0b.toml", "can't be read"),
    ],
)
def test_a_file_that_is_not_there_is_named_and_stops_nothing(tmp_path: Path, key: str, name: str, says: str) -> None:
    (tmp_path / "folder.toml").mkdir()

    read = environment.read(EVERYTHING, environ=GOOD | {key: str(tmp_path / name)})

    (unused,) = read.unused_files
    assert [(problem.key, problem.wrong) for problem in unused.problems] == [(f"{key} ({tmp_path / name})", says)]
    assert (read.reach, read.pages.reminder_times) == (NOBODY_REACHED, reminders.load_packaged())


@pytest.mark.parametrize("key", ["CSP_REMINDERS_FILE", "CSP_REACH_FILE"])
@pytest.mark.parametrize("value", ["xoxb-1-canary", "docs"])
def test_a_value_that_names_no_file_is_not_repeated(key: str, value: str) -> None:
    (unused,) = environment.read(EVERYTHING, environ=GOOD | {key: value}).unused_files

    assert value not in describe_unused(unused, Words.of("en"))


def test_all_faults_of_a_reach_file_are_told_with_their_lines_and_without_its_secrets(tmp_path: Path) -> None:
    own = tmp_path / "reach.toml"
    own.write_text(
        '[[person]]\nname = "bob"\n[[person.address]]\nchannel = "wecom_bott"\n[[service]]\nname = "canary-x"\n'
    )

    (unused,) = environment.read(EVERYTHING, environ=GOOD | {"CSP_REACH_FILE": str(own)}).unused_files

    lines = list_file_problems(unused, Words.of("en"))
    assert lines[0].startswith("CSP_REACH_FILE (reach.toml), line 4: ")
    assert lines[0].endswith("Did you mean “wecom_bot”?")
    assert [line.partition(":")[0] for line in lines[1:]] == ["line 5"]
    assert "canary" not in " ".join(lines)
    short = describe_unused(unused, Words.of("en"))
    assert "tells 1 more fault of this file." in short
    assert short.endswith("nobody is reached outside Slack.")
    assert "第 4 行" in describe_unused(unused, Words.of("zh_CN"))


def test_a_misspelt_setting_is_told_beside_the_one_that_is_missing() -> None:
    environ = {key: value for key, value in GOOD.items() if key != "CSP_ESCALATION_CHANNEL"}
    with pytest.raises(InvalidConfig) as caught:
        environment.read(EVERYTHING, environ=environ | {"CSP_ESCALATION_CHANEL": "C1"})
    told = [(problem.key, problem.wrong, problem.nearest) for problem in caught.value.problems]
    assert told == [
        ("CSP_ESCALATION_CHANNEL", "is missing", ""),
        ("CSP_ESCALATION_CHANEL", "is not a setting", "CSP_ESCALATION_CHANNEL"),
    ]


def test_other_peoples_settings_are_not_called_misspelt() -> None:
    others = {"CSP_ESCALATE_SERVICE_HOST": "10.0.0.1", "CSP_ESCALATE_PORT": "tcp://10.0.0.1:80", "HOME": "/"}
    assert environment.read(EVERYTHING, environ=GOOD | others).unknown == ()


def test_every_setting_of_the_documents_is_known_by_name() -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(CSP_\w+)`", page, re.MULTILINE)) == environment.KEYS


def test_the_clock_can_be_shifted_only_beside_a_local_slack(tmp_path: Path) -> None:
    local = {"SLACK_API_URL": "http://127.0.0.1:8400/api", "CSP_CLOCK_OFFSET_FILE": str(tmp_path / "offset")}
    read = environment.read(EVERYTHING, environ=GOOD | local)
    assert read.clock_offset_file == tmp_path / "offset"
    assert read.access is not None
    assert read.access.api_url == "http://127.0.0.1:8400/api/"


@pytest.mark.parametrize(
    "url",
    ["https://hc.example/ping/1?x=y", "HTTPS://hc.example:8443", "http://127.0.0.1:8000/x", "http://localhost/x",
     "http://[::1]:1/x"],
)  # fmt: skip
def test_the_dead_mans_switch_is_an_https_address_or_one_of_this_machine(url: str) -> None:
    read = environment.read(EVERYTHING, environ=GOOD | {"CSP_DEADMAN_URL": url})
    assert read.deadman_url is not None
    assert read.deadman_url.reveal() == url
    assert url in read.secrets()
    assert url not in repr(read)


@pytest.mark.parametrize(
    "url",
    ["hc.example/canary", "http://hc.example/canary", "ftp://hc.example/canary", "file:///canary", "https://",
     "https:///canary", "https://[canary", "https://hc.example:99999/canary", "https://hc.example:port/canary",
     "https://me:canary@hc.example/", "https://hc.example/a canary", "https://hc.example/\r\ncanary",
     "https://例子.cn/canary", "http://127.0.0.1.example/canary"],
)  # fmt: skip
def test_an_address_that_could_never_be_called_is_told_at_the_start_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        environment.read(EVERYTHING, environ=GOOD | {"CSP_DEADMAN_URL": url})
    (problem,) = caught.value.problems
    assert problem.key == "CSP_DEADMAN_URL"
    assert "canary" not in f"{problem}"


@pytest.mark.parametrize(
    ("key", "instead"),
    [("CSP_POLICY_FILE", "csp-escalate policy import"), ("CSP_NAGGING_FILE", "CSP_REMINDERS_FILE")],
)
def test_a_setting_that_is_gone_is_named_with_what_replaces_it(key: str, instead: str) -> None:
    (problem,) = environment.read(EVERYTHING, environ=GOOD | {key: "policy.toml"}).unknown

    assert (problem.key, problem.wrong) == (key, "is not a setting any more")
    assert instead in problem.fix


def test_the_reminder_times_can_be_replaced_one_by_one(tmp_path: Path) -> None:
    own = tmp_path / "reminders.toml"
    own.write_text('[acknowledge]\nA = "4 min"\n', encoding="utf-8")

    read = environment.read(EVERYTHING, environ=GOOD | {"CSP_REMINDERS_FILE": str(own)}).pages.reminder_times

    assert (read.acknowledge["A"], read.acknowledge["B"]) == (timedelta(minutes=4), timedelta(minutes=15))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[snooze]\nA = "ever"', ", line 2: “A” has to be a length of time"),
        ("[snooze", "Compare it with: csp-escalate reminders example"),
        ("[snoose]", "Did you mean “snooze”?"),
    ],
)
def test_a_wrong_reminder_time_is_told_with_its_line_and_not_repeated(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "reminders.toml"
    own.write_text(text, encoding="utf-8")

    (unused,) = environment.read(EVERYTHING, environ=GOOD | {"CSP_REMINDERS_FILE": str(own)}).unused_files

    said = describe_unused(unused, Words.of("en"))
    assert said.startswith("CSP_REMINDERS_FILE (reminders.toml), line ")
    assert says in said
    assert "ever" not in said


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "csp.env"
    file.write_text("CSP_LANGUAGE=en\nCSP_TIMEZONE=UTC\n# 注释\n", encoding="utf-8")
    read = environment.read(EVERYTHING, file, {k: v for k, v in GOOD.items() if k != "CSP_TIMEZONE"})
    assert read.settings is not None
    assert (read.settings.language, read.timezone.key) == ("zh_CN", "UTC")


def test_an_empty_value_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-from-file\n", encoding="utf-8")
    read = environment.read(EVERYTHING, environ=GOOD | {"SLACK_BOT_TOKEN": " "})
    assert read.access is not None
    assert read.access.bot_token.reveal() == "xoxb-from-file"


def test_a_dollar_in_the_file_is_a_dollar(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_SIGNING_SECRET='$HOME$HOME$HOME$HOME'\n", encoding="utf-8")
    environ = {k: v for k, v in GOOD.items() if k != "SLACK_SIGNING_SECRET"}
    read = environment.read(EVERYTHING, environ=environ)
    assert read.access is not None
    assert read.access.signing_secret is not None
    assert read.access.signing_secret.reveal() == "$HOME$HOME$HOME$HOME"


def test_a_named_file_must_be_there_and_be_text(tmp_path: Path) -> None:
    assert wrong(GOOD, env_file=tmp_path / "absent.env") == [str(tmp_path / "absent.env")]
    with pytest.raises(InvalidConfig) as caught:
        environment.read(EVERYTHING, tmp_path, GOOD)
    assert [problem.wrong for problem in caught.value.problems] == ["is a folder"]
    (tmp_path / "gb.env").write_bytes("CSP_LANGUAGE=中文".encode("gb18030"))
    assert wrong(GOOD, env_file=tmp_path / "gb.env") == [str(tmp_path / "gb.env")]


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    read = environment.read(EVERYTHING, environ=GOOD | {"DATABASE_URL": "postgresql://me:canary@db/csp"})
    assert "canary" not in repr(read)
    assert "canary" not in f"{read.access}{read.database_url}"
    assert all("canary" in secret for secret in read.secrets())


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "CSP_LANGUAGE": "zh_CN"}, "zh_CN"),
        ({"LANG": "POSIX", "CSP_LANGUAGE": "both"}, "en"),
    ],
)
def test_the_terminal_speaks_the_language_of_its_locale(environ: dict[str, str], language: str) -> None:
    assert operator_language(environ) == language


def test_bolt_never_sees_a_client_secret() -> None:
    environ = {"SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2", "HOME": "/"}
    environment.disarm_oauth(environ)
    assert environ == {"HOME": "/"}


def test_a_browser_opens_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert not environment.has_screen({})
    assert environment.has_screen({"DISPLAY": ":0"})
    assert environment.has_screen({"WAYLAND_DISPLAY": "wayland-0"})


def test_the_log_is_text_at_level_info_unless_it_is_set() -> None:
    usual = environment.read(EVERYTHING, environ=GOOD)
    chosen = environment.read(EVERYTHING, environ=GOOD | {"CSP_LOG": "JSON", "CSP_LOG_LEVEL": "debug"})

    assert (usual.log_as_json, usual.log_level) == (False, "INFO")
    assert (chosen.log_as_json, chosen.log_level) == (True, "DEBUG")


def test_an_unknown_form_or_level_of_the_log_is_refused() -> None:
    with pytest.raises(InvalidConfig) as refused:
        environment.read(EVERYTHING, environ=GOOD | {"CSP_LOG": "xml", "CSP_LOG_LEVEL": "loud"})

    assert {problem.key for problem in refused.value.problems} == {"CSP_LOG", "CSP_LOG_LEVEL"}
