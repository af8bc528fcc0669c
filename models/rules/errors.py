"""What a rule says when it says no. Only keys and values: sentences are made where a person reads them."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One reason why something may not be done.

    ``reason`` is a key of ``handlers.i18n.errors``; ``field`` names the form field it belongs to, if any;
    ``values`` fill the sentence.
    """

    reason: str
    field: str | None = None
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Refused(Exception):
    """A rule says no; nothing was changed. Carries every reason at once, so that a form can show them all."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.reason for refusal in refusals))
        self.refusals = refusals


def refuse(reason: str, field: str | None = None, **values: object) -> Refused:
    """The common case: one reason, to be raised by the caller."""
    return Refused(Refusal(reason, field, values))


class NotSaved(Exception):
    """The store could not write (locked, full, away): nothing was changed, the person should try again."""


class SlackUnreachable(Exception):
    """Slack could not be asked for a fact that is needed, and nothing usable is remembered."""
