"""Every word shown to a person, in English and Simplified Chinese. The English sentence is the key (gettext).

The catalogue is read from ``zh_CN.po`` at start; the repository holds nothing compiled. A language belongs to one
request or one card, never to the process.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

HERE = Path(__file__).parent
LANGUAGES = {"zh_CN": "简体中文", "en": "English"}
"""The languages there are, each as it calls itself."""
BOTH = "both"
COMMAND = "/csp-escalate"
"""The slash command as sentences of the catalogue write it."""
_SHORT = 60
_MARKUP = re.compile(r"<[^<>]*>")  # mentions and dates of Slack's: much shorter when shown
_LATIN, _CHINESE = re.compile("[A-Za-z]"), re.compile("[\u4e00-\u9fff]")
_RELATIVE_DAY = re.compile(r"<!date\^\d+\^(?!\{date_num\})|今天|明天|昨天|后天|北京时间")
"""How a time may begin: after a Chinese word it stands without a space, as one that begins with a digit does not."""
_WEEKDAY_LAST = re.compile(r"周[一二三四五六日]$")
_CHINESE_BRACKET, _ENGLISH_BRACKET = re.compile("(.+)（(.+)）"), re.compile(r"(.+) \((.+)\)")


def N_(msgid: str) -> str:  # noqa: N802  # gettext's own name for "translate this later", known to every extractor
    """Mark a sentence for the catalogue without translating it yet."""
    return msgid


class Words:
    """Sentences in one language, or in both on a shared card: Chinese first, then English."""

    command = COMMAND
    """The slash command of this installation (``CSP_COMMAND``), in every sentence that names one. A process has one."""

    def __init__(self, *languages: str) -> None:
        self._languages = languages
        self._catalogues = [_catalogue(language) for language in languages]

    @staticmethod
    @cache
    def of(language: str) -> "Words":
        """Return the words of ``en``, ``zh_CN`` or ``both``; anything else is read as English."""
        if language == BOTH:
            return Words("zh_CN", "en")
        return Words(language if language in LANGUAGES else "en")

    def in_brackets(self, text: str) -> str:
        """Return what follows a phrase as a remark: “（…）” in Chinese, “ (…)” otherwise."""
        return f"（{text}）" if self.is_chinese else f" ({text})"

    @property
    def is_chinese(self) -> bool:
        """True when Chinese comes first; chooses between two-language data such as service names."""
        return self._languages[0] == "zh_CN"

    @property
    def is_both(self) -> bool:
        """True when both languages are shown beside each other."""
        return len(self._languages) > 1

    @property
    def brief(self) -> "Words":
        """One language alone, for numbers and names: “3 h”, not “3 小时 3 h”."""
        return Words.of(self._languages[-1])

    @property
    def colon(self) -> str:
        """The colon between a label and its value."""
        return "：" if self._languages == ("zh_CN",) else ": "

    def join_items(self, items: Iterable[str]) -> str:
        """Join several items: “a, b”, “甲、乙”."""
        return ("、" if self.colon == "：" else ", ").join(items)

    def join_clauses(self, items: Iterable[str]) -> str:
        """Join several statements in one line: “a; b”, “甲；乙”."""
        return ("；" if self.colon == "：" else "; ").join(items)

    def join_sentences(self, sentences: Iterable[str]) -> str:
        """Join whole sentences of one language, leaving out empty ones."""
        return ("" if self.colon == "：" else " ").join(filter(None, sentences))

    def __call__(self, msgid: str, **values: object) -> str:
        """Return the sentence with each ``{name}`` replaced."""
        return self._join_languages(
            [_fill(self._named(catalogue.ugettext(msgid)), values) for catalogue in self._catalogues]
        )

    def plural(self, singular: str, plural: str, n: int, **values: object) -> str:
        """Return the sentence for a number of things; ``{n}`` is the number."""
        sentences = [self._named(catalogue.ungettext(singular, plural, n)) for catalogue in self._catalogues]
        return self._join_languages([_fill(sentence, {"n": n, **values}) for sentence in sentences])

    def _named(self, sentence: str) -> str:
        """Return a sentence of the catalogue with the command of this installation."""
        return sentence if self.command == COMMAND else sentence.replace(COMMAND, self.command)

    def line_per_language(self, say: Callable[["Words"], str]) -> str:
        """Return a sentence that contains other words, such as days, on a line of its own per language."""
        return "\n".join(dict.fromkeys(say(words) for words in self.list_each()))

    def list_each(self) -> list["Words"]:
        """Return the words of each of these languages alone."""
        return [Words.of(language) for language in self._languages]

    def on_one_line(self, say: Callable[["Words"], str]) -> str:
        """Return the same on one line: “8 小时前发起 raised 8 h ago”."""
        return self._join_languages([say(words) for words in self.list_each()])

    def pick(self, english: str, chinese: str) -> str:
        """Return two-language data (a service's name) for this reader."""
        return self._join_languages([chinese if language == "zh_CN" else english for language in self._languages])

    @staticmethod
    def _join_languages(sentences: list[str]) -> str:
        """Join a short text on one line, a long sentence on one line per language."""
        different = list(dict.fromkeys(sentences))
        if any("\n" in text or len(_MARKUP.sub("@name", text)) > _SHORT for text in different):
            return "\n".join(different)
        return _side_by_side(*different) if len(different) == 2 else different[0]


def _fill(sentence: str, values: Mapping[str, object]) -> str:
    """Return a sentence with its values. No space stands between Chinese words and a Chinese time or bracket."""
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        if _RELATIVE_DAY.match(value):
            sentence = re.sub(rf"(?<=[\u4e00-\u9fff]) (?=\{{{name}\}})", "", sentence)
        if _WEEKDAY_LAST.search(value) or value.endswith("）"):
            sentence = re.sub(rf"(?<=\{{{name}\}}) (?=[\u4e00-\u9fff])", "", sentence)
    return sentence.format(**values)


def _side_by_side(chinese: str, english: str) -> str:
    """Join two languages: “状态 Status”, “A（严重 critical）”.

    The change of script divides them, and what both have in common appears once. A name in the other's script would
    hide where one ends; then a stroke divides: “张敏 请假 / 张敏 is away”.
    """
    chinese_match, english_match = _CHINESE_BRACKET.fullmatch(chinese), _ENGLISH_BRACKET.fullmatch(english)
    if chinese_match and english_match and chinese_match[1] == english_match[1]:
        return f"{chinese_match[1]}（{chinese_match[2]} {english_match[2]}）"
    if chinese_match and english_match and chinese_match[2] == english_match[2]:
        return f"{_side_by_side(chinese_match[1], english_match[1])} ({english_match[2]})"
    is_mixed = _LATIN.search(chinese) or _CHINESE.search(english)
    return f"{chinese} / {english}" if is_mixed else f"{chinese} {english}"


def prepare() -> None:
    """Read every catalogue now.

    Otherwise requests that come at once would each read it: a cache does not make them wait for each other.
    """
    for language in (*LANGUAGES, BOTH):
        Words.of(language)


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    with (HERE / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)
