"""The catalogue is read at start as Babel, which knows all of PO, would read it."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from handlers.i18n.catalogue_file import read_catalogue
from handlers.i18n.words import HERE

FILE = r"""
msgid ""
msgstr "Plural-Forms: nplurals=1; plural=0;\n"

# A remark, with msgid "Open" in it
msgid "Open"
msgstr "待认领"

msgid ""
"In two "
"lines"
msgstr ""
"分成"
"两行"

msgid "\"quoted\"\n\\ and\ta tab"
msgstr "“引用”\n\\ 和\t制表符"

msgid "Not yet translated"
msgstr ""

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} 天"

msgid "The last"
msgstr "最后"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A catalogue with each form that a sentence may have."""
    path = tmp_path / "zh_CN.po"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_every_sentence_of_ours_is_read_as_babel_reads_it() -> None:
    path = HERE / "zh_CN.po"
    ours, theirs = read_catalogue(path), read_with_babel(path)
    keys = [key for key in theirs._catalog if key]
    plurals = {key[0] for key in keys if isinstance(key, tuple)}
    sentences = {key for key in keys if not isinstance(key, tuple)}

    assert len(sentences) > 2000
    assert len(plurals) > 50
    assert {text: ours.gettext(text) for text in sentences} == {text: theirs.ugettext(text) for text in sentences}
    assert {text: ours.ngettext(text, text, 3) for text in plurals} == {
        text: theirs.ungettext(text, text, 3) for text in plurals
    }


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Open", "待认领"),
        ("In two lines", "分成两行"),
        ('"quoted"\n\\ and\ta tab', "“引用”\n\\ 和\t制表符"),
        ("Not yet translated", "Not yet translated"),
        ("Never heard of", "Never heard of"),
        ("The last", "最后"),
    ],
)
def test_a_sentence_may_have_several_lines_and_escapes_and_without_translation_is_english(
    small: Path, english: str, chinese: str
) -> None:
    assert read_catalogue(small).gettext(english) == chinese
    assert read_with_babel(small).ugettext(english) == chinese


@pytest.mark.parametrize("number", [1, 2])
def test_a_plural_has_one_chinese_form_and_without_translation_two_english_ones(small: Path, number: int) -> None:
    catalogue = read_catalogue(small)

    assert catalogue.ngettext("{n} day", "{n} days", number) == "{n} 天"
    assert catalogue.ngettext("{n} hour", "{n} hours", number) == ("{n} hour" if number == 1 else "{n} hours")


def read_with_babel(path: Path) -> Translations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale="zh_CN"))
    compiled.seek(0)
    return Translations(compiled)
