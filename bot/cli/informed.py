"""``csp-escalate informed …``: which customers were informed of our support, and who is due."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Which customers were informed of our support.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def statement(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Make this file the newest version.")] = None,
) -> None:
    """Print the support statement, or make a file the newest version.

    Exit codes: 0 done, 2 the file has faults or there is no statement, and nothing was changed.
    """
    on_demand.informed.statement(session_of(context), file)


@app.command("list")
def list_(
    context: typer.Context,
    everybody: Annotated[bool, typer.Option("--all", help="Customers not due too.")] = False,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List the customers who must be informed, why and by when."""
    on_demand.informed.list_(session_of(context), everybody, form)


@app.command()
def record(
    context: typer.Context,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who informed them.")],
    through: Annotated[str, typer.Option(metavar="CHANNEL", help="phone, email, wecom or in_person.")],
    customers: Annotated[
        list[str] | None, typer.Argument(metavar="CUSTOMER", help="Names, domains or tenant IDs.")
    ] = None,
    evidence: Annotated[str, typer.Option(metavar="LINK", help="A link or a file's name.")] = "",
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day, if not today.")] = "",
    due: Annotated[bool, typer.Option("--due", help="All who are due.")] = False,
) -> None:
    """Record that customers were informed: all of them or none.

    Exit codes: 0 recorded, 2 a customer is not known or ambiguous, and nothing was recorded.
    """
    on_demand.informed.record(session_of(context), customers or [], by, through, evidence, due, on)


@app.command()
def mistake(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="A name, domain or tenant ID.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who corrects it.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it is wrong.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day of the record, if not the last.")] = "",
) -> None:
    """Mark a record as a mistake: it stays, and counts no more.

    Exit codes: 0 marked, 2 there is no such record, and nothing was changed.
    """
    on_demand.informed.mistake(session_of(context), customer, by, why, on)


@app.command()
def text(
    context: typer.Context, customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="A name or domain.")]
) -> None:
    """Print the statement for one customer, ready to copy."""
    on_demand.informed.text(session_of(context), customer)


@app.command()
def export(context: typer.Context) -> None:
    """Print as CSV who was informed, when, how, by whom, and who never was."""
    on_demand.informed.export(session_of(context))
