"""The catalogue is complete and clean, and every sentence is of use."""

import ast
import re
import tomllib
from string import Formatter

import pytest
import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from babel.support import NullTranslations

from bot.cli import command_line, localized_help
from bot.commands import customers
from handlers.i18n import toml_errors, words
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import HERE, Words
from tests.handlers.extracted_sentences import ROOT, Sentence, built_sentences, calls, literal, sentences

FILE = HERE / "zh_CN.po"
HELP = [Sentence(text, None, "bot/cli") for text in localized_help.list_texts(typer.main.get_command(command_line.app))]
SAID = {sentence.one: sentence for sentence in [*sentences(), *HELP]}
HAN = r"[\u4e00-\u9fff]"
# Rules of the Chinese text: what to look for, and what to write instead.
SLIPS = {
    rf"{HAN}[,;:!?.]|[,;:!?]{HAN}": "full-width punctuation beside Chinese",
    rf"{HAN}[A-Za-z0-9{{`]|[A-Za-z0-9}}`]{HAN}": "a space between Chinese and Latin letters, figures, placeholders",
    rf"\{{(?:lasts|left|longest)\}} {HAN}": "no space after a length of time, which ends in Chinese: end with it",
    r" %|％": "per cent without a space",
    r"[!！]": "no exclamation marks",
    r" %": "a percentage without a space",
    "您": "你, as on 21Vianet's pages",
    "账": "帐户, 帐单, as on 21Vianet's pages",
    "升级": "呈报 for escalating, 更新 for updating: 升级 also means to upgrade a subscription",
    "支持人员(?!代理)|服务台代理": "支持人员代理",
    "微软|Microsoft 支持": "世纪互联: it operates the service, Microsoft does not",
    "工单": "服务请求",
    "整改": "修正计划",
}
REFUSED = [
    (reason, call, place)
    for package in ("models", "handlers", "bot")
    for path in sorted((ROOT / package).rglob("*.py"))
    for call, place in calls(path, frozenset({"refuse", "Refusal"}))
    if (reason := literal(call, 0)) is not None
]
REASONS = {reason: place for reason, _, place in REFUSED}
SENTENCES = {**REFUSALS, **customers.REASONS}
ALWAYS_THERE = frozenset({"leads", "name", "who", "at", "owner"})  # handlers/errors.py gives these to every refusal


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The Chinese catalogue as it is written."""
    with FILE.open("rb") as file:
        return read_po(file, locale="zh_CN", abort_invalid=True)


@pytest.fixture(scope="module")
def messages(catalogue: Catalog) -> dict[str, Message]:
    """Its entries by their English sentence."""
    return {_key(message): message for message in catalogue if message.id}


def _key(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _entry(english: str) -> str:
    escaped = english.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'msgid "{escaped}"\nmsgstr ""\n'


@pytest.mark.parametrize(
    "text",
    [
        'a = "x\n', 'a = """x', "a = 'x", "a\n", "[a\n", "[[a]\n", "a = [1 2]\n", "a = {b = 1\n", "a = 1\na = 2\n",
        "[a]\n[a]\n", "a = {b = 1, b = 2}\n", 'a = "\\q"\n', 'a = "\\uD800"\n', "a = 08:30\n", "= 3\n", "“a” = 1\n",
        "a = “x”\n", "a =\n", "a.b = 1\na = 2\n", "a = {}\na.b = 1\n",
    ],
)  # fmt: skip
def test_whatever_the_parser_of_toml_says_is_told_in_our_words(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)

    assert toml_errors.reason(str(caught.value)) != toml_errors.OTHER


def test_a_list_is_joined_as_its_language_does() -> None:
    joined = [Words.of(language).join_items(["甲", "b"]) for language in ("en", "zh_CN", "both")]

    assert joined == ["甲, b", "甲、b", "甲, b"]


def test_every_sentence_has_a_chinese_one(messages: dict[str, Message]) -> None:
    missing = [f"#: {said.place}\n{_entry(one)}" for one, said in SAID.items() if one not in messages]

    assert not missing, "Add to handlers/i18n/zh_CN.po:\n\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_that_is_never_said(messages: dict[str, Message], catalogue: Catalog) -> None:
    assert [message for message in messages if message not in SAID] == []
    assert list(catalogue.obsolete) == []


def test_no_entry_is_empty_fuzzy_or_there_twice(messages: dict[str, Message]) -> None:
    assert [one for one, message in messages.items() if message.fuzzy or not all(_texts(message))] == []
    keys = re.findall(r'^msgid (".+")$', FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


def test_both_languages_have_the_same_placeholders(messages: dict[str, Message]) -> None:
    different = [
        one
        for one, message in messages.items()
        for text in _texts(message)
        if _placeholders(text) != _placeholders(one)
    ]

    assert different == []


def test_what_is_counted_has_the_plural_forms_of_its_language(catalogue: Catalog, messages: dict[str, Message]) -> None:
    counted = [sentence for sentence in SAID.values() if sentence.many]

    assert catalogue.num_plurals == 1
    for sentence in counted:
        assert messages[sentence.one].id == (sentence.one, sentence.many)
        assert _placeholders(sentence.one) == _placeholders(sentence.many or "")
        assert len(_texts(messages[sentence.one])) == 1


def test_a_number_of_things_is_counted_in_either_language() -> None:
    one, many = "{n} escalation is open.", "{n} escalations are open."

    assert [Words.of("en").plural(one, many, n) for n in (0, 1, 2)] == [
        "0 escalations are open.", "1 escalation is open.", "2 escalations are open.",
    ]  # fmt: skip
    assert Words.of("zh_CN").plural(one, many, 1) == "共有 1 件未关闭的呈报。"


def test_no_sentence_is_put_together_before_it_is_looked_up() -> None:
    assert built_sentences() == []


@pytest.mark.parametrize("slip", SLIPS, ids=SLIPS.get)
def test_the_chinese_text_is_written_as_21vianet_writes(slip: str, messages: dict[str, Message]) -> None:
    texts = [re.sub("`[^`]*`", "`x`", text) for message in messages.values() for text in _texts(message)]
    found = [text for text in texts if re.search(slip, text)]

    assert found == [], SLIPS[slip]


def test_a_percentage_is_written_without_a_space() -> None:
    assert [one for one in SAID if " %" in one] == []


def test_nothing_names_microsoft_as_the_operator() -> None:
    claims = re.compile(r"Microsoft('s)? (support|desk|engineer)", re.IGNORECASE)

    assert [one for one in SAID if claims.search(one)] == []


@pytest.mark.parametrize("sign", ["*", "`"], ids=["bold", "code"])
def test_marked_words_stand_free_or_slack_shows_the_signs(sign: str, messages: dict[str, Message]) -> None:
    """Slack reads ``*bold*`` only between spaces; Chinese has none of its own."""
    free = re.compile(rf"(?:^|(?<=\s))\{sign}[^{sign}]+\{sign}(?=\s|[。，]|$)")
    for one, message in messages.items():
        for text in _texts(message):
            assert text.count(sign) == one.count(sign) == 2 * len(free.findall(text)), text


@pytest.mark.parametrize("path", ["manifest.yml", "models/rules/policy/21vianet.toml"])
def test_chinese_outside_the_catalogue_keeps_to_the_same_terms(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    assert [slip for slip in ("您", "账", "升级", "微软", "工单", "整改") if slip in text] == []


def test_every_reason_of_a_refusal_has_a_sentence() -> None:
    assert {reason: place for reason, place in REASONS.items() if reason not in SENTENCES} == {}


def test_no_refusal_is_kept_that_nobody_gives() -> None:
    assert [reason for reason in SENTENCES if reason not in REASONS] == []


def test_every_sentence_of_a_refusal_gets_the_values_it_names() -> None:
    lacking = {
        place: names
        for reason, call, place in REFUSED
        if not any(keyword.arg is None for keyword in call.keywords)
        if (names := _placeholders(SENTENCES[reason]) - _given(call) - ALWAYS_THERE)
    }

    assert lacking == {}


def _given(call: ast.Call) -> set[str]:
    """The values a refusal is raised with: keyword arguments, or the keys of a dictionary."""
    keys = [key for node in ast.walk(call) if isinstance(node, ast.Dict) for key in node.keys]
    written = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return written | {keyword.arg for keyword in call.keywords if keyword.arg}


def test_words_know_their_language_whichever_thread_read_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    chinese = Words.of("zh_CN")
    monkeypatch.setattr("handlers.i18n.words._catalogue", lambda _language: NullTranslations())  # another thread's

    assert (chinese.is_chinese, chinese.colon, chinese.pick("Azure", "云")) == (True, "：", "云")


@pytest.mark.parametrize("language", ["de", "zh-TW", "", "ZH_cn"])
def test_an_unknown_language_is_english(language: str) -> None:
    assert Words.of(language)("Customer") == "Customer"


def test_a_shared_card_says_the_chinese_word_and_then_the_english_one() -> None:
    both = Words.of("both")

    assert both("Customer") == "客户 Customer"
    assert both("A (critical)") == "A（严重 critical）"
    assert both("Tenant ID (Microsoft ID)") == "租户 ID / Tenant ID (Microsoft ID)"
    assert both("Incident ID") == "事件 ID / Incident ID"
    assert both("{who} is away", who="张敏") == "张敏 请假 / 张敏 is away"
    assert both("{who} is away", who="Emma") == "Emma 请假 / Emma is away"
    assert (
        both("Not saved. Please try again in a moment.")
        == "未保存。请稍后再试。 Not saved. Please try again in a moment."
    )


def test_a_long_sentence_has_a_line_for_each_language() -> None:
    said = Words.of("both")("21Vianet accepts billing requests at severity B at most. Choose B or C.")

    assert len(said.splitlines()) == 2


def test_mentions_and_dates_do_not_make_a_sentence_long() -> None:
    date = "<!date^1795330800^{date_short_pretty} {time}|2026-11-22 07:00 UTC>"
    said = Words.of("both")("{who} already informed the customer, {at}.", who="<@U0LINA>", at=date)

    assert len(said.splitlines()) == 1


def test_what_is_the_same_in_both_languages_is_said_once() -> None:
    assert Words.of("both")("Socket Mode") == "Socket Mode"
    assert Words.of("both").pick("Azure", "Azure") == "Azure"


def test_what_a_person_typed_is_never_taken_for_a_placeholder() -> None:
    assert Words.of("zh_CN")("Not in the list: {name}", name="{owner}") == "不在列表中：{owner}"


def test_what_was_prepared_is_read_by_no_request() -> None:
    words._catalogue.cache_clear()
    Words.of.cache_clear()

    words.prepare()
    read = words._catalogue.cache_info().misses
    for language in (*words.LANGUAGES, words.BOTH):
        Words.of(language)("Rota")

    assert (read, words._catalogue.cache_info().misses) == (2, 2)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("21:00", "请在 21:00 前认领。"),
        ("今天 21:00", "请在今天 21:00 前认领。"),
        ("11月30日 周一", "请在 11月30日 周一前认领。"),
        ("<!date^1^{date_short_pretty}|x>", "请在<!date^1^{date_short_pretty}|x> 前认领。"),
        ("<!date^1^{date_num}|x>", "请在 <!date^1^{date_num}|x> 前认领。"),
    ],
)
def test_between_chinese_words_and_a_time_that_is_chinese_there_is_no_space(time: str, said: str) -> None:
    assert Words.of("zh_CN")("Please acknowledge it by {time}.", time=time) == said
