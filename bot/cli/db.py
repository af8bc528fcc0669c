"""``csp-escalate db …``: bring the database up to date, copy it, restore a copy."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(help="The database.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database up to date."""
    on_demand.db.upgrade(session_of(context))


@app.command()
def grants(
    context: typer.Context,
    owner: Annotated[str, typer.Option("--owner", metavar="NAME", help="Who upgrades.")] = "csp_owner",
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Who the bot is.")] = "csp_bot",
) -> None:
    """Print SQL for PostgreSQL: roles for upgrades and for the bot."""
    on_demand.db.grants(session_of(context), owner, user)


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")],
) -> None:
    """Copy the SQLite database while the bot runs, and check the copy."""
    on_demand.db.backup(session_of(context), file)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy made with backup.")],
) -> None:
    """Put a backup in the place of the SQLite database."""
    on_demand.db.restore(session_of(context), file)


@app.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    days: Annotated[int | None, typer.Option(metavar="DAYS", min=30, help="Instead of CSP_KEEP_DAYS.")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Delete old messages and keys now, as the bot does each day."""
    on_demand.db.prune(session_of(context), dry_run, days, form)
