"""``rota …``: the rota as a file, who stands, how hours are shared out, and every minute nobody covers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.commands import rota_calendar, rota_export, rota_feed, rota_import, rota_load, rota_versions
from bot.commands.rota_input import MOST_DAYS, now_of, period, print_out, rota_now, seat_named
from bot.commands.rota_output import OutputFormat, Row, as_csv, as_json, local, oddities, reason_of, utc
from bot.commands.session import Session
from handlers.i18n.words import N_, Words
from models.oncall import rota_store
from models.rules.rota.coverage_totals import sum_of_kind
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.rota import Rota
from models.rules.rota.toml import reader

COLUMNS = ("start", "end", "seat", "reason", "who", "what", "kind")

app = typer.Typer(
    help="Who stands where and when, and where nobody does. / 值班表与覆盖缺口。",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def example() -> None:
    """Print a rota file to begin with. / 输出值班表示例文件。"""
    print_out(reader.example())


app.command("import")(rota_import.import_)
app.command("export")(rota_export.export)
app.command("versions")(rota_versions.versions)
app.command("feed")(rota_feed.feed)
app.command("load")(rota_load.load)
app.command("calendar")(rota_calendar.calendar)


@app.command()
def check(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; now if left out. / 起始日期，默认现在。"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days. / 天数。")] = 365,
    seat: Annotated[str | None, typer.Option(help="Only this seat. / 只检查此席位。")] = None,
    form: Annotated[OutputFormat, typer.Option("--format", help="text, json or csv. / 输出格式。")] = OutputFormat.TEXT,
) -> None:
    """Find every minute that is not covered. / 找出所有未覆盖的时间。

    Exit codes: 0 there is no gap, 1 there is one, 2 wrong input or no usable database. / 退出代码：0 无缺口，1 有缺口，
    2 输入有误或数据库不可用。
    """
    session: Session = context.obj
    words = session.words
    with session.store() as store:
        now = now_of(session)
        rota = rota_now(store, now, words)
        start, end = period(first, days, now, rota.zone, words)
        wanted = seat_named(seat, rota, words)
        found = [gap for gap in rota_store.RotaStore(store).gaps(now, start, end) if wanted in {None, gap.seat}]
        if form is OutputFormat.TEXT:
            _show(session, rota, found, (start, end), wanted)
            for line in oddities(rota, words):
                session.err.print(Text(line), soft_wrap=True)
            rota_load.hint(session, store, rota, now, (first, days))
    if form is not OutputFormat.TEXT:
        rows = map(_row, found)
        print_out(as_json(COLUMNS, rows) if form is OutputFormat.JSON else as_csv(COLUMNS, rows))
    if found:
        raise typer.Exit(1)


# What is told --------------------------------------------------------------------------------------------------


def _row(gap: Gap) -> Row:
    """A gap under ``COLUMNS``; a contract, like the export of escalations."""
    return (utc(gap.start), utc(gap.end), gap.seat, str(gap.reason), list(gap.who), list(gap.what), str(gap.kind))


def _show(
    session: Session, rota: Rota, found: Sequence[Gap], period: tuple[datetime, datetime], wanted: str | None
) -> None:
    words, zone = session.words, rota.zone
    start, end = (local(moment, zone) for moment in period)
    says = N_("From {start} to {end} ({zone})")
    session.out.print(Text(words(says, start=start, end=end, zone=zone.key)), soft_wrap=True)
    for seat in rota.seats:
        if wanted in {None, seat.name}:
            mine = [gap for gap in found if gap.seat == seat.name]
            session.out.print(Text(f"{seat.name}{words.colon}{_total(mine, words)}", "bold"), soft_wrap=True)
            if mine:
                session.out.print(_table(mine, zone, words))


def _total(found: Sequence[Gap], words: Words) -> str:
    if not found:
        return words(N_("no gaps"))
    counted = words.plural("{n} gap", "{n} gaps", len(found))
    return words(N_("{gaps}, {lengths}"), gaps=counted, lengths=words.listed(_lengths(found, words)))


def _lengths(found: Sequence[Gap], words: Words) -> Iterator[str]:
    """“12 h uncovered”, and how long it is below the requirement; a minute with two reasons counts once."""
    for kind, says in (
        (GapKind.UNCOVERED, N_("{length} uncovered")),
        (GapKind.BELOW_REQUIREMENT, N_("{length} below the requirement")),
    ):
        if length := sum_of_kind(found, kind):
            yield words(says, length=_length(length, words))


def _table(found: Iterable[Gap], zone: ZoneInfo, words: Words) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    table.add_column(words(N_("From")), width=16)
    table.add_column(words(N_("To")), width=16)
    table.add_column(words(N_("Length")), width=10)
    table.add_column(words(N_("Reason")), ratio=1, overflow="fold")
    for gap in found:
        length = _length(gap.end - gap.start, words)
        cells = (local(gap.start, zone), local(gap.end, zone), length, reason_of(gap, words))
        table.add_row(*map(Text, cells))
    return table


def _length(length: timedelta, words: Words) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes % 60 == 0:
        return words(N_("{hours} h"), hours=minutes // 60)
    return words(N_("{hours} h {minutes} min"), hours=minutes // 60, minutes=minutes % 60)
