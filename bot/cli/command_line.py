"""``csp-escalate``: the root of the command line."""

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from bot.cli import (
    articles,
    coverage,
    customers,
    db,
    escalations,
    informed,
    on_demand,
    outbox,
    person,
    policy,
    reach,
    remediation,
    reminders,
    report,
    rota,
    webhook,
)
from bot.cli.any_encoding import write_anywhere
from bot.cli.localized_help import localize
from bot.cli.options import Form, session_of
from bot.cli.usage_errors import tell_usage_error
from bot.commands.output import ShowFormat
from bot.operator_language import operator_words


class CommandGroup(TyperGroup):
    """The commands in the order in which the help lists them."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # Typer's context is Click's
        """Return the names: what starts something first, then the groups."""
        return sorted(super().list_commands(ctx), key=lambda name: hasattr(self.commands[name], "commands"))


app = typer.Typer(
    cls=CommandGroup,
    help="Carries escalations to 21Vianet and keeps who did what.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for name, group in (
    ("db", db), ("customers", customers), ("escalations", escalations), ("articles", articles),
    ("rota", rota), ("coverage", coverage),
    ("policy", policy), ("informed", informed), ("person", person), ("reach", reach), ("reminders", reminders),
    ("outbox", outbox),
    ("remediation", remediation), ("report", report), ("webhook", webhook),
):  # fmt: skip
    app.add_typer(group.app, name=name)

EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", metavar="FILE", help="Settings as KEY=value lines, instead of .env."),
]


def _show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"csp-escalate {metadata.version('csp-escalate')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")]


@app.callback()
def settings(context: typer.Context, env_file: EnvFile = None, version: Version = False) -> None:  # noqa: ARG001
    """Keep the option that all commands share; :func:`bot.cli.options.session_of` reads it."""
    context.obj = env_file


@app.command()
def run(
    context: typer.Context,
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Take signed HTTP here instead of Socket Mode."),
    ] = None,
    health: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Show /healthz, /livez, /readyz, /metrics.")
    ] = None,
) -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    on_demand.run.run(session_of(context), http, health)


@app.command()
def doctor(
    context: typer.Context,
    health: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where the running bot shows /healthz."),
    ] = None,
    hints: Annotated[bool, typer.Option("--fix-hints", help="Commands that correct what is wrong.")] = False,
    blocks: Annotated[
        bool,
        typer.Option("--blocks", help="Only ask Slack about each drawn sample."),
    ] = False,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Check tokens, scopes, channels and the database.

    Exit codes: 0 nothing is wrong, 1 something is, 2 it could not be checked.
    """
    if blocks:
        on_demand.doctor.blocks(session_of(context), form)
        return
    on_demand.doctor.doctor(session_of(context), health, hints, form)


@app.command()
def events(
    context: typer.Context,
    after: Annotated[int, typer.Option(metavar="N", min=0, help="Go on after this id.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Print every move as a line of JSON, for another system."""
    on_demand.events.events(session_of(context), after, follow)


@app.command()
def manifest(
    context: typer.Context,
    command: Annotated[str, typer.Option(metavar="COMMAND", help="The slash command; CSP_COMMAND if left out.")] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="The app's name in Slack.")] = "",
    url: Annotated[str, typer.Option(metavar="URL", help="Signed HTTP: the bot's https address.")] = "",
) -> None:
    """Print the manifest of the Slack app."""
    on_demand.manifest.manifest(session_of(context), command, name, url)


@app.command()
def sandbox(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    port: Annotated[int, typer.Option(metavar="PORT", help="The next free one if it is taken.")] = 8400,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget everything first.")] = False,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
    days: Annotated[int, typer.Option(metavar="DAYS", min=0, help="Watch a team live through so many days.")] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed, the same days.")] = 1,
    speed: Annotated[float, typer.Option(metavar="HOURS", min=0, help="Hours a second; 0: as fast as can be.")] = 2.0,
    begins: Annotated[
        str, typer.Option(metavar="TIME", help="With --days: when they begin; 2026-01-05T00:00Z if left out.")
    ] = "",
    slack_off: Annotated[int, typer.Option(metavar="HOURS", min=0, help="With --days: hours without Slack.")] = 0,
) -> None:
    """Try it without a Slack account, in the browser."""
    if days:
        on_demand.sandbox.watch(session_of(context), (port, open_page), seed, (days, speed), begins, slack_off)
    else:
        on_demand.sandbox.serve(session_of(context), port, open_page, fresh)


def main() -> None:
    """Run the command line.

    Exit codes: 0 fine, 1 something was found wrong, 2 wrong input or settings, or a database that can't be used.
    """
    write_anywhere(sys.stdout, sys.stderr)
    command, words = typer.main.get_command(app), operator_words()
    localize(command, words)
    try:
        code = command.main(prog_name="csp-escalate", standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:  # the outermost edge: a known error gets a sentence, any other is a bug and raised
        code = tell_usage_error(error, words)
        if code is None:
            code = on_demand.session.explain(error)
        if code is None:
            raise
        if isinstance(error, OSError):
            sys.stdout = None  # what could not be written would be tried again at the end
    sys.exit(code)
