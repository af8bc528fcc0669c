"""Messages drawn from a store, as the running worker draws them."""

from collections.abc import Callable
from datetime import datetime

from handlers.notifications import render
from handlers.notifications.context import Studio
from handlers.notifications.message import Sending
from handlers.notifications.rota_changes import News
from handlers.settings import Settings
from models.escalations.queries import Board
from models.oncall.availability import Volunteers
from models.oncall.confirmations import Watches
from models.oncall.coverage_ledger import Coverage
from models.oncall.gap_register import GapBook
from models.oncall.holiday_review import Rehearsals
from models.oncall.rota_store import Rotas
from models.oncall.snapshot import Scenes
from models.oncall.swaps import Offers
from models.reminders.log import Reminders
from models.rules import policy
from models.rules.delivery import Delivery
from models.rules.escalations.calls import NOBODY, OnDuty
from models.store.database import Store


def studio_on(
    store: Store, settings: Settings, now: datetime, on_duty: Callable[[datetime], OnDuty] = lambda _: NOBODY
) -> Studio:
    """Where messages are drawn from what a store knows."""
    rotas = Rotas(store)
    coverage = Coverage(store, rotas, Watches(store, rotas))
    return Studio(
        Board(store), GapBook(store), Reminders(store), Scenes(store, rotas),
        Rehearsals(coverage, Volunteers(store)), coverage, settings, policy.packaged(),
        lambda: now, lambda: "https://csp.slack.com/", on_duty=on_duty,
    )  # fmt: skip


def draw(delivery: Delivery, studio: Studio, store: Store) -> Sending | None:
    """Any delivery, drawn."""
    rotas = Rotas(store)
    news = News(rotas, Offers(store, rotas), studio.board, studio.gaps, studio.settings)
    return render.draw(delivery, studio, news)
