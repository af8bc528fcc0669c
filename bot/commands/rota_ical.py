"""A calendar as the rota file it would make, and what there is to say of it; ``rota import`` saves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.rota_input import find_seat
from bot.commands.session import CommandError
from handlers.i18n.dates import numeric_moment
from handlers.i18n.rota_labels import NOTE
from handlers.i18n.words import N_, Words
from models.rules.rota.ical import importer
from models.rules.rota.ical.notes import ImportNote
from models.rules.rota.rota import Rota, Seat
from models.rules.rota.toml import reader, writer

MOST_NOTES = 20


@dataclass(frozen=True)
class RotaDraft:
    """A rota file as it would be saved.

    ``notes`` are shown before it is saved, ``done`` afterwards. ``empties`` names the seat that would lose all shifts
    of its calendar.
    """

    text: str
    notes: Sequence[str] = ()
    done: str = ""
    empties: str = ""


def of_calendar(
    before: str | None, data: bytes, seat_and_zone: tuple[str | None, ZoneInfo | None], now: datetime, words: Words
) -> RotaDraft:
    """Return the rota file with the shifts of a calendar. Raises InvalidFile, CommandError without a seat."""
    name, zone = seat_and_zone
    rota = Rota() if before is None else reader.read_rota(before)
    seat = _one_seat(name, rota, words)
    window = (now - importer.BEHIND, now + importer.AHEAD)
    calendar = importer.read_calendar(data, seat.name, rota.members, zone, rota.zone, *window)
    text = writer.replace_shifts(before, seat.name, calendar.shifts, calendar.new_members)
    ahead = [shift for shift in calendar.shifts if shift.end > now]
    empties = not ahead and any(shift.end > now for shift in rota.fixed_shifts if shift.seat == seat.name)
    notes = [*_notes(calendar.notes, words), *_crowd(calendar, seat, rota.zone, words)]
    return RotaDraft(text, notes, _done(calendar, seat, rota.zone, words), seat.name if empties else "")


def _done(calendar: importer.ImportedCalendar, seat: Seat, zone: ZoneInfo, words: Words) -> str:
    """Describe what was made of a calendar."""
    says = N_("{events} made {shifts} in the seat “{seat}”; series are followed until {until}. New people: {people}")
    events = words.plural("{n} event", "{n} events", calendar.events)
    shifts = words.plural("{n} shift", "{n} shifts", len(calendar.shifts))
    until = f"{calendar.followed_until.astimezone(zone):%Y-%m-%d}"
    return words(says, events=events, shifts=shifts, seat=seat.name, until=until, people=len(calendar.new_members))


def _crowd(calendar: importer.ImportedCalendar, seat: Seat, zone: ZoneInfo, words: Words) -> list[str]:
    crowd = importer.find_crowded_edge(calendar.shifts, seat.people)
    if crowd is None:
        return []
    says = N_(
        "More people have a shift at once than the seat takes ({n}), first at {time}. Only that many are on call."
    )
    return [words(says, n=seat.people, time=numeric_moment(crowd, zone))]


def _notes(notes: Sequence[ImportNote], words: Words) -> list[str]:
    lines = [_note(note, words) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(words(N_("And {n} more notes."), n=len(notes) - MOST_NOTES))
    return lines


def _note(note: ImportNote, words: Words) -> str:
    values = {key: words.join_items(value) if isinstance(value, list) else value for key, value in note.values.items()}
    return words(NOTE[note.kind], **values)


def _one_seat(name: str | None, rota: Rota, words: Words) -> Seat:
    if name is None:
        seats = words.join_items(seat.name for seat in rota.seats)
        raise CommandError(words(N_("Say which seat the calendar fills, with --seat: {seats}"), seats=seats), code=2)
    wanted = find_seat(name, rota, words)
    return next(seat for seat in rota.seats if seat.name == wanted)
