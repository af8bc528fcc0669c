"""What a customer is, and how names are compared: folded, so that full-width digits and case do not matter."""

import unicodedata

from pydantic import ConfigDict
from sqlmodel import SQLModel


class Customer(SQLModel):
    """One line of the customer list. ``tenant_id`` is Partner Center's Microsoft ID; it may be unknown."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    id: str
    name: str
    domain: str = ""
    tenant_id: str = ""
    relationship: str = ""

    @property
    def search_text(self) -> str:
        """Everything a person may type to find this customer, folded."""
        return fold(" ".join((self.name, self.domain, self.tenant_id)))


def fold(text: str) -> str:
    """Compatibility-composed and case-folded: ＡＢＣ１２３ and abc123 are the same to the typeahead."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
