"""The transaction that reads of one thread share. Each thread has its own, or none."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError


class SharedReads(threading.local):
    """Keeps the open transaction of this thread."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        """The connection of the transaction; None outside one."""
        self._open = ExitStack()

    @contextmanager
    def begin(self, transaction: AbstractContextManager[Connection]) -> Iterator[None]:
        """Share a transaction in a block. Within another block, that one's goes on to be used."""
        if self.connection:
            yield
            return
        self.connection = self._open.enter_context(transaction)
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """End the transaction, if there is one. How it ends does not matter: nothing was written."""
        self.connection = None
        with suppress(SQLAlchemyError):
            self._open.close()
