"""What each kind of message of the outbox is, and its state, in words for operators and for the history of a case."""

from collections.abc import Mapping

from handlers.i18n.words import N_
from models.rules.outbox.delivery import MessageStatus
from models.rules.outbox.message_kinds import MessageKind

MESSAGE_KINDS: Mapping[MessageKind, str] = {
    MessageKind.CARD: N_("card of a case"),
    MessageKind.REFRESH: N_("redrawn card of a case"),
    MessageKind.LINE: N_("history line in the thread of a case"),
    MessageKind.LINE_REFRESH: N_("redrawn history line in the thread of a case"),
    MessageKind.RECEIPT: N_("receipt for who raised a case"),
    MessageKind.RECEIPT_REFRESH: N_("redrawn receipt"),
    MessageKind.PAGE: N_("message outside Slack"),
    MessageKind.WEBHOOK: N_("move for the webhook"),
    MessageKind.CALL: N_("call to acknowledge"),
    MessageKind.CALL_REFRESH: N_("redrawn call"),
    MessageKind.TROUBLE: N_("notice of what failed"),
    MessageKind.GAP: N_("card of a gap"),
    MessageKind.GAP_REFRESH: N_("redrawn card of a gap"),
    MessageKind.GAPS: N_("list of gaps"),
    MessageKind.REMINDER: N_("reminder"),
    MessageKind.REMINDER_REFRESH: N_("redrawn reminder"),
    MessageKind.SHIFT: N_("reminder of a shift"),
    MessageKind.HANDOVER: N_("card of a handover"),
    MessageKind.HANDOVER_REFRESH: N_("redrawn card of a handover"),
    MessageKind.ON_NOW: N_("who is on call"),
    MessageKind.TOPIC: N_("topic of the channel"),
    MessageKind.GROUP: N_("user group"),
    MessageKind.DIGEST: N_("daily list of open cases"),
    MessageKind.WEEK: N_("shifts of the next week"),
    MessageKind.PICTURE: N_("picture of the rota"),
    MessageKind.CASE_PICTURE: N_("picture of a case"),
    MessageKind.EXPORT: N_("exported file"),
    MessageKind.REPORT: N_("report of a month"),
    MessageKind.PACKET: N_("packet for a remediation meeting"),
    MessageKind.HOLIDAY_REVIEW: N_("card of a holiday week"),
    MessageKind.HOLIDAY_REVIEW_REFRESH: N_("redrawn card of a holiday week"),
    MessageKind.CHANGED: N_("change of the rota"),
    MessageKind.OFFER: N_("swap offer"),
    MessageKind.OFFER_REFRESH: N_("redrawn swap offer"),
    MessageKind.OFFERED: N_("declined swap offer"),
}
MESSAGE_STATUSES: Mapping[MessageStatus, str] = {
    MessageStatus.SET_ASIDE: N_("set aside"),
    MessageStatus.UNKNOWN: N_("outcome unknown"),
    MessageStatus.SENDING: N_("being sent"),
    MessageStatus.WAITING: N_("waiting"),
    MessageStatus.DISCARDED: N_("discarded"),
    MessageStatus.SENT: N_("sent"),
    MessageStatus.SUPERSEDED: N_("not needed any more"),
}
