"""One sentence for the operator about each trouble with the database or a setting: which, what is wrong, what to do."""

from pathlib import Path

from bot.config import ConfigProblem, UnusedFile
from handlers.i18n.rota_labels import NEAREST, describe_fault
from handlers.i18n.words import N_, Words
from models.rules.errors import NotSaved
from models.rules.toml.tables import FileFault
from models.store.database import Store
from models.store.database_errors import DatabaseErrorCause, cause_of

READ_ONLY = N_("{place} can't be written. Check who owns the file and its folder, and run this as the bot's user.")
_SENTENCES = {
    DatabaseErrorCause.BUSY: N_("{place} is in use by another process, so nothing was changed. Try again."),
    DatabaseErrorCause.FULL: N_(
        "The disk of {place} is full or can't be written, so nothing was changed. Free some space and try again."
    ),
    DatabaseErrorCause.READ_ONLY: READ_ONLY,
    DatabaseErrorCause.NO_FOLDER: N_("The folder of {place} does not exist. Create it, or correct DATABASE_URL."),
    DatabaseErrorCause.DAMAGED: N_(
        "{place} is damaged, or is not a database. Stop the bot and restore a backup: csp-escalate db restore FILE"
    ),
    DatabaseErrorCause.AWAY: N_("No database server answers for {place}. Is it running, and is DATABASE_URL right?"),
    DatabaseErrorCause.REFUSED: N_(
        "Nothing listens for {place}: the connection was refused. Start the server, or correct the port in "
        "DATABASE_URL."
    ),
    DatabaseErrorCause.NO_HOST: N_(
        "The host of {place} is not known. Correct its name in DATABASE_URL, or look at DNS."
    ),
    DatabaseErrorCause.LOGIN: N_(
        "The server refuses the user of {place}. Correct user name or password in DATABASE_URL."
    ),
    DatabaseErrorCause.NO_DATABASE: N_("The server has no database {place}. Create it, or correct DATABASE_URL."),
    DatabaseErrorCause.STANDBY: N_(
        "{place} can only be read: it is a standby. Let DATABASE_URL lead to the primary, for example with "
        "target_session_attrs=read-write."
    ),
    DatabaseErrorCause.NO_SLOT: N_(
        "The server of {place} has no connection free. Raise max_connections, stop other programs, or put PgBouncer "
        "in between."
    ),
    DatabaseErrorCause.NO_RIGHTS: N_(
        "The user of {place} may not work in its schema. As the owner: GRANT USAGE, CREATE ON SCHEMA public TO the user"
    ),
}
A_FOLDER = N_("{place} is a folder. Name a file in DATABASE_URL.")
_OTHERS = 0o006  # the permission bits of users who are neither owner nor in the group


def store_trouble(error: NotSaved, store: Store, words: Words) -> str:
    """Return the sentence for an error of this store."""
    reason = cause_of(error)
    if reason is DatabaseErrorCause.READ_ONLY and store.is_sqlite and not store.path.absolute().parent.is_dir():
        reason = DatabaseErrorCause.NO_FOLDER
    if store.is_sqlite and store.path.is_dir():
        return words(A_FOLDER, place=store.location)
    return words(_SENTENCES[reason], place=store.location)


def no_record(store: Store, words: Words) -> str:
    """Return the sentence for a database that does not exist; reading commands never create one."""
    says = N_("There is no record at {place}. Correct DATABASE_URL, or begin one with csp-escalate run.")
    return words(says, place=store.location)


def describe_problem(problem: ConfigProblem, words: Words) -> str:
    """Return the sentence for something that is wrong with the settings."""
    if problem.fault:
        reason = _describe_fault(problem.fault, problem.example, words)
        return words(N_("{key}, line {line}: {reason}"), key=problem.key, line=problem.fault.line, reason=reason)
    fix = words(problem.fix, nearest=problem.nearest) if problem.nearest else words(problem.fix)
    return words(N_("{key} {wrong}. {fix}"), key=problem.key, wrong=words(problem.wrong), fix=fix)


def _describe_fault(fault: FileFault, example: str, words: Words) -> str:
    near = words(NEAREST, nearest=fault.nearest) if fault.nearest else ""
    return words.join_sentences([describe_fault(fault, words, example), near])


def list_file_problems(file: UnusedFile, words: Words) -> list[str]:
    """Return a line for each fault of a file that is not used; only the first names the file."""
    first, *others = file.problems
    lines = [
        words(N_("line {line}: {reason}"), line=fault.line, reason=_describe_fault(fault, problem.example, words))
        for problem in others
        if (fault := problem.fault)
    ]
    return [describe_problem(first, words), *lines]


def describe_unused(file: UnusedFile, words: Words) -> str:
    """Return the first fault of a file that is not used, how many others it has, and what that means."""
    more = len(file.problems) - 1
    others = words.plural(
        "csp-escalate doctor tells {n} more fault of this file.",
        "csp-escalate doctor tells {n} more faults of this file.",
        more,
    )
    return words.join_sentences([describe_problem(file.problems[0], words), others if more else "", words(file.effect)])


def open_to_others(store: Store, *files: Path | None) -> list[Path]:
    """Return the files with secrets or personal data that every user of this machine may read or change."""
    named = [*files, store.path if store.is_sqlite else None]
    return [path for path in named if path and is_open_to_others(path)]


def is_open_to_others(path: Path) -> bool:
    """Return whether every user of this machine may read or change a file."""
    try:
        return path.is_file() and bool(path.stat().st_mode & _OTHERS)
    except OSError:  # in a folder that is closed to the bot, too
        return False


CLOSE_IT = N_("Every user of this machine can read or change {path}. Restrict it: chmod 600 {path}")
