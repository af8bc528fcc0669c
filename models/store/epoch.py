"""Store the epoch: a random mark of this database, made with its schema and renewed when a backup is restored.

The table has one row. It also keeps the highest numbers that were ever given, which a restored backup may lack, and
whether moves go to a webhook.
"""

import secrets
import string

from sqlalchemy import Connection, func, insert, select, update

from models.store.tables import RECORD

LENGTH = 8
"""How many characters an epoch has."""
LETTERS = string.ascii_lowercase + string.digits
_HAS_WEBHOOK = select(RECORD.c.has_webhook).where(RECORD.c.id == 1)
_ROW = select(RECORD.c.epoch, RECORD.c.takes_unmarked).where(RECORD.c.id == 1)
LAST_NUMBER = select(func.max(RECORD.c.last_number)).scalar_subquery()
"""The highest number of an escalation that a replaced database gave."""
LAST_GAP = select(func.max(RECORD.c.last_gap)).scalar_subquery()
"""The highest number of a gap that a replaced database gave."""


def begin(connection: Connection, *, takes_unmarked: bool) -> None:
    """Insert the row unless it exists.

    ``takes_unmarked`` is true for a database from before epochs existed: messages without a mark may be its own.
    """
    if connection.execute(_ROW).first() is None:
        row = {"id": 1, "epoch": new_epoch(), "takes_unmarked": takes_unmarked, "last_number": 0, "last_gap": 0}
        connection.execute(insert(RECORD), row)


def renew(connection: Connection, last_number: int = 0, last_gap: int = 0) -> str:
    """Replace the epoch and return the new one. Buttons of cards that were sent before do nothing from now on.

    ``last_number`` and ``last_gap`` are the highest numbers of escalations and gaps that another database gave.
    """
    epoch = new_epoch()
    connection.execute(update(RECORD).values(epoch=epoch, takes_unmarked=False))
    reserve_numbers(connection, last_number, last_gap)
    return epoch


def reserve_numbers(connection: Connection, last_number: int = 0, last_gap: int = 0) -> None:
    """Never give the numbers up to these again."""
    for column, least in ((RECORD.c.last_number, last_number), (RECORD.c.last_gap, last_gap)):
        connection.execute(update(RECORD).where(column < least).values({column.name: least}))


def has_webhook(connection: Connection) -> bool:
    """Return whether moves go to a webhook."""
    return bool(connection.scalar(_HAS_WEBHOOK))


def set_webhook(connection: Connection, is_wanted: bool) -> None:
    """Keep whether moves go to a webhook."""
    connection.execute(update(RECORD).values(has_webhook=is_wanted))


def new_epoch() -> str:
    """Return a random mark that no other database has."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(connection: Connection) -> tuple[str, bool]:
    """Return the epoch, and whether a message without a mark counts as sent by this database."""
    row = connection.execute(_ROW).one()
    return row.epoch, row.takes_unmarked
