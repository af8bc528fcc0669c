"""A duty desk with a terminal goes on without Slack: it raises and moves cases, and prints the duty sheet."""

import json
import re
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.commands.named_service import read_service
from bot.commands.rota_input import find_member
from bot.commands.session import CommandError
from bot.commands.terminal_refusals import AT_TERMINAL
from bot.commands.typed_moves import VERBS, read_move
from bot.duty_sheets import SHEET, DutySheets, SheetSettings
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import Words
from models.escalations.queries import EscalationQueries
from models.oncall import calendar_feeds
from models.rules.escalations.escalation import Move, ReviewState
from models.rules.escalations.request import Request, RequestKind, Severity
from models.rules.policy.reader import load_packaged
from models.rules.reach.reach_plan import CHINA, ReachPlan
from models.rules.rota.rota import Member, Rota
from models.store.database import Store
from tests.bot.commands.conftest import CASE, Terminal

ROOT = Path(__file__).parents[3]
TEAM = Rota(
    zone=CHINA,
    seats=(),
    layers=(),
    members={name: Member(name, f"U0{name.upper()}") for name in ("ann", "bob", "cid", "李娜")},
)


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


def test_a_case_is_raised_once_under_its_id_and_the_history_says_how_it_came(desk: Terminal, store: Store) -> None:
    first = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    again = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    (entry,) = EscalationQueries(store).history(1)
    assert (first.code, first.out.startswith("CSP-1: Open · A · 云杉 · Mail is down\n"), again.code) == (0, True, 0)
    assert again.out == "Already raised as CSP-1, nothing new was raised. It is now: Open\n"
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


CUSTOMERS = "Company name,Domain\n云杉物流有限公司,wuliu.cn\nMaple Lane Clinics,maple.cn\nMaple Lane School,school.cn\n"


@pytest.mark.parametrize(
    ("typed", "code", "customer", "said"),
    [
        ("云杉", 0, "云杉物流有限公司", "The customer on the list is meant: 云杉物流有限公司"),
        ("maple lane", 2, "", "fits several customers: Maple Lane Clinics, Maple Lane School."),
        ("Clin", 0, "Maple Lane Clinics", "The customer on the list is meant"),
        ("ne", 0, "ne", ""),
        ("Nobody knows", 0, "Nobody knows", "⚠️ “Nobody knows” is not on the customer list."),
        ("Maple Lane Clincs", 0, "Maple Lane Clincs", "Was one of these meant? Maple Lane Clinics"),
        ("云衫物流有限公司", 0, "云衫物流有限公司", "Was one of these meant? 云杉物流有限公司"),
    ],
)
def test_a_part_of_a_name_is_the_one_customer_that_it_fits_and_never_a_guess(
    desk: Terminal, tmp_path: Path, store: Store, typed: str, code: int, customer: str, said: str
) -> None:
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "case.json").write_text(json.dumps({**CASE, "customer_name": typed}), encoding="utf-8")
    assert desk.type("customers", "import", "customers.csv").code == 0

    answer = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    escalation = EscalationQueries(store).escalation(1)
    assert (answer.code, escalation.customer_name if escalation else "") == (code, customer)
    assert said in " ".join(answer.err.split())


def test_a_case_that_lacks_a_reason_waits_for_a_lead_as_in_slack(desk: Terminal, tmp_path: Path, store: Store) -> None:
    case = {
        **CASE,
        "severity": "B",
        "answers": {"area": "how_to", "scope": "one_user", "affected": 40, "health": "normal"},
    }
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")

    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    sent = desk.type("escalations", "do", "CSP-1", "number", "62511280001", "--as", "bob")

    escalation = EscalationQueries(store).escalation(1)
    assert escalation is not None
    assert escalation.review is ReviewState.PENDING
    assert escalation.answers["affected"] == "40"
    assert (sent.code, escalation.request_number) == (2, None)


