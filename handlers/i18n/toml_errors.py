"""The errors of Python's TOML parser in our own words: its own are English, and about parsing."""

from handlers.i18n.words import N_

REASONS = (
    (("Illegal character", "Unterminated string", 'Expected "\'"'), N_("a text has no closing quotation mark")),
    (("Expected '='",), N_("a key needs = and a value behind it")),
    (("Expected ']", "Expected ']]'"), N_("a heading in brackets is not closed")),
    (("Unclosed array",), N_("a list is not closed with ], or a comma is missing in it")),
    (("Unclosed inline table",), N_("a table in braces is not closed")),
    (("Cannot", "Duplicate"), N_("the same key or table appears twice")),
    (("Unescaped", "Escaped", "Invalid hex"), N_("a text contains a \\ without meaning; write it twice")),
    (("Expected newline",), N_("there is something after the value, or it can't be read; write a time as 08:30:00")),
    (("Invalid statement", "Invalid initial"), N_("a line begins with a key, a heading in brackets, or #")),
    (("Invalid date",), N_("there is no such date or time")),
    (("Too deep",), N_("names or brackets are nested too deeply")),
    (("Invalid value",), N_('the value can\'t be read; put texts in "straight" quotation marks')),
)
"""How the parser's words begin, and what they mean for the author of the file."""
OTHER = N_("it can't be read from here on")


def reason(why: str) -> str:
    """Return the sentence for an error of the parser."""
    return next((sentence for beginnings, sentence in REASONS if why.startswith(beginnings)), OTHER)
