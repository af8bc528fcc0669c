"""What is known of a customer: its cases, clocks kept and missed, contacts. A private answer, to full members only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from handlers import press_origin
from handlers.blocks import block_kit, customer_record
from handlers.blocks.customer_record import KeptPromises
from handlers.context import CurrentUser, Services
from handlers.payloads import button_value, team_of, user_of
from models.escalations.customer_cases import CustomerOverview
from models.rules.errors import refuse
from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.kept_clocks import count_kept, is_acknowledged_in_time, is_answered_in_time

LISTED = 10
"""How many customers that match are listed."""


class CustomerViews:
    """Answers ``customer NAME`` and the buttons of its list."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, typed: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show the customer that is meant, or those that may be. Raises Refused when there is none."""
        if not typed:
            raise refuse("which_customer")
        matching = self._services.queries.customers(typed, LISTED + 1)
        if not matching:
            raise refuse("no_such_customer", typed=block_kit.clip(typed, 100))
        if len(matching) == 1:
            return self.describe(matching[0].id, current_user)
        return customer_record.choose(matching[:LISTED], len(matching) > LISTED, current_user.words)

    def show(self, body: dict[str, Any], respond: Callable[..., Any]) -> None:
        """Show the customer of a button, privately, in place of the list."""
        current_user = self._services.admit(user_of(body), team_of(body))
        blocks = self.describe(button_value(body), current_user)
        shown = block_kit.fallback_text(blocks)
        respond(text=shown, blocks=blocks, response_type="ephemeral", replace_original=press_origin.is_direct(body))

    def describe(self, customer_id: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Return what is known of one customer. Raises Refused when it is not on record."""
        now, zone = self._services.now(), self._services.settings.timezone
        overview = self._services.queries.customer_overview(customer_id, current_user.actor.team_id, now)
        if overview is None:
            raise refuse("unreadable")
        last = overview.informing.last
        if last:
            named = replace(last, by=self._services.find_name(last.by))
            overview = replace(overview, informing=replace(overview.informing, last=named))
        return customer_record.blocks(overview, self._count_kept(overview), current_user.words, now, zone)

    def _count_kept(self, overview: CustomerOverview) -> KeptPromises:
        """Count promises kept and missed, each case by the rules it was raised under."""
        services, now = self._services, self._services.now()
        is_workday = services.rota_store.workday_test(now)
        times = services.policy.reminder_times
        ours = count_kept(is_acknowledged_in_time(entries, times, now) for _, entries in overview.cases)
        theirs = count_kept(
            is_answered_in_time(
                build_timeline(entries), services.policies.of_version(case.policy_version), is_workday, now
            )
            for case, entries in overview.cases
        )
        return KeptPromises(ours, theirs)
