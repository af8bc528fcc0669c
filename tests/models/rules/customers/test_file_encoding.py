"""Bytes become text, or are refused with what to do."""

import codecs
import gzip

import pytest

from models.rules.customers.file_encoding import SIZE_LIMIT, UNREADABLE, decode
from models.rules.errors import Refused

NAMES = "公司名称\n北京世纪互联宽带数据中心有限公司\n上海蓝天科技有限公司\nContoso（中国）有限公司\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (NAMES.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + NAMES.encode(), "UTF-8"),
        (NAMES.encode("gb18030"), "GB18030"),
        (NAMES.encode("gbk"), "GB18030"),
        (codecs.BOM_UTF16_LE + NAMES.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"), "UTF-16"),
        (b"Company name\nContoso\n", "UTF-8"),
    ],
)
def test_every_usual_encoding_is_told_apart(data: bytes, encoding: str) -> None:
    text = decode(data)

    assert text.encoding == encoding
    assert text.content in (NAMES, "Company name\nContoso\n")


@pytest.mark.parametrize(
    "names",
    ["臺灣積體電路製造股份有限公司\n鴻海精密工業\n", "株式会社ソニー\n", "北京喆堃科技有限公司\n", "Ürümqi 乌鲁木齐\n"],
)
def test_text_in_gb18030_is_read_also_where_it_is_traditional_or_rare(names: str) -> None:
    text = decode(names.encode("gb18030"))

    assert (text.encoding, text.content) == ("GB18030", names)


def test_one_damaged_character_does_not_turn_utf8_into_other_chinese() -> None:
    data = NAMES.encode().replace("蓝".encode(), b"\xe8\x93")

    text = decode(data)

    assert text.encoding == "UTF-8"
    assert [UNREADABLE in line for line in text.content.splitlines()] == [False, False, True, False]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file_empty"),
        (codecs.BOM_UTF8 + b" \r\n\r\n", "file_empty"),
        (b"PK\x03\x04 and then an .xlsx", "file_is_workbook"),
        (b"\xd0\xcf\x11\xe0 and then an .xls", "file_is_workbook"),
        (gzip.compress(NAMES.encode() * 50), "file_not_text"),
        (b"\0" * 500, "file_not_text"),
        ("Contoso\nFabrikam\n".encode("utf-16-le"), "file_not_text"),
        (b"Soci\xe9t\xe9, Paris\n", "file_not_text"),
        ("公司名稱\n台灣大哥大\n中華電信\n".encode("big5"), "file_not_text"),
        ("Company name,Domain\n微軟,a.cn\n".encode("big5"), "file_not_text"),
        ("Company name\n香港電訊\n長江和記實業\n".encode("big5hkscs"), "file_not_text"),
        ("会社名\n株式会社ソニー\nトヨタ自動車\n".encode("shift_jis"), "file_not_text"),
        ("Company name\nMüller GmbH\nBäckerei Groß\n".encode("cp1252"), "file_not_text"),
        (b" " * (SIZE_LIMIT + 1), "file_too_big"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        decode(data)

    assert refused.value.refusals[0].reason == reason
