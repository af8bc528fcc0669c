"""``rota versions``: every file that was the rota, and each as it was written."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands.output import print_out
from bot.commands.rota_input import no_rota, now_of
from bot.commands.session import CommandError, Session
from handlers.i18n.words import N_, Words
from models.oncall import rota_versions
from models.rules.rota.toml import reader


def versions(session: Session, number: int | None) -> None:
    """Print the list of all files that were the rota, or one of them."""
    with session.store() as store:
        found = rota_versions.versions(store, now_of(session))
    if not found:
        raise no_rota(session.words)
    if number is None:
        session.out.print(_listed(found, session.words))
        return
    asked = next((one for one in found if one.number == number), None)
    if asked is None:
        says = N_("There is no version {number}. csp-escalate rota versions lists them.")
        raise CommandError(session.words(says, number=number), code=2)
    print_out(asked.text)


def _listed(found: Sequence[rota_versions.RotaVersion], words: Words) -> Table:
    """The newest first; times are local to the newest rota."""
    zone = reader.read_rota(found[0].text).zone
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in (N_("Version"), N_("Since"), N_("By"), N_("Nobody was notified")):
        table.add_column(words(heading), overflow="fold")
    for one in found:
        table.add_row(str(one.number), f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", Text(one.by), Text(one.quiet))
    return table
