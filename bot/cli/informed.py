"""``csp-escalate informed …``: which customers were informed of our support, and who is due."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Which customers were informed of our support / 哪些客户已获知我们的支持。",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def statement(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Make this file the newest version / 采用此文件为新版本。")
    ] = None,
) -> None:
    """Print the support statement, or make a file the newest version / 显示支持说明，或采用新版本。

    Exit codes: 0 done, 2 the file has faults or there is no statement, and nothing was changed.
    """
    on_demand.informed.statement(session_of(context), file)


@app.command("list")
def list_(
    context: typer.Context,
    everybody: Annotated[bool, typer.Option("--all", help="Customers not due too / 也列出未到期的客户。")] = False,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List the customers who must be informed, why and by when / 列出需要告知的客户、原因和期限。"""
    on_demand.informed.list_(session_of(context), everybody, form)


@app.command()
def record(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who informed them / 告知人。")],
    through: Annotated[str, typer.Option(help="phone, email, wecom or in_person / 渠道。")],
    customers: Annotated[list[str] | None, typer.Argument(help="Names, domains or tenant IDs / 客户。")] = None,
    evidence: Annotated[str, typer.Option(help="A link or a file's name / 凭据。")] = "",
    on: Annotated[str, typer.Option("--on", help="The day, if not today / 告知日期（默认今天）。")] = "",
    due: Annotated[bool, typer.Option("--due", help="All who are due / 所有需要告知的客户。")] = False,
) -> None:
    """Record that customers were informed: all of them or none / 记录已告知这些客户。

    Exit codes: 0 recorded, 2 a customer is not known or ambiguous, and nothing was recorded.
    """
    on_demand.informed.record(session_of(context), customers or [], by, through, evidence, due, on)


@app.command()
def mistake(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="A name, domain or tenant ID / 客户。")],
    by: Annotated[str, typer.Option(help="Who corrects it / 更正人。")],
    why: Annotated[str, typer.Option(help="Why it is wrong / 原因。")],
    on: Annotated[str, typer.Option("--on", help="The day of the record, if not the last / 记录日期。")] = "",
) -> None:
    """Mark a record as a mistake: it stays, and counts no more / 标记误记：记录保留，但不再计入。

    Exit codes: 0 marked, 2 there is no such record, and nothing was changed.
    """
    on_demand.informed.mistake(session_of(context), customer, by, why, on)


@app.command()
def text(context: typer.Context, customer: Annotated[str, typer.Argument(help="A name or domain / 客户。")]) -> None:
    """Print the statement for one customer, ready to copy / 输出给某个客户的支持说明，可直接复制。"""
    on_demand.informed.text(session_of(context), customer)


@app.command()
def export(context: typer.Context) -> None:
    """Print as CSV who was informed, when, how, by whom, and who never was / 以 CSV 输出告知记录。"""
    on_demand.informed.export(session_of(context))
