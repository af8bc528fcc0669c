"""``rota import | export``: the rota as a file of its own, or as a calendar (iCalendar)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import typer
from rich.text import Text

from bot.commands.rota_told import oddities
from bot.commands.rota_typed import (
    BY,
    MOST_DAYS,
    content,
    member_named,
    no_rota,
    now_of,
    period,
    plan_now,
    print_out,
    seat_named,
    told,
)
from bot.commands.session import Session, Trouble
from handlers.words import N_, Words
from handlers.words.rota import NEAREST, NOTE, reason_name
from models import feeds, rota_versions, rotas
from models.rota import ical, ical_lines, ical_writing, plan_file, plan_writing
from models.rota.gaps import Gap
from models.rota.ical_zones import known_zone
from models.rota.notes import Note
from models.rota.plan import Plan, Seat
from models.rota.reading import BadPlan, nearest_of
from models.store import Store

MOST_NOTES = 20
SUFFIXES = {".ics", ".ical", ".icalendar", ".ifb"}
DEFAULT_DAYS = 180


class FileFormat(StrEnum):
    """What the rota is written as."""

    TOML = "toml"
    ICS = "ics"


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A rota file or an iCalendar file. / 值班表文件或 iCalendar 文件。")],
    seat: Annotated[str | None, typer.Option(help="The seat a calendar fills. / 日历所填的席位。")] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="The zone of a calendar's times that name none. / 日历中未注明时区的时间所用的时区。"),
    ] = None,
) -> None:
    """Make a file the rota from now on. / 从现在起采用此值班表。

    A calendar replaces the calendar's shifts of one seat. / 日历只替换一个席位的固定班次。

    Earlier versions stay on record. / 以前的版本仍保留在记录中。

    Exit codes: 0 it is the rota, 2 it has faults and nothing was changed.
    """
    session: Session = context.obj
    words = session.words
    data = content(file, max(plan_file.SIZE_LIMIT, ical_lines.SIZE_LIMIT), words)
    is_calendar = file.suffix.lower() in SUFFIXES or ical_lines.looks_like_a_calendar(data)
    try:
        if is_calendar:
            says = _import_calendar(session, data, seat, _zone(zone, words))
        else:
            _refuse_options(seat, zone, words)
            says = _import_plan(session, data)
    except BadPlan as bad:
        raise told(file, bad.faults, words) from None
    for line in says:
        session.out.print(Text(line), soft_wrap=True)


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


# Into the rota -------------------------------------------------------------------------------------------------


def _import_plan(session: Session, data: bytes) -> list[str]:
    words = session.words
    written = plan_file.decode(data)
    plan = plan_file.read(written)
    with session.store(begins=True) as store:
        is_new = rota_versions.import_plan(store, written, BY, now_of(session))
    done = (
        N_("This is the rota now: {members}, {layers}.")
        if is_new
        else N_("This is the rota already: {members}, {layers}.")
    )
    members = words.plural("{n} member", "{n} members", len(plan.members))
    layers = words.plural("{n} layer", "{n} layers", len(plan.layers))
    nobody = N_("⚠️ Nobody stands in it, so every hour is a gap. The files before it: csp-escalate rota versions")
    empty = [] if plan.layers or plan.fixed else [words(nobody)]
    return [words(done, members=members, layers=layers), *empty, *oddities(plan, words)]


def _import_calendar(session: Session, data: bytes, seat: str | None, zone: ZoneInfo | None) -> list[str]:
    words = session.words
    with session.store(begins=True) as store:
        now = now_of(session)
        before = rota_versions.text_at(store, now)
        plan = Plan() if before is None else plan_file.read(before)
        wanted = _one_seat(seat, plan, words)
        window = (now - ical.BEHIND, now + ical.AHEAD)
        found = ical.read(data, wanted.name, plan.members, zone, plan.zone, *window)
        written = plan_writing.with_shifts(before, wanted.name, found.shifts, found.new)
        rota_versions.import_plan(store, written, BY, now)
    return _said(found, wanted, plan.zone, words)


def _said(found: ical.Imported, seat: Seat, zone: ZoneInfo, words: Words) -> list[str]:
    """What was made of a calendar."""
    says = N_("{events} made {shifts} in the seat “{seat}”; series are followed until {until}. New people: {people}")
    events = words.plural("{n} event", "{n} events", found.events)
    shifts = words.plural("{n} shift", "{n} shifts", len(found.shifts))
    until = f"{found.until.astimezone(zone):%Y-%m-%d}"
    head = words(says, events=events, shifts=shifts, seat=seat.name, until=until, people=len(found.new))
    lines = [head, *_notes(found.notes, words)]
    if crowd := ical.crowded(found.shifts, seat.people):
        says = N_(
            "More people have a shift at once than the seat has places ({n}), first at {time}: only so many stand."
        )
        lines.append(words(says, n=seat.people, time=f"{crowd.astimezone(zone):%Y-%m-%d %H:%M}"))
    return lines


def _notes(notes: Sequence[Note], words: Words) -> list[str]:
    lines = [_note(note, words) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(words(N_("And {n} more notes."), n=len(notes) - MOST_NOTES))
    return lines


def _note(note: Note, words: Words) -> str:
    values = {key: words.listed(one) if isinstance(one, list) else one for key, one in note.values.items()}
    return words(NOTE[note.kind], **values)


def _one_seat(name: str | None, plan: Plan, words: Words) -> Seat:
    if name is None:
        seats = words.listed(seat.name for seat in plan.seats)
        raise Trouble(words(N_("Say which seat the calendar fills, with --seat: {seats}"), seats=seats), code=2)
    wanted = seat_named(name, plan, words)
    return next(seat for seat in plan.seats if seat.name == wanted)


def _zone(name: str | None, words: Words) -> ZoneInfo | None:
    if name is None:
        return None
    if found := known_zone(name):
        return found
    says = words(N_("there is no time zone “{name}”. Use a name such as Asia/Shanghai."), name=name)
    near = nearest_of(name, available_timezones())
    raise Trouble(f"{says}\n  {words(NEAREST, nearest=near)}" if near else says, code=2)


def _refuse_options(seat: str | None, zone: str | None, words: Words) -> None:
    """A rota file says for itself which seats and zones it means."""
    if seat is not None or zone is not None:
        raise Trouble(words(N_("--seat and --zone are for calendars; a rota file says both itself.")), code=2)


# Out of the rota -----------------------------------------------------------------------------------------------


def _calendar(
    session: Session, store: Store, now: datetime, period_of: tuple[str | None, int],
    only: tuple[str | None, str | None], with_gaps: bool,
) -> str:  # fmt: skip
    """The final shifts of a period as iCalendar."""
    words, kept = session.words, rotas.Rotas(store)
    plan = plan_now(store, now, words)
    seat = seat_named(only[0], plan, words)
    member = None if only[1] is None else member_named(only[1], plan, words)
    start, end = period(*period_of, now, plan.zone, words)
    shifts = [one for one in kept.shifts(now, start, end) if seat in {None, one.seat} and member in {None, one.member}]
    found: list[Gap] = kept.gaps(now, start, end) if with_gaps else []
    gaps = [(gap, reason_name(gap, words)) for gap in found if seat in {None, gap.seat}]
    changed = feeds.changed_at(store, now) or now
    return ical_writing.write(member or seat or words(N_("Rota")), shifts, gaps, changed).decode()
