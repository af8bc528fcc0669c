"""``csp-escalate reach …``: other ways to people than Slack: check the file, try it, see what was tried."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.completion import complete_person
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Reach people when Slack can't: WeCom, DingTalk, phone …",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=complete_person, help="Any part of a name, or a Slack ID.")
]
Somebody = Annotated[
    str,
    typer.Argument(
        metavar="NAME", autocompletion=complete_person, help="Any part of a name, a Slack ID, or everybody."
    ),
]


@app.command()
def example(context: typer.Context) -> None:
    """Print a reach file to start from."""
    on_demand.reach.example(session_of(context))


@app.command()
def check(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A reach file; CSP_REACH_FILE if left out.")
    ] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Find what is wrong in a reach file, and show it with secrets masked.

    Exit codes: 0 there is no fault, 2 there is one.
    """
    on_demand.reach.check(session_of(context), file, form)


@app.command()
def test(context: typer.Context, name: Somebody, form: Form = ShowFormat.TEXT) -> None:  # noqa: PT028 - a command
    """Send one message to each address of somebody, and say what came back.

    Exit codes: 0 all were accepted, 1 one was not, 2 there is nobody of this name.
    """
    on_demand.reach.test(session_of(context), name, form)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", autocompletion=complete_person, help="Any part of a name; everybody if left out."
        ),
    ] = None,
    days: Annotated[int, typer.Option(metavar="DAYS", min=1, max=3660, help="How many days back.")] = 7,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show what was tried when, and how it ended."""
    on_demand.reach.show(session_of(context), name, days, form)


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Make the links in messages to somebody useless, for instance after a phone was lost."""
    on_demand.reach.revoke(session_of(context), name)
