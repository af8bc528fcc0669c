"""All that the running bot reads and changes in its store, each made once."""

from dataclasses import dataclass

from bot.workers.outbox import WakeUp
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.oncall.swaps import SwapOffers
from models.outbox.queue import Outbox
from models.reminders.engine import ReminderEngine
from models.reminders.on_call import OnCallLookup
from models.reminders.settings import ReminderSettings
from models.rules.policy import VendorPolicy
from models.store.database import Store


@dataclass(frozen=True)
class Repositories:
    """All that is read and changed in one store."""

    rotas: RotaStore
    offers: SwapOffers
    watches: Confirmations
    snapshots: SnapshotCache
    on_call: OnCallLookup
    commands: EscalationCommands
    queries: EscalationQueries
    outbox: Outbox
    gap_book: GapRegister
    coverage: CoverageLedger
    volunteers: Availability
    engine: ReminderEngine


def stored_in(store: Store, services: ReminderSettings, wake_up: WakeUp) -> Repositories:
    """Make each of them once, over one store; ``bell`` wakes the outbox after a commit."""
    rotas = RotaStore(store)
    watches, snapshots = Confirmations(store, rotas), SnapshotCache(store, rotas)
    on_call = OnCallLookup(snapshots, services)
    return Repositories(
        rotas=rotas,
        offers=SwapOffers(store, rotas),
        watches=watches,
        snapshots=snapshots,
        on_call=on_call,
        commands=EscalationCommands(store, wake_up.ring, on_call.at),
        queries=EscalationQueries(store),
        outbox=Outbox(store),
        gap_book=GapRegister(store),
        coverage=CoverageLedger(store, rotas, watches),
        volunteers=Availability(store),
        engine=ReminderEngine(store, snapshots, services),
    )


def reminder_settings(settings: Settings, pages: VendorPolicy) -> ReminderSettings:
    """What the vigil must know of the installation."""
    return ReminderSettings(
        settings.oncall_channel, settings.escalation_channel, tuple(sorted(settings.leads)), settings.timezone,
        pages.reminder_times, settings.oncall_usergroup,
    )  # fmt: skip
