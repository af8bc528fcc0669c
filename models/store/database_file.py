"""One SQLite file as a file: is it whole, and copying it while it is in use. It knows no schema."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from models.rules.errors import NotSaved


class DamagedDatabase(NotSaved):
    """A file that is no sound SQLite database. Its text is the path, and what SQLite found."""

    def __init__(self, path: object, problems: str) -> None:
        super().__init__(f"{path}: {problems}")
        self.path, self.found = str(path), problems


def check(path: Path, pragma: str = "integrity_check") -> None:
    """Raise Damaged unless all of a file is as SQLite writes it. ``quick_check`` leaves the indexes out."""
    try:
        with closing(sqlite3.connect(path)) as file:
            problems = [str(row[0]) for row in file.execute(f"PRAGMA {pragma}") if row[0] != "ok"]
            if pragma == "integrity_check":
                problems += [
                    f"a row without its other half in {row[0]}" for row in file.execute("PRAGMA foreign_key_check")
                ]
    except sqlite3.OperationalError:
        raise  # locked, or it can't be opened: that is no damage
    except sqlite3.DatabaseError as error:
        raise DamagedDatabase(path, str(error)) from error
    if problems:
        raise DamagedDatabase(path, problems[0])


def copy(source: Path, target: Path, progress: Callable[[int, int], None] = lambda _left, _all: None) -> None:
    """Copy a database that may be in use to a new file, and check the copy. ``progress`` gets pages left and in all.

    Raises FileExistsError when the target is there, OSError and sqlite3.Error where it can't be written, Damaged.
    """
    with target.open("xb"):  # whatever has this name is somebody else's
        target.chmod(0o600)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as made:
            live.backup(made, pages=256, progress=lambda _status, remaining, total: progress(remaining, total))
        check(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
