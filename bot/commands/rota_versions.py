"""``rota versions``: every file that was the rota, and each as it was written."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands.rota_input import no_rota, now_of, print_out
from bot.commands.session import CommandError, Session
from handlers.i18n.words import N_, Words
from models.oncall import rota_versions
from models.rules.rota.toml import reader


def versions(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(min=1, help="Print this one. / 输出此版本。")] = None,
) -> None:
    """List every file that was the rota, or print one. / 列出值班表的所有版本，或输出其中一个。

    Exit codes: 0 told, 2 there is none, or no usable database.
    """
    session: Session = context.obj
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
    for heading in (N_("Version"), N_("Since"), N_("By"), N_("Nobody was told")):
        table.add_column(words(heading), overflow="fold")
    for one in found:
        table.add_row(str(one.number), f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", Text(one.by), Text(one.quiet))
    return table
