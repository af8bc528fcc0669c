"""Texts are printed in any encoding: what it lacks is written in another way, and never ends the program."""

import codecs
import unicodedata
from io import TextIOWrapper

_ERRORS = "csp-escalate"
_INSTEAD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("✓✅", ("√", "+")), **dict.fromkeys("✗❌", ("×", "x")), "•": ("·", "-"),
    **dict.fromkeys("·–—─", ("-",)), **dict.fromkeys("“”", ('"',)), **dict.fromkeys("‘’", ("'",)),
    **dict.fromkeys("⚠🚨", ("!",)), "…": ("...",), "→": ("->",), "›": (">",), "≥": (">=",), "†": ("*",),
}  # fmt: skip
"""Signs of our own texts, and what is written instead: the first that the encoding has. The last is in ASCII."""
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def write_anywhere(*streams: object) -> None:
    """Let texts be printed in any encoding; Chinese in Latin-1 becomes question marks."""
    codecs.register_error(_ERRORS, _replace)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_find_instead(character, error.encoding) for character in lacking), error.end


def _find_instead(character: str, encoding: str) -> str:
    """Return what is written instead of a sign: another sign, or the name of an emoji."""
    kind = unicodedata.category(character)
    if signs := _INSTEAD.get(character):
        return next(sign for sign in signs if _has(sign, encoding))
    if kind in _INVISIBLE:
        return ""
    return f":{unicodedata.name(character, '?').lower()}:" if kind == "So" else "?"


def _has(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
