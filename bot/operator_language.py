"""The language of the person at the terminal.

Apart from the other settings, because the help of a command must not wait for them to be imported.
"""

import os
import re
from collections.abc import Mapping

from handlers.i18n.words import Words

LANGUAGES = {"en": "en", "zh_cn": "zh_CN", "zh": "zh_CN", "both": "both"}
"""What the setting CSP_LANGUAGE may be, in small letters, and the language it means."""
_NEUTRAL = re.compile(r"(C|POSIX)\b")


def operator_language(environ: Mapping[str, str] | None = None) -> str:
    """Return the operator's language: from LC_ALL, LC_MESSAGES or LANG, else CSP_LANGUAGE, else English."""
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    if locale and not _NEUTRAL.match(locale):
        return "zh_CN" if locale.lower().startswith("zh") else "en"
    return "zh_CN" if LANGUAGES.get(env.get("CSP_LANGUAGE", "").strip().lower()) == "zh_CN" else "en"


def operator_words() -> Words:
    """Return the words of the person at the terminal."""
    return Words.of(operator_language())
