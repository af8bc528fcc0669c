"""Messages drawn from a store, as the running worker draws them."""

from collections.abc import Callable
from datetime import datetime

from handlers.notifications import render
from handlers.notifications.context import RenderContext
from handlers.notifications.message import Sending
from handlers.notifications.rota_changes import RotaChangeMessages
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


def studio_on(
    store: Store, settings: Settings, now: datetime, on_duty: Callable[[datetime], OnCallPeople] = lambda _: NOBODY
) -> RenderContext:
    """Where messages are drawn from what a store knows."""
    rotas = RotaStore(store)
    coverage = CoverageLedger(store, rotas, Confirmations(store, rotas))
    return RenderContext(
        EscalationQueries(store), GapRegister(store), ReminderLog(store), SnapshotCache(store, rotas),
        HolidayReviews(coverage, Availability(store)), coverage, settings, policy.load_packaged(),
        lambda: now, lambda: "https://csp.slack.com/", on_duty=on_duty,
    )  # fmt: skip


def draw(delivery: Delivery, render_context: RenderContext, store: Store) -> Sending | None:
    """Any delivery, drawn."""
    rotas = RotaStore(store)
    news = RotaChangeMessages(
        rotas, SwapOffers(store, rotas), render_context.queries, render_context.gaps, render_context.settings
    )
    return render.draw(delivery, render_context, news)
