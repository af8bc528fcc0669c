"""The one builder of what handlers and workers use: the program, the simulation and the tests call it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.context import Services, UserDirectory
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.oncall.swaps import SwapOffers
from models.outbox.queue import Outbox
from models.outbox.rota_chart import ChartRequests
from models.reminders.engine import ReminderEngine
from models.reminders.log import ReminderLog
from models.reminders.on_call import OnCallLookup
from models.reminders.settings import ReminderSettings
from models.rules.escalations.calls import OnCallPeople
from models.rules.policy import VendorPolicy
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch

OnCallAt = Callable[[datetime], OnCallPeople]


@dataclass(frozen=True)
class Repositories:
    """All that is read and changed in one store, each made once."""

    commands: EscalationCommands
    queries: EscalationQueries
    rota_store: RotaStore
    swap_offers: SwapOffers
    confirmations: Confirmations
    gap_register: GapRegister
    rota_editor: RotaEditor
    coverage_ledger: CoverageLedger
    availability: Availability
    chart_requests: ChartRequests
    snapshots: SnapshotCache
    outbox: Outbox
    reminder_log: ReminderLog
    engine: ReminderEngine
    epoch: StoreEpoch
    on_call_at: OnCallAt


def build_repositories(
    store: Store,
    settings: ReminderSettings,
    wake_up: Callable[[], None] = lambda: None,
    on_call_at: OnCallAt | None = None,
) -> Repositories:
    """Build each part over one store; ``wake_up`` is called when a commit left something to send.

    ``on_call_at`` replaces the rota's answer to who can be called; tests give one.
    """
    rota_store = RotaStore(store)
    confirmations, snapshots = Confirmations(store, rota_store), SnapshotCache(store, rota_store)
    on_call_at = on_call_at or OnCallLookup(snapshots, settings).at
    return Repositories(
        commands=EscalationCommands(store, wake_up, on_call_at),
        queries=EscalationQueries(store),
        rota_store=rota_store,
        swap_offers=SwapOffers(store, rota_store),
        confirmations=confirmations,
        gap_register=GapRegister(store),
        rota_editor=RotaEditor(store, rota_store),
        coverage_ledger=CoverageLedger(store, rota_store, confirmations),
        availability=Availability(store),
        chart_requests=ChartRequests(store, wake_up),
        snapshots=snapshots,
        outbox=Outbox(store),
        reminder_log=ReminderLog(store),
        engine=ReminderEngine(store, snapshots, settings),
        epoch=StoreEpoch(store),
        on_call_at=on_call_at,
    )  # fmt: skip


def build_services(
    repositories: Repositories,
    people: UserDirectory,
    now: Callable[[], datetime],
    settings: Settings,
    policy: VendorPolicy,
) -> Services:
    """Build the bundle that every handler gets."""
    return Services(
        commands=repositories.commands,
        queries=repositories.queries,
        people=people,
        now=now,
        settings=settings,
        policy=policy,
        rota_store=repositories.rota_store,
        swap_offers=repositories.swap_offers,
        confirmations=repositories.confirmations,
        gap_register=repositories.gap_register,
        rota_editor=repositories.rota_editor,
        coverage_ledger=repositories.coverage_ledger,
        chart_requests=repositories.chart_requests,
        availability=repositories.availability,
        epoch=repositories.epoch,
        on_call_at=repositories.on_call_at,
    )


def reminder_settings(settings: Settings, policy: VendorPolicy) -> ReminderSettings:
    """Return the settings of the installation that decide about reminders."""
    return ReminderSettings(
        oncall_channel=settings.oncall_channel,
        escalation_channel=settings.escalation_channel,
        leads=tuple(sorted(settings.leads)),
        zone=settings.timezone,
        reminder_times=policy.reminder_times,
        usergroup=settings.oncall_usergroup,
    )
