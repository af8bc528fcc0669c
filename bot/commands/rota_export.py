"""``rota export``: the rota as a file of its own, or its final shifts as a calendar (iCalendar)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.rota_input import MOST_DAYS, member_named, no_rota, now_of, period, print_out, rota_now, seat_named
from bot.commands.session import Session
from handlers.i18n.rota_labels import reason_name
from handlers.i18n.words import N_
from models.oncall import calendar_feeds, rota_store, rota_versions
from models.rules.rota.gaps import Gap
from models.rules.rota.ical import writer
from models.store.database import Store

DEFAULT_DAYS = 180


class FileFormat(StrEnum):
    """What the rota is written as."""

    TOML = "toml"
    ICS = "ics"


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
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="ics: how many days. / 天数。")] = DEFAULT_DAYS,
    gaps: Annotated[bool, typer.Option("--gaps", help="ics: gaps as events too. / 缺口也写成事件。")] = False,
) -> None:
    """Print the rota: its file, or the final shifts as a calendar. / 输出值班表文件，或以日历输出最终班次。"""
    session: Session = context.obj
    with session.store() as store:
        now = now_of(session)
        if form is FileFormat.TOML:
            written = rota_versions.text_at(store, now)
            if written is None:
                raise no_rota(session.words)
        else:
            written = _calendar(session, store, now, period_of=(first, days), only=(seat, member), with_gaps=gaps)
    print_out(written)


def _calendar(
    session: Session, store: Store, now: datetime, period_of: tuple[str | None, int],
    only: tuple[str | None, str | None], with_gaps: bool,
) -> str:  # fmt: skip
    """The final shifts of a period as iCalendar."""
    words, kept = session.words, rota_store.RotaStore(store)
    rota = rota_now(store, now, words)
    seat = seat_named(only[0], rota, words)
    member = None if only[1] is None else member_named(only[1], rota, words)
    start, end = period(*period_of, now, rota.zone, words)
    shifts = [
        shift for shift in kept.shifts(now, start, end) if seat in {None, shift.seat} and member in {None, shift.member}
    ]
    found: list[Gap] = kept.gaps(now, start, end) if with_gaps else []
    gaps = [(gap, reason_name(gap, words)) for gap in found if seat in {None, gap.seat}]
    changed = calendar_feeds.changed_at(store, now) or now
    return writer.write(member or seat or words(N_("Rota")), shifts, gaps, changed).decode()
