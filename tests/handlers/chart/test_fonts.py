"""The font of pictures comes from the package, or from the system."""

import sys
from pathlib import Path

import pytest

from handlers.chart.fonts import PACKAGE, NoFont, find_font

NO_PACKAGE = "no_such_fonts"


def test_the_font_of_the_package_goes_first(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()

    assert PACKAGE in str(find_font(folders=[tmp_path]).plain)


def test_without_the_package_the_best_font_of_the_system_serves(tmp_path: Path) -> None:
    for name in ("wqy-zenhei.ttc", "opentype/noto/NotoSansCJK-Bold.ttc", "opentype/noto/NotoSansCJK-Regular.ttc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    place = find_font(NO_PACKAGE, [tmp_path])

    assert (place.plain.name, place.bold.name) == ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
    assert (place.face, place.varies) == (2, False)


def test_a_font_without_a_bold_file_is_drawn_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "wqy-microhei.ttc").touch()

    assert find_font(NO_PACKAGE, [tmp_path]).bold.name == "wqy-microhei.ttc"


def test_where_neither_is_there_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoFont, match=r"csp-escalate\[fonts\], or fonts-noto-cjk"):
        find_font(NO_PACKAGE, [tmp_path, tmp_path / "missing"])


def test_looking_for_a_font_loads_no_drawing_library() -> None:
    source = Path(sys.modules[find_font.__module__].__file__ or "").read_text("utf-8")

    assert "PIL" not in source
