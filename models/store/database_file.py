"""Check and copy an SQLite file, also while it is in use. The schema does not matter."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from models.rules.errors import NotSaved


class DamagedDatabase(NotSaved):
    """The file is not an intact SQLite database. Its text is the path and SQLite's first finding."""

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = str(path), problem


def check(path: Path, pragma: str = "integrity_check") -> None:
    """Raise DamagedDatabase if SQLite finds a fault in the file. ``quick_check`` leaves the indexes out."""
    try:
        with closing(sqlite3.connect(path)) as file:
            problems = [str(row[0]) for row in file.execute(f"PRAGMA {pragma}") if row[0] != "ok"]
            if pragma == "integrity_check":
                problems += [
                    f"a row without its other half in {row[0]}" for row in file.execute("PRAGMA foreign_key_check")
                ]
    except sqlite3.OperationalError:
        raise  # locked, or it can't be opened: that is not damage
    except sqlite3.DatabaseError as error:
        raise DamagedDatabase(path, str(error)) from error
    if problems:
        raise DamagedDatabase(path, problems[0])


def copy(source: Path, target: Path, progress: Callable[[int, int], None] = lambda _left, _all: None) -> None:
    """Copy a database that may be in use to a new file, and check the copy.

    ``progress`` gets the number of pages left and of all pages. Raises FileExistsError when the target exists, OSError
    and sqlite3.Error when it can't be written, and DamagedDatabase.
    """
    with target.open("xb"):  # a file that exists already is not ours
        target.chmod(0o600)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as made:
            live.backup(made, pages=256, progress=lambda _status, remaining, total: progress(remaining, total))
        check(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
