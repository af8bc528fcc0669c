"""``csp-escalate customers …``: the customer list."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import session_of

app = typer.Typer(help="The customer list.", no_args_is_help=True, rich_markup_mode=None)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Partner Center's customer export, or any CSV with customer names."),
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="Only say which heading is which field; save nothing."),
    ] = False,
) -> None:
    """Bring the customer list up to a file.

    Customers that the file doesn't name stay.

    Exit codes: 0 every line was taken, 1 some were not, 2 the file or the database can't be used.
    """
    on_demand.customers.import_(session_of(context), file, check)
