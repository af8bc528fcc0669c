"""Read a gettext catalogue (PO) as it is written. Every start of a program waits for this.

Babel's reader, made for editing catalogues, takes more than ten times as long.
https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

import re
from collections.abc import Mapping
from gettext import NullTranslations
from pathlib import Path

_ENTRY = re.compile(
    r'^msgid (?P<english>".*"(?:\n".*")*)\n(?:msgid_plural ".*"(?:\n".*")*\n)?'
    r'msgstr(?:\[0\])? (?P<translation>".*"(?:\n".*")*)$',
    re.MULTILINE,
)
"""A sentence, of a plural also the second form, and its one translation. Each is one string or several lines of it."""
_JOINT = re.compile(r'"\n"')
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Catalogue(NullTranslations):
    """The sentences of a language without plural forms, such as Chinese. What it lacks is said in English."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        super().__init__()
        self._translations = translations

    def gettext(self, message: str) -> str:
        """Return a sentence in this language."""
        return self._translations.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a sentence about a number of things, by its English singular."""
        return self._translations.get(msgid1) or super().ngettext(msgid1, msgid2, n)


def read_catalogue(path: Path) -> Catalogue:
    """Read what a catalogue translates; what has no translation yet is left out. Raises KeyError on a bad escape."""
    text = path.read_text(encoding="utf-8")
    pairs = ((_unquote(entry["english"]), _unquote(entry["translation"])) for entry in _ENTRY.finditer(text))
    return Catalogue({english: translation for english, translation in pairs if english and translation})


def _unquote(quoted: str) -> str:
    """Return a string without its quotes, its lines joined and its escapes replaced."""
    text = _JOINT.sub("", quoted[1:-1])
    return _ESCAPED.sub(lambda escape: _MEANT[escape[1]], text) if "\\" in text else text
