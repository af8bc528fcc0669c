"""The kinds of message, and how each kind is queued and sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.rules.outbox.pace import UPDATE, WEBHOOK


class MessageKind(StrEnum):
    """The kinds of message. The values are stored."""

    CARD = "card"  # An escalation in its channel; begins the thread.
    REFRESH = "refresh"
    LINE = "line"  # An entry of the history, in the thread.
    LINE_REFRESH = "line_refresh"
    RECEIPT = "receipt"  # A direct message to the person who raised it.
    RECEIPT_REFRESH = "receipt_refresh"
    CALL = "call"  # Asks somebody at once to acknowledge.
    CALL_REFRESH = "call_refresh"
    TROUBLE = "trouble"  # Tells the on-call channel what failed in Slack.
    GAP = "gap"  # The card of a gap.
    GAP_REFRESH = "gap_refresh"
    GAPS = "gaps"  # The list of gaps far ahead.
    REMINDER = "nag"  # A reminder in a thread, in a channel or to one person.
    REMINDER_REFRESH = "nag_refresh"
    SHIFT = "shift"  # A reminder to the person of a shift.
    HANDOVER = "handover"  # The card of a handover.
    HANDOVER_REFRESH = "handover_refresh"
    ON_NOW = "on_now"  # Who is on call now.
    TOPIC = "topic"  # The topic of the on-call channel.
    GROUP = "group"  # The on-call user group.
    DIGEST = "digest"  # The daily list of open escalations.
    WEEK = "week"  # The shifts of somebody's next week.
    PICTURE = "picture"  # The rota of the next four weeks.
    CASE_PICTURE = "case_picture"  # The life of an escalation, in its thread or to one person.
    EXPORT = "export"  # The escalations of a list or a search, as a file.
    REPORT = "report"  # The report of a month, as a file.
    PACKET = "packet"  # What is taken to a remediation meeting, as a file.
    HOLIDAY_REVIEW = "rehearsal"  # The card of a holiday week.
    HOLIDAY_REVIEW_REFRESH = "rehearsal_refresh"
    CHANGED = "changed"  # What somebody changed of the rota.
    OFFER = "offer"  # The card of a swap offer.
    OFFER_REFRESH = "offer_refresh"
    PAGE = "page"  # A message by another way than Slack.
    WEBHOOK = "webhook"  # A move, for the operator's other system.
    OFFERED = "offered"  # Tells the person who made an offer that somebody declined.

    @property
    def label(self) -> str:
        """The kind for logs, metrics and other programs; a few stored values are older words."""
        return self.name.lower()


@dataclass(frozen=True)
class KindDescription:
    """How the messages of one kind are queued and sent. ``handlers.notifications.render`` says how they look."""

    priority: int
    """A lower number is sent first: calls, then escalations, reminders, and messages that only inform.

    Redrawings after a press come before other redrawings.
    """
    redraws: MessageKind | None = None
    """The kind of message whose content it replaces."""
    scope: str = ""
    """The scope of its pace; empty for the posts to one channel or person."""
    is_repeatable: bool = False
    """Whether it may be sent twice without harm, so that nothing is looked for before it is sent again."""
    is_awaited: bool = False
    """Whether it follows a press, so that somebody is waiting for it."""


def _replaces(kind: MessageKind, priority: int, *, is_awaited: bool = False) -> KindDescription:
    return KindDescription(priority, kind, UPDATE, is_repeatable=True, is_awaited=is_awaited)


KINDS: Mapping[MessageKind, KindDescription] = {
    MessageKind.CARD: KindDescription(0),
    MessageKind.REFRESH: _replaces(MessageKind.CARD, 0, is_awaited=True),
    MessageKind.LINE: KindDescription(3),
    MessageKind.LINE_REFRESH: _replaces(MessageKind.LINE, 3),
    MessageKind.RECEIPT: KindDescription(0),
    MessageKind.RECEIPT_REFRESH: _replaces(MessageKind.RECEIPT, 2),
    MessageKind.CALL: KindDescription(-1),
    MessageKind.CALL_REFRESH: _replaces(MessageKind.CALL, 1, is_awaited=True),
    MessageKind.TROUBLE: KindDescription(4),
    MessageKind.GAP: KindDescription(1),
    MessageKind.GAP_REFRESH: _replaces(MessageKind.GAP, 2),
    MessageKind.GAPS: KindDescription(5),
    MessageKind.REMINDER: KindDescription(1),
    MessageKind.REMINDER_REFRESH: _replaces(MessageKind.REMINDER, 2),
    MessageKind.SHIFT: KindDescription(1),
    MessageKind.HANDOVER: KindDescription(1),
    MessageKind.HANDOVER_REFRESH: _replaces(MessageKind.HANDOVER, 1, is_awaited=True),
    MessageKind.ON_NOW: KindDescription(1),
    MessageKind.TOPIC: KindDescription(2, scope="topic", is_repeatable=True),
    MessageKind.GROUP: KindDescription(1, scope="group", is_repeatable=True),
    MessageKind.DIGEST: KindDescription(5),
    MessageKind.WEEK: KindDescription(5),
    MessageKind.PICTURE: KindDescription(5),
    MessageKind.CASE_PICTURE: KindDescription(5),
    MessageKind.EXPORT: KindDescription(5, scope="export"),
    MessageKind.PACKET: KindDescription(5, scope="export"),
    MessageKind.REPORT: KindDescription(5, scope="export"),
    MessageKind.HOLIDAY_REVIEW: KindDescription(5),
    MessageKind.HOLIDAY_REVIEW_REFRESH: _replaces(MessageKind.HOLIDAY_REVIEW, 2),
    MessageKind.CHANGED: KindDescription(1),
    MessageKind.OFFER: KindDescription(1),
    MessageKind.OFFER_REFRESH: _replaces(MessageKind.OFFER, 1, is_awaited=True),
    MessageKind.OFFERED: KindDescription(1),
    MessageKind.PAGE: KindDescription(-1, is_repeatable=True),
    MessageKind.WEBHOOK: KindDescription(3, scope=WEBHOOK, is_repeatable=True),
}
"""Every kind of message."""
REDRAWS = {kind: description.redraws for kind, description in KINDS.items() if description.redraws}
"""The kinds that replace the content of another message, with the kind of that message."""
REPEATABLE = frozenset(kind for kind, description in KINDS.items() if description.is_repeatable)
AWAITED = frozenset(kind for kind, description in KINDS.items() if description.is_awaited)
