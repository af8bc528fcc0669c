"""What a customer is, and how names are compared: folded, so that case and full-width digits do not matter."""

import re
import unicodedata
from collections.abc import Iterable

from pydantic import ConfigDict
from sqlmodel import SQLModel

NAME_LIMIT = 200  # what a form's line takes (models.rules.escalations.request.LINE_LIMIT); characters
DOMAIN_LIMIT = 253  # RFC 1035, in text form

_ACCENTED = re.compile("[\u00c0-\u036f\u0370-\u052f\u1e00-\u1fff]")
_ACCENTS = re.compile("[\u0300-\u036f]")


class Customer(SQLModel):
    """One customer of the reseller."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    id: str
    name: str
    domain: str = ""
    tenant_id: str = ""  # Partner Center's Microsoft ID; may be unknown
    relationship: str = ""


def fold(text: str) -> str:
    """Return text compatibility-composed and case-folded: ＡＢＣ１２３ and abc123 become equal."""
    if text.isascii():  # most of a list: folding it is lower case, ten times faster
        return text.lower().strip()
    return unicodedata.normalize("NFKC", text).casefold().strip()


def strip_accents(text: str) -> str:
    """Return a folded text without accents of Latin, Greek and Cyrillic letters, so that cafe finds café."""
    if text.isascii() or not _ACCENTED.search(text):
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def search_text(name: str, domain: str, tenant_id: str) -> str:
    """Return everything a person may type to find a customer, folded."""
    return fold(" ".join((name, domain, tenant_id)))


def find_named(name: str, customers: Iterable[Customer]) -> Customer | None:
    """Return the one customer whose name this is, ignoring case and width; None when there is none, or several."""
    named = [customer for customer in customers if fold(customer.name) == fold(name)]
    return named[0] if len(named) == 1 else None


def mentions(text: str, names: Iterable[str]) -> bool:
    """Return whether a text holds one of these names, ignoring case and width.

    Beside Latin letters and digits a name counts only as a whole word: “Li” is not in “list”.
    """
    folded = fold(text)
    return any(re.search(_as_word(fold(name)), folded) for name in names if name)


def _as_word(name: str) -> str:
    before = r"(?<![a-z0-9])" if name[:1].isascii() else ""
    after = r"(?![a-z0-9])" if name[-1:].isascii() else ""
    return f"{before}{re.escape(name)}{after}"


def describe_in_request(customer: Customer) -> dict[str, str]:
    """Return what a request says of a customer on the list, by the names of its fields."""
    return {
        "customer_id": customer.id, "customer_name": customer.name, "tenant_id": customer.tenant_id,
        "domain": customer.domain,
    }  # fmt: skip
