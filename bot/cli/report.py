"""``csp-escalate report …``: the report of a month, and the scorecard of 21Vianet."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import session_of
from models.rules.reports.report_request import ReportFormat

app = typer.Typer(
    help="Monthly reports as a page to print or a workbook; reads only.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Month = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="The last whole month if left out.")]
Form = Annotated[
    ReportFormat, typer.Option("--format", metavar="html|xlsx", help="html to print, xlsx for spreadsheets.")
]
Output = Annotated[Path | None, typer.Option(metavar="FILE", help="A file, written whole or not at all.")]
Language = Annotated[str, typer.Option(metavar="zh_CN|en", help="zh_CN or en; that of the terminal if left out.")]


@app.command()
def customer(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CUSTOMER", help="A name, domain or tenant ID.")],
    month: Month = "",
    form: Form = ReportFormat.HTML,
    output: Output = None,
    language: Language = "",
) -> None:
    """Report a month to one customer; nothing internal is in it.

    Exit codes: 0 written, 2 wrong input or no usable database.
    """
    on_demand.report.customer(session_of(context), name, month, form, output, language)


@app.command()
def team(
    context: typer.Context,
    month: Month = "",
    form: Form = ReportFormat.HTML,
    output: Output = None,
    language: Language = "",
) -> None:
    """Report a month of all customers, for leads.

    Exit codes: 0 written, 2 wrong input or no usable database.
    """
    on_demand.report.team(session_of(context), month, form, output, language)


@app.command()
def vendor(
    context: typer.Context,
    month: Month = "",
    form: Form = ReportFormat.HTML,
    output: Output = None,
    language: Language = "",
) -> None:
    """Report 21Vianet's first responses by service and severity.

    Exit codes: 0 written, 2 wrong input or no usable database.
    """
    on_demand.report.vendor(session_of(context), month, form, output, language)
