"""What an encoding lacks is written in another way."""

import sys
from io import BytesIO, TextIOWrapper

import pytest

from bot.cli.any_encoding import write_anywhere
from bot.commands.output import print_out

TEXT = "✓ 数据库 ✗ • 王伟 – é … ⚠️ 😀 →"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", TEXT),
        ("gbk", "√ 数据库 × · 王伟 – é … ! :grinning face: →"),
        ("latin-1", "+ ??? × · ?? - é ... ! :grinning face: ->"),
        ("ascii", "+ ??? x - ?? - ? ... ! :grinning face: ->"),
    ],
)
def test_signs_that_an_encoding_lacks_are_written_by_others(encoding: str, written: str) -> None:
    stream = TextIOWrapper(BytesIO(), encoding=encoding)

    write_anywhere(stream)
    stream.write(TEXT)
    stream.flush()

    assert stream.buffer.getvalue().decode(encoding) == written


@pytest.mark.parametrize(("is_terminal", "encoding"), [(True, "gbk"), (False, "utf-8")])
def test_a_file_is_utf_8_and_a_terminal_gets_its_own_encoding(
    is_terminal: bool, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = TextIOWrapper(BytesIO(), encoding="gbk")
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    monkeypatch.setattr(sys, "stdout", stream)

    write_anywhere(stream)
    print_out("值班表 ✓\r\n")
    stream.flush()

    assert stream.buffer.getvalue().decode(encoding) == ("值班表 √\r\n" if is_terminal else "值班表 ✓\r\n")
