"""``rota example | import | export | check``: the rota as a file, and every minute of it that is not covered."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bot.clock import Clock
from bot.commands.session import Session, Trouble, why
from bot.config import Need
from handlers.words import N_, Words
from handlers.words.rota import FAULT, REASON
from models import rotas
from models.export import BOM, defused
from models.rota import plan_file
from models.rota.gaps import Gap, gaps
from models.rota.plan import Plan
from models.rota.reading import FIRST_YEAR, LAST_YEAR, BadPlan, Fault, nearest_of
from models.store import Store

BY = "cli"
MOST_DAYS = 3660
NEAREST = N_("Did you mean “{nearest}”?")
COLUMNS = ("start", "end", "seat", "reason", "who", "what")

app = typer.Typer(
    help="Who stands where and when, and where nobody does. / 值班表与覆盖缺口。",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """What gaps are told in."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@app.command()
def example() -> None:
    """Print a rota file to begin with. / 输出值班表示例文件。"""
    _print(plan_file.example())


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A rota file; see: rota example. / 值班表文件，见 rota example。")],
) -> None:
    """Make a file the rota from now on. / 从现在起采用此值班表。

    Earlier versions stay on record. / 以前的版本仍保留在记录中。

    Exit codes: 0 it is the rota, 2 it has faults and nothing was changed.
    """
    session: Session = context.obj
    words = session.words
    try:
        written = plan_file.decode(_content(file, words))
        plan = plan_file.read(written)
        with session.store() as store:
            is_new = rotas.import_plan(store, written, BY, _now(session))
    except BadPlan as bad:
        raise Trouble("\n".join(_faults(file, bad.faults, words)), code=2) from None
    done = (
        N_("This is the rota now: {members}, {layers}.")
        if is_new
        else N_("This is the rota already: {members}, {layers}.")
    )
    members = words.plural("{n} member", "{n} members", len(plan.members))
    layers = words.plural("{n} layer", "{n} layers", len(plan.layers))
    session.out.print(Text(words(done, members=members, layers=layers)), soft_wrap=True)


@app.command()
def export(context: typer.Context) -> None:
    """Print the rota file as it was imported. / 输出已导入的值班表文件。"""
    session: Session = context.obj
    with session.store() as store:
        written = rotas.text_at(store, _now(session))
    if written is None:
        raise _no_rota(session.words)
    _print(written)


@app.command()
def check(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day; now if left out. / 起始日期，默认现在。"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days. / 天数。")] = 365,
    seat: Annotated[str | None, typer.Option(help="Only this seat. / 只检查此席位。")] = None,
    form: Annotated[Format, typer.Option("--format", help="text, json or csv. / 输出格式。")] = Format.TEXT,
) -> None:
    """Find every minute that is not covered. / 找出所有未覆盖的时间。

    Exit codes: 0 there is no gap, 1 there is one, 2 wrong input. / 退出代码：0 无缺口，1 有缺口，2 输入有误。
    """
    session: Session = context.obj
    words = session.words
    with session.store() as store:
        now = _now(session)
        plan = _plan(store, now, words)
        left = rotas.left(store)
    start, end = _period(first, days, now, plan.zone, words)
    wanted = _seat(seat, plan, words)
    found = [gap for gap in gaps(plan, (), start, end, left) if wanted in {None, gap.seat}]
    if form is Format.TEXT:
        _show(session, plan, found, (start, end), wanted)
    else:
        _print(_as_json(found) if form is Format.JSON else _as_csv(found))
    if found:
        raise typer.Exit(1)


# What was typed ------------------------------------------------------------------------------------------------


def _now(session: Session) -> datetime:
    return Clock(session.config(Need.DATABASE).clock_offset_file).now()


def _content(file: Path, words: Words) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(plan_file.SIZE_LIMIT + 1)
    except OSError as error:
        says = words(N_("{file} can't be read: {why}"), file=file, why=why(error, words))
        raise Trouble(says, code=2) from None


def _faults(file: Path, faults: Sequence[Fault], words: Words) -> Iterator[str]:
    """Each fault with its line and a hint, and that nothing was taken."""
    for fault in faults:
        reason = words(FAULT[fault.kind], **fault.values)
        yield words(N_("{file}, line {line}: {reason}"), file=file, line=fault.line, reason=reason)
        if fault.nearest:
            yield f"  {words(NEAREST, nearest=fault.nearest)}"
    yield words(N_("Nothing was changed."))


def _no_rota(words: Words) -> Trouble:
    says = N_(
        "There is no rota yet. Begin with: csp-escalate rota example > rota.toml; csp-escalate rota import rota.toml"
    )
    return Trouble(words(says), code=2)


