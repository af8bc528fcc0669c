"""Messages drawn from a store, as the running worker draws them."""

from collections.abc import Callable
from datetime import datetime

from handlers import messages
from handlers.duty.frame import Studio
from handlers.rota.news import News
from handlers.sending import Sending
from handlers.settings import Settings
from models import policy
from models.board import Board
from models.calls import NOBODY, OnDuty
from models.coverage import Coverage
from models.delivery import Delivery
from models.gap_book import GapBook
from models.offers import Offers
from models.rehearsals import Rehearsals
from models.reminders import Reminders
from models.rotas import Rotas
from models.scene import Scenes
from models.store import Store
from models.volunteers import Volunteers
from models.watches import Watches


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
    return messages.draw(delivery, studio, news)
