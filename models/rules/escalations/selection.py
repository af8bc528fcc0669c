"""Which escalations somebody looks for: words and filters. ``handlers.i18n.case_filters`` reads them from a text."""

from dataclasses import dataclass
from datetime import datetime

from models.rules.escalations.escalation import Status, Turn
from models.rules.escalations.request import Severity


@dataclass(frozen=True)
class CaseSelection:
    """Words and filters. Each that is given narrows the selection; several values of one filter widen it."""

    words: str = ""
    states: frozenset[Status] = frozenset()
    turns: frozenset[Turn] = frozenset()
    severities: frozenset[Severity] = frozenset()  # asked for or given
    services: frozenset[str] = frozenset()  # keys of the vendor policy
    owners: frozenset[str | None] = frozenset()  # Slack ids; None is nobody
    customers: tuple[str, ...] = ()  # parts of the customer's name
    numbers: tuple[str, ...] = ()  # names such as CSP-7, or parts of a service request number
    raised_from: datetime | None = None
    raised_before: datetime | None = None
    returned: frozenset[bool] = frozenset()  # whether 21Vianet returned it as inappropriate

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for, so that all are selected."""
        return self == CaseSelection()
