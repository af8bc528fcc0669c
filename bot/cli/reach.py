"""``csp-escalate reach …``: other ways to people than Slack: check the file, try it, see what was tried."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(
    help="Reach people when Slack can't: WeCom, DingTalk, phone … / Slack 之外的联系方式：企业微信、钉钉、电话等。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="Any part of a name, or a Slack ID. / 姓名或其一部分，或 Slack ID。")]
Somebody = Annotated[
    str, typer.Argument(help="Any part of a name, a Slack ID, or everybody. / 姓名或其一部分、Slack ID，或 everybody。")
]


@app.command()
def example() -> None:
    """Print a reach file to start from. / 输出联系方式文件示例。"""
    on_demand.reach.example()


@app.command()
def check(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A reach file; CSP_REACH_FILE if left out. / 文件，默认 CSP_REACH_FILE。")
    ] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Find what is wrong in a reach file, and show it with secrets masked. / 检查文件，隐藏机密后显示。

    Exit codes: 0 there is no fault, 2 there is one. / 退出代码：0 无错误，2 有错误。
    """
    on_demand.reach.check(session_of(context), file, form)


@app.command()
def test(context: typer.Context, name: Somebody) -> None:
    """Send one message to each address of somebody, and say what came back. / 向某人的每个地址发送一条测试消息。

    Exit codes: 0 all were accepted, 1 one was not, 2 there is nobody of this name. / 0 均已接受，1 有失败，2 无此人。
    """
    on_demand.reach.test(session_of(context), name)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Any part of a name; everybody if left out. / 姓名或其一部分，默认所有人。")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back. / 最近天数。")] = 7,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show what was tried when, and how it ended. / 显示何时尝试过哪些联系方式及其结果。"""
    on_demand.reach.show(session_of(context), name, days, form)


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Make the links in messages to somebody useless, for instance after a phone was lost. / 撤销某人消息中的链接。"""
    on_demand.reach.revoke(session_of(context), name)
