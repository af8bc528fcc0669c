"""How a fix says that it is that of another case, or of an article: “as CSP-1: …”, in either language."""

import re

from handlers.i18n.words import LANGUAGES, N_, Words

SOLVED_AS = N_("as {name}: {fix}")
_NAME = "@"
"""Stands for the name while the sentence becomes a pattern."""
_BEGINNINGS = (re.escape(Words.of(language)(SOLVED_AS, name=_NAME, fix="").rstrip()) for language in LANGUAGES)
_ORIGIN = re.compile("|".join(f"(?:{text.replace(_NAME, '(?:CSP|KB)-[0-9]+')})" for text in _BEGINNINGS))


def name_origin(fix: str, name: str, words: Words) -> str:
    """Return the fix as that of a case or article. Where that took it from another one itself, only it is named."""
    return words(SOLVED_AS, name=name, fix=_ORIGIN.sub("", fix, count=1).lstrip() if _ORIGIN.match(fix) else fix)


def names_origin(text: str, name: str) -> bool:
    """Return whether a text says itself that it is the fix of this case or article."""
    origin = _ORIGIN.match(text)
    return origin is not None and re.search(rf"\b{re.escape(name)}\b", origin[0]) is not None