@pytest.mark.parametrize(
    ("service", "key", "workload"),
    [
        ("m365", "m365", None),
        ("Microsoft 365 / Office 365", "m365", None),
        ("office 365", "m365", None),
        ("Ａｚｕｒｅ", "azure", None),
        ("其他服务", "other", None),
        ("exchange online", "m365", "Exchange Online"),
    ],
)
def test_a_service_is_known_by_its_names_in_both_languages_and_by_a_workload(
    service: str, key: str, workload: str | None
) -> None:
    request = Request(kind=RequestKind.CUSTOMER, details="", severity=Severity.A, title="x", service=service)

    named = read_service(request, load_packaged(), Words("en"))

    assert (named.service, named.answers.get("workload")) == (key, workload)


def test_moves_are_those_of_slack_with_the_same_refusals(desk: Terminal, store: Store) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    taken = desk.type("escalations", "do", "CSP-1", "acknowledge", "--as", "ann")
    late = desk.type("escalations", "do", "CSP-1", "acknowledge", "--as", "bob")
    passed = desk.type("escalations", "do", "CSP-1", "reassign", "--as", "ann", "--to", "bob")
    unknown = desk.type("escalations", "do", "CSP-1", "shout", "--as", "ann")
    stranger = desk.type("escalations", "do", "CSP-1", "note", "Called them", "--as", "eve")

    headline, done = taken.out.splitlines()[:2]
    assert (taken.code, headline) == (0, "CSP-1: Acknowledged · A · 云杉 · Mail is down")
    assert done == "✓ ann: acknowledged it · at the terminal (Open → Acknowledged)"
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
        ({"answers": {"scope": ["all"]}}, "These fields can't be read: scope (one_user, some_users, "),
        ({"service": "mail"}, "No such service: mail. Possible are: m365 (Microsoft 365 / Office 365), azure (Azure)"),
        ({"answers": {"scope": "all", "impact": "x"}}, "Possible are: one_user, some_users"),
        ({"answers": {"lacks": ["money"], "impact": "x"}}, "lacks: Please choose one of the offered answers. Possible"),
        ({"answers": {"workload": "Fax", "impact": "x"}}, "This service has no workload Fax. Possible are: Exchange"),
        ({"severity": "X"}, "severity: “X” is not known. Possible are: A, B, C What each field may hold is in docs/"),
        ({"titel": "Mail is down"}, "There is no field “titel”. Did you mean title?"),
        ({"customer_id": "nobody"}, "No customer on the list has the id nobody."),
    ],
)
def test_what_would_be_dropped_is_refused_with_what_is_possible(
    desk: Terminal, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    given = {**CASE, **change}
    if "titel" in change:
        del given["title"]
    (tmp_path / "case.json").write_text(json.dumps(given), encoding="utf-8")

    answer = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    assert (answer.code, said in " ".join(answer.err.split())) == (2, True)


@pytest.mark.parametrize(
    ("typed", "move", "changed"),
    [
        (("ack",), Move.ACKNOWLEDGE, {}),
        (("认领",), Move.ACKNOWLEDGE, {}),
        (("SR", "62511280001"), Move.RECORD, {}),
        (("informed", "phone"), Move.TELL, {"told_through": "phone"}),
        (("告知", "电话"), Move.TELL, {"told_through": "phone"}),
        (("等客户",), Move.TURN, {"turn": "customer"}),
        (("with 21vianet",), Move.TURN, {"turn": "vendor"}),
        (("duplicate", "CSP-2"), Move.DUPLICATE, {"duplicate_of": 2}),
    ],
)
def test_every_word_of_slack_is_understood_in_both_languages(
    typed: tuple[str, ...], move: Move, changed: dict[str, object]
) -> None:
    verb, text = (*typed, "")[:2]

    read = read_move(verb, text, "CSP-1", Words.of("en"))

    assert read.move is move
    values = {"told_through": read.through, "turn": read.turn, "duplicate_of": read.original}
    assert {name: values[name] for name in changed} == changed


def test_a_channel_is_kept_as_one_and_a_word_that_needs_a_form_or_is_none_is_refused(
    desk: Terminal, store: Store
) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    told = desk.type("escalations", "do", "CSP-1", "informed", "phone", "--as", "bob")
    form = desk.type("escalations", "do", "CSP-1", "snooze", "--as", "bob")
    wrong = desk.type("escalations", "do", "CSP-1", "akc", "--as", "bob")

    case = EscalationQueries(store).escalation(1)
    assert case is not None
    assert (told.code, case.told_through, EscalationQueries(store).history(1)[-1].text) == (0, "phone", "")
    assert (form.code, "Do it in Slack: /csp-escalate snooze CSP-1" in form.err) == (2, True)
    assert (wrong.code, "Did you mean “acknowledge”?" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("close",), "CSP-1 is Open (bob, "),
        (("close",), "csp-escalate escalations do CSP-1 resolve TEXT --as bob"),
        (("resolve",), "“resolve” needs more: csp-escalate escalations do CSP-1 resolve TEXT --as bob"),
        (("reassign",), "“reassign” needs more: csp-escalate escalations do CSP-1 reassign --to NAME --as bob"),
        (("duplicate", "CSP-1"), "\nA case can't be a duplicate of itself."),
        (
            ("number", "62511280001"),
            "one after the other: csp-escalate escalations do CSP-1 answer contact TEXT --as bob",
        ),
        (("answer",), "Which answer is it? Possible are: service, details, "),
        (("answer", "mood", "bad"), "Which answer is it? Possible are: service, details, "),
        (("answer", "impact"), "The text of “impact” is missing."),
        (("answer", "scope", "all"), "Please choose one of the offered answers. Possible are: one_user, "),
        (("answer", "service", "mail"), "No such service: mail."),
        (("duplicate", "CSP-9"), "There is no CSP-9. See: csp-escalate escalations list --all"),
        (("21v",), "CSP-1 has no number of 21Vianet, so it can't be 21Vianet's turn."),
        (("21v", "62511280001"), "then it is their turn: csp-escalate escalations do CSP-1 number NUMBER --as bob"),
        (("number", "62511280001", "--severity", "X"), "“X” is no severity. Possible are: A, B, C"),
        (("note", "Called", "--severity", "B"), "it goes with “number” only."),
    ],
)
def test_a_refusal_names_the_command_that_helps(desk: Terminal, typed: tuple[str, ...], said: str) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    answer = desk.type("escalations", "do", "CSP-1", *typed, "--as", "bob")

    assert (answer.code, said.strip() in " ".join(answer.err.split())) == (2, True)
    assert not said.startswith("\n") or answer.err.startswith(said[1:])


