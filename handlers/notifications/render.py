"""Renders each row of the outbox, at the moment it is sent, from the facts of that moment.

:data:`RENDERERS` is the one table from a kind of message to the function that renders it. A renderer returns what goes
to Slack, or None when nothing is left to say. It raises :class:`NotReady` while the card it belongs to is being sent.
Nothing here sends anything.
"""

from collections.abc import Callable, Mapping

from handlers.notifications import (
    calls,
    delivery_failures,
    escalation_card,
    escalations,
    gaps,
    holiday_review,
    on_call,
    reminders,
    rota_changes,
    rota_chart,
    shifts,
    week_ahead,
)
from handlers.notifications.context import MessageContext, RenderContext
from handlers.notifications.message import Sending
from models.rules.delivery import Delivery, MessageKind

Renderer = Callable[[MessageContext], Sending | None]

RENDERERS: Mapping[MessageKind, Renderer] = {
    MessageKind.CARD: escalation_card.card,
    MessageKind.REFRESH: escalation_card.refreshed_card,
    MessageKind.LINE: escalation_card.timeline_entry,
    MessageKind.RECEIPT: escalation_card.receipt,
    MessageKind.CALL: calls.call_message,
    MessageKind.CALL_REFRESH: calls.refreshed_call,
    MessageKind.TROUBLE: delivery_failures.notice,
    MessageKind.GAP: gaps.card,
    MessageKind.GAP_REFRESH: gaps.card,
    MessageKind.GAPS: gaps.far_gaps,
    MessageKind.REMINDER: reminders.reminder,
    MessageKind.REMINDER_REFRESH: reminders.refreshed_reminder,
    MessageKind.SHIFT: shifts.reminder,
    MessageKind.HANDOVER: shifts.card,
    MessageKind.HANDOVER_REFRESH: shifts.card,
    MessageKind.ON_NOW: on_call.on_now,
    MessageKind.TOPIC: on_call.topic,
    MessageKind.GROUP: on_call.user_group,
    MessageKind.DIGEST: escalations.digest,
    MessageKind.WEEK: week_ahead.message,
    MessageKind.PICTURE: rota_chart.chart,
    MessageKind.REHEARSAL: holiday_review.card,
    MessageKind.REHEARSAL_REFRESH: holiday_review.card,
    MessageKind.CHANGED: rota_changes.change,
    MessageKind.OFFER: rota_changes.offer_card,
    MessageKind.OFFER_REFRESH: rota_changes.offer_card,
    MessageKind.OFFERED: rota_changes.declined_offer,
}


class MessageRenderer:
    """Renders deliveries for the outbox worker."""

    def __init__(self, render_context: RenderContext, meet: Callable[[str], None] = lambda _user: None) -> None:
        """Keep the sources. ``meet`` learns the language and zone of a user (a Slack id) nobody has met yet."""
        self._render_context, self._meet = render_context, meet

    def render(self, delivery: Delivery) -> Sending | None:
        """Render a delivery; return None when nothing is left to say.

        Raises:
            NotReady: what the message builds on is still being sent.
        """
        if delivery.user:
            self._meet(delivery.user)
        return RENDERERS[delivery.what](MessageContext(delivery, self._render_context))
