"""Finding escalations by words: Chinese and English, in what was asked and in what was written later."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Move
from models.rules.escalations.selection import CaseSelection
from models.store.database import Store
from tests.models.concurrent_writers import opened
from tests.models.samples import CHANNEL, NOW, STRANGER, TEAM, WANG, customer_request, raised, step


def found(queries: EscalationQueries, words: str, team: str = TEAM) -> list[int]:
    """Numbers of what is found."""
    return [escalation.number for escalation in queries.search_page(CaseSelection(words=words), team, 10).escalations]


@pytest.mark.parametrize(
    "words",
    [
        "上海蓝天科技有限公司", "蓝天", "科技有限", "蓝", "收发", "邮件 蓝天", "contoso", "CONTOSO", "conto",
        "cont 蓝天", "ｃｏｎｔｏｓｏ", "Exchange 邮件", "csp-1", "CSP 1", "09:00", "蓝天科技。", "（蓝天）",
        "outlook", "all mail", "bounces，无法",
    ],
)  # fmt: skip
def test_any_part_of_what_was_asked_is_found(
    commands: EscalationCommands, queries: EscalationQueries, words: str
) -> None:
    raised(commands)

    assert found(queries, words) == [1]


@pytest.mark.parametrize("words", ["天蓝", "蓝科", "ontoso", "contoso 北京", "csp-2", "fabrikam", "蓝天 fabrikam"])
def test_what_is_not_there_is_not_found(commands: EscalationCommands, queries: EscalationQueries, words: str) -> None:
    raised(commands)

    assert found(queries, words) == []


def test_words_written_later_are_found_with_those_asked_before(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    number = raised(commands).number
    commands.move(number, step(Move.NOTE, text="联系了工程师 Zhang"), "note")
    commands.move(number, step(Move.RECORD, text="625112200012345"), "record")
    commands.move(number, step(Move.CORRECT, changes={"title": "日历同步失败"}), "correct")

    for words in ("工程师", "zhang", "625112200012345", "6251122", "日历", "蓝天 工程师 6251 日历", "无法收发"):
        assert found(queries, words) == [number]


@pytest.mark.parametrize("part", ["625112200012345", "2200", "12345", "45", "0001", "22000"])
def test_any_part_of_a_number_is_found(commands: EscalationCommands, queries: EscalationQueries, part: str) -> None:
    number = raised(commands).number
    commands.move(number, step(Move.RECORD, text="625112200012345"), "record")

    assert found(queries, part) == [number]
    assert found(queries, f"{part}9") == []


@pytest.mark.parametrize(
    "words", ["café", "cafe", "CAFÉ", "Cafe\u0301", "zurich", "Zürich", "cafe 蓝天", "ångström", "angstrom"]
)
def test_accents_are_folded(commands: EscalationCommands, queries: EscalationQueries, words: str) -> None:
    raised(commands, title="Café Zürich Ångström")

    assert found(queries, words) == [1]


def test_kana_and_ideographs_keep_their_marks(commands: EscalationCommands, queries: EscalationQueries) -> None:
    raised(commands, title="ガラス")

    assert (found(queries, "ガラス"), found(queries, "カラス")) == ([1], [])


def test_who_did_what_when_is_no_word_of_the_case(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    for move in (Move.ACKNOWLEDGE, Move.TELL):
        commands.move(number, step(move), move)

    assert found(queries, "2026") == found(queries, WANG.id) == found(queries, "acknowledged") == []


@pytest.mark.parametrize("title", ["1e5", "123abc", "abc123", "v2.0.1-rc", "a@b.cn", "foo_bar", "Ünïcödé", "10-3a"])
def test_a_word_is_found_as_it_was_written_whatever_its_shape(
    commands: EscalationCommands, queries: EscalationQueries, title: str
) -> None:
    raised(commands, title=title)

    assert found(queries, title) == [1]


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "AND", "OR", "NOT", '"', "'", "\\", "*", "a*b", "蓝 NEAR 天", "col:x", "^a", "-a", "(", ")",
        "a & | ! b", "<->", ":*", "\x00", "'; DROP TABLE history; --", "%", "_", "{a b}", "_ _",
        "蓝" * 3000, "x" * 3000,
    ],
)  # fmt: skip
def test_no_query_is_an_error(commands: EscalationCommands, queries: EscalationQueries, words: str) -> None:
    raised(commands)

    assert found(queries, words) in ([], [1])
    assert found(queries, "蓝天") == [1]


def test_operators_are_words_like_any_other(commands: EscalationCommands, queries: EscalationQueries) -> None:
    raised(commands, "1", title="Mail AND calendar")
    raised(commands, "2", title="Mail or calendar not there")

    assert found(queries, "mail AND") == [1]
    assert found(queries, "NOT mail") == [2]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_text_at_all_can_be_kept_and_searched_for(request: pytest.FixtureRequest, kind: str) -> None:
    url: str = request.getfixturevalue(f"{kind}_url")

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
    def any_text(words: str) -> None:
        found(queries, words)
        commands.move(number, step(Move.NOTE, text=f"x{words}"), f"note:{words.encode().hex()}")
        assert found(queries, f"x{words}") == [number]

    with opened(url) as store:
        commands, queries = EscalationCommands(store), EscalationQueries(store)
        number = raised(commands).number
        any_text()


def test_a_word_too_long_for_any_index_is_found_by_its_beginning(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    raised(commands, details="x" * 3000)

    assert found(queries, "x" * 3000) == found(queries, "x" * 50) == [1]


def test_a_case_of_very_many_words_goes_on(
    store: Store, commands: EscalationCommands, queries: EscalationQueries
) -> None:
    number = raised(commands).number
    letters = "".join(chr(0x4E00 + n) for n in range(3000))
    for n in range(12):
        commands.move(number, step(Move.NOTE, text=letters[n:] + letters[:n]), f"note-{n}")

    assert found(queries, letters[:40]) == [number]


def test_the_newest_come_first_page_by_page(commands: EscalationCommands, queries: EscalationQueries) -> None:
    for n in range(7):
        raised(commands, f"view-{n}")
    raised(commands, "other", customer_name="北京红日", title="Other", details="Other")

    pages = [queries.search_page(CaseSelection(words="蓝天"), TEAM, 3, offset) for offset in (0, 3, 6, 9)]
    assert [[e.number for e in page.escalations] for page in pages] == [[7, 6, 5], [4, 3, 2], [1], []]
    assert [page.more for page in pages] == [True, True, False, False]


def test_pages_of_one_team_are_full_though_others_have_as_much(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    for n in range(4):
        raised(commands, f"ours-{n}")
        commands.raise_escalation(customer_request(), CHANNEL, STRANGER, NOW, f"theirs-{n}")

    page = queries.search_page(CaseSelection(words="蓝天"), TEAM, 3)
    assert ([e.number for e in page.escalations], page.more) == ([7, 5, 3], True)
    assert found(queries, "蓝天", STRANGER.team_id) == [8, 6, 4, 2]
    assert found(queries, "蓝天", "T0NOBODY") == []
