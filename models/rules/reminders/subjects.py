"""The names of subjects in the store: short texts from which a subject can be found again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.rules.rota.holidays import Festival
from models.rules.rota.on_call import Slot
from models.rules.times import parse_utc

DUTY = "duty"
"""Who is on call now."""
ESCALATION, GAP, SHIFT, HANDOVER, LEFT = "escalation:", "gap:", "shift:", "handover:", "left:"
PLAN, CHANGE, OFFER = "plan:", "change:", "offer:"
"""Versions of the rota, overrides saved together, and swap offers."""
REMEDIATION, REMEDIATION_ACTION = "remediation:", "remediation_action:"
"""A remediation record, and one of its actions."""
REVIEW = "review:"
"""The review of an escalation by a lead."""
RETURNED = "returned"
"""Cases that 21Vianet returned as inappropriate, all together."""
EXPORT, PACKET, REPORT = "export", "packet", "report"
"""Escalations as a file, and what is taken to a remediation meeting."""
DIGEST, PICTURE, HOLIDAY_REVIEW, WEEK = "digest", "picture", "rehearsal", "week"
"""What has a fixed time of day. ``HOLIDAY_REVIEW`` stands for all holiday weeks; each week also has its own name."""


@dataclass(frozen=True)
class ShiftName:
    """A shift: where, from when (UTC), and whose by the plan's name."""

    place: Slot
    start: datetime
    person: str

    def __str__(self) -> str:
        return SHIFT + _write(self.start, self.place, self.person)


@dataclass(frozen=True)
class HandoverName:
    """The change from one person to another in a place at an instant (UTC), by the plan's names."""

    place: Slot
    at: datetime
    outgoing: str
    incoming: str

    def __str__(self) -> str:
        return HANDOVER + _write(self.at, self.place, self.outgoing, self.incoming)

    @property
    def shift(self) -> ShiftName:
        """The shift that begins with it."""
        return ShiftName(self.place, self.at, self.incoming)


@dataclass(frozen=True)
class ReviewName:
    """The review of an escalation by a lead."""

    number: int


@dataclass(frozen=True)
class EscalationName:
    """An escalation."""

    number: int


@dataclass(frozen=True)
class GapName:
    """A gap in the gap register."""

    number: int


@dataclass(frozen=True)
class DepartureName:
    """Somebody (a Slack id) who left the workspace at an instant (UTC)."""

    user: str
    since: datetime


@dataclass(frozen=True)
class HolidayWeekName:
    """The week of a festival."""

    festival: Festival
    year: int


@dataclass(frozen=True)
class RotaVersionName:
    """A version of the rota."""

    number: int


@dataclass(frozen=True)
class OverrideName:
    """All overrides that were saved together under one key."""

    key: str


@dataclass(frozen=True)
class OfferName:
    """A swap offer."""

    number: int


@dataclass(frozen=True)
class ReturnedName:
    """The cases that 21Vianet returned, all together."""


@dataclass(frozen=True)
class RemediationName:
    """A remediation record."""

    number: int


@dataclass(frozen=True)
class RemediationActionName:
    """One action of a remediation record."""

    number: int
    action: int


SubjectName = (
    EscalationName | GapName | ShiftName | HandoverName | DepartureName | HolidayWeekName
    | RotaVersionName | OverrideName | OfferName | ReturnedName | ReviewName
    | RemediationName | RemediationActionName
)  # fmt: skip
"""What a subject in the store names."""


_encode = json.JSONEncoder(ensure_ascii=False).encode  # made once: a tick names all shifts around it


def _write(at: datetime, place: Slot, *people: str) -> str:
    return _encode([at.isoformat(), place.seat, place.number, *people])


def escalation(number: int) -> str:
    """Return the name of an escalation."""
    return f"{ESCALATION}{number}"


def review(number: int) -> str:
    """Return the name of the review of an escalation."""
    return f"{REVIEW}{number}"


def left(user: str, since: datetime) -> str:
    """Return the name of the departure of somebody (a Slack id) at an instant."""
    return f"{LEFT}{user}@{since.isoformat()}"


