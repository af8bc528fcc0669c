"""``csp-escalate remediation …``: remediation records, and the packet for the meeting."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Remediation plans asked for by 21Vianet; reads only.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="R-n", help="The number of a record, such as 1 or R-1.")]


@app.command("list")
def list_(context: typer.Context, form: Form = ShowFormat.TEXT) -> None:
    """List the records, open ones first."""
    on_demand.remediation.list_(session_of(context), form)


@app.command()
def show(context: typer.Context, name: Name, form: Form = ShowFormat.TEXT) -> None:
    """Show one record with its actions.

    Exit codes: 0 shown, 2 there is none of this number.
    """
    on_demand.remediation.show(session_of(context), name, form)


@app.command()
def packet(
    context: typer.Context,
    name: Name,
    output: Annotated[Path, typer.Option(metavar="FILE", help="An HTML file, written whole or not at all.")],
    language: Annotated[
        str, typer.Option(metavar="zh_CN|en", help="zh_CN or en; that of the terminal if left out.")
    ] = "",
) -> None:
    """Write the packet for the meeting, to be printed by a browser.

    Exit codes: 0 written, 2 there is no such record, or the file can't be written.
    """
    on_demand.remediation.packet(session_of(context), name, output, language)
