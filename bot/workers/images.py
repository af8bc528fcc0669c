"""Uploads the picture of a message before the message is sent: draw it, upload it, wait until Slack can show it.

Nobody sees a file alone, so a second one does no harm and a failed upload may be tried again. The message that shows
it is sent once, like any other. After some tries it goes without its picture and says why.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.slack.messages import SlackMessages
from bot.workers.image_process import ImageFailed
from handlers.chart.drawing import Drawing
from handlers.notifications.message import Message
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.outbox.settlement import retry_upload

log = logging.getLogger(__name__)

PROCESSING_TIME = timedelta(seconds=60)
"""Slack may process a file for so long; then its message goes without."""
FRESH = timedelta(minutes=10)
"""A picture that waited longer for its message is drawn again."""
MAX_FILES = 50
"""Uploaded files that are remembered; the oldest is forgotten first."""
NOT_SHOWN = "invalid_blocks"


@dataclass(frozen=True)
class _File:
    id: str
    since: datetime
    ready: bool = False


class ImageUploads:
    """The uploaded files and the messages they are for. One picture at a time: all other messages go on meanwhile."""

    def __init__(self, slack: SlackMessages, paint: Callable[[Drawing], bytes], clock: Clock) -> None:
        self._slack, self._paint, self._clock = slack, paint, clock
        self._files: dict[str, _File] = {}
        self._busy = threading.Lock()

    def attach(self, delivery: Delivery, message: Message) -> Message | SendOutcome:
        """Return the message as it can be sent, with its picture or without; or why it can't be sent yet."""
        if message.picture is None:
            return message
        if delivery.plain:
            return message.without_picture(NOT_SHOWN)
        if not self._busy.acquire(blocking=False):
            return SendOutcome(SendResult.NOT_YET)
        try:
            return self._attach(delivery, message)
        finally:
            self._busy.release()

    def _attach(self, delivery: Delivery, message: Message) -> Message | SendOutcome:
        held = self._files.get(delivery.id)
        if held is None or self._clock.now() - held.since > FRESH:
            uploaded = self._upload(delivery, message)
            if not isinstance(uploaded, _File):
                return uploaded
            held = uploaded
        if not held.ready:
            outcome = self._slack.is_ready(held.id)
            if outcome.result is SendResult.NOT_YET and self._clock.now() - held.since > PROCESSING_TIME:
                return message.without_picture("file_not_ready")
            if outcome.result is not SendResult.SENT:
                return self._without(delivery, message, outcome)
            self._keep(delivery, replace(held, ready=True))
        return message.with_picture(held.id)

    def _upload(self, delivery: Delivery, message: Message) -> "_File | Message | SendOutcome":
        assert message.picture is not None  # noqa: S101 - the caller looked
        picture = message.picture
        try:
            content = self._paint(picture.draw())
        except ImageFailed as error:
            log.warning("the picture of delivery %s could not be drawn: %s", delivery.id, error)
            return message.without_picture("")
        uploaded = self._slack.upload_picture(picture.name, picture.alt, content)
        if uploaded.outcome.result is not SendResult.SENT:
            return self._without(delivery, message, uploaded.outcome)
        return self._keep(delivery, _File(uploaded.file, self._clock.now()))

    def _keep(self, delivery: Delivery, file: _File) -> _File:
        self._files[delivery.id] = file
        if len(self._files) > MAX_FILES:
            del self._files[next(iter(self._files))]
        return file

    @staticmethod
    def _without(delivery: Delivery, message: Message, outcome: SendOutcome) -> Message | SendOutcome:
        """Return what a failed step means: no message was sent yet, so nothing has to be searched for."""
        if again := retry_upload(outcome, delivery.tries):
            return again
        log.warning("the picture of delivery %s is missing: %s", delivery.id, outcome.error)
        return message.without_picture(outcome.error)
