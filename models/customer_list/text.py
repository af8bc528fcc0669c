"""From the bytes of a file to its text: UTF-8, UTF-16 or GB18030, told apart by strict decoding. Never guesses more."""

import codecs
import unicodedata
from dataclasses import dataclass

from models.refusal import refuse

SIZE_LIMIT = 100 * 1024 * 1024
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods are ZIP files, .xls is an OLE file
BOMS = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)


@dataclass(frozen=True)
class Text:
    """What a file says, and the encoding it was in; characters that could not be read are U+FFFD."""

    content: str
    encoding: str


def decode(data: bytes) -> Text:
    """The text of a file. Raises :class:`models.refusal.Refused` for what is empty, too big, a workbook or no text."""
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


def _decoded(data: bytes) -> Text:
    for bom, name, codec in BOMS:
        if data.startswith(bom):
            return Text(data.removeprefix(bom).decode(codec, errors="replace"), name)
    try:
        return Text(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(data)


def _not_quite_utf8(data: bytes) -> Text:
    """Mostly sound UTF-8 is UTF-8 with damaged lines: GB18030 would read nearly all of it too, as other characters."""
    mended = data.decode("utf-8", errors="replace")
    foreign = sum(char > "\x7f" for char in mended)
    if mended.count(UNREADABLE) * 5 < foreign:
        return Text(mended, "UTF-8")
    try:
        return Text(data.decode("gb18030"), "GB18030")
    except UnicodeDecodeError:
        raise refuse("file_not_text") from None


def _is_binary(content: str) -> bool:
    """More than one control character in twenty is no text; a few are left for their lines to be refused."""
    start = content[:100_000]
    controls = sum(char < " " and char not in "\t\r\n" for char in start)
    return controls * 20 > len(start)


def is_clean(text: str) -> bool:
    """True when a text holds no control characters; line breaks and tabs count as space."""
    return text.isprintable() or not any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n" for char in text
    )
