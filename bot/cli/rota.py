"""``csp-escalate rota …``: the rota as a file, its shifts, its hours, and every minute without cover."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import on_demand
from bot.cli.options import MOST_DAYS, Days, FirstDay, Form, Format, session_of
from bot.commands.output import FileFormat, OutputFormat, ShowFormat
from models.rules.rota.workload import DEFAULT_PERIOD

EXPORT_DAYS = 180

app = typer.Typer(
    help="Who is on call when, and where nobody is / 值班表与缺口。",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def example() -> None:
    """Print a rota file to begin with. / 输出值班表示例文件。"""
    on_demand.rota_example.example()


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A rota file or an iCalendar file. / 值班表文件或 iCalendar 文件。")],
    seat: Annotated[str | None, typer.Option(help="The seat a calendar fills. / 日历所填的席位。")] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="The zone of a calendar's times that name none. / 日历中未注明时区的时间所用的时区。"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Save without asking, for scripts. / 不询问，直接保存（用于脚本）。")
    ] = False,
    quiet: Annotated[
        str | None,
        typer.Option(
            "--quiet-people", metavar="REASON", help="Tell nobody; the reason is kept. / 不通知任何人，记录原因。"
        ),
    ] = None,
) -> None:
    """Make a file the rota from now on. / 从现在起采用此值班表。

    What would change is shown. Where somebody loses or moves a shift, or a gap opens, you are asked before it is saved.
    / 先显示变动；如有人失去或变动班次，或出现缺口，保存前会询问。

    A calendar replaces the calendar's shifts of one seat. / 日历只替换一个席位的固定班次。

    Earlier versions stay on record. / 以前的版本仍保留在记录中。

    Exit codes: 0 it is the rota, 1 you said no, 2 it has faults or was not confirmed, and nothing was changed.
    """
    on_demand.rota_import.import_(session_of(context), file, (seat, zone), yes, quiet)


@app.command()
def export(
    context: typer.Context,
    form: Annotated[
        FileFormat, typer.Option("--format", help="toml or ics (iCalendar). / 输出格式。")
    ] = FileFormat.TOML,
    seat: Annotated[str | None, typer.Option(help="ics: only this seat. / 仅此席位。")] = None,
    member: Annotated[str | None, typer.Option(metavar="NAME", help="ics: only this person. / 仅此人。")] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="ics: the first day; now if left out. / 起始日期，默认现在。"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="ics: how many days. / 天数。")] = EXPORT_DAYS,
    gaps: Annotated[bool, typer.Option("--gaps", help="ics: gaps as events too. / 缺口也写成事件。")] = False,
) -> None:
    """Print the rota: its file, or the final shifts as a calendar. / 输出值班表文件，或以日历输出最终班次。"""
    commands, session = on_demand.rota_export, session_of(context)
    if form is FileFormat.TOML:
        commands.export_file(session)
    else:
        commands.export_calendar(session, (seat, member), (first, days), with_gaps=gaps)


@app.command()
def versions(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(min=1, help="Print this one. / 输出此版本。")] = None,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List every file that was the rota, or print one. / 列出值班表的所有版本，或输出其中一个。

    Exit codes: 0 told, 2 there is none, or no usable database.
    """
    on_demand.rota_versions.versions(session_of(context), number, form)


@app.command()
def feed(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose shifts; everybody's if left out. / 谁的班次，默认所有人。")
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all addresses of it. / 停用其所有地址。")] = False,
) -> None:
    """Make a secret address for calendars to subscribe to. / 生成供日历订阅的私密地址。

    It is shown once; anyone who has it can read the shifts. / 地址只显示一次；知道地址的人都能查看班次。
    """
    on_demand.rota_feed.feed(session_of(context), member, revoke)


@app.command()
def load(
    context: typer.Context, first: FirstDay = None, days: Days = DEFAULT_PERIOD.days, form: Format = OutputFormat.TEXT
) -> None:
    """Tell how hours are shared out, as hints. / 列出工时分配情况，仅供参考。

    Each person's hours, rest, nights, weekends and public holidays, and warnings; no verdict and no legal advice. It
    always exits 0 unless the input is wrong (2). / 退出代码：0 正常，2 输入有误。
    """
    on_demand.rota_load.load(session_of(context), first, days, form)


@app.command()
def calendar(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; today if left out. / 起始日期，默认今天。"),
    ] = None,
    days: Days = 365,
    form: Format = OutputFormat.TEXT,
) -> None:
    """List public holidays and make-up workdays. / 列出法定节假日与调休上班日。

    Corrections stand as [[calendar]] in the rota file. / 更正写在值班表文件的 [[calendar]] 中。
    """
    on_demand.rota_calendar.calendar(session_of(context), first, days, form)


@app.command()
def check(
    context: typer.Context,
    first: FirstDay = None,
    days: Days = 365,
    seat: Annotated[str | None, typer.Option(help="Only this seat. / 只检查此席位。")] = None,
    form: Format = OutputFormat.TEXT,
) -> None:
    """Find every minute that is not covered. / 找出所有未覆盖的时间。

    Exit codes: 0 there is no gap, 1 there is one, 2 wrong input or no usable database. / 退出代码：0 无缺口，1 有缺口，
    2 输入有误或数据库不可用。
    """
    on_demand.rota_check.check(session_of(context), first, days, seat, form)


@app.command()
def sheet(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option(help="Write it into this HTML file. / 写入此 HTML 文件。")] = None,
    address: Annotated[bool, typer.Option("--address", help="Make a secret address for it. / 生成私密地址。")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all its addresses. / 停用其所有地址。")] = False,
) -> None:
    """Who is on call and how to reach them, gaps and open cases on one page. / 一页值班单：联系方式、缺口、未关闭呈报。

    For the wall, and for when Slack can't be reached. / 可张贴，也供 Slack 无法使用时查看。
    """
    on_demand.rota_sheet.sheet(session_of(context), output, address, revoke)
