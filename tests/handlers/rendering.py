"""Messages rendered from a store, as the running worker renders them."""

from collections.abc import Callable
from datetime import datetime

from handlers.notifications.context import RenderContext
from handlers.notifications.message import Sending
from handlers.notifications.render import MessageRenderer
from handlers.settings import Settings
from models.escalations.queries import EscalationQueries
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.holiday_review import HolidayReviews
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.oncall.swaps import SwapOffers
from models.reminders.log import ReminderLog
from models.rules import policy
from models.rules.delivery import Delivery
from models.rules.escalations.calls import NOBODY, OnCallPeople
from models.store.database import Store

POLICY = policy.load_packaged()


def render_context_on(
    store: Store, settings: Settings, now: datetime, on_duty: Callable[[datetime], OnCallPeople] = lambda _: NOBODY
) -> RenderContext:
    """Return what messages are rendered from, over one store."""
    rota_store = RotaStore(store)
    coverage_ledger = CoverageLedger(store, rota_store, Confirmations(store, rota_store))
    return RenderContext(
        queries=EscalationQueries(store),
        gaps=GapRegister(store),
        reminders=ReminderLog(store),
        snapshots=SnapshotCache(store, rota_store),
        holiday_reviews=HolidayReviews(coverage_ledger, Availability(store)),
        coverage_ledger=coverage_ledger,
        rota_store=rota_store,
        swap_offers=SwapOffers(store, rota_store),
        settings=settings,
        policy=POLICY,
        now=lambda: now,
        workspace=lambda: "https://csp.slack.com/",
        on_call_at=on_duty,
    )


def render(delivery: Delivery, render_context: RenderContext) -> Sending | None:
    """Render any delivery."""
    return MessageRenderer(render_context).render(delivery)
