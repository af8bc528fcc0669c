"""``rota versions``: every file that was the rota, and each as it was written."""

from collections.abc import Callable, Sequence

from bot.commands.member_names import find_authors
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.rota_input import no_rota, now_of
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from handlers.i18n.words import N_, Words
from models.oncall import rota_versions
from models.rules.rota.toml import reader

COLUMNS = ("version", "since", "by", "nobody_notified_because")
"""What programs read of each version: a contract."""


def versions(session: Session, number: int | None, form: ShowFormat = ShowFormat.TEXT) -> None:
    """Print the list of all files that were the rota, or one of them."""
    with session.store() as store:
        saved_versions = rota_versions.versions(store, now_of(session))
        name_author = find_authors(store, now_of(session), session.words)
    if not saved_versions:
        raise no_rota(session.words)
    if number is None and form is ShowFormat.JSON:
        print_out(as_json(COLUMNS, map(_facts, saved_versions)))
        return
    if number is None:
        session.out.print(_make_table(saved_versions, name_author, session.words))
        return
    asked = next((version for version in saved_versions if version.number == number), None)
    if asked is None:
        says = N_("There is no version {number}. csp-escalate rota versions lists them.")
        raise CommandError(session.words(says, number=number), code=2)
    print_out(asked.text)


def _facts(version: rota_versions.RotaVersion) -> Row:
    return version.number, utc(version.at), version.by, version.quiet or None


def _make_table(
    saved_versions: Sequence[rota_versions.RotaVersion], name_author: Callable[[str], str], words: Words
) -> TextTable:
    """Return the versions as a table, the newest first. Times are local to the newest rota."""
    zone = reader.read_rota(saved_versions[0].text).zone
    headings = (N_("Version"), N_("Since"), N_("By"), N_("Nobody was notified"))
    table = TextTable(map(words, headings), words.colon)
    for version in saved_versions:
        since = f"{version.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        table.add_row(str(version.number), since, name_author(version.by), version.quiet)
    return table
