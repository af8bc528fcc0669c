"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import on_demand
from bot.commands.output import OutputFormat, ShowFormat

if TYPE_CHECKING:
    from bot.commands.session import Session

MOST_DAYS = 3660
"""The longest period in days that a command of the rota accepts: ten years."""

FirstDay = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="The first day; now if left out."),
]
Days = Annotated[int, typer.Option(metavar="DAYS", min=1, max=MOST_DAYS, help="How many days.")]
Form = Annotated[ShowFormat, typer.Option("--format", metavar="text|json", help="text to read, json for programs.")]
Format = Annotated[OutputFormat, typer.Option("--format", metavar="text|json|csv", help="text, json or csv.")]


def session_of(context: typer.Context) -> "Session":
    """Return the session of this run: the group's callback stored the path of the settings file."""
    return on_demand.session.Session(context.obj)
