"""``csp-escalate``: parses the command line and hands over. What a command does is in ``bot.commands``."""

import gc
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from bot.commands.session import Session, explain

COMMANDS = {
    "run": "run:run",
    "doctor": "doctor:doctor",
    "sandbox": "sandbox:sandbox",
    "db": "db:app",
    "customers": "customers:app",
    "escalations": "escalations:app",
    "rota": "rota:app",
    "coverage": "coverage:app",
}
"""By name the file in ``bot.commands`` and what in it is the command, or the group of commands."""


class _OnDemand(Mapping[str, Any]):
    """The commands, each imported when it is asked for: one runs, and all together would double its start."""

    def __getitem__(self, name: str) -> Any:
        file, _, what = COMMANDS[name].partition(":")
        found = getattr(import_module(f"bot.commands.{file}"), what)
        gc.enable()  # bot.__main__ has put it off until here
        shell = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            shell.add_typer(found, name=name)
        else:
            shell.command(name)(found)
        return get_group(shell).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Commands(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "commands": _OnDemand()})


app = typer.Typer(
    cls=_Commands,
    help="Carries escalations to 21Vianet and keeps who did what / 把问题呈报给世纪互联，并记录谁在何时做了什么。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", help="Settings as KEY=value lines, instead of .env / 用这个文件代替 .env。"),
]


@app.callback()
def settings(context: typer.Context, env_file: EnvFile = None) -> None:
    """Settings that all commands share."""
    context.obj = Session(env_file)


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 something was found wrong, 2 wrong input or settings, or a
    database that can't be used.
    """
    try:
        app()
    except Exception as error:  # the outermost edge: what has a sentence gets it, all else is a bug and raised
        code = explain(error)
        if code is None:
            raise
        sys.exit(code)
