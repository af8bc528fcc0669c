"""Help and usage errors at the terminal, in the operator's language."""

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bot.cli import command_line
from bot.cli.usage_errors import reword
from bot.commands.typed_moves import VERBS
from handlers.i18n.case_lines import WAYS
from handlers.i18n.words import Words

HAN = re.compile("[\u4e00-\u9fff]")
TOO_WIDE = 80  # cells
IN_BRACKETS = re.compile("(?:或)?([\u4e00-\u9fff]+)（([a-z_]+)）")


def commands_in(command: Any, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of every command and group."""
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands_in(inner, *words, name)


TREE = list(commands_in(typer.main.get_command(command_line.app)))


def print_of(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the program prints for these words."""
    monkeypatch.setattr(sys, "argv", ["csp-escalate", *words])
    monkeypatch.setenv("COLUMNS", str(TOO_WIDE))
    with pytest.raises(SystemExit):
        command_line.main()
    printed = capsys.readouterr()
    return printed.out + printed.err


def cells(line: str) -> int:
    return len(line) + len(re.findall("[\u2e80-\uffef]", line))


def test_the_help_of_every_command_is_chinese_in_a_chinese_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    for words in TREE:
        printed = print_of((*words, "--help"), monkeypatch, capsys)

        assert re.search(r"^用法：csp-escalate .*\[选项\]", printed), words
        described = re.findall(r"^  (?:--?)?[\w-]+(?: .*?)?  +(.+)$", printed, re.MULTILINE)
        assert [text for text in described if not HAN.search(text)] == [], words
        assert not re.search("Usage|Options|Arguments|Commands|required|default:|Exit codes", printed), words
        assert [line for line in printed.splitlines() if cells(line) > TOO_WIDE] == [], words


def test_where_chinese_words_are_taken_the_help_names_them_before_the_english_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    bare = re.compile(rf"[：、](?:{'|'.join(word for word in {*VERBS, *WAYS} if word.isascii())})[、，。 ]")

    helps = {words: " ".join(print_of((*words, "--help"), monkeypatch, capsys).split()) for words in TREE}

    moves, ways = (dict(IN_BRACKETS.findall(helps[words])) for words in (("escalations", "do"), ("informed", "record")))
    assert list(moves) == ["认领", "备注", "编号", "解决"]
    assert list(ways) == ["电话", "邮件", "企业微信", "当面"]
    assert all(VERBS[english] == chinese for chinese, english in moves.items())
    assert all(WAYS[english.replace("_", " ")] is WAYS[chinese] for chinese, english in ways.items())
    assert [words for words, printed in helps.items() if bare.search(printed)] == []


PYTHON = re.compile(r"[<>{}]|\blist\[|\b(?:None|PosixPath|INTEGER|FLOAT|RANGE|PATH|int|str|float)\b|Format\.")


@pytest.mark.parametrize("locale", ["en_GB.UTF-8", "zh_CN.UTF-8"])
def test_no_help_shows_a_type_of_python(
    locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)

    for words in TREE:
        printed = print_of((*words, "--help"), monkeypatch, capsys)

        assert [line for line in printed.splitlines() if PYTHON.search(line)] == [], words
        assert not re.search(r"^  .*\w\.\.\.$", printed, re.MULTILINE), words  # a sentence that was cut


def test_the_help_is_english_elsewhere(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    printed = "".join(print_of((*words, "--help"), monkeypatch, capsys) for words in TREE)

    assert "Usage: csp-escalate outbox retry" in printed
    assert HAN.search(printed) is None


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        ("escalations raise", "--from is missing.", "缺少 --from。"),
        ("outbox show", "N is missing.", "缺少 N。"),
        ("db backup", "FILE is missing.", "缺少文件。"),
        ("outbox list --nosuch", "There is no option --nosuch.", "没有选项 --nosuch。"),
        (
            "outbox list --limi 3",
            "There is no option --limi. Did you mean --limit?",
            "没有选项 --limi。是否要用 --limit？",
        ),
        ("nosuch", "There is no command “nosuch”.", "没有命令“nosuch”。"),
        ("outbox lst", "There is no command “lst”. Did you mean list?", "没有命令“lst”。是否要用 list？"),
        ("outbox show 1 2", "Nothing may follow here: 2", "此处不应再有内容：2"),
        ("run --health", "--health needs a value.", "--health 需要一个值。"),
        ("outbox show x", "N must be a whole number.", "N 必须是整数。"),
        ("outbox retry x", "N must be a whole number.", "N 必须是整数。"),
        ("outbox list --limit 99999", "--limit must be 10000 or less.", "--limit 不能大于 10000。"),
        ("sandbox --speed x", "--speed must be a number.", "--speed 必须是数字。"),
        ("rota check --days 0", "--days must be 1 or more.", "--days 不能小于 1。"),
        ("rota check --days 9999", "--days must be 3660 or less.", "--days 不能大于 3660。"),
        ("doctor --format x", "--format cannot be x. Choose one of: ", "--format 不能是 x。可选："),
        (
            "rota export --format x",
            "--format cannot be x. Choose one of: toml, ics.",
            "--format 不能是 x。可选：toml、ics。",
        ),
    ],
)
def test_wrong_words_are_named_with_what_can_be_typed(
    words: str, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for locale, expected in (("en_GB.UTF-8", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", locale)

        printed = print_of(tuple(words.split()), monkeypatch, capsys)

        assert printed.startswith(expected)
        assert "Usage" not in printed.splitlines()[0]


def test_a_group_without_a_command_shows_its_help_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert "列出尚未送达或被搁置的消息" in print_of(("outbox",), monkeypatch, capsys)


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("No such option '--limi'. Did you mean '--limit'?", "There is no option --limi. Did you mean --limit?"),
        ("No such option '--limi'.", "There is no option --limi."),
        ("Invalid value for '--days': 0 is not in the range 1<=x<=3660.", "--days must be within 1<=x<=3660."),
        ("Invalid value for '--speed': 'x' is not a valid float.", "--speed must be a number."),
        ("Something new.", "Something new."),
    ],
)
def test_other_versions_of_the_library_are_understood_too(says: str, told: str) -> None:
    assert reword(says, Words.of("en")) == told
