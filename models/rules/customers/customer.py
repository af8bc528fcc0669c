"""What a customer is, and how names are compared: folded, so that full-width digits and case do not matter.

It never reads a file or a store: ``models.customer_list`` does.
"""

import re
import unicodedata

from pydantic import ConfigDict
from sqlmodel import SQLModel

NAME_LIMIT = 200  # what a form's line takes (models.rules.escalations.request.LINE_LIMIT)
DOMAIN_LIMIT = 253  # RFC 1035, in text form

_ACCENTED = re.compile("[\u00c0-\u036f\u0370-\u052f\u1e00-\u1fff]")
_ACCENTS = re.compile("[\u0300-\u036f]")


class Customer(SQLModel):
    """One customer of the reseller. ``tenant_id`` is Partner Center's Microsoft ID; it may be unknown."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    id: str
    name: str
    domain: str = ""
    tenant_id: str = ""
    relationship: str = ""


def fold(text: str) -> str:
    """Compatibility-composed and case-folded: ＡＢＣ１２３ and abc123 are the same to the typeahead."""
    if text.isascii():  # most of a list: folding it is lower case, ten times faster
        return text.lower().strip()
    return unicodedata.normalize("NFKC", text).casefold().strip()


def strip_accents(text: str) -> str:
    """A folded text without the accents of Latin, Greek and Cyrillic letters: café is found as cafe."""
    if text.isascii() or not _ACCENTED.search(text):
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def search_text(name: str, domain: str, tenant_id: str) -> str:
    """Everything a person may type to find a customer, folded."""
    return fold(" ".join((name, domain, tenant_id)))
