"""From the bytes of a file to its text: UTF-8, UTF-16 or GB18030, told apart by strict decoding. Never guesses more."""

import codecs
import unicodedata
from dataclasses import dataclass
from functools import cache

from models.rules.errors import refuse

SIZE_LIMIT = 100 * 1024 * 1024
LOOKED_AT = 100_000
USUAL_PART = 0.75
USUAL_IN_BIG5 = frozenset(bytes([lead]) for lead in range(0xA4, 0xC7))
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods are ZIP files, .xls is an OLE file
BOMS = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)


@dataclass(frozen=True)
class DecodedText:
    """What a file says, and the encoding it was in; characters that could not be read are U+FFFD."""

    content: str
    encoding: str


def decode(data: bytes) -> DecodedText:
    """The text of a file. Raises :class:`models.rules.errors.Refused` for what is empty, too big, a workbook or no
    text.
    """
    if len(data) > SIZE_LIMIT:
        raise refuse("file_too_big", limit=SIZE_LIMIT // 1024 // 1024)
    if data.startswith(WORKBOOKS):
        raise refuse("file_is_workbook")
    text = _decoded(data)
    if not text.content.strip():
        raise refuse("file_empty")
    if _is_binary(text.content):
        raise refuse("file_not_text")
    return text


def _decoded(data: bytes) -> DecodedText:
    for bom, name, codec in BOMS:
        if data.startswith(bom):
            return DecodedText(data.removeprefix(bom).decode(codec, errors="replace"), name)
    try:
        return DecodedText(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(data)


def _not_quite_utf8(data: bytes) -> DecodedText:
    """Mostly sound UTF-8 is UTF-8 with damaged lines: GB18030 would read nearly all of it too, as other characters."""
    mended = data.decode("utf-8", errors="replace")
    foreign = sum(char > "\x7f" for char in mended)
    if mended.count(UNREADABLE) * 5 < foreign:
        return DecodedText(mended, "UTF-8")
    try:
        content = data.decode("gb18030")
    except UnicodeDecodeError:
        raise refuse("file_not_text") from None
    if _is_misread(content):
        raise refuse("file_not_text")
    return DecodedText(content, "GB18030")


def _is_misread(content: str) -> bool:
    """Whether this is text of another encoding, such as Big5: GB18030 reads nearly any bytes, but then most characters
    are ones that nobody uses.
    """
    seen = [char for char in content[:LOOKED_AT] if unicodedata.category(char) == "Co" or "\u3400" <= char <= "\u9fff"]
    return sum(map(_is_usual, seen)) < USUAL_PART * len(seen)


@cache
def _is_usual(char: str) -> bool:
    """Whether a character is among the usual ones of simplified or of traditional Chinese."""
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return char.encode("big5", errors="replace")[:1] in USUAL_IN_BIG5


def _is_binary(content: str) -> bool:
    """More than one control character in twenty is no text; a few are left for their lines to be refused."""
    start = content[:LOOKED_AT]
    controls = sum(char < " " and char not in "\t\r\n" for char in start)
    return controls * 20 > len(start)


def is_clean(text: str) -> bool:
    """True when a text holds no control characters; line breaks and tabs count as space."""
    return text.isprintable() or not any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n" for char in text
    )
