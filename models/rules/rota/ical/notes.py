"""Notes on an imported calendar, besides its shifts. A module of its own, so that labels need no calendar library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ImportNoteKind(StrEnum):
    """The kinds of notes; the sentences are in ``handlers.i18n.rota_labels``."""

    NEW_MEMBER = "new_member"
    NO_LENGTH = "no_length"
    CANCELLED = "cancelled"
    ELSEWHEN = "elsewhen"
    NAMED_IN_PASSING = "named_in_passing"
    UNKNOWN_ATTENDEE = "unknown_attendee"
    NO_EVENTS = "no_events"


@dataclass(frozen=True)
class ImportNote:
    """Something in the calendar that the person who imports it should know."""

    kind: ImportNoteKind
    values: Mapping[str, object] = field(default_factory=dict)  # fill the sentence
