"""Looking things up: every word of the command is understood or answered with help, privately and paged."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.i18n import labels, subcommands
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind
from models.rules.escalations.transitions import OF_THE_PROGRAM
from models.rules.people import Actor
from models.rules.policy import reader
from tests.handlers import block_limits, escalation_samples, payloads
from tests.handlers.harness import SETTINGS, Stage, refused, with_teams
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.member import Member

HELP = ("new", "list", "mine", "show CSP-1", "ack CSP-1", "history CSP-1", "search WORDS", "help")


@pytest.mark.parametrize("text", ["help", "HELP", "帮助", "?", "？"])
def test_help_tells_every_command(emma: Member, text: str) -> None:
    heard = emma.command(text)
    assert heard.status == 200
    for usage in HELP:
        assert f"/csp-escalate {usage}" in heard.words


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("lsit", "list"), ("LSIT", "list"), ("list all", "list"), ("mine 2", "mine"),
        ("serach invoice", "search invoice"),
        ("hlep", "help"), ("swp", "swap"), ("gasp", "gaps"), ("列表吧", "list"), ("上报邮件故障", "new"),
        ("节假日呢", "calendar"),
        ("shwo CSP-1", "show CSP-1"), ("akc 1", "ack 1"),
    ],
)  # fmt: skip
def test_a_near_miss_is_asked_whether_the_nearest_was_meant(emma: Member, text: str, meant: str) -> None:
    emma.raise_one()
    heard = emma.command(text)
    assert heard.words == heard.text == f"I don't know “{text}”. Did you mean /csp-escalate {meant}?"


@pytest.mark.parametrize("text", ["fly", "😀", "xyz CSP-1"])
def test_what_is_near_nothing_gets_one_line(emma: Member, text: str) -> None:
    assert emma.command(text).words == f"I don't know “{text}”. All commands: /csp-escalate help"


def test_an_unknown_word_is_told_in_chinese(wang: Member) -> None:
    assert wang.command("lsit").words == "无法识别“lsit”。你要的是不是 /csp-escalate list？"


@pytest.mark.parametrize("text", ["show", "show me", "history x", "search"])
def test_half_a_command_is_asked_for_its_other_half(emma: Member, text: str) -> None:
    heard = emma.command(text)
    assert f"For example `/csp-escalate {text.split(maxsplit=1)[0]} " in heard.words


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("verb", ["", "search ", "show ", "history "])
def test_whatever_is_typed_is_answered_and_rings_for_nobody(emma: Member, verb: str, text: str) -> None:
    emma.raise_one()
    heard = emma.command(verb + text)
    assert len(heard.told) == 1
    assert block_limits.message(heard.told[0]["blocks"], heard.told[0]["text"]).pings == []


def test_every_answer_is_private(emma: Member) -> None:
    emma.raise_one()
    for text in ("help", "list", "mine", "show CSP-1", "history CSP-1", "search Mail"):
        assert [one["response_type"] for one in emma.command(text).told] == ["ephemeral"]


def test_the_list_has_what_is_open_the_most_severe_first(emma: Member) -> None:
    for severity in ("C", "A", "B"):
        emma.raise_one(severity=severity, title=f"Severity {severity}", impact="Nobody works")
    assert re.findall(r"Severity (\w)", emma.command("list").words) == ["A", "B", "C"]


def test_mine_is_what_somebody_raised_or_owns(emma: Member, wang: Member, lina: Member) -> None:
    emma.raise_one(title="Of Emma")
    wang.raise_one(title="Of Wang")
    assert wang.press("acknowledge", number=1).told == []
    assert re.findall(r"Of \w+", wang.command("mine").words) == ["Of Emma", "Of Wang"]
    assert re.findall(r"Of \w+", emma.command("mine").words) == ["Of Emma"]
    assert "CSP" not in lina.command("mine").words


def test_lists_and_home_show_who_owns_it_how_old_it_is_and_how_long_it_sleeps(
    stage: Stage, emma: Member, wang: Member
) -> None:
    emma.raise_one()
    assert "\nnobody yet · raised just now" in emma.command("list").words
    wang.press("acknowledge")
    until = escalation_samples.NOW + timedelta(hours=5, minutes=1)
    by = Actor("U0WANG", "T0SANDBOX")
    stage.commands.move(
        1, MoveRequest(Move.SNOOZE, by, escalation_samples.NOW, text="They answer then", until=until), "k"
    )
    stage.later(timedelta(hours=3))

    assert "\n王伟 Wang Wei · raised 3 h ago · 💤 snoozed for 2 h more" in emma.command("list").words
    assert "\n王伟 Wang Wei · 已发起 3 小时 · 💤 还将暂缓 2 小时" in wang.command("mine").words
    assert "\n王伟 Wang Wei · raised 3 h ago · 💤 snoozed for 2 h more" in emma.command("search mail").words
    stage.deliver(payloads.event("U0WANG"))
    assert "提交并填写服务请求编号 · 💤 截止" in block_limits.read(stage.slack.surfaces.homes["U0WANG"]["blocks"])
    stage.later(timedelta(hours=50))
    assert "\n王伟 Wang Wei · raised 2 d ago" in emma.command("list").words
    assert "💤" not in emma.command("list").words


def test_what_is_ended_says_since_when_and_not_how_old_it_is(stage: Stage, emma: Member, wang: Member) -> None:
    by = Actor("U0WANG", "T0SANDBOX")
    for _ in range(2):
        emma.raise_one()
    stage.commands.move(
        1, MoveRequest(Move.WITHDRAW, by, escalation_samples.NOW + timedelta(hours=1), text="A mistake"), "k1"
    )
    for n, (move, text) in enumerate([(Move.RESOLVE, "Fixed"), (Move.TELL, ""), (Move.CLOSE, "")]):
        stage.commands.move(2, MoveRequest(move, by, escalation_samples.NOW + timedelta(hours=2), text=text), f"k2{n}")
    stage.later(timedelta(hours=5, minutes=1))

    said = emma.command("search mail").words
    assert "· withdrawn 4 h ago" in said
    assert "· closed 3 h ago" in said
    assert "raised" not in said
    assert "· 已关闭 3 小时" in wang.command("search mail").words


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("帮助", "help"), ("列表", "list"), ("我的", "mine"), ("查看 CSP-1", "show CSP-1"), ("查看CSP-1", "show CSP-1"),
        ("历史\u30001", "history 1"), ("历史1", "history 1"), ("搜索 mail", "search mail"), ("搜索蓝天", "search 蓝天"),
        ("搜索 not there", "search not there"), ("查看", "show"), ("搜索", "search"),
        ("CSP-1", "show 1"), ("csp1", "show 1"), ("1", "show 1"), ("#1", "show 1"), ("ＣＳＰ－１", "show 1"),
        ("催办", "mine"), ("催办 CSP-1", "show 1"), ("催办CSP-1", "show 1"), ("呈报列表", "list"),
    ],
)  # fmt: skip
def test_chinese_words_are_understood_as_the_english_ones(emma: Member, chinese: str, english: str) -> None:
    emma.raise_one()
    assert emma.command(chinese).told == emma.command(english).told


@pytest.mark.parametrize("word", ["新建", "呈报", "上报", "升级", "工单", "提单", "NEW", "raise"])
def test_a_new_escalation_can_be_asked_for_in_many_words(emma: Member, word: str) -> None:
    assert emma.command(word).told == []
    assert "kind" in emma.fields


@pytest.mark.parametrize("text", ["ack CSP-1", "ack 1", "acknowledge csp-1", "认领 CSP-1", "认领1"])
def test_a_typed_acknowledgement_counts_and_shows_the_card(stage: Stage, emma: Member, wang: Member, text: str) -> None:
    emma.raise_one()
    heard = wang.command(text)
    assert stage.escalation().owner == "U0WANG"
    assert "已认领" in heard.words
    assert "CSP-1 was already acknowledged" in emma.command("ack 1").text


def test_a_command_delivered_twice_acknowledges_once(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    typed = payloads.command("U0EMMA", "ack CSP-1", emma.trigger)
    first, again = stage.deliver(typed), stage.deliver(typed)
    assert (first.words, len(stage.queries.history(1))) == (again.words, 2)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("note CSP-1", "note"),
        ("resolve 1", "fix"),
        ("reassign 1", "owner"),
        ("交接 CSP-1", "owner"),
        ("转交1", "owner"),
    ],
)
def test_a_move_that_needs_words_opens_its_form(stage: Stage, emma: Member, text: str, field: str) -> None:
    emma.raise_one()
    assert emma.command(text).told == []
    assert emma.fields[0] == field


@pytest.mark.parametrize(
    ("texts", "move"),
    [
        (("correct CSP-1", "更正 1", "更正CSP-1"), Move.CORRECT), (("reopen CSP-1", "重新打开 1"), Move.REOPEN),
        (("number CSP-1", "Request number CSP-1", "编号 CSP-1", "编号1"), Move.RECORD),
        (("hand over CSP-1", "hand off 1", "Hand  Over csp 1"), Move.HAND_OVER),
        (("take CSP-1", "Take 1"), Move.ACKNOWLEDGE), (("told 1", "customer told CSP-1", "已告知客户 1"), Move.TELL),
        (("withdraw 1", "撤回 CSP-1"), Move.WITHDRAW), (("snooze CSP-1", "暂缓CSP-1"), Move.SNOOZE),
        (("wake 1", "结束暂缓 1"), Move.WAKE),
    ],
)  # fmt: skip
def test_every_move_can_be_typed(texts: tuple[str, ...], move: Move) -> None:
    for text in texts:
        typed = subcommands.parse_command(text)
        assert subcommands.MOVES[typed.verb] is move
        assert subcommands.NAME.fullmatch(typed.rest), text


@pytest.mark.parametrize("move", [move for move in Move if move not in {Move.RAISE, Move.TURN, *OF_THE_PROGRAM}])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_a_button_of_the_card_says_can_be_typed(move: Move, language: str) -> None:
    typed = subcommands.parse_command(f"{Words.of(language)(labels.MOVE[move])} CSP-1")
    assert (subcommands.MOVES.get(typed.verb), typed.rest) == (move, "CSP-1")


@pytest.mark.parametrize(
    ("text", "verb", "rest"),
    [
        ("on call", "who", ""), ("On call tomorrow 3 am", "who", "tomorrow 3 am"), ("on duty", "who", ""),
        ("status", "list", ""), ("状态", "list", ""), ("status CSP-1", "show", "CSP-1"), ("进度CSP-1", "show", "CSP-1"),
        ("我来值班", "gaps", ""), ("hand over", "my", ""), ("请假两小时后", "leave", "两小时后"),
        ("代班明天 9点", "cover", "明天 9点"), ("补位", "gaps", ""), ("找人替班", "swap", ""), ("换班", "swap", ""),
        ("accept-gap", "intend", ""), ("accept gap", "intend", ""), ("intend", "intend", ""),
        ("计划内缺口", "intend", ""),
        ("有意缺口", "intend", ""), ("今天谁值班", "who", ""), ("谁在值班", "who", ""), ("当班", "who", ""),
        ("呈报", "new", ""), ("上报", "new", ""), ("升级", "new", ""), ("工单", "new", ""), ("提单", "new", ""),
        ("交接", "my", ""), ("催办", "mine", ""), ("CSP-7", "show", "7"), ("7", "show", "7"),
        ("ack CSP-7", "ack", "CSP-7"),
    ],
)  # fmt: skip
def test_what_a_newcomer_types_is_understood(text: str, verb: str, rest: str) -> None:
    typed = subcommands.parse_command(text)
    assert (typed.verb, typed.rest) == (verb, rest)


def test_a_correction_is_opened_and_a_case_that_was_resolved_reopened_by_a_command(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    assert emma.command("correct CSP-1").told == []
    assert "workload" in emma.fields
    by = Actor("U0EMMA", "T0SANDBOX")
    stage.commands.move(1, MoveRequest(Move.RESOLVE, by, escalation_samples.NOW, text="Fixed"), "k")
    assert emma.command("reopen CSP-1").told == []
    assert emma.fields == ["reason"]


def test_a_near_miss_of_a_move_keeps_its_case(emma: Member) -> None:
    assert emma.command("reopne CSP-1").words.endswith("Did you mean /csp-escalate reopen CSP-1?")


def test_a_typed_move_names_one_that_exists(emma: Member) -> None:
    assert emma.command("ack").text.startswith("Which one? For example `/csp-escalate ack CSP-1`")
    assert emma.command("ack CSP-9").text.startswith("There is no CSP-9")


def test_help_tells_the_chinese_words(emma: Member) -> None:
    told = emma.command("help").words
    for word in ("新建", "列表", "我的", "查看", "认领", "历史", "搜索", "草稿", "快速", "客户", "帮助", "谁值班"):
        assert f"{word} · " in told


def test_lists_are_paged_five_at_a_time_there_and_back(emma: Member) -> None:
    for n in range(7):
        emma.raise_one(title=f"Case {n}")
    first = emma.command("list")
    assert re.findall(r"Case (\d)", first.words) == list("01234")
    ahead = first.told[0]["blocks"][-1]["elements"][0]
    second = emma.button(ahead["action_id"], ahead["value"])
    assert re.findall(r"Case (\d)", second.words) == list("56")
    assert second.told[0]["replace_original"] is True
    back = second.told[0]["blocks"][-1]["elements"][0]
    assert emma.button(back["action_id"], back["value"]).words == first.words


@pytest.mark.parametrize("name", ["CSP-1", "csp-1", "CSP1", "1", "csp 1", " CSP-1 "])
def test_an_escalation_is_found_however_its_name_is_written(emma: Member, name: str) -> None:
    emma.raise_one()
    assert "Mail is down" in emma.command(f"show {name}").words
    assert "raised this escalation" in emma.command(f"history {name}").words


def test_one_that_does_not_exist_is_said_so(emma: Member) -> None:
    assert emma.command("show CSP-9").text.startswith("There is no CSP-9")


@pytest.mark.parametrize("words", ["蓝天", "mail bounces", "BOUNCES", "CSP-1", "Restarted"])
def test_search_finds_by_customer_title_details_answers_and_name(emma: Member, words: str) -> None:
    emma.raise_one()
    assert "CSP-1" in emma.command(f"search {words}").words


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("state:open", True), ("mail 状态：待认领 轮到：我们", True), ("owner:nobody 从：昨天", True),
        ("状态：已提交", False), ("owner:me", False), ("to:yesterday", False),
        ("customer:蓝天 severity:B number:CSP-1", True),
    ],
)  # fmt: skip
def test_search_takes_filters_in_both_languages(emma: Member, typed: str, is_found: bool) -> None:
    emma.raise_one()
    assert ("CSP-1" in emma.command(f"search {typed}").words.partition("\n")[2]) is is_found


def test_the_owner_is_found_by_a_part_of_the_name(emma: Member, wang: Member) -> None:
    emma.raise_one()
    wang.command("ack CSP-1")
    assert "CSP-1" in emma.command("search owner:wang").words
    assert "CSP-1" in wang.command("搜索 负责人：我").words
    assert "“zhang” can't follow “owner:”. What can: me, nobody, " in emma.command("search owner:zhang").text


def test_a_wrong_filter_is_said_with_the_nearest(emma: Member, wang: Member) -> None:
    assert "Did you mean “state:”? Filters are: state:, turn:" in emma.command("search stat:open").text
    assert "你要的是不是“状态：待认领”？" in wang.command("search 状态：待认令").text


def test_the_pages_of_a_filter_can_be_turned(emma: Member) -> None:
    for number in range(6):
        emma.raise_one(title=f"Mail {number}")
    heard = emma.command("search state:open")
    more = heard.told[0]["blocks"][-1]["elements"][0]
    assert "CSP-1 " in emma.button(more["action_id"], more["value"]).words


def test_search_says_when_there_is_nothing(emma: Member) -> None:
    emma.raise_one()
    assert "Nothing found" in emma.command("search zebra").words


def test_show_offers_the_buttons_of_the_card(emma: Member, wang: Member) -> None:
    emma.raise_one()
    shown = wang.command("show CSP-1").told[0]["blocks"]
    ids = [element["action_id"] for block in shown if block["type"] == "actions" for element in block["elements"]]
    assert "card.acknowledge" in ids


def test_the_show_button_answers_in_place_or_in_a_modal_where_there_is_no_place(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    assert "Mail is down" in emma.button("look.show", '{"n": 1, "v": 1}').words
    stage.deliver(payloads.event("U0EMMA"))
    acted = payloads.button("look.show", '{"n": 1, "v": 1}')
    home = stage.slack.surfaces.homes["U0EMMA"]
    stage.deliver(payloads.view_click("U0EMMA", emma.trigger, home, acted))
    assert emma.modal["title"]["text"] == "CSP-1"


# The Home tab --------------------------------------------------------------------------------------------------------


def home_of(stage: Stage, user: str) -> str:
    """What somebody reads on the Home tab."""
    stage.deliver(payloads.event(user))
    return block_limits.read(stage.slack.surfaces.homes[user]["blocks"])


def test_the_home_tab_shows_what_nobody_owns_and_ones_own_by_turn_with_overdue_first(
    stage: Stage, emma: Member, wang: Member
) -> None:
    for title in ("Case one", "Case two", "Case three", "Case four"):
        wang.raise_one(title=title)
    for number in (1, 2, 3):
        emma.press("acknowledge", number=number)
    emma.choose("card.turn.customer", number=1)
    emma.press("record", number=2)
    emma.fill(request_number="6251").submit()

    said = home_of(stage, "U0EMMA")
    assert "4 escalations are open" in said
    assert re.findall(r"Case \w+", said) == ["Case three", "Case two", "Case one", "Case four"]
    assert said.index("With us") < said.index("With 21Vianet") < said.index("With the customer")
    assert "1 case has no owner" in said

    stage.later(timedelta(hours=2))  # a number of severity B is missing after an hour
    said = home_of(stage, "U0EMMA")
    assert "Overdue" in said
    assert "submit it and record the number · ⏰ overdue for" in said


def test_the_home_tab_turns_its_pages(stage: Stage, emma: Member) -> None:
    for n in range(12):
        emma.raise_one(title=f"Case {n}")
        emma.press("acknowledge", number=n + 1)
    assert len(re.findall(r"Case \d", home_of(stage, "U0EMMA"))) == 10

    emma.button("home.page.more", "10")
    said = block_limits.read(stage.slack.surfaces.homes["U0EMMA"]["blocks"])
    assert re.findall(r"Case \d+", said) == ["Case 10", "Case 11"]
    assert "can't be read" in emma.button("home.page.more", "-1").text


def test_the_messages_tab_is_left_alone(stage: Stage) -> None:
    stage.deliver(payloads.event("U0EMMA", tab="messages"))
    assert stage.slack.calls == []


def test_the_home_tab_says_once_that_nothing_is_open(stage: Stage) -> None:
    stage.deliver(payloads.event("U0EMMA"))
    said = block_limits.read(stage.slack.surfaces.homes["U0EMMA"]["blocks"])

    assert said.count("No escalations are open") + said.count("You have no open escalations") == 1
    assert "0 escalations" not in said


@pytest.mark.parametrize("user", ["U0TOM", "U0ROBOT", "U0GONE"])
def test_the_home_tab_of_who_may_not_work_here_shows_no_escalation(stage: Stage, emma: Member, user: str) -> None:
    emma.raise_one()
    stage.deliver(payloads.event(user))
    said = block_limits.read(stage.slack.surfaces.homes[user]["blocks"])
    assert "Mail is down" not in said
    assert said


# Other workspaces ---------------------------------------------------------------------------------------------------


def test_what_belongs_to_another_workspace_is_not_there(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    stage.commands.raise_escalation(
        escalation_samples.request(RequestKind.CUSTOMER, "Secret"),
        "C0X",
        Actor("U0FAR", "T0OTHER"),
        escalation_samples.NOW,
        "theirs",
    )
    for text in ("list", "mine", "search Secret", "show CSP-2", "history CSP-2"):
        assert "Secret: " not in emma.command(text).words.replace("“Secret”", "")
    assert emma.press("acknowledge", number=2).text.startswith("There is no CSP-2")
    assert emma.choose("look.copy", number=2).text.startswith("There is no CSP-2")


def test_several_workspaces_are_served_when_the_operator_lists_them(stage: Stage) -> None:
    two = Stage(stage.commands._store, with_teams("T0SANDBOX", "T0OTHER"))
    assert "/csp-escalate list" in Member(two, "U0FAR").command("help").words


def test_an_answer_never_goes_to_an_address_of_somebody_elses(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    for url in (
        "https://evil.example/x",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com.evil.example/x",
        "file:///x",
    ):
        before = stage.everything()
        heard = stage.deliver(payloads.command("U0EMMA", "list", emma.trigger, url=url))
        acted = payloads.button("card.acknowledge", '{"n": 1, "v": 1}')
        clicked = stage.deliver(payloads.click("U0EMMA", emma.trigger, acted, url=url))
        assert heard.told == clicked.told == []
        assert (heard.status, clicked.status) == (200, 200)
        assert stage.everything() == before


def test_the_sandbox_may_be_answered_only_when_it_is_the_slack_we_talk_to(stage: Stage) -> None:
    local = "http://127.0.0.1:4000"
    sandboxed = Stage(stage.commands._store, replace(SETTINGS, api_url=f"{local}/api/"))
    payload = payloads.command("U0EMMA", "help", "t", url=f"{local}/response/1")
    assert len(sandboxed.deliver(payload).told) == 1
    assert stage.deliver(payload).told == []


def test_slack_being_busy_is_told_as_such(stage: Stage, emma: Member) -> None:
    for error in ("ratelimited", "service_unavailable", "internal_error"):
        stage.slack.refuses = error
        assert emma.command("new").text == "Slack did not answer just now. Please try again in a moment."


def test_slack_refusing_what_we_drew_is_a_bug_with_a_reference(stage: Stage, emma: Member) -> None:
    stage.slack.refuses = "invalid_arguments"
    assert re.search(r"report [0-9A-F]{8}", emma.command("new").text)


def test_an_answer_that_cannot_be_sent_is_no_second_error(
    stage: Stage, emma: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise refused("expired_url")

    monkeypatch.setattr("tests.handlers.block_limits.message", away)
    assert emma.press("acknowledge", number=9).status == 200


def test_history_tells_who_corrected_what(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    by = Actor("U0EMMA", "T0SANDBOX", is_lead=True)
    stage.commands.move(
        1, MoveRequest(Move.CORRECT, by, escalation_samples.NOW, changes={"title": "Mail is <slow>"}), "k"
    )
    assert "Mail is down → Mail is <slow>" in emma.command("history CSP-1").words


def test_history_names_a_corrected_service_in_the_readers_language(stage: Stage, emma: Member, wang: Member) -> None:
    emma.raise_one()
    by = Actor("U0EMMA", "T0SANDBOX", is_lead=True)
    stage.commands.move(1, MoveRequest(Move.CORRECT, by, escalation_samples.NOW, changes={"service": "azure"}), "k")
    before, after = (reader.load_packaged().service(key) for key in ("m365", "azure"))

    assert f"{before.en} → {after.en}" in emma.command("history CSP-1").words
    assert f"{before.zh} → {after.zh}" in wang.command("history CSP-1").words