@pytest.mark.parametrize("copied", ["CSP-1。", "csp-1.", "1，"])
def test_a_sign_that_was_copied_with_the_name_of_a_case_does_no_harm(desk: Terminal, copied: str) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    answer = desk.type("escalations", "show", copied)

    assert (answer.code, answer.out.startswith("CSP-1 · ")) == (0, True), answer.err


def test_a_refusal_names_the_person_as_a_shell_takes_them(desk: Terminal) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    answer = desk.type("escalations", "do", "CSP-1", "resolve", "--as", "b ob")

    assert answer.err.endswith("do CSP-1 resolve TEXT --as 'b ob'\n")


def test_in_chinese_an_unknown_word_is_answered_with_the_chinese_words(desk: Terminal) -> None:
    said = desk.type("escalations", "do", "CSP-1", "飞", "--as", "bob", language="zh_CN.UTF-8")

    assert said.code == 2
    assert "认领（acknowledge）、备注（note）、编号（number）、告知（informed）" in said.err
    assert "轮到我们（ours）" in said.err


@pytest.mark.parametrize(("english", "chinese"), VERBS.items())
def test_each_word_that_is_offered_is_understood_in_both_languages(english: str, chinese: str) -> None:
    text = "impact x" if english == "answer" else "CSP-2" if english in {"duplicate", "parent"} else "x"
    words = Words.of("en")

    assert read_move(english, text, "CSP-1", words).move is read_move(chinese, text, "CSP-1", words).move


@pytest.mark.parametrize("sentence", [each for each in AT_TERMINAL.values() if "escalations do {name} " in each])
def test_a_chinese_refusal_names_its_command_in_chinese(sentence: str) -> None:
    values = dict.fromkeys(re.findall(r"\{(\w+)\}", sentence), "")

    command = Words.of("zh_CN")(sentence, **values).partition("escalations do ")[2]

    assert not re.search(r"[A-Za-z]", command.replace("--as", ""))


