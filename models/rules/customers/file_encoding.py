"""From the bytes of a file to its text: UTF-8, UTF-16 or GB18030, told apart by strict decoding. No other guesses."""

import codecs
import unicodedata
from dataclasses import dataclass
from functools import cache

from models.rules.errors import refuse

SIZE_LIMIT = 100 * 1024 * 1024  # bytes
SAMPLE_SIZE = 100_000  # characters that are examined
COMMON_SHARE = 0.75
COMMON_IN_BIG5 = frozenset(bytes([lead]) for lead in range(0xA4, 0xC7))
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods are ZIP files, .xls is an OLE file
BOMS = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)


@dataclass(frozen=True)
class DecodedText:
    """The text of a file, and the encoding it was in. Unreadable characters are U+FFFD."""

    content: str
    encoding: str


def decode(data: bytes) -> DecodedText:
    """Return the text of a file.

    Raises :class:`models.rules.errors.Refused` when it is empty, too big, a workbook or not text.
    """
    if len(data) > SIZE_LIMIT:
        raise refuse("file_too_big", limit=SIZE_LIMIT // 1024 // 1024)
    if data.startswith(WORKBOOKS):
        raise refuse("file_is_workbook")
    text = _decode_text(data)
    if not text.content.strip():
        raise refuse("file_empty")
    if _is_binary(text.content):
        raise refuse("file_not_text")
    return text


def _decode_text(data: bytes) -> DecodedText:
    for bom, name, codec in BOMS:
        if data.startswith(bom):
            return DecodedText(data.removeprefix(bom).decode(codec, errors="replace"), name)
    try:
        return DecodedText(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _decode_damaged(data)


def _decode_damaged(data: bytes) -> DecodedText:
    """Decode what is not valid UTF-8.

    Mostly sound UTF-8 is UTF-8 with damaged lines: GB18030 would read nearly all of it too, as other characters.
    """
    replaced = data.decode("utf-8", errors="replace")
    non_ascii = sum(char > "\x7f" for char in replaced)
    if replaced.count(UNREADABLE) * 5 < non_ascii:
        return DecodedText(replaced, "UTF-8")
    try:
        content = data.decode("gb18030")
    except UnicodeDecodeError:
        raise refuse("file_not_text") from None
    if _is_misread(content):
        raise refuse("file_not_text")
    return DecodedText(content, "GB18030")


def _is_misread(content: str) -> bool:
    """Return whether this is text of another encoding, such as Big5.

    GB18030 reads nearly any bytes, but then most characters are ones that nobody uses.
    """
    chinese = [
        char for char in content[:SAMPLE_SIZE] if unicodedata.category(char) == "Co" or "\u3400" <= char <= "\u9fff"
    ]
    return sum(map(_is_common, chinese)) < COMMON_SHARE * len(chinese)


@cache
def _is_common(char: str) -> bool:
    """Return whether a character is common in simplified or traditional Chinese."""
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return char.encode("big5", errors="replace")[:1] in COMMON_IN_BIG5


def _is_binary(content: str) -> bool:
    """Return whether more than one character in twenty is a control character.

    With a few, only their lines are refused.
    """
    start = content[:SAMPLE_SIZE]
    controls = sum(char < " " and char not in "\t\r\n" for char in start)
    return controls * 20 > len(start)


def is_clean(text: str) -> bool:
    """Return whether a text has no control characters; line breaks and tabs count as space."""
    return text.isprintable() or not any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n" for char in text
    )
