"""What a subject in the store names."""

from datetime import UTC, datetime

import pytest

from models.rules.reminders import subjects
from models.rules.rota.holidays import Festival
from models.rules.rota.on_call import Slot

AT = datetime(2027, 1, 5, 12, tzinfo=UTC)
SHIFT = subjects.ShiftName(Slot("primary"), AT, "ann: left")
HANDOVER = subjects.HandoverName(Slot("backup", 2), AT, "ann", "bob")


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (subjects.escalation(7), subjects.EscalationName(7)),
        (subjects.gap(3), subjects.GapName(3)),
        (str(SHIFT), SHIFT),
        (str(HANDOVER), HANDOVER),
        (subjects.left("U0BOB", AT), subjects.DepartureName("U0BOB", AT)),
        (
            subjects.holiday_review(Festival.SPRING_FESTIVAL, 2027),
            subjects.HolidayWeekName(Festival.SPRING_FESTIVAL, 2027),
        ),
        ("plan:4", subjects.RotaVersionName(4)),
        ("change:take/gap:3:1", subjects.OverrideName("take/gap:3:1")),
        ("offer:9", subjects.OfferName(9)),
    ],
)
def test_a_subject_is_read_as_what_it_names(subject: str, name: subjects.SubjectName) -> None:
    assert subjects.read_name(subject) == name


@pytest.mark.parametrize("subject", ["", subjects.DUTY, subjects.DIGEST, subjects.HOLIDAY_REVIEW, "call:U0BOB"])
def test_a_subject_that_names_nothing_has_no_name(subject: str) -> None:
    assert subjects.read_name(subject) is None


@pytest.mark.parametrize("subject", ["gap:x", "offer:", "shift:{}", "left:U0BOB@soon", "rehearsal:easter/2027"])
def test_a_subject_that_is_damaged_is_refused(subject: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each reader says what is wrong in its own words
        subjects.read_name(subject)