@pytest.mark.parametrize(
    "answers",
    [
        [("impact", "Nobody can work"), ("contact", "Li, 138"), ("service", "m365")],
        [("Business", "impact", "Nobody can work"), ("我方联系人", "Li, 138"), ("service", "Exchange Online")],
    ],
)
def test_missing_answers_are_added_at_the_terminal_and_then_the_number_is_recorded(
    desk: Terminal, store: Store, answers: list[tuple[str, ...]], tmp_path: Path
) -> None:
    (tmp_path / "case.json").write_text(json.dumps({**CASE, "service": "", "answers": {}}), encoding="utf-8")
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    desk.type("escalations", "do", "CSP-1", "answer", "details", "No mail comes in", "--as", "bob")

    said = [desk.type("escalations", "do", "CSP-1", "answer", *answer, "--as", "bob") for answer in answers]
    number = desk.type("escalations", "do", "CSP-1", "number", "62511280001", "--as", "bob")

    case = EscalationQueries(store).escalation(1)
    assert case
    assert [each.code for each in said] == [0] * 3, said
    assert (number.code, case.request_number) == (0, "62511280001"), number.err
    assert (case.answers["impact"], case.answers["contact"], case.service) == ("Nobody can work", "Li, 138", "m365")


def test_the_severity_that_21vianet_gave_is_recorded_with_its_number_and_a_number_used_twice_is_told(
    desk: Terminal, store: Store, tmp_path: Path
) -> None:
    for name in ("CSP-1", "CSP-2"):
        (tmp_path / "case.json").write_text(json.dumps({**CASE, "id": name}), encoding="utf-8")
        desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
        for answer in (("impact", "Nobody can work"), ("contact", "Li, 138"), ("details", "None"), ("service", "m365")):
            desk.type("escalations", "do", name, "answer", *answer, "--as", "bob")

    first = desk.type("escalations", "do", "CSP-1", "number", "62511280001", "--severity", "b", "--as", "bob")
    second = desk.type("escalations", "do", "CSP-2", "SR", "62511280001", "--as", "bob")

    case = EscalationQueries(store).escalation(1)
    assert case
    assert (first.code, case.severity, case.severity_given, case.turn) == (0, "A", "B", "vendor")
    assert second.code == 0
    assert "CSP-1 has this number too. If both are one problem: " in second.err
    assert "csp-escalate escalations do CSP-2 duplicate CSP-1" in " ".join(second.err.split())


def test_where_21vianet_gave_another_severity_the_terminal_shows_both(desk: Terminal) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    for answer in (("impact", "Nobody can work"), ("contact", "Li, 138"), ("details", "None"), ("service", "m365")):
        desk.type("escalations", "do", "CSP-1", "answer", *answer, "--as", "bob")

    receipt = desk.type("escalations", "do", "CSP-1", "number", "62511280001", "--severity", "b", "--as", "bob").out
    listed, chinese = (desk.type("escalations", "list", language=name).out for name in ("en_GB.UTF-8", "zh_CN.UTF-8"))
    shown = desk.type("escalations", "show", "CSP-1", language="zh_CN.UTF-8").out
    (row,) = json.loads(desk.type("escalations", "list", "--format", "json").out)

    assert " · B (asked: A) · " in " ".join(receipt.split())
    assert "B (asked: A)" in " ".join(listed.split())
    assert "B（申请 A）" in "".join(chinese.split("\n"))
    assert "B（高） · 我方申请 A" in shown
    assert (row["severity"], row["severity_asked"]) == ("B", "A")


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        ('{"title": "x",\n', "bad.json, line 2: this is not JSON.", "bad.json，第 2 行：这不是 JSON。"),
        ("[1]", "bad.json must hold one JSON object", "bad.json 应只含一个 JSON 对象"),
        ("\x00", "bad.json, line 1: this is not JSON.", "bad.json，第 1 行：这不是 JSON。"),
    ],
)
def test_a_request_that_can_not_be_read_is_told_with_its_file(
    desk: Terminal, tmp_path: Path, content: str, english: str, chinese: str
) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    typed = ("escalations", "raise", "--from", "bad.json", "--as", "bob")

    said, in_chinese = desk.type(*typed), desk.type(*typed, language="zh_CN.UTF-8")

    assert (said.code, said.err.startswith(english)) == (2, True), said.err
    assert in_chinese.err.startswith(chinese), in_chinese.err


