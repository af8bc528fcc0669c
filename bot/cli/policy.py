"""``csp-escalate policy …``: 21Vianet's rules as a file: desks, first responses, hotlines, portals, click paths."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="What 21Vianet's pages say: hours, first responses, hotlines / 世纪互联网页上的规则：时间、首次响应、热线。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
PolicyFile = Annotated[Path, typer.Argument(help="A policy file. / 策略文件。")]


@app.command()
def show(
    context: typer.Context,
    form: Annotated[
        ShowFormat, typer.Option("--format", help="text, or json for programs. / 输出格式。")
    ] = ShowFormat.TEXT,
) -> None:
    """Show the rules that count now, each with its source. / 显示当前的规则及各自的来源。"""
    on_demand.policy_show.show(session_of(context), form)


@app.command()
def check(context: typer.Context, file: PolicyFile) -> None:
    """Find what is wrong in a policy file; nothing is saved. / 检查策略文件，不保存。

    Exit codes: 0 there is no fault, 2 there is one. / 退出代码：0 无错误，2 有错误。
    """
    on_demand.policy.check(session_of(context), file)


@app.command("import")
def import_(context: typer.Context, file: PolicyFile) -> None:
    """Make a file the rules from now on. / 从现在起采用此策略文件。

    The running bot uses it within seconds. Escalations keep the version they were raised under.
    / 运行中的机器人数秒内采用；已有呈报仍按其原版本判断。

    Exit codes: 0 these are the rules, 2 the file has faults, and nothing was changed.
    """
    on_demand.policy.import_(session_of(context), file)


@app.command()
def versions(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(min=0, help="Print this one; 0 is the packaged file. / 输出此版本，0 为内置文件。")
    ] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List every version of the rules, or print one. / 列出规则的所有版本，或输出其中一个。"""
    on_demand.policy.versions(session_of(context), number, form)
