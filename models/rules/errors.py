"""How a rule refuses. Only keys and values: the sentences are made in ``handlers.i18n.errors``."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One reason why something may not be done."""

    reason: str  # a key of ``handlers.i18n.errors``
    field: str | None = None  # the form field it belongs to, if any
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)  # fill the sentence


class Refused(Exception):
    """A rule refuses; nothing was changed. Carries every reason at once, so that a form can show them all."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.reason for refusal in refusals))
        self.refusals = refusals

    def with_case(self, number: int) -> "Refused":
        """Return it with the name and number of the case that it is about, for the sentence to name."""
        values = {"name": f"CSP-{number}", "number": number}
        return Refused(*(Refusal(r.reason, r.field, {**values, **r.values}) for r in self.refusals))


def refuse(reason: str, field: str | None = None, **values: object) -> Refused:
    """Return a refusal with one reason, for the caller to raise."""
    return Refused(Refusal(reason, field, values))


class NotSaved(Exception):
    """The store could not write (locked, full, unreachable). Nothing was changed; the person should try again."""


class DatabaseAway(NotSaved):
    """The database is away for everybody. The log has said so, and need not say it again."""


class SlackUnreachable(Exception):
    """Slack could not be asked for a fact that is needed, and nothing usable is cached."""
