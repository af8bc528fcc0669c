"""``csp-escalate articles …``: list, show and export the knowledge articles."""

from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Knowledge articles: what solves known problems; reads only.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Words to look for.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Retired ones too.")] = False,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List articles, with when each was confirmed and how often it was used."""
    on_demand.articles.list_(session_of(context), " ".join(words or []), everything, form)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="KB-n", help="For example KB-3.")],
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show one article and who changed it when.

    Exit codes: 0 shown, 2 there is no such article.
    """
    on_demand.articles.show(session_of(context), name, form)


@app.command()
def export(context: typer.Context) -> None:
    """Print every article as CSV, retired ones too."""
    on_demand.articles.export(session_of(context))
