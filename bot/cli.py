"""``csp-escalate``: parses the command line and hands over. What a command does is in ``bot.commands``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import coverage, customers, database, escalations, rota, running, trying
from bot.commands.session import Session, explain

app = typer.Typer(
    help="Carries escalations to 21Vianet and keeps who did what / 把问题呈报给世纪互联，并记录谁在何时做了什么。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database / 数据库。", no_args_is_help=True, rich_markup_mode=None)

app.command("run")(running.run)
app.command("doctor")(running.doctor)
app.command("sandbox")(trying.sandbox)
db.command("upgrade")(database.upgrade)
db.command("backup")(database.backup)
app.add_typer(db, name="db")
app.add_typer(customers.app, name="customers")
app.add_typer(escalations.app, name="escalations")
app.add_typer(rota.app, name="rota")
app.add_typer(coverage.app, name="coverage")

EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", help="Settings as KEY=value lines, instead of .env / 用这个文件代替 .env。"),
]


@app.callback()
def settings(context: typer.Context, env_file: EnvFile = None) -> None:
    """Settings that all commands share."""
    context.obj = Session(env_file)


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 something was found wrong, 2 wrong input or settings."""
    try:
        app()
    except Exception as error:  # the outermost edge: what has a sentence gets it, all else is a bug and raised
        code = explain(error)
        if code is None:
            raise
        sys.exit(code)
