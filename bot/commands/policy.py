"""``policy check``, ``import`` and ``versions``: a policy file is taken whole or not at all; every version is kept."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.commands.member_names import find_authors
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.rota_input import BY, content, list_faults, make_fault_error, now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.i18n.words import N_, Words
from models.escalations import policy_versions
from models.escalations.policy_versions import PACKAGED, PolicyVersion
from models.rules.policy import reader
from models.rules.policy.vendor import VendorPolicy
from models.rules.toml import document
from models.rules.toml.tables import InvalidFile

EXAMPLE = f"csp-escalate policy versions {PACKAGED}"
"""The command that prints a policy file without faults."""


def check(session: Session, file: Path) -> None:
    """Tell what is wrong in a file. Raises CommandError with code 2 for its faults."""
    try:
        policy, _ = _read(file, session.words)
    except InvalidFile as bad:
        raise CommandError("\n".join(list_faults(file, bad.faults, session.words, EXAMPLE)), code=2) from None
    _tell(session, N_("No faults: {facts}."), policy)


def import_(session: Session, file: Path) -> None:
    """Make a file the newest version. Raises CommandError with code 2 for its faults; then nothing was changed."""
    try:
        policy, written = _read(file, session.words)
    except InvalidFile as bad:
        raise make_fault_error(file, bad.faults, session.words, EXAMPLE) from None
    with session.store(begins=True) as store:
        is_new = policy_versions.import_policy(store, written, BY, now_of(session))
    done = N_("These are the rules now: {facts}.") if is_new else N_("These are the rules already: {facts}.")
    _tell(session, done, policy)


COLUMNS = ("version", "since", "by")
"""What programs read of each version: a contract. The packaged file has version 0 and nothing else."""


def versions(session: Session, number: int | None, form: ShowFormat = ShowFormat.TEXT) -> None:
    """Print the list of all versions, or one of them to the letter."""
    if number == PACKAGED:
        print_out(reader.packaged_text())
        return
    zone = session.config(Requirement.DATABASE).timezone
    with session.store() as store:
        saved_versions = policy_versions.versions(store)
        name_author = find_authors(store, now_of(session), session.words)
    if number is None and form is ShowFormat.JSON:
        rows: list[Row] = [(version.number, utc(version.at), version.by) for version in saved_versions]
        print_out(as_json(COLUMNS, [*rows, (PACKAGED, None, None)]))
        return
    if number is None:
        session.out.print(_make_table(saved_versions, zone, name_author, session.words))
        return
    asked = next((version for version in saved_versions if version.number == number), None)
    if asked is None:
        says = N_("There is no version {number}. csp-escalate policy versions lists them.")
        raise CommandError(session.words(says, number=number), code=2)
    print_out(asked.text)


def _read(file: Path, words: Words) -> tuple[VendorPolicy, str]:
    """Return the policy of a file, and its text. Raises InvalidFile, and CommandError for a date that is ahead."""
    written = document.decode(content(file, document.SIZE_LIMIT, words))
    policy = reader.parse_policy(written)
    if ahead := policy.find_unread_yet(Clock(None).now().date()):
        says = N_("read_on is {day} for {page}: that day is ahead. Write the day on which the page was read.")
        raise CommandError(words(says, day=str(ahead[0].read_on), page=ahead[0].url), code=2)
    return policy, written


def _tell(session: Session, done: str, policy: VendorPolicy) -> None:
    words = session.words
    counted = (
        words.plural("{n} service", "{n} services", len(policy.services)),
        words.plural("{n} desk", "{n} desks", len(policy.desks)),
        words.plural("{n} hotline", "{n} hotlines", len(policy.hotlines)),
    )
    oldest: date = min(source.read_on for source in policy.sources())
    session.out.print_lines(words(done, facts=words.join_items(counted)))
    session.out.print_lines(words(N_("Each was read on {day} or later."), day=f"{oldest}"))


def _make_table(
    saved_versions: list[PolicyVersion], zone: ZoneInfo, name_author: Callable[[str], str], words: Words
) -> TextTable:
    """Return the versions as a table, the newest first; the packaged one is the last."""
    table = TextTable(map(words, (N_("Version"), N_("Since"), N_("By"))), words.colon)
    for version in saved_versions:
        since = f"{version.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        table.add_row(str(version.number), since, name_author(version.by))
    table.add_row(str(PACKAGED), "–", words(N_("packaged")))
    return table
