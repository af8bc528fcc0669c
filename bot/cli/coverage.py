"""``csp-escalate coverage …``: who was on call at each past minute, and corrections of that record."""

from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.completion import complete_seat
from bot.cli.options import Form, Format, session_of
from bot.commands.output import OutputFormat, ShowFormat

app = typer.Typer(
    help="Who was on call at each minute, and what proves it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
From = Annotated[str, typer.Option("--from", metavar="TIME", help="2026-01-01 or 2026-01-01T08:00.")]
To = Annotated[str, typer.Option("--to", metavar="TIME", help="The end; that minute is not in it.")]


@app.command()
def report(
    context: typer.Context,
    start: From,
    end: To,
    seat: Annotated[
        str | None, typer.Option(metavar="SEAT", autocompletion=complete_seat, help="Only this seat.")
    ] = None,
    form: Format = OutputFormat.TEXT,
) -> None:
    """Report a whole period: each seat's intervals add up to it.

    The seat "bot" is the bot itself.

    Exit codes: 0 told, 2 wrong input or no usable database.
    """
    on_demand.coverage.report(session_of(context), start, end, seat, form)


@app.command()
def who(
    context: typer.Context,
    at: Annotated[list[str] | None, typer.Argument(metavar="TIME", help="Now if left out.")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show who was, is or will be on call at a moment, as it was known then."""
    on_demand.coverage.who(session_of(context), " ".join(at or ()), form)


@app.command()
def correct(
    context: typer.Context,
    start: From,
    end: To,
    seat: Annotated[str, typer.Option(metavar="SEAT", autocompletion=complete_seat, help="The seat.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="What really happened.")],
    person: Annotated[str, typer.Option(metavar="NAME", help="Who was really on call; nobody if left out.")] = "",
    place: Annotated[int, typer.Option(metavar="N", min=1, help="Which place of the seat.")] = 1,
) -> None:
    """Lay a correction over a past stretch; what was there stays on record.

    Exit codes: 0 it is on record, 2 wrong input or no usable database, and nothing was changed.
    """
    on_demand.coverage.correct(session_of(context), (start, end), (seat, place), person, why)
