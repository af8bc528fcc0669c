"""The one builder of what handlers and workers use: the program, the simulation and the tests call it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypedDict

from handlers.context import Services, UserDirectory
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


class Shared(TypedDict):
    """What handlers and renderers both use."""

    queries: EscalationQueries
    policies: VendorPolicies
    rota_store: RotaStore
    swap_offers: SwapOffers
    coverage_ledger: CoverageLedger
    returned_cases: ReturnedCases
    monthly_reports: MonthlyReports
    similar_cases: SimilarCases
    informed_customers: InformedCustomers
    incident_cases: IncidentCases
    remediation_records: RemediationRecords
    pages: Pages
    on_call_at: OnCallAt


def build_services(repositories: Repositories, people: UserDirectory, now: Now, settings: Settings) -> Services:
    """Build the bundle that every handler gets."""
    return Services(
        **_list_shared(repositories),
        commands=repositories.commands,
        drafts=repositories.drafts,
        people=people,
        now=now,
        settings=settings,
        confirmations=repositories.confirmations,
        gap_register=repositories.gap_register,
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
        **_list_shared(repositories),
        gaps=repositories.gap_register,
        reminders=repositories.reminder_log,
        snapshots=repositories.snapshots,
        holiday_reviews=HolidayReviews(repositories.coverage_ledger, repositories.availability),
        settings=settings,
        now=now,
        workspace=people.workspace,
        is_unknown=people.unknown,
    )


def _list_shared(repositories: Repositories) -> Shared:
    return {
        "queries": repositories.queries,
        "policies": repositories.policies,
        "rota_store": repositories.rota_store,
        "swap_offers": repositories.swap_offers,
        "coverage_ledger": repositories.coverage_ledger,
        "returned_cases": repositories.returned_cases,
        "monthly_reports": repositories.monthly_reports,
        "similar_cases": repositories.similar_cases,
        "informed_customers": repositories.informed_customers,
        "incident_cases": repositories.incident_cases,
        "remediation_records": repositories.remediation_records,
        "pages": repositories.pages,
        "on_call_at": repositories.on_call_at,
    }


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
