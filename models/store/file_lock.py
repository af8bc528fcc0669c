"""A lock file, so that only one bot uses an SQLite file."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another bot uses this SQLite file. Its text is the path and the other bot's process id."""


class FileLock:
    """A lock on a file, held until it is released or the process ends. Raises AlreadyRunning, naming the holder."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise AlreadyRunning(f"{path.with_suffix('')} (PID {holder})") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Release the lock."""
        self._file.close()
