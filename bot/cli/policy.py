"""``csp-escalate policy …``: 21Vianet's rules as a file: desks, first responses, hotlines, portals, click paths."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="What 21Vianet's pages say: hours, first responses, hotlines.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")]


@app.command()
def show(
    context: typer.Context,
    form: Annotated[
        ShowFormat, typer.Option("--format", metavar="text|json", help="text, or json for programs.")
    ] = ShowFormat.TEXT,
) -> None:
    """Show the rules that count now, each with its source."""
    on_demand.policy_show.show(session_of(context), form)


@app.command()
def check(context: typer.Context, file: PolicyFile) -> None:
    """Find what is wrong in a policy file; nothing is saved.

    Exit codes: 0 there is no fault, 2 there is one.
    """
    on_demand.policy.check(session_of(context), file)


@app.command("import")
def import_(context: typer.Context, file: PolicyFile) -> None:
    """Make a file the rules from now on.

    The running bot uses it within seconds. Escalations keep the version they were raised under.

    Exit codes: 0 these are the rules, 2 the file has faults, and nothing was changed.
    """
    on_demand.policy.import_(session_of(context), file)


@app.command()
def versions(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="N", min=0, help="Print this one; 0 is the packaged file.")
    ] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List every version of the rules, or print one."""
    on_demand.policy.versions(session_of(context), number, form)