def test_who_raises_reads_for_whom_who_is_called_until_when_and_what_is_missing(desk: Terminal) -> None:
    said = desk.type("escalations", "raise", "--from", "case.json", "--as", "cid").out

    assert re.search(r"^📟 \w+ has been called\.", said, re.MULTILINE)
    assert re.search(r"^Acknowledge by: \d{4}-\d\d-\d\d \d\d:\d\d \S", said, re.MULTILINE)
    assert re.search(r"^❓ Before it can be filed with 21Vianet, these answers are missing: ", said, re.MULTILINE)


def test_nothing_is_missing_for_21vianet_once_a_case_is_resolved(desk: Terminal) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "cid")

    resolved = desk.type("escalations", "do", "CSP-1", "resolve", "Restarted", "--as", "bob")

    assert (resolved.code, "CSP-1: Resolved" in resolved.out, "❓" in resolved.out) == (0, True, False)


def test_what_is_no_channel_is_kept_as_a_note_with_a_warning(desk: Terminal) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    told = desk.type("escalations", "do", "CSP-1", "informed", "fone", "--as", "bob")

    assert (told.code, "✓ bob: informed the customer" in told.out) == (0, True)
    assert "“fone” is no channel, so it is kept as a note. Channels are: phone, email" in " ".join(told.err.split())


def test_everything_that_is_wrong_with_a_file_is_told_at_once(desk: Terminal, tmp_path: Path) -> None:
    wrong = {**CASE, "severity": "X", "service": "mail", "title": " ", "answers": {"incident": "MO1", "scope": "all"}}
    (tmp_path / "case.json").write_text(json.dumps(wrong), encoding="utf-8")

    answer = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    said = " ".join(answer.err.split())
    assert answer.code == 2
    assert [fault for fault in (
        "severity: “X” is not known. Possible are: A, B, C", "No such answers: incident.", "No such service: mail.",
        "title: Please fill this in.", "scope: Please choose one of the offered answers.",
    ) if fault not in said] == []  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"severity": "D"}, ["缺少这些字段：title。", "severity：“D”不可用。可用的有：A、B、C"]),
        ({"title": 5}, ["缺少这些字段：severity（A、B、C）。", "无法读取这些字段：title。"]),
    ],
)
def test_what_is_missing_is_told_apart_from_what_is_not_known(
    desk: Terminal, tmp_path: Path, given: dict[str, object], said: list[str]
) -> None:
    (tmp_path / "case.json").write_text(json.dumps(given), encoding="utf-8")

    answer = desk.type("escalations", "raise", "--from", "case.json", "--as", "bob", language="zh_CN.UTF-8")

    assert [line for line in said if line not in answer.err.splitlines()] == []
    assert "docs/reach.md" in answer.err.splitlines()[-1]


def test_no_refusal_of_a_move_at_the_terminal_names_a_button_or_a_command_of_slack() -> None:
    rules = [*(ROOT / "models" / "rules" / "escalations").glob("*.py"), *(ROOT / "models" / "escalations").glob("*.py")]
    given = {reason for path in rules for reason in re.findall(r'refuse\(\s*"(\w+)"', path.read_text(encoding="utf-8"))}
    sentences = {reason: AT_TERMINAL.get(reason, REFUSALS[reason]) for reason in given & set(REFUSALS)}

    wrong = {reason for reason, said in sentences.items() if re.search("[Pp]ress|`/csp-escalate", said)}

    assert wrong == {"not_told_yet", "no_such_article", "article_retired"}  # of moves that the terminal does not make


