"""What stands for erased words and erased people, in the reader's language.

The store keeps one mark for each in both languages; everything shown to a person passes here.
"""

import re
from collections.abc import Mapping
from typing import Any

from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.escalations.typed_text import ERASED
from models.rules.people import ERASED_PERSON, MARK_LENGTH

TEXT, PERSON = N_("(erased)"), N_("erased person {mark}")
_SIGN = "已删除"
"""What both marks hold, so that most texts are not searched further."""
_MARKS = re.compile(rf"{re.escape(ERASED)}|{ERASED_PERSON}([0-9a-f]{{{MARK_LENGTH}}})")
_SAID = frozenset(Words.of(language)(TEXT) for language in LANGUAGES)
_CARRIED = frozenset({"private_metadata", "block_id", "action_id", "value", "url"})
"""What a message or form carries and nobody reads."""


def in_words(text: str, words: Words) -> str:
    """Return a text with its marks of erased words and people in the reader's language; as they are for both."""
    if _SIGN not in text or words.is_both:
        return text
    return _MARKS.sub(lambda match: words(PERSON, mark=match[1]) if match[1] else words(TEXT), text)


def localize(payload: Any, words: Words) -> Any:
    """Return blocks, a view or an answer with these marks in the reader's language."""
    # Nearly all hold no mark, and are searched as one text ten times as fast as part by part.
    return payload if words.is_both or _SIGN not in str(payload) else _localize(payload, words)


def _localize(payload: Any, words: Words) -> Any:
    if isinstance(payload, str):
        return in_words(payload, words)
    if isinstance(payload, Mapping):
        return {name: part if name in _CARRIED else _localize(part, words) for name, part in payload.items()}
    return [_localize(part, words) for part in payload] if isinstance(payload, list | tuple) else payload


def read_back(text: str) -> str:
    """Return what a field of a form says as the store keeps it: the words for an erased text are its mark."""
    return ERASED if text in _SAID else text
