"""The one builder of what handlers and workers use: the program, the simulation and the tests call it."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any, Protocol

from handlers.context import Services, SharedServices, UserDirectory
from handlers.notifications.context import RenderContext
from handlers.settings import Settings
from models.customers.informed_customers import InformedCustomers
from models.escalations.commands import EscalationCommands
from models.escalations.draft_rows import EscalationDrafts
from models.escalations.incident_cases import IncidentCases
from models.escalations.queries import EscalationQueries
from models.escalations.returned_cases import ReturnedCases
from models.escalations.similar_cases import SimilarCases
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.holiday_review import HolidayReviews
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.oncall.swaps import SwapOffers
from models.outbox.file_requests import FileRequests
from models.outbox.page_links import PageLinks
from models.outbox.pages import Pages
from models.outbox.queue import Outbox
from models.remediation.records import RemediationRecords
from models.reminders.engine import ReminderEngine
from models.reminders.log import ReminderLog
from models.reminders.on_call import OnCallLookup
from models.reminders.settings import ReminderSettings
from models.reports.monthly_reports import MonthlyReports
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.policy.vendor import VendorPolicy
from models.rules.reach.reach_plan import NOBODY_REACHED, ReachPlan
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch

Now = Callable[[], datetime]
OnCallAt = Callable[[datetime], OnCallPeople]


class SlackDirectory(Protocol):
    """What Slack said about the workspace and its people."""

    def workspace(self) -> str:
        """Return the address of the workspace; empty while it is not known."""

    def unknown(self, user_id: str) -> bool:
        """Return whether Slack said that it knows nobody by this id."""


class Repositories:
    """All that is read and changed in one store, each made once."""

    def __init__(
        self, store: Store, settings: ReminderSettings, wake_up: Callable[[], None] = lambda: None,
        on_call_at: OnCallAt | None = None,
    ) -> None:  # fmt: skip
        """Call ``wake_up`` when a commit left something to send.

        ``on_call_at`` replaces the rota's answer to who can be called; tests give one.
        """
        self.rota_store, self.epoch = RotaStore(store), StoreEpoch(store)
        self.policies = VendorPolicies(store, settings.policy)
        self.snapshots = SnapshotCache(store, self.rota_store)
        self.on_call_at = on_call_at or OnCallLookup(self.snapshots, settings).at
        self.commands, self.queries = EscalationCommands(store, wake_up, self.on_call_at), EscalationQueries(store)
        self.drafts, self.returned_cases = EscalationDrafts(store), ReturnedCases(store)
        self.similar_cases, self.informed_customers = SimilarCases(store), InformedCustomers(store)
        self.remediation_records, self.incident_cases = RemediationRecords(store, wake_up), IncidentCases(store)
        self.confirmations = Confirmations(store, self.rota_store)
        self.coverage_ledger = CoverageLedger(store, self.rota_store, self.confirmations)
        self.monthly_reports = MonthlyReports(store, self.policies, self.rota_store, self.coverage_ledger)
        self.swap_offers, self.rota_editor = SwapOffers(store, self.rota_store), RotaEditor(store, self.rota_store)
        self.gap_register, self.availability = GapRegister(store), Availability(store)
        self.file_requests, self.outbox = FileRequests(store, wake_up), Outbox(store)
        self.pages, self.page_links = Pages(store), PageLinks(store, self.epoch)
        self.reminder_log = ReminderLog(store)
        self.engine = ReminderEngine(store, self.snapshots, settings, self.policies)


def build_services(repositories: Repositories, people: UserDirectory, now: Now, settings: Settings) -> Services:
    """Build the bundle that every handler gets."""
    return Services(
        **_list_shared(repositories, now, settings),
        commands=repositories.commands,
        drafts=repositories.drafts,
        people=people,
        confirmations=repositories.confirmations,
        rota_editor=repositories.rota_editor,
        file_requests=repositories.file_requests,
        availability=repositories.availability,
        epoch=repositories.epoch,
    )


def build_render_context(
    repositories: Repositories, people: SlackDirectory, now: Now, settings: Settings
) -> RenderContext:
    """Build what the messages of the outbox are rendered from."""
    return RenderContext(
        **_list_shared(repositories, now, settings),
        reminders=repositories.reminder_log,
        snapshots=repositories.snapshots,
        holiday_reviews=HolidayReviews(repositories.coverage_ledger, repositories.availability),
        workspace=people.workspace,
        is_unknown=people.unknown,
    )


def _list_shared(repositories: Repositories, now: Now, settings: Settings) -> dict[str, Any]:
    """Return the fields of SharedServices: the repositories have most of them under the same name."""
    names = {field.name for field in fields(SharedServices)} - {"now", "settings"}
    return {name: getattr(repositories, name) for name in names} | {"now": now, "settings": settings}


def reminder_settings(settings: Settings, policy: VendorPolicy, reach: ReachPlan = NOBODY_REACHED) -> ReminderSettings:
    """Return the settings of the installation that decide about reminders."""
    return ReminderSettings(
        oncall_channel=settings.oncall_channel,
        escalation_channel=settings.escalation_channel,
        leads=tuple(sorted(settings.leads)),
        zone=settings.timezone,
        policy=policy,
        usergroup=settings.oncall_usergroup,
        reach=reach,
    )
