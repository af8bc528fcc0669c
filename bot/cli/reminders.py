"""``csp-escalate reminders …``: the times of reminders as a file."""

import typer

from bot.cli import on_demand
from bot.cli.options import session_of

app = typer.Typer(
    help="When people are reminded, and how often.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def example(context: typer.Context) -> None:
    """Print a file of reminder times to start from."""
    on_demand.reminders.example(session_of(context))
