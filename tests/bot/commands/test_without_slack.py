"""A duty desk with a terminal goes on without Slack: it raises and moves cases, and prints the duty sheet."""

import json
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.duty_sheets import SHEET, DutySheets
from handlers.i18n.words import Words
from models.escalations.queries import EscalationQueries
from models.oncall import calendar_feeds
from models.rules.escalations.escalation import Move, ReviewState
from models.rules.reach.reach_plan import CHINA
from models.store.database import Store
from tests.bot.commands.conftest import Terminal, begun
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

CASE = {
    "id": "desk-1", "customer_name": "云杉", "severity": "A", "title": "Mail is down", "details": "Since 01:40",
    "service": "m365", "answers": {"impact": "Nobody can work"},
}  # fmt: skip


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One kind of database is enough here."""
    return begun(f"sqlite:///{tmp_path / 'csp.db'}")


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with a rota, the settings of Slack, and a case to raise."""
    for name, value in (
        ("SLACK_BOT_TOKEN", "xoxb-test-token"), ("CSP_ESCALATION_CHANNEL", "C0ESCAL"),
        ("CSP_ONCALL_CHANNEL", "C0ONCALL"), ("CSP_TEAM_ID", "T0HOME"), ("CSP_LEADS", "U0CID"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / "rota.toml").write_text(DAILY_TURNS_WITH_BACKUP, encoding="utf-8")
    (tmp_path / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
    assert terminal.type("rota", "import", "rota.toml").code == 0
    return terminal


def test_a_case_is_raised_once_under_its_id_and_the_history_says_how_it_came(desk: Terminal, store: Store) -> None:
    first = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    again = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    (entry,) = EscalationQueries(store).history(1)
    assert (first.code, first.out, again.out) == (0, "CSP-1: Open\n", "CSP-1: Open\n")
    assert (entry.by, entry.changes["came_by"]) == ("U0BOB", [None, "terminal"])
    assert "at the" in desk.type("escalations", "show", "CSP-1").out  # and the next word on the next line


def test_a_customer_on_the_list_is_known_by_its_name(desk: Terminal, tmp_path: Path, store: Store) -> None:
    (tmp_path / "customers.csv").write_text(
        "Company name,Domain\n云杉,yunshan.cn\n云杉物流,wuliu.cn\n", encoding="utf-8"
    )
    assert desk.type("customers", "import", "customers.csv").code == 0

    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    escalation = EscalationQueries(store).escalation(1)
    assert escalation is not None
    assert (escalation.customer_name, escalation.domain, bool(escalation.customer_id)) == ("云杉", "yunshan.cn", True)


def test_a_case_that_lacks_a_reason_waits_for_a_lead_as_in_slack(desk: Terminal, tmp_path: Path, store: Store) -> None:
    case = {**CASE, "severity": "B", "answers": {"area": "how_to", "scope": "one_user", "health": "normal"}}
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")

    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    sent = desk.type("escalations", "do", "CSP-1", "number", "62511280001", "--as", "bob")

    escalation = EscalationQueries(store).escalation(1)
    assert escalation is not None
    assert escalation.review is ReviewState.PENDING
    assert (sent.code, escalation.request_number) == (2, None)


def test_moves_are_those_of_slack_with_the_same_refusals(desk: Terminal, store: Store) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    taken = desk.type("escalations", "do", "CSP-1", "acknowledge", "--as", "ann")
    late = desk.type("escalations", "do", "CSP-1", "acknowledge", "--as", "bob")
    passed = desk.type("escalations", "do", "CSP-1", "reassign", "--as", "ann", "--to", "bob")
    unknown = desk.type("escalations", "do", "CSP-1", "shout", "--as", "ann")
    stranger = desk.type("escalations", "do", "CSP-1", "note", "Called them", "--as", "eve")

    assert (taken.code, taken.out) == (0, "CSP-1: Acknowledged\n")
    assert (late.code, "already acknowledged" in late.err) == (2, True)
    assert passed.code == 0
    assert (unknown.code, stranger.code) == (2, 2)
    assert [entry.move for entry in EscalationQueries(store).history(1)] == [
        Move.RAISE, Move.ACKNOWLEDGE, Move.HAND_OVER,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": {"incident": "MO123456"}}, "No such answers: incident. Possible are:"),
        ({"answers": {"started": "yesterday", "impact": "x"}}, "started: Please give the time with its offset"),
        ({"answers": {"scope": ["all"]}}, "These fields can't be read: scope."),
        ({"service": "mail"}, "No such service: mail. Possible are:"),
        ({"answers": {"scope": "all", "impact": "x"}}, "Possible are: one_user, some_users"),
    ],
)
def test_what_would_be_dropped_is_refused_with_what_is_possible(
    desk: Terminal, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    (tmp_path / "case.json").write_text(json.dumps({**CASE, **change}), encoding="utf-8")

    answer = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    assert (answer.code, said in " ".join(answer.err.split())) == (2, True)


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"severity": "X", "title": "t"}', '{"title": 5}'])
def test_what_is_no_case_is_refused(desk: Terminal, store: Store, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")

    said = desk.type("escalations", "raise", "--from", "bad.json", "--as", "bob")

    assert said.code == 2
    assert EscalationQueries(store).count_all() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_GB.UTF-8", ("Duty sheet", "On call now", "(Asia/Shanghai)")),
        ("zh_CN.UTF-8", ("值班单", "当前值班", "（北京时间）")),
    ],
)
def test_the_sheet_is_one_file_without_scripts_and_names_no_customer(
    desk: Terminal, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    said = desk.type("rota", "sheet", "--output", "sheet.html", language=language)

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert said.code == 0
    assert all(word in page for word in (*words, "CSP-1", "cid"))
    assert not any(word in page for word in ("<script", "云杉", "Mail is down", "src="))


def test_the_address_of_the_sheet_is_secret_and_ends_when_it_is_revoked(desk: Terminal, store: Store) -> None:
    path = desk.type("rota", "sheet", "--address").out.strip()
    secret = path.rpartition("/")[2]
    sheets = DutySheets(store, Clock(), Words.of("en"), {"cid": "+86 138"}, CHINA)

    shown = sheets(secret)
    revoked = desk.type("rota", "sheet", "--revoke")

    assert shown
    assert "+86 138" in shown
    assert calendar_feeds.member_of(store, secret) is None
    assert sheets(secret) is None
    assert sheets(calendar_feeds.open_feed(store, "bob", "cli", Clock().now())) is None  # the secret of a calendar
    assert revoked.code == 0
    assert SHEET not in path


def test_saying_nothing_to_do_with_the_sheet_is_refused(desk: Terminal) -> None:
    assert desk.type("rota", "sheet").code == 2


def test_events_are_lines_of_json_in_order_and_go_on_after_a_position(desk: Terminal) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    desk.type("escalations", "do", "CSP-1", "note", "Called them", "--as", "bob")

    first, second = (json.loads(line) for line in desk.type("events").out.splitlines())
    rest = desk.type("events", "--after", str(first["id"])).out.splitlines()

    assert (first["case"], first["move"], first["by"]) == ("CSP-1", "raise", "U0BOB")
    assert (second["move"], second["text"]) == ("note", "Called them")
    assert [json.loads(line)["id"] for line in rest] == [second["id"]]
