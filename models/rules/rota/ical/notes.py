"""What is said of a calendar that was read as the rota, beside its shifts. Apart, so that words need no calendars."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ImportNoteKind(StrEnum):
    """What can be said; the sentences are in ``handlers.i18n.rota_labels``."""

    NEW_MEMBER = "new_member"
    NO_LENGTH = "no_length"
    CANCELLED = "cancelled"
    ELSEWHEN = "elsewhen"
    NAMED_IN_PASSING = "named_in_passing"
    UNKNOWN_ATTENDEE = "unknown_attendee"
    NO_EVENTS = "no_events"


@dataclass(frozen=True)
class ImportNote:
    """Something that was not as it seems: ``values`` fill its sentence."""

    kind: ImportNoteKind
    values: Mapping[str, object] = field(default_factory=dict)