@pytest.mark.parametrize(
    ("typed", "member"),
    [
        ("bob", "bob"),
        ("U0BOB", "bob"),
        ("BO", "bob"),
        ("Li Na", "李娜"),
        ("ｌｉｎａ", "李娜"),
        ("娜", "李娜"),
        ("Clarke", "cid"),
    ],
)
def test_a_member_is_found_by_any_part_of_a_name_in_either_script(typed: str, member: str) -> None:
    assert find_member(typed, TEAM, Words.of("en"), {"U0CID": "Cid Clarke"}) == member


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("eve", "There is no member “eve” in the rota. Its members: ann, bob, cid, 李娜"),
        ("a", "“a” fits several members: ann, 李娜. Give more of the name."),
        ("", "There is no member “” in the rota."),
    ],
)
def test_a_name_that_fits_nobody_or_several_is_refused_with_the_members(typed: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        find_member(typed, TEAM, Words.of("en"))

    assert said in refused.value.says


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"severity": "X", "title": "t"}', '{"title": 5}'])
def test_what_is_no_case_is_refused(desk: Terminal, store: Store, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")

    said = desk.type("escalations", "raise", "--from", "bad.json", "--as", "bob")

    assert said.code == 2
    assert EscalationQueries(store).count_all() == 0


@pytest.mark.parametrize(
    ("language", "words", "due"),
    [
        ("en_GB.UTF-8", ("Duty sheet", "On call now", "Asia/Shanghai (UTC+8)", "lead"), "acknowledge it.· due "),
        ("zh_CN.UTF-8", ("值班单", "当前值班", "北京时间", "组长"), "认领.· .{12,20} 到期"),
    ],
)
def test_the_sheet_is_one_file_without_scripts_and_names_no_customer(
    desk: Terminal, tmp_path: Path, language: str, words: tuple[str, ...], due: str
) -> None:
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")

    said = desk.type("rota", "sheet", "--output", "sheet.html", language=language)

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert said.code == 0
    assert (tmp_path / "sheet.html").stat().st_mode & 0o077 == 0  # it has phone numbers
    assert all(word in page for word in (*words, "CSP-1", "cid"))
    assert re.search(due, page)
    assert not any(word in page for word in ("<script", "云杉", "Mail is down", "src="))


REACH = """
[[person]]
name = "{cid}"
sheet = "手机 138 0000 1111"
[[service]]
name = "group"
channel = "wecom_bot"
url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-long-secret"
[[person]]
name = "ann"
[[person.address]]
service = "group"
[[person]]
name = "bob"
[[person.address]]
service = "group"
"""


@pytest.mark.parametrize("cid", ["cid", "U0CID"])
def test_the_sheet_has_the_number_of_who_is_in_the_reach_file_by_name_or_by_slack_id(
    desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cid: str
) -> None:
    (tmp_path / "reach.toml").write_text(REACH.format(cid=cid), encoding="utf-8")
    monkeypatch.setenv("CSP_REACH_FILE", str(tmp_path / "reach.toml"))

    said = desk.type("rota", "sheet", "--output", "sheet.html")

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert '<a href="tel:13800001111">手机 138 0000 1111</a>' in page
    assert "No number; the bot writes by: WeCom group robot" in page
    assert said.out.startswith(f"The duty sheet is in {tmp_path / 'sheet.html'}, as of 20")
    assert 'add sheet = "+86 138 0000 0000". Without one: ' in said.err
    assert "cid" not in said.err


def test_without_a_reach_file_and_slack_the_sheet_says_where_numbers_come_from(
    desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")

    said = desk.type("rota", "sheet", "--output", "sheet.html", language="zh_CN.UTF-8")

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert said.out.startswith("值班单已写入 ")
    assert "尚未填写：" in said.err
    assert "csp-escalate reach example" in said.err
    assert "CSP_REACH_FILE" in page


def test_the_address_of_the_sheet_is_secret_and_ends_when_it_is_revoked(desk: Terminal, store: Store) -> None:
    path = desk.type("rota", "sheet", "--address").out.strip()
    secret = path.rpartition("/")[2]
    reach = ReachPlan(contacts={"cid": "+86 138"})
    sheets = DutySheets(store, Clock(), SheetSettings(Words.of("en"), CHINA, reach, (), load_packaged()))

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
