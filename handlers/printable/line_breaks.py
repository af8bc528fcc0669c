"""Plain text as HTML whose lines end where a reader expects it."""

import re
from html import escape

_COMMAND_WORD = re.compile(r"/?csp-escalate|\bCSP-\d+|(?<![\w-])--[a-z][a-z-]*")
"""A word of a command, or a case, that a browser would break after a hyphen."""


def write_text(text: str) -> str:
    """Return a text as HTML: a command is broken at spaces only, and no line begins with the sign between two items.

    The page needs the style of the class ``short``.
    """
    return _COMMAND_WORD.sub(r'<span class="short">\g<0></span>', escape(text).replace(" · ", "\xa0· "))
