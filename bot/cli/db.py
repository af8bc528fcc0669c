"""``csp-escalate db …``: bring the database up to date, copy it, restore a copy."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat

app = typer.Typer(help="The database / 数据库。", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database up to date / 把数据库更新到最新结构。"""
    on_demand.db.upgrade(session_of(context))


@app.command()
def grants(
    context: typer.Context,
    owner: Annotated[str, typer.Option("--owner", help="Who upgrades / 负责更新结构的角色。")] = "csp_owner",
    user: Annotated[str, typer.Option("--user", help="Who the bot is / 机器人使用的角色。")] = "csp_bot",
) -> None:
    """Print SQL for PostgreSQL: roles for upgrades and for the bot / 输出 PostgreSQL 的角色与权限 SQL。"""
    on_demand.db.grants(session_of(context), owner, user)


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that is not there yet / 尚不存在的文件。")],
) -> None:
    """Copy the SQLite database while the bot runs, and check the copy / 在机器人运行时备份 SQLite 数据库并校验。"""
    on_demand.db.backup(session_of(context), file)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy made with backup / 用 backup 得到的副本。")],
) -> None:
    """Put a backup in the place of the SQLite database / 用备份替换 SQLite 数据库。"""
    on_demand.db.restore(session_of(context), file)


@app.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count / 只统计。")] = False,
    days: Annotated[int | None, typer.Option(min=30, help="Instead of CSP_KEEP_DAYS / 代替 CSP_KEEP_DAYS。")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Delete old messages and keys now, as the bot does each day / 立即删除过期的消息和键。"""
    on_demand.db.prune(session_of(context), dry_run, days, form)
