"""``csp-escalate webhook …``: make a secret, try the receiver, and receive on this machine to see what comes."""

from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import session_of

app = typer.Typer(help="Send every move to another system.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def secret() -> None:
    """Print a new secret for CSP_WEBHOOK_SECRET."""
    on_demand.webhook.secret()


@app.command()
def test(context: typer.Context) -> None:
    """Send a signed test to CSP_WEBHOOK_URL, and say what came back.

    Exit codes: 0 it was taken, 1 it was not, 2 there is no webhook.
    """
    on_demand.webhook.test(session_of(context))


@app.command()
def receive(
    context: typer.Context,
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="Of this machine.")] = 8499,
    answer: Annotated[
        int, typer.Option(metavar="STATUS", min=200, max=599, help="The HTTP status of every answer.")
    ] = 200,
) -> None:
    """Receive on this machine until Ctrl-C: check each signature and print each move."""
    on_demand.webhook.receive(session_of(context), port, answer)
