"""``csp-escalate rota …``: the rota as a file, its shifts, its hours, and every minute without cover."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.completion import complete_seat
from bot.cli.options import MOST_DAYS, Days, FirstDay, Form, Format, session_of
from bot.commands.output import FileFormat, OutputFormat, ShowFormat
from models.rules.rota.workload import DEFAULT_PERIOD

EXPORT_DAYS = 180

app = typer.Typer(
    help="Who is on call when, and where nobody is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def example() -> None:
    """Print a rota file to begin with."""
    on_demand.rota_example.example()


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rota file or an iCalendar file.")],
    seat: Annotated[
        str | None, typer.Option(metavar="SEAT", autocompletion=complete_seat, help="The seat a calendar fills.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="The zone of a calendar's times that name none."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking, for scripts.")] = False,
    quiet: Annotated[
        str | None,
        typer.Option("--quiet-people", metavar="REASON", help="Tell nobody; the reason is kept."),
    ] = None,
) -> None:
    """Make a file the rota from now on.

    What would change is shown. Where somebody loses or moves a shift, or a gap opens, you are asked before it is
    saved.

    A calendar replaces the calendar's shifts of one seat.

    Earlier versions stay on record.

    Exit codes: 0 it is the rota, 1 you said no, 2 it has faults or was not confirmed, and nothing was changed.
    """
    on_demand.rota_import.import_(session_of(context), file, (seat, zone), yes, quiet)


@app.command()
def export(
    context: typer.Context,
    form: Annotated[
        FileFormat, typer.Option("--format", metavar="toml|ics", help="toml or ics (iCalendar).")
    ] = FileFormat.TOML,
    seat: Annotated[
        str | None, typer.Option(metavar="SEAT", autocompletion=complete_seat, help="ics: only this seat.")
    ] = None,
    member: Annotated[str | None, typer.Option(metavar="NAME", help="ics: only this person.")] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="ics: the first day; now if left out."),
    ] = None,
    days: Annotated[int, typer.Option(metavar="DAYS", min=1, max=MOST_DAYS, help="ics: how many days.")] = EXPORT_DAYS,
    gaps: Annotated[bool, typer.Option("--gaps", help="ics: gaps as events too.")] = False,
) -> None:
    """Print the rota: its file, or the final shifts as a calendar."""
    commands, session = on_demand.rota_export, session_of(context)
    if form is FileFormat.TOML:
        commands.export_file(session)
    else:
        commands.export_calendar(session, (seat, member), (first, days), with_gaps=gaps)


@app.command()
def versions(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="N", min=1, help="Print this one.")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List every file that was the rota, or print one.

    Exit codes: 0 told, 2 there is none, or no usable database.
    """
    on_demand.rota_versions.versions(session_of(context), number, form)


@app.command()
def feed(
    context: typer.Context,
    member: Annotated[str | None, typer.Option(metavar="NAME", help="Whose shifts; everybody's if left out.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all addresses of it.")] = False,
) -> None:
    """Make a secret address for calendars to subscribe to.

    It is shown once; anyone who has it can read the shifts.
    """
    on_demand.rota_feed.feed(session_of(context), member, revoke)


@app.command()
def load(
    context: typer.Context, first: FirstDay = None, days: Days = DEFAULT_PERIOD.days, form: Format = OutputFormat.TEXT
) -> None:
    """Tell how hours are shared out, as hints.

    Each person's hours, rest, nights, weekends and public holidays, and warnings; no verdict and no legal advice.
    It always exits 0 unless the input is wrong (2).
    """
    on_demand.rota_load.load(session_of(context), first, days, form)


@app.command()
def calendar(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; today if left out."),
    ] = None,
    days: Days = 365,
    form: Format = OutputFormat.TEXT,
) -> None:
    """List public holidays and make-up workdays.

    Corrections stand as [[calendar]] in the rota file.
    """
    on_demand.rota_calendar.calendar(session_of(context), first, days, form)


@app.command()
def check(
    context: typer.Context,
    first: FirstDay = None,
    days: Days = 365,
    seat: Annotated[
        str | None, typer.Option(metavar="SEAT", autocompletion=complete_seat, help="Only this seat.")
    ] = None,
    form: Format = OutputFormat.TEXT,
) -> None:
    """Find every minute that is not covered.

    Exit codes: 0 there is no gap, 1 there is one, 2 wrong input or no usable database.
    """
    on_demand.rota_check.check(session_of(context), first, days, seat, form)


@app.command()
def sheet(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it into this HTML file.")] = None,
    address: Annotated[bool, typer.Option("--address", help="Make a secret address for it.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all its addresses.")] = False,
) -> None:
    """Who is on call and how to reach them, gaps and open cases on one page.

    For the wall, and for when Slack can't be reached.
    """
    on_demand.rota_sheet.sheet(session_of(context), output, address, revoke)
