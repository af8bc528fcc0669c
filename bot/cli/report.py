"""``csp-escalate report …``: the report of a month, and the scorecard of 21Vianet."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import session_of
from models.rules.reports.report_request import ReportFormat

app = typer.Typer(
    help="Monthly reports as a page to print or a workbook; reads only / 服务月报（可打印网页或工作簿），只读。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Month = Annotated[
    str, typer.Option("--month", metavar="YYYY-MM", help="The last whole month if left out / 月份，默认上个月。")
]
Form = Annotated[ReportFormat, typer.Option("--format", help="html to print, xlsx for spreadsheets / 格式。")]
Output = Annotated[Path | None, typer.Option(help="A file, written whole or not at all / 输出文件。")]
Language = Annotated[str, typer.Option(help="zh_CN or en; that of the terminal if left out / 报告语言。")]


@app.command()
def customer(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name, domain or tenant ID / 客户名称、域名或租户 ID。")],
    month: Month = "",
    form: Form = ReportFormat.HTML,
    output: Output = None,
    language: Language = "",
) -> None:
    """Report a month to one customer; nothing internal is in it / 某个客户的服务月报，不含内部信息。

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
    """Report a month of all customers, for leads / 全部客户的服务月报，供组长使用。

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
    """Report 21Vianet's first responses by service and severity / 世纪互联首次响应评分，按服务和严重性。

    Exit codes: 0 written, 2 wrong input or no usable database.
    """
    on_demand.report.vendor(session_of(context), month, form, output, language)
