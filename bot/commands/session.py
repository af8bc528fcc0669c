"""One run of the command line: its settings, its language, its store, and how trouble is told."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bot import environment, logs
from bot.commands.wrapping_console import WrappingConsole
from bot.config import Config, InvalidConfig, Requirement
from bot.database_errors import describe_problem, describe_unused, no_record, store_trouble
from bot.operator_language import operator_words
from handlers.i18n.words import N_, Words
from models.rules.errors import NotSaved
from models.store.database import Store
from models.store.file_lock import AlreadyRunning
from models.store.schema import DatabaseTooNew, NotTheOwner


class CommandError(Exception):
    """Something the operator should read.

    ``says`` is a finished sentence. ``code`` is 1 for a result and 2 when nothing could be read: wrong input, or no
    usable database.
    """

    def __init__(self, says: str, code: int = 1) -> None:
        super().__init__(says)
        self.says = says
        self.code = code


class Session:
    """What every command needs. Output for people and machines goes to ``out``, all else to ``err``."""

    def __init__(self, env_file: Path | None) -> None:
        self.env_file = env_file
        self.words = operator_words()
        self.out = WrappingConsole(highlight=False)
        self.err = WrappingConsole(stderr=True, highlight=False)
        self.warnings: list[str] = []
        self._told_unused = False

    def config(self, needs: Requirement, *, tells_unused: bool = True) -> Config:
        """Read the settings: sentences name its command, and the log hides its secrets. Raises InvalidConfig.

        A file that is left out because of its faults is told once, unless the command tells it itself.
        """
        read = environment.read(needs, self.env_file)
        self.follow(read)
        if tells_unused and not self._told_unused:
            self._told_unused = True
            for unused in read.unused_files:
                self.err.print_lines(f"⚠️ {describe_unused(unused, self.words)}")
        return read

    @staticmethod
    def follow(read: Config) -> None:
        """Let sentences name the command of these settings, and let the log hide their secrets."""
        Words.command = read.command
        logs.set_up(read.secrets(), level=logging.getLevelNamesMapping()[read.log_level], as_json=read.log_as_json)

    def warn(self, says: str) -> None:
        """Tell what the operator should know of something that was done all the same, and keep it for programs."""
        self.warnings.append(says)
        self.err.print_lines(says)

    @contextmanager
    def store(self, *, begins: bool = False) -> Iterator[Store]:
        """Open the database, brought up to date. Raises Misconfigured, TooNew, and CommandError when it can't be used.

        A record is made only by a command that ``begins`` one; looking makes nothing.
        """
        store = Store(self.config(Requirement.DATABASE).database_url.reveal(), timeout=10.0)
        with self.reporting_trouble(store):
            self.make_ready(store, begins=begins)
            yield store

    def make_ready(self, store: Store, *, begins: bool) -> bool:
        """Bring a database up to date; return whether it changed. Raises CommandError when there is none to read."""
        is_new = not store.exists
        if is_new and not begins:
            raise CommandError(no_record(store, self.words), code=2)
        changed = store.upgrade()
        if is_new:
            says = self.words(N_("A new record begins at {place}."), place=store.location)
            self.err.print_lines(says)
        return changed

    @contextmanager
    def reporting_trouble(self, store: Store) -> Iterator[None]:
        """Report what is wrong with a database in a sentence of its own, and close it at the end."""
        try:
            yield
        except NotSaved as error:
            raise CommandError(store_trouble(error, store, self.words), code=2) from error
        finally:
            store.dispose()


def why(error: OSError, words: Words) -> str:
    """Return why the system refused, in the operator's language for the usual reasons."""
    return words(_WHY[error.errno]) if error.errno in _WHY else error.strerror or str(error)


_WHY = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EEXIST: N_("a file with that name is in its place"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("its folder is not a folder"),
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("permission denied"),
    errno.EROFS: N_("nothing can be written there"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EADDRINUSE: N_("the address is in use already"),
    errno.EADDRNOTAVAIL: N_("this machine has no such address"),
}


def explain(error: Exception) -> int | None:
    """Tell the operator what went wrong; return the exit code, or None when there are no words for it."""
    said = describe(error, operator_words())
    if said is None:
        return None
    lines, code = said
    err = Console(stderr=True, highlight=False)
    for line in lines:
        err.print(line, markup=False, soft_wrap=True)
    return code


def describe(error: Exception, words: Words) -> tuple[list[str], int] | None:
    """Return what went wrong line by line, and the exit code; None when there are no words for it."""
    if isinstance(error, InvalidConfig):
        problems = [f"  {describe_problem(problem, words)}" for problem in error.problems]
        return [words(N_("The settings can't be used:")), *problems], 2
    if isinstance(error, CommandError):
        return [error.says], error.code
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return [words(N_("The output can't be written: {why}."), why=why(error, words))], 2
    sentence = next((said for kind, said in _SENTENCES.items() if isinstance(error, kind)), None)
    return ([words(sentence, what=str(error))], 2) if sentence else None


_SENTENCES: dict[type[Exception], str] = {
    AlreadyRunning: N_(
        "A bot is already running on {what}. Stop that process first: one SQLite file serves one bot. "
        "For several bots, use PostgreSQL."
    ),
    DatabaseTooNew: N_(
        "The database was made by a newer version of this program. Update the program; nothing was changed."
    ),
    NotTheOwner: N_(
        "The database must be upgraded first, which only the owner of its tables may do: {what}. Run csp-escalate db "
        "upgrade with {what} as the user in DATABASE_URL. Nothing was changed."
    ),
    NotSaved: N_("The database can't be used now: it is locked, full or unreachable. Nothing was changed; try again."),
}
