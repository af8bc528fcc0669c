"""``csp-escalate coverage …``: who was on call at each past minute, and corrections of that record."""

from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import Form, Format, session_of
from bot.commands.output import OutputFormat, ShowFormat

app = typer.Typer(
    help="Who was on call at each minute, and what proves it / 值班记录：每一分钟由谁值班及其依据。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
From = Annotated[str, typer.Option("--from", metavar="TIME", help="2026-01-01 or 2026-01-01T08:00. / 起始时间。")]
To = Annotated[
    str, typer.Option("--to", metavar="TIME", help="The end; that minute is not in it. / 结束时间（不含）。")
]


@app.command()
def report(
    context: typer.Context,
    start: From,
    end: To,
    seat: Annotated[str | None, typer.Option(help="Only this seat. / 只看此席位。")] = None,
    form: Format = OutputFormat.TEXT,
) -> None:
    """Report a whole period: each seat's intervals add up to it. / 完整列出一段时间内各席位的值班情况。

    The seat `bot` is the bot itself. / 席位 bot 是机器人自身。

    Exit codes: 0 told, 2 wrong input or no usable database.
    """
    on_demand.coverage.report(session_of(context), start, end, seat, form)


@app.command()
def who(
    context: typer.Context,
    at: Annotated[list[str] | None, typer.Argument(metavar="TIME", help="Now if left out. / 默认现在。")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """Show who was, is or will be on call at a moment, as it was known then. / 某一时刻由谁值班。"""
    on_demand.coverage.who(session_of(context), " ".join(at or ()), form)


@app.command()
def correct(
    context: typer.Context,
    start: From,
    end: To,
    seat: Annotated[str, typer.Option(help="The seat. / 席位。")],
    why: Annotated[str, typer.Option(help="What really happened. / 实际情况。")],
    person: Annotated[
        str, typer.Option(help="Who was really on call; nobody if left out. / 实际值班人，省略则为无人。")
    ] = "",
    place: Annotated[int, typer.Option(min=1, help="Which place of the seat. / 席位中的第几位。")] = 1,
) -> None:
    """Lay a correction over a past stretch; what was there stays on record. / 更正过去的一段，原记录保留。

    Exit codes: 0 it is on record, 2 wrong input or no usable database, and nothing was changed.
    """
    on_demand.coverage.correct(session_of(context), (start, end), (seat, place), person, why)
