"""What a phone says of a page: the fact alone, in one language, short enough for a voice service or a short message."""

import re

MOST_READ_OUT = 70
"""Characters that one short message in Chinese holds, and about the most that voice services take for a value."""
_FIRST_SENTENCE = re.compile(r"(.+?(?:\.(?= )|。))")
_LABEL = re.compile(r"(.+?)(?:: |：)")


def shorten(fact: str) -> str:
    """Return a fact as it is read out: its first line, of a long one the first sentence, or what it is about."""
    line = fact.partition("\n")[0]
    if len(line) > MOST_READ_OUT and (sentence := _FIRST_SENTENCE.match(line)):
        line = sentence[1]
    if len(line) > MOST_READ_OUT and (label := _LABEL.match(line)):
        line = label[1] + ("。" if "：" in label[0] else ".")
    return line
