"""Renders each row of the outbox, at the moment it is sent, from the facts of that moment.

:data:`RENDERERS` is the one table from a kind of message to the function that renders it. A renderer returns what goes
to Slack, or None when nothing is left to say. It raises :class:`NotReady` while the card it belongs to is being sent.
Nothing here sends anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers.i18n.erased_words import in_words, localize
from handlers.i18n.words import Words
from handlers.notifications import (
    calls,
    case_export,
    case_picture,
    changeovers,
    delivery_failures,
    escalation_card,
    escalations,
    gaps,
    handovers,
    holiday_review,
    monthly_report,
    on_call,
    remediation_packet,
    reminders,
    rota_changes,
    rota_chart,
    week_ahead,
)
from handlers.notifications.context import MessageContext, RenderContext
from handlers.notifications.message import Message, Sending
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind

Renderer = Callable[[MessageContext], Sending | None]

RENDERERS: Mapping[MessageKind, Renderer] = {
    MessageKind.CARD: escalation_card.render_card,
    MessageKind.REFRESH: escalation_card.render_card_update,
    MessageKind.LINE: escalation_card.render_timeline_entry,
    MessageKind.LINE_REFRESH: escalation_card.render_timeline_update,
    MessageKind.RECEIPT: escalation_card.render_receipt,
    MessageKind.RECEIPT_REFRESH: escalation_card.render_receipt_update,
    MessageKind.CALL: calls.render_call,
    MessageKind.CALL_REFRESH: calls.render_call_update,
    MessageKind.TROUBLE: delivery_failures.render_notice,
    MessageKind.GAP: gaps.render_card,
    MessageKind.GAP_REFRESH: gaps.render_card,
    MessageKind.GAPS: gaps.render_far_gaps,
    MessageKind.REMINDER: reminders.render_reminder,
    MessageKind.REMINDER_REFRESH: reminders.render_replacement,
    MessageKind.SHIFT: changeovers.render_own_shift,
    MessageKind.HANDOVER: handovers.render_card,
    MessageKind.HANDOVER_REFRESH: handovers.render_card,
    MessageKind.ON_NOW: on_call.render_on_call,
    MessageKind.TOPIC: on_call.render_topic,
    MessageKind.GROUP: on_call.render_user_group,
    MessageKind.DIGEST: escalations.render_digest,
    MessageKind.WEEK: week_ahead.render_week,
    MessageKind.PICTURE: rota_chart.render_chart,
    MessageKind.CASE_PICTURE: case_picture.render_case_picture,
    MessageKind.EXPORT: case_export.render_case_export,
    MessageKind.PACKET: remediation_packet.render_packet,
    MessageKind.REPORT: monthly_report.render_report,
    MessageKind.HOLIDAY_REVIEW: holiday_review.render_card,
    MessageKind.HOLIDAY_REVIEW_REFRESH: holiday_review.render_card,
    MessageKind.CHANGED: rota_changes.render_change,
    MessageKind.OFFER: rota_changes.render_offer,
    MessageKind.OFFER_REFRESH: rota_changes.render_offer,
    MessageKind.OFFERED: rota_changes.render_declined_offer,
}


class MessageRenderer:
    """Renders deliveries for the outbox worker."""

    def __init__(self, render_context: RenderContext, meet: Callable[[str], None] = lambda _user: None) -> None:
        """Keep the sources. ``meet`` learns the language and zone of a user (a Slack id) nobody has met yet."""
        self._render_context, self._meet = render_context, meet

    def render(self, delivery: Delivery) -> Sending | None:
        """Render a delivery; return None when nothing is left to say.

        Raises NotReady while what the message builds on is still being sent.
        """
        if delivery.user:
            self._meet(delivery.user)
        context = MessageContext(delivery, self._render_context)
        sending = RENDERERS[delivery.what](context)
        return _name_erased(sending, context.reader_words) if isinstance(sending, Message) else sending


def _name_erased(message: Message, words: Words) -> Message:
    """Return a message that names erased words and people in its reader's language."""
    return replace(message, text=in_words(message.text, words), blocks=localize(message.blocks, words))
