"""Prepares the file of a message: written beside the workers, uploaded to Slack, and then shared with the message.

A file that Slack holds but nobody has seen may be uploaded again. Sharing it is the message itself: it carries the mark
of its delivery, so one of unknown outcome is searched for before it is shared again.
"""

import logging
import threading
from dataclasses import replace

from bot.slack.messages import SlackMessages
from handlers.notifications.message import BuiltDocument, DocumentAttachment, Message
from models.rules.errors import NotSaved
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.outbox.settlement import retry_upload

log = logging.getLogger(__name__)

MOST_HELD = 2
"""Files in memory that wait to be sent; the oldest is forgotten first, and written again when its turn comes."""
REFUSED = "refused"


class DocumentUploads:
    """The files that are written for messages, one at a time, in a thread of their own: no worker waits for them."""

    def __init__(self, slack: SlackMessages) -> None:
        self._slack = slack
        self._lock = threading.Lock()
        self._built: dict[str, BuiltDocument] = {}
        self._being_built = ""

    def prepare(self, delivery: Delivery, message: Message) -> Message | SendOutcome:
        """Return the message as it can be sent, with its file or in words; or why it can't be sent yet."""
        document = message.document
        if document is None:
            return message
        if delivery.plain:
            return message.with_words(document.explain_missing(REFUSED))
        built = self._take(delivery, document)
        if built is None:
            return SendOutcome(SendResult.NOT_YET)
        if not built.content:
            self._forget(delivery)
            return message.with_words(built.text)
        return self._upload(delivery, message, document, built)

    def _take(self, delivery: Delivery, document: DocumentAttachment) -> BuiltDocument | None:
        """Return the written file; None while it is being written, or waits for another one."""
        with self._lock:
            if delivery.id not in self._built and not self._being_built:
                self._being_built = delivery.id
                threading.Thread(target=self._build, args=(delivery.id, document), name="export", daemon=True).start()
            return self._built.get(delivery.id)

    def _build(self, key: str, document: DocumentAttachment) -> None:
        built: BuiltDocument | None = None
        try:
            built = document.build()
        except NotSaved:  # the database is away: it is begun again at the next turn
            log.warning("the file of delivery %s could not be read from the database", key)
        except Exception:  # a bug in one file must not end the thread without an answer
            log.exception("the file of delivery %s could not be written", key)
            built = BuiltDocument(document.explain_missing(""))
        with self._lock:
            self._being_built = ""
            if built is not None:
                self._built[key] = built
            if len(self._built) > MOST_HELD:
                del self._built[next(iter(self._built))]

    def _upload(
        self, delivery: Delivery, message: Message, document: DocumentAttachment, built: BuiltDocument
    ) -> Message | SendOutcome:
        """Upload the file; nobody sees it before it is shared."""
        uploaded = self._slack.upload_file(document.name, built.content)
        outcome = uploaded.outcome
        if outcome.result is SendResult.SENT:
            self._forget(delivery)
            return replace(message.with_words(built.text), file=uploaded.file)
        if again := retry_upload(outcome, delivery.tries):
            return again
        log.warning("the file of delivery %s is missing: %s", delivery.id, outcome.error)
        self._forget(delivery)
        return message.with_words(document.explain_missing(outcome.error))

    def _forget(self, delivery: Delivery) -> None:
        with self._lock:
            self._built.pop(delivery.id, None)