def _plan(store: Store, now: datetime, words: Words) -> Plan:
    plan = rotas.plan_at(store, now)
    if plan is None:
        raise _no_rota(words)
    return plan


def _seat(name: str | None, plan: Plan, words: Words) -> str | None:
    seats = [seat.name for seat in plan.seats]
    if name is None or name in seats:
        return name
    says = words(N_("There is no seat “{name}”. There are: {seats}"), name=name, seats=", ".join(seats))
    near = nearest_of(name, seats)
    raise Trouble(f"{says}\n  {words(NEAREST, nearest=near)}" if near else says, code=2)


def _period(first: str | None, days: int, now: datetime, zone: ZoneInfo, words: Words) -> tuple[datetime, datetime]:
    """From a local midnight, or from this minute on, so many days of the plan's wall clock."""
    begins = now.astimezone(zone).replace(second=0, microsecond=0) if first is None else _midnight(first, zone, words)
    ends = begins + timedelta(days=days)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _midnight(typed: str, zone: ZoneInfo, words: Words) -> datetime:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        says = words(N_("“{typed}” is not a date such as 2026-01-05."), typed=typed)
        raise Trouble(says, code=2)
    return datetime.combine(day, time(0), zone)


# What is told --------------------------------------------------------------------------------------------------


def _print(text: str) -> None:
    """For people and programs alike: as it is, in UTF-8."""
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a real stream here
    sys.stdout.write(text)


def _as_json(found: Iterable[Gap]) -> str:
    rows = [json.dumps(dict(zip(COLUMNS, _row(gap), strict=True)), ensure_ascii=False) for gap in found]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def _as_csv(found: Iterable[Gap]) -> str:
    written = io.StringIO()
    lines = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for gap in found:
        cells = ("; ".join(cell) if isinstance(cell, list) else cell for cell in _row(gap))
        lines.writerow([defused(cell) for cell in cells])
    return BOM + written.getvalue()


def _row(gap: Gap) -> tuple[str | list[str], ...]:
    """A gap under ``COLUMNS``; a contract, like the export of escalations."""
    return (_utc(gap.start), _utc(gap.end), gap.seat, str(gap.reason), list(gap.who), list(gap.what))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _show(
    session: Session, plan: Plan, found: Sequence[Gap], period: tuple[datetime, datetime], wanted: str | None
) -> None:
    words, zone = session.words, plan.zone
    start, end = (_local(moment, zone) for moment in period)
    says = N_("From {start} to {end} ({zone})")
    session.out.print(Text(words(says, start=start, end=end, zone=zone.key)), soft_wrap=True)
    for seat in plan.seats:
        if wanted in {None, seat.name}:
            mine = [gap for gap in found if gap.seat == seat.name]
            session.out.print(Text(f"{seat.name}{words.colon}{_total(mine, words)}", "bold"), soft_wrap=True)
            if mine:
                session.out.print(_table(mine, zone, words))


def _total(found: Sequence[Gap], words: Words) -> str:
    if not found:
        return words(N_("no gaps"))
    counted = words.plural("{n} gap", "{n} gaps", len(found))
    return words(N_("{gaps}, {length} uncovered"), gaps=counted, length=_length(_union(found), words))


def _union(found: Iterable[Gap]) -> timedelta:
    """How long a seat is uncovered; a minute with two reasons counts once."""
    total, reached = timedelta(), datetime.min.replace(tzinfo=UTC)
    for gap in sorted(found, key=lambda gap: gap.start):
        total += max(timedelta(), gap.end - max(gap.start, reached))
        reached = max(reached, gap.end)
    return total


def _table(found: Iterable[Gap], zone: ZoneInfo, words: Words) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    table.add_column(words(N_("From")), width=16)
    table.add_column(words(N_("To")), width=16)
    table.add_column(words(N_("Length")), width=10)
    table.add_column(words(N_("Reason")), ratio=1, overflow="fold")
    for gap in found:
        length = _length(gap.end - gap.start, words)
        cells = (_local(gap.start, zone), _local(gap.end, zone), length, _reason(gap, words))
        table.add_row(*map(Text, cells))
    return table


def _reason(gap: Gap, words: Words) -> str:
    about = ", ".join((*gap.who, *gap.what))
    return f"{words(REASON[gap.reason])}{words.colon}{about}" if about else words(REASON[gap.reason])


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _length(length: timedelta, words: Words) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes % 60 == 0:
        return words(N_("{hours} h"), hours=minutes // 60)
    return words(N_("{hours} h {minutes} min"), hours=minutes // 60, minutes=minutes % 60)
