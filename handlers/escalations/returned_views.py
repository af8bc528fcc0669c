"""How often 21Vianet returned cases: a private answer. Leads see all, everybody else their own cases."""

from handlers.blocks import block_kit, returned_rates
from handlers.context import CurrentUser, Services
from models.rules.escalations.returned_rates import find_window


class ReturnedViews:
    """Answers ``returned``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show a lead the rates of all, and anybody else those of the cases they raised themselves."""
        services, actor = self._services, current_user.actor
        window = find_window(services.now(), services.settings.timezone)
        cases, limits = services.returned_cases, services.policy.reminder_times.returned
        overview = (
            cases.overview(window, actor.team_id) if actor.is_lead else cases.own(window, actor.team_id, actor.id)
        )
        return returned_rates.blocks(overview, limits, current_user.words, is_lead=actor.is_lead)
