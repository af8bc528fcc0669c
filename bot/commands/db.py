"""``db``: bring the database up to date, copy it while it is in use, put a copy in its place."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import Progress

from bot.clock import Clock
from bot.commands.output import ShowFormat, print_json
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement
from bot.workers.retention import PRUNES
from handlers.i18n.message_kinds import MESSAGE_KINDS
from handlers.i18n.words import N_, Words
from models.escalations import escalation_rows
from models.outbox import page_retention, retention
from models.restore.backup import MissingAfterRestore, NotOurDatabase, RestoreResult, restore_backup
from models.store.database import Store
from models.store.database_file import DamagedDatabase
from models.store.grants import make_grants


def upgrade(session: Session) -> None:
    """Bring the schema up to date."""
    store = Store(session.config(Requirement.DATABASE).database_url.reveal(), timeout=10.0)
    with session.reporting_trouble(store):
        changed = session.make_ready(store, begins=True)
        says = N_("The database is now at version {revision}.") if changed else N_("Nothing to do: version {revision}.")
        session.out.print_lines(session.words(says, revision=store.revision()))


def grants(session: Session, owner: str, user: str) -> None:
    """Print the SQL that sets up the owner of the tables and the user of the bot."""
    try:
        session.out.print(make_grants(owner, user), markup=False, soft_wrap=True, end="")
    except ValueError as wrong:
        says = N_(
            "{name} can't be the name of one of two roles. Use letters, digits, - and _, and two different names."
        )
        raise CommandError(session.words(says, name=str(wrong)), code=2) from None


def _progress(session: Session) -> Progress:
    """Return a bar for a terminal; elsewhere nothing is drawn."""
    return Progress(console=session.err, transient=True, disable=not session.err.is_terminal)


def backup(session: Session, file: Path) -> None:
    """Copy the SQLite database while the bot runs, and check the copy."""
    words = session.words
    try:
        with session.store() as store, _progress(session) as bar:
            task = bar.add_task(words(N_("Copying")), total=None)
            store.backup(file, lambda remaining, all_: bar.update(task, total=all_, completed=all_ - remaining))
    except FileExistsError as there:
        says = N_("{file} already exists; nothing was written.")
        raise CommandError(words(says, file=there.args[0]), code=2) from None
    except ValueError:
        raise CommandError(words(N_("This is for SQLite. Use pg_dump for PostgreSQL.")), code=2) from None
    except OSError as error:
        raise CommandError(words(N_("{file} can't be written: {why}"), file=file, why=why(error, words))) from None
    session.out.print_lines(words(N_("Copied to {file} and checked."), file=file))


def restore(session: Session, file: Path) -> None:
    """Put a backup in the place of the SQLite database."""
    words = session.words
    store = Store(session.config(Requirement.DATABASE).database_url.reveal())
    if not store.is_sqlite:
        says = N_("This is for SQLite. Use pg_restore for PostgreSQL; the bot notices it at its next start.")
        raise CommandError(words(says), code=2)
    if not file.is_file():
        raise CommandError(words(N_("There is no file {file}."), file=file), code=2)
    with session.reporting_trouble(store):
        restored = _restored(session, store, file)
    session.out.print_lines(*_describe_restored(restored, store.path, file, words))


def prune(session: Session, dry_run: bool, days: int | None, form: ShowFormat) -> None:
    """Delete old rows, or count them."""
    words, config = session.words, session.config(Requirement.DATABASE)
    kept = days or config.keep_days
    if not kept:
        raise CommandError(words(N_("CSP_KEEP_DAYS is 0: everything is kept. Give --days.")), code=2)
    before = Clock(config.clock_offset_file).now() - timedelta(days=kept)
    with session.store() as store:
        counts = store.read(lambda connection: retention.count_old(connection, before))
        others = {
            "keys": store.read(lambda connection: escalation_rows.count_deliveries_before(connection, before)),
            "tries": store.read(lambda connection: page_retention.count_old_tries(connection, before)),
            "links": store.read(lambda connection: page_retention.count_old_links(connection, before)),
        }
        if not dry_run:
            _prune(store, before)
    if form is ShowFormat.JSON:
        messages = {str(kind): count for kind, count in counts.items()}
        print_json({"days": kept, "deleted": not dry_run, "messages": messages, **others})
        return
    for kind, count in counts.items():
        session.out.print_lines(f"{count:8,}  {words(MESSAGE_KINDS[kind])}")
    says = (
        N_(
            "{n} messages, {keys} keys, {tries} tries and {links} links of messages outside Slack are older than "
            "{days} days and would be deleted."
        )
        if dry_run
        else N_(
            "{n} messages, {keys} keys, {tries} tries and {links} links of messages outside Slack older than {days} "
            "days were deleted."
        )
    )
    session.out.print_lines(words(says, n=sum(counts.values()), days=kept, **others))


def _prune(store: Store, before: datetime) -> None:
    """Delete in steps, so that a bot that runs meanwhile is not held up."""
    for prune_some in PRUNES.values():
        reached, is_last = 0, False
        while not is_last:
            step = store.write(lambda connection, some=prune_some, after=reached: some(connection, before, after))  # type: ignore[misc]
            reached, is_last = step.reached, step.is_last


def _restored(session: Session, store: Store, file: Path) -> RestoreResult:
    words, claim = session.words, store.claim_file()
    try:
        return restore_backup(store.path, file, Clock().now())
    except NotOurDatabase:
        raise CommandError(
            words(N_("{file} contains no record of this program; nothing was changed."), file=file)
        ) from None
    except DamagedDatabase as error:
        says = N_("{file} is damaged, or is not a database; nothing was changed. Use another copy.")
        raise CommandError(words(says, file=error.path)) from None
    except OSError as error:
        says = words(N_("{file} can't be written: {why}"), file=store.path, why=why(error, words))
        raise CommandError(says) from None
    finally:
        if claim:
            claim.release()


def _describe_restored(restored: RestoreResult, path: Path, file: Path, words: Words) -> Iterator[str]:
    """Return what came of a restore, a line each: the facts, what is missing, what comes next."""
    yield words(N_("{file} was checked and is now {path}."), file=file, path=path)
    if restored.kept:
        yield words(N_("The database it replaces is kept as {kept}."), kept=restored.kept)
        yield from _missing(restored.missing, words)
    if n := restored.erased:
        yield words.plural(
            "{n} erasure of personal data was repeated: the backup still held it. Delete the backup when you can.",
            "{n} erasures of personal data were repeated: the backup still held it. Delete the backup when you can.",
            n,
        )
    yield words(N_("Buttons on cards sent before no longer work; cards of open escalations are redrawn."))
    yield words(N_("Now start the bot. At its start it compares the record with Slack."))


def _missing(missing: MissingAfterRestore | None, words: Words) -> Iterator[str]:
    if missing is None:
        yield words(N_("It can't be read, so what is missing is unknown. Compare with the channel."))
        return
    if not missing.anything:
        yield words(N_("Nothing is missing."))
        return
    cases = [f"CSP-{number}" for number in missing.cases]
    if cases:
        yield words(N_("Missing now: {cases}. Raise them again from their cards."), cases=words.join_items(cases))
    if n := missing.entries:
        yield words.plural(
            "Missing now: {n} history entry of other escalations.",
            "Missing now: {n} history entries of other escalations.",
            n,
        )
    if n := missing.versions:
        yield words.plural("Missing now: {n} version of the rota.", "Missing now: {n} versions of the rota.", n)
    if n := missing.changes:
        yield words.plural("Missing now: {n} change of the rota.", "Missing now: {n} changes of the rota.", n)
    if n := missing.policies:
        yield words.plural(
            "Missing now: {n} version of 21Vianet's rules. Import it again.",
            "Missing now: {n} versions of 21Vianet's rules. Import the newest again.",
            n,
        )
