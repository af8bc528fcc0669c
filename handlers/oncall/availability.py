"""The buttons of a holiday week's card: “I can work then”, “I can't after all”."""

from collections.abc import Callable
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, holiday_review
from handlers.context import Services
from handlers.oncall.requester import requester_of
from handlers.payloads import Body, button_value, click_key
from models.rules.errors import refuse
from models.rules.reminders import subjects
from models.rules.rota import holidays

Respond = Callable[..., Any]


class AvailabilityActions:
    """Records whether members can work in a holiday week; the outbox redraws the card."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def can(self, body: Body, respond: Respond) -> None:
        """Record that the member can work that week."""
        self._record(True, body, respond)

    def cannot(self, body: Body, respond: Respond) -> None:
        """Record that the member can't work that week."""
        self._record(False, body, respond)

    def _record(self, can: bool, body: Body, respond: Respond) -> None:
        requester = requester_of(self._services, body)
        requester.myself()
        name = ids.week_of(button_value(body))
        festival, year = subjects.holiday_week_of(name)
        week = holidays.find_holiday_week(festival, year, requester.rota.calendar)
        if requester.now >= week.times(requester.rota.zone)[1]:
            raise refuse("week_over")
        self._services.availability.record(name, requester.actor.id, can, requester.now, click_key(body))
        blocks = holiday_review.availability_answer(can, name, requester.words)
        respond(
            text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=not can
        )
