"""Enqueue what a person asks for: a picture of the rota or of an escalation, or escalations as a file.

It is drawn or written when it is sent.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from models.outbox import messages
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.store.database import Store
from models.store.tables import OUTBOX, is_unfinished

_NOT_BEGUN = (
    select(OUTBOX.c.position)
    .where(
        OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.state == DeliveryState.PENDING, OUTBOX.c.first_tried_at.is_(None)
    )
    .where(is_unfinished(OUTBOX.c.state))
)
_ON_ITS_WAY = select(OUTBOX.c.position).where(OUTBOX.c.lane == bindparam("lane"), is_unfinished(OUTBOX.c.state))


class FileRequests:
    """``wake_up`` is called after each request, so that it does not wait for the outbox's next round."""

    def __init__(self, store: Store, wake_up: Callable[[], None] = lambda: None) -> None:
        self._store, self._wake_up = store, wake_up

    def ask(self, user: str, at: datetime, key: str) -> None:
        """Enqueue the chart of the next weeks for somebody, by direct message.

        ``key`` is that of the click. The same click again, or another before the chart is begun, enqueues nothing.
        Raises NotSaved.
        """

        # A lane of its own: a picture takes seconds, and reminders to the same person must not wait for it.
        lane = f"{subjects.PICTURE}:{user}"
        self._enqueue(
            messages.OutgoingMessage(MessageKind.PICTURE, f"{lane}:{key}", subjects.PICTURE, lane, user=user), at
        )

    def ask_case(self, user: str, number: int, at: datetime, key: str) -> None:
        """Enqueue the picture of an escalation's life for somebody, by direct message; otherwise as :meth:`ask`."""
        lane = f"{subjects.PICTURE}:{user}:{number}"
        subject = subjects.escalation(number)
        self._enqueue(
            messages.OutgoingMessage(
                MessageKind.CASE_PICTURE, f"{lane}:{key}", subject, lane, user=user, number=number
            ),
            at,
        )

    def ask_export(self, user: str, request: str, at: datetime, key: str) -> None:
        """Enqueue escalations as a file for somebody, by direct message.

        ``request`` says which, and in which format. The same request enqueues nothing until its file has arrived.
        Raises NotSaved.
        """
        self._ask_file(MessageKind.EXPORT, subjects.EXPORT, user, request, at, key)

    def ask_report(self, user: str, request: str, at: datetime, key: str) -> None:
        """Enqueue the report of a month for somebody, by direct message; otherwise as :meth:`ask_export`."""
        self._ask_file(MessageKind.REPORT, subjects.REPORT, user, request, at, key)

    def ask_packet(self, user: str, request: str, at: datetime, key: str) -> None:
        """Enqueue the packet of a remediation record for somebody, by direct message; otherwise as :meth:`ask_export`.

        ``request`` says which, and in which language.
        """
        self._ask_file(MessageKind.PACKET, subjects.PACKET, user, request, at, key)

    def _ask_file(self, what: MessageKind, subject: str, user: str, request: str, at: datetime, key: str) -> None:
        lane = f"{subject}:{user}:{sha256(request.encode()).hexdigest()[:16]}"
        file = messages.OutgoingMessage(what, f"{lane}:{key}", subject, lane, user=user, note=request)
        self._enqueue(file, at, _ON_ITS_WAY)

    def _enqueue(self, asked: messages.OutgoingMessage, at: datetime, another: Select[Any] = _NOT_BEGUN) -> None:
        """Enqueue a message, unless the statement ``another`` finds one in its lane."""

        def unit(connection: Connection) -> None:
            if connection.execute(another, {"lane": asked.lane}).first() is None:
                messages.enqueue_messages(connection, [asked], at)

        self._store.write(unit)
        self._wake_up()
