"""The pinyin of Chinese names: people type a customer's initials (ysjm) or its name as it sounds (yunshan).

Only imports need it. Its dictionary takes 30 MB, so the running bot must not load this.
"""

import re

from pypinyin import lazy_pinyin

_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")


def spell(name: str) -> str:
    """Return the Chinese characters of a name as they sound, and their initials; empty without any."""
    syllables = [syllable for run in _CHINESE.findall(name) for syllable in lazy_pinyin(run, errors="ignore")]
    initials = "".join(syllable[0] for syllable in syllables)
    return f"{''.join(syllables)} {initials}".strip()
