"""``csp-escalate escalations …``: list, show and export the record of escalations."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.completion import complete_case, complete_member
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat
from models.rules.escalations.export_request import ExportFormat

app = typer.Typer(
    help="The record of escalations; only raise and do change it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed and withdrawn ones too.")] = False,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List the escalations that are open."""
    on_demand.escalations.list_(session_of(context), everything, form)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CSP-n", autocompletion=complete_case, help="For example CSP-12.")],
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show one escalation, its clocks and everything that was done."""
    on_demand.escalation_show.show(session_of(context), name, form)


@app.command()
def export(
    context: typer.Context,
    form: Annotated[
        ExportFormat,
        typer.Option("--format", metavar="csv|json|xlsx", help="csv or xlsx for spreadsheets, json for programs."),
    ] = ExportFormat.CSV,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="A file, written whole or not at all.")] = None,
    filters: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help='Words and filters: "state:active severity:A".')
    ] = "",
) -> None:
    """Write escalations with their histories: all, or those of a filter."""
    on_demand.escalation_export.export(session_of(context), form, output, filters)


@app.command()
def verify(context: typer.Context) -> None:
    """Check that every typed text is the one that the history names.

    Exit codes: 0 all are whole or were erased, 1 some were changed or are missing.
    """
    on_demand.escalation_verify.verify(session_of(context))


@app.command("raise")
def raise_(
    context: typer.Context,
    file: Annotated[str, typer.Option("--from", metavar="FILE", help="A JSON object; - for standard input.")],
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", autocompletion=complete_member, help="A member of the rota.")
    ],
    form: Form = ShowFormat.TEXT,
) -> None:
    """Raise a case without Slack, as a member of the rota.

    Exit codes: 0 raised, or raised before under the same "id"; 2 refused, and nothing was changed.
    """
    on_demand.escalation_acts.raise_(session_of(context), file, name, form)


@app.command()
def do(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CSP-n", autocompletion=complete_case, help="For example CSP-12.")],
    verb: Annotated[str, typer.Argument(metavar="WHAT", help="acknowledge, note, number, resolve …")],
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", autocompletion=complete_member, help="A member of the rota.")
    ],
    text: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="The words or the number it needs.")] = None,
    to: Annotated[
        str | None, typer.Option(metavar="NAME", autocompletion=complete_member, help="The next owner, to reassign it.")
    ] = None,
    severity: Annotated[str | None, typer.Option(metavar="A|B|C", help="What 21Vianet gave with its number.")] = None,
    step_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="The same one again does nothing.")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Make a move on a case without Slack, as a member of the rota.

    Exit codes: 0 done, or done before under the same --id; 2 refused, and nothing was changed.
    """
    acts = on_demand.escalation_acts
    step = acts.TypedStep(case, verb, " ".join(text or ()), to, severity, step_id)
    acts.do(session_of(context), step, name, form)
