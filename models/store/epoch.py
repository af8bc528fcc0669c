"""The epoch of the record as it is stored: one row, made with the schema and renewed when a backup is restored."""

import secrets
import string

from sqlalchemy import Connection, insert, select, update

from models.store.tables import RECORD

LENGTH = 8
LETTERS = string.ascii_lowercase + string.digits
THE_ROW = select(RECORD.c.epoch, RECORD.c.takes_unmarked).where(RECORD.c.id == 1)


def begin(connection: Connection, *, takes_unmarked: bool) -> None:
    """Make the row unless it is there. A database that is older than marks takes what carries none."""
    if connection.execute(THE_ROW).first() is None:
        row = {"id": 1, "epoch": new_epoch(), "takes_unmarked": takes_unmarked, "last_number": 0, "last_gap": 0}
        connection.execute(insert(RECORD), row)


def renew(connection: Connection, last_number: int = 0, last_gap: int = 0) -> str:
    """Give the record a new epoch and return it: no card sent before does anything any more.

    ``last_number`` and ``last_gap`` are the highest numbers of cases and gaps that were ever given elsewhere.
    """
    epoch = new_epoch()
    connection.execute(update(RECORD).values(epoch=epoch, takes_unmarked=False))
    raise_numbers(connection, last_number, last_gap)
    return epoch


def raise_numbers(connection: Connection, last_number: int = 0, last_gap: int = 0) -> None:
    """Give no number again up to these."""
    for column, least in ((RECORD.c.last_number, last_number), (RECORD.c.last_gap, last_gap)):
        connection.execute(update(RECORD).where(column < least).values({column.name: least}))


def new_epoch() -> str:
    """A mark that no other record has."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(connection: Connection) -> tuple[str, bool]:
    """The epoch, and whether what carries none is of this record too."""
    row = connection.execute(THE_ROW).one()
    return row.epoch, row.takes_unmarked
