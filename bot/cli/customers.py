"""``csp-escalate customers …``: the customer list."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import session_of

app = typer.Typer(help="The customer list / 客户列表。", no_args_is_help=True, rich_markup_mode=None)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="Partner Center's customer export, or any CSV with customer names / "
            "合作伙伴中心导出的客户列表，或任何含客户名称的 CSV。"
        ),
    ],
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Only say which heading is which field; save nothing / 只显示各列标题对应的字段，不保存。"
        ),
    ] = False,
) -> None:
    """Bring the customer list up to a file / 用文件更新客户列表。

    Customers that the file doesn't name stay / 文件中没有的客户保留。

    Exit codes: 0 every line was taken, 1 some were not, 2 the file or the database can't be used.
    """
    on_demand.customers.import_(session_of(context), file, check)
