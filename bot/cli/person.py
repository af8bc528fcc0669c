"""``csp-escalate person …``: what is recorded of a person, and erasing it."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.completion import complete_case, complete_person
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="What is recorded of a person, and erasing it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=complete_person, help="A name, Slack ID, phone or e-mail.")
]


@app.command("list")
def list_(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=complete_person, help="A part of a name; all if left out.")
    ] = "",
    form: Form = ShowFormat.TEXT,
) -> None:
    """List the people on record: members of the workspace and contacts."""
    on_demand.person.list_(session_of(context), name, form)


@app.command()
def export(
    context: typer.Context,
    name: Name,
    output: Annotated[Path, typer.Option(metavar="FILE", help="A JSON file, written whole or not at all.")],
) -> None:
    """Write everything of, by and about a person.

    Exit codes: 0 written, 2 nobody or several people have this name.
    """
    on_demand.person.export(session_of(context), name, output)


@app.command()
def erase(
    context: typer.Context,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the record; without names.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=complete_person, help="A name, Slack ID, phone or e-mail.")
    ] = "",
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CSP-n|R-n", autocompletion=complete_case, help="Every text of this case (CSP-7) or plan (R-2) too."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it only show.")] = False,
) -> None:
    """Erase a person's texts, drafts, profile and contact data.

    The history keeps who did what and when. Without --yes it only shows what would go and what stays.

    Exit codes: 0 erased or shown, 2 nobody or several people have this name, or there is no such case.
    """
    on_demand.person.erase(session_of(context), name, tuple(case or ()), why, yes)
