"""Messages rendered from a store, as the running worker renders them."""

from collections.abc import Callable
from datetime import datetime

from bot.services import Repositories, build_render_context, reminder_settings
from handlers.notifications.context import RenderContext
from handlers.notifications.message import Sending
from handlers.notifications.render import MessageRenderer
from handlers.settings import Settings
from models.rules.escalations.acknowledgement_calls import NOBODY, OnCallPeople
from models.rules.outbox.delivery import Delivery
from models.rules.policy import reader
from models.store.database import Store

POLICY = reader.load_packaged()


class WorkspaceDirectory:
    """A workspace in which every id is known."""

    def workspace(self) -> str:
        return "https://csp.slack.com/"

    def unknown(self, user_id: str) -> bool:
        return not user_id


def render_context_on(
    store: Store, settings: Settings, now: datetime, on_duty: Callable[[datetime], OnCallPeople] = lambda _: NOBODY
) -> RenderContext:
    """Return what messages are rendered from, over one store."""
    repositories = Repositories(store, reminder_settings(settings, POLICY), on_call_at=on_duty)
    return build_render_context(repositories, WorkspaceDirectory(), lambda: now, settings)


def render(delivery: Delivery, render_context: RenderContext) -> Sending | None:
    """Render any delivery."""
    return MessageRenderer(render_context).render(delivery)
