"""Brings the picture of a message to Slack before the message is sent: painted, uploaded, and waited for.

A file alone is seen by nobody, so one too many does no harm, and whatever went wrong may be tried again. The message
that shows it is sent like any other, once. After some tries it goes without its picture and says why.
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
from models.rules.delivery import Delivery, SendResult, SlackAnswer

log = logging.getLogger(__name__)

TRIES = 6
"""So often an upload of unknown outcome is tried, over about a minute."""
PATIENCE = timedelta(seconds=60)
"""How long Slack may work on a file before its message goes without."""
FRESH = timedelta(minutes=10)
"""A picture that waited longer for its message is drawn anew."""
KEPT = 50
NOT_SHOWN = "invalid_blocks"


@dataclass(frozen=True)
class _File:
    id: str
    since: datetime
    ready: bool = False


class ImageUploads:
    """The files that were uploaded and the messages they are for. One picture at a time: whatever else the outbox has
    to send goes on meanwhile.
    """

    def __init__(self, post: SlackMessages, paint: Callable[[Drawing], bytes], clock: Clock) -> None:
        self._post, self._paint, self._clock = post, paint, clock
        self._files: dict[str, _File] = {}
        self._busy = threading.Lock()

    def placed(self, delivery: Delivery, message: Message) -> Message | SlackAnswer:
        """The message as it can be sent, with its picture or without; or why it can't be yet."""
        if message.picture is None:
            return message
        if delivery.plain:
            return message.without_picture(NOT_SHOWN)
        if not self._busy.acquire(blocking=False):
            return SlackAnswer(SendResult.NOT_YET)
        try:
            return self._shown(delivery, message)
        finally:
            self._busy.release()

    def _shown(self, delivery: Delivery, message: Message) -> Message | SlackAnswer:
        held = self._files.get(delivery.id)
        if held is None or self._clock.now() - held.since > FRESH:
            uploaded = self._uploaded(delivery, message)
            if not isinstance(uploaded, _File):
                return uploaded
            held = uploaded
        if not held.ready:
            answer = self._post.is_ready(held.id)
            if answer.verdict is SendResult.NOT_YET and self._clock.now() - held.since > PATIENCE:
                return message.without_picture("file_not_ready")
            if answer.verdict is not SendResult.SENT:
                return self._without(delivery, message, answer)
            self._keep(delivery, replace(held, ready=True))
        return message.with_picture(held.id)

    def _uploaded(self, delivery: Delivery, message: Message) -> "_File | Message | SlackAnswer":
        assert message.picture is not None  # noqa: S101 - the caller looked
        picture = message.picture
        try:
            content = self._paint(picture.draw())
        except ImageFailed as error:
            log.warning("the picture of delivery %s could not be drawn: %s", delivery.id, error)
            return message.without_picture("")
        uploaded = self._post.upload(picture.name, picture.alt, content)
        if uploaded.answer.verdict is not SendResult.SENT:
            return self._without(delivery, message, uploaded.answer)
        return self._keep(delivery, _File(uploaded.file, self._clock.now()))

    def _keep(self, delivery: Delivery, file: _File) -> _File:
        self._files[delivery.id] = file
        if len(self._files) > KEPT:
            del self._files[next(iter(self._files))]
        return file

    @staticmethod
    def _without(delivery: Delivery, message: Message, answer: SlackAnswer) -> Message | SlackAnswer:
        """What a failed step means: no message is there yet, so nothing has to be looked for."""
        if answer.verdict in (SendResult.NOT_YET, SendResult.NOT_ACCEPTED):
            return answer
        if answer.verdict is SendResult.UNKNOWN and delivery.tries < TRIES:
            return replace(answer, verdict=SendResult.NOT_ACCEPTED)
        log.warning("the picture of delivery %s is missing: %s", delivery.id, answer.error)
        return message.without_picture(answer.error)