def left_of(subject: str) -> tuple[str, datetime]:
    """Read who left (a Slack id), and when. Raises ValueError."""
    user, _, since = subject.removeprefix(LEFT).partition("@")
    return user, parse_utc(since)


def remediation(number: int) -> str:
    """Return the name of a remediation record."""
    return f"{REMEDIATION}{number}"


def remediation_action(number: int, action: int) -> str:
    """Return the name of an action of a remediation record."""
    return f"{REMEDIATION_ACTION}{number}.{action}"


def _read_action(subject: str) -> RemediationActionName:
    number, _, action = subject.removeprefix(REMEDIATION_ACTION).partition(".")
    return RemediationActionName(int(number), int(action))


def gap(number: int) -> str:
    """Return the name of a gap."""
    return f"{GAP}{number}"


def holiday_review(festival: Festival, year: int) -> str:
    """Return the name of a festival's week. It stays the same when its days are corrected."""
    return f"{HOLIDAY_REVIEW}:{festival}/{year}"


def holiday_week_of(subject: str) -> tuple[Festival, int]:
    """Read the name of a festival's week. Raises ValueError."""
    festival, _, year = subject.removeprefix(f"{HOLIDAY_REVIEW}:").partition("/")
    return Festival(festival), int(year)


def find_covered(subject: str) -> tuple[str, ...]:
    """Return the subjects a reminder covers: its own; for a handover also the shift that begins with it."""
    return (subject, str(handover_of(subject).shift)) if subject.startswith(HANDOVER) else (subject,)


def number_of(subject: str) -> int:
    """Read the number in the name of an escalation or a gap. Raises ValueError."""
    return int(subject.partition(":")[2])


def shift_of(subject: str) -> ShiftName:
    """Read the name of a shift. Raises ValueError."""
    at, seat, place, person = json.loads(subject.removeprefix(SHIFT))
    return ShiftName(Slot(seat, place), parse_utc(at), person)


def handover_of(subject: str) -> HandoverName:
    """Read the name of a handover. Raises ValueError."""
    at, seat, place, outgoing, incoming = json.loads(subject.removeprefix(HANDOVER))
    return HandoverName(Slot(seat, place), parse_utc(at), outgoing, incoming)


_READERS: Mapping[str, Callable[[str], SubjectName]] = {
    ESCALATION: lambda subject: EscalationName(number_of(subject)),
    REVIEW: lambda subject: ReviewName(number_of(subject)),
    GAP: lambda subject: GapName(number_of(subject)),
    SHIFT: shift_of,
    HANDOVER: handover_of,
    LEFT: lambda subject: DepartureName(*left_of(subject)),
    f"{HOLIDAY_REVIEW}:": lambda subject: HolidayWeekName(*holiday_week_of(subject)),
    PLAN: lambda subject: RotaVersionName(number_of(subject)),
    CHANGE: lambda subject: OverrideName(subject.removeprefix(CHANGE)),
    OFFER: lambda subject: OfferName(number_of(subject)),
    RETURNED: lambda _: ReturnedName(),
    REMEDIATION: lambda subject: RemediationName(number_of(subject)),
    REMEDIATION_ACTION: _read_action,
}


def read_names(subjects: Iterable[str]) -> tuple[dict[str, SubjectName | None], dict[str, Exception]]:
    """Return what each subject names, as :func:`read_name` does, and the errors of those that are not valid."""
    names: dict[str, SubjectName | None] = {}
    errors: dict[str, Exception] = {}
    for subject in subjects:
        try:
            names[subject] = read_name(subject)
        except (ValueError, TypeError) as error:
            errors[subject] = error
    return names, errors


def read_name(subject: str) -> SubjectName | None:
    """Return what a subject names; None for a subject that names nothing, such as the daily list.

    Raises ValueError when the text after the prefix is not valid.
    """
    prefix, colon, _ = subject.partition(":")
    read = _READERS.get(prefix + colon)
    return read(subject) if read else None
