"""Where the font of pictures is: in the package of the extra ``fonts``, or among the fonts of the system.

It loads no drawing library, so that ``doctor`` can look too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path

FOLDERS = (
    Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("/System/Library/Fonts"),
)  # fmt: skip
"""Folders of system fonts on Linux and macOS."""
PACKAGE = "manimgx_fonts_cjk"
_PACKAGED_FILE = "NotoSansCJK-VF.otf.ttc"
_SIMPLIFIED = 2  # faces of a Noto collection: Japanese, Korean, simplified Chinese, two kinds of traditional Chinese


class NoFont(Exception):
    """Neither the package nor the system has a font with Chinese."""

    def __init__(self) -> None:
        super().__init__("no font with Chinese: install csp-escalate[fonts], or fonts-noto-cjk of the system")


@dataclass(frozen=True)
class FontFiles:
    """The names of the files of one font."""

    plain: str
    bold: str = ""  # empty where the font has no bold file of its own
    face: int = 0  # within the file
    varies: bool = False  # one file for every weight


@dataclass(frozen=True)
class FoundFont:
    """A font that is there."""

    plain: Path
    bold: Path
    face: int
    varies: bool


KNOWN = (
    FontFiles("NotoSansCJK-VF.otf.ttc", face=_SIMPLIFIED, varies=True),
    FontFiles("NotoSansCJK-VF.ttc", face=_SIMPLIFIED, varies=True),
    FontFiles("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", _SIMPLIFIED),
    FontFiles("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    FontFiles("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    FontFiles("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    FontFiles("wqy-microhei.ttc"),
    FontFiles("wqy-zenhei.ttc"),
    FontFiles("Hiragino Sans GB.ttc"),
    FontFiles("STHeiti Light.ttc", "STHeiti Medium.ttc"),
)
"""Fonts with simplified Chinese, the best first."""


def find_font(package: str = PACKAGE, folders: Sequence[Path] = FOLDERS) -> FoundFont:
    """Return the font of the package, else the best one of the system. Raises NoFont."""
    packaged = _find_packaged(package)
    if packaged:
        return FoundFont(packaged, packaged, _SIMPLIFIED, varies=True)
    paths = chain.from_iterable(folder.rglob("*.[ot]t[cf]") for folder in folders)
    by_name = {path.name: path for path in paths}
    for font in KNOWN:
        if plain := by_name.get(font.plain):
            return FoundFont(plain, by_name.get(font.bold, plain), font.face, font.varies)
    raise NoFont


def _find_packaged(package: str) -> Path | None:
    try:
        path = Path(str(files(package) / _PACKAGED_FILE))
    except ModuleNotFoundError:
        return None
    return path if path.is_file() else None
