"""The picture of the rota that somebody asks for: owed once, by direct message, drawn when it is sent."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from models.outbox import messages
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.reminders import subjects
from models.store.database import Store
from models.store.tables import OUTBOX, is_unfinished

_UNTOUCHED = (
    select(OUTBOX.c.position)
    .where(
        OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.state == DeliveryState.PENDING, OUTBOX.c.first_tried_at.is_(None)
    )
    .where(is_unfinished(OUTBOX.c.state))
)


class ChartRequests:
    """``bell`` is rung after each wish, so that nobody waits for the outbox's next look."""

    def __init__(self, store: Store, wake_up: Callable[[], None] = lambda: None) -> None:
        self._store, self._wake_up = store, wake_up

    def ask(self, user: str, at: datetime, key: str) -> None:
        """Owe somebody the picture of the weeks ahead. ``key`` names the click: the same one again owes nothing more,
        nor does another while the picture is not begun. Raises NotSaved.
        """

        def unit(connection: Connection) -> None:
            # A lane of its own: a picture takes seconds, and reminders to the same person must not wait for it.
            lane = f"{subjects.PICTURE}:{user}"
            if connection.execute(_UNTOUCHED, {"lane": lane}).first() is None:
                owed = messages.OutgoingMessage(MessageKind.PICTURE, f"{lane}:{key}", subjects.PICTURE, lane, user=user)
                messages.tell(connection, [owed], at)

        self._store.write(unit)
        self._wake_up()
