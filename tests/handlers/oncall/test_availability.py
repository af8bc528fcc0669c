"""“I can work then” on the card of a holiday week: who may say so, and what is kept of it."""

from datetime import UTC, datetime

import pytest

from handlers import ids
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.models.reminders.test_holiday_review import WEEK


def test_a_member_offers_to_work_and_thinks_again(rota: Stage, emma: Member) -> None:
    said = emma.button(ids.WEEK_CAN, WEEK)
    again = emma.button(ids.WEEK_CAN, WEEK)

    assert rota.services.availability.volunteers(WEEK) == ["U0EMMA"]
    assert "You have no new shift yet" in said.words
    assert ids.WEEK_CANNOT in str(again.told)

    emma.button(ids.WEEK_CANNOT, WEEK)

    assert rota.services.availability.volunteers(WEEK) == []


def test_who_is_not_on_the_rota_and_guests_are_refused_and_nothing_is_kept(rota: Stage) -> None:
    Member(rota, "U0TOM").button(ids.WEEK_CAN, WEEK)

    assert rota.services.availability.volunteers(WEEK) == []


@pytest.mark.parametrize("value", ["", "rehearsal:easter/2027", "rehearsal:spring_festival/x", "gap:1", "x" * 3000])
def test_a_forged_button_is_refused(rota: Stage, emma: Member, value: str) -> None:
    assert "can't be read any more" in emma.button(ids.WEEK_CAN, value).words


def test_a_week_that_is_over_takes_nobody(rota: Stage, emma: Member) -> None:
    rota.later(datetime(2027, 3, 1, tzinfo=UTC) - NOW)

    assert "These days are over." in emma.button(ids.WEEK_CAN, WEEK).words
    assert rota.services.availability.volunteers(WEEK) == []
