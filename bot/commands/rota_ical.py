"""A calendar as the rota file it would make, and what there is to say of it; ``rota import`` saves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.rota_input import seat_named
from bot.commands.session import CommandError
from handlers.i18n.rota_labels import NOTE
from handlers.i18n.words import N_, Words
from models.rules.rota.ical import importer
from models.rules.rota.ical.notes import ImportNote
from models.rules.rota.rota import Rota, Seat
from models.rules.rota.toml import reader, writer

MOST_NOTES = 20


@dataclass(frozen=True)
class RotaDraft:
    """A rota file as it would be saved: ``notes`` are told before, ``done`` once it is; ``empties`` names the seat that
    would lose all its shifts of calendars.
    """

    text: str
    notes: Sequence[str] = ()
    done: str = ""
    empties: str = ""


def of_calendar(
    before: str | None, data: bytes, seat_and_zone: tuple[str | None, ZoneInfo | None], now: datetime, words: Words
) -> RotaDraft:
    """Return the rota file with the shifts of a calendar. Raises BadPlan, Trouble without a seat."""
    name, zone = seat_and_zone
    rota = Rota() if before is None else reader.read_rota(before)
    seat = _one_seat(name, rota, words)
    window = (now - importer.BEHIND, now + importer.AHEAD)
    found = importer.read_calendar(data, seat.name, rota.members, zone, rota.zone, *window)
    text = writer.replace_shifts(before, seat.name, found.shifts, found.new_members)
    ahead = [shift for shift in found.shifts if shift.end > now]
    empties = not ahead and any(one.end > now for one in rota.fixed_shifts if one.seat == seat.name)
    notes = [*_notes(found.notes, words), *_crowd(found, seat, rota.zone, words)]
    return RotaDraft(text, notes, _done(found, seat, rota.zone, words), seat.name if empties else "")


def _done(found: importer.ImportedCalendar, seat: Seat, zone: ZoneInfo, words: Words) -> str:
    """What was made of a calendar."""
    says = N_("{events} made {shifts} in the seat “{seat}”; series are followed until {until}. New people: {people}")
    events = words.plural("{n} event", "{n} events", found.events)
    shifts = words.plural("{n} shift", "{n} shifts", len(found.shifts))
    until = f"{found.followed_until.astimezone(zone):%Y-%m-%d}"
    return words(says, events=events, shifts=shifts, seat=seat.name, until=until, people=len(found.new_members))


def _crowd(found: importer.ImportedCalendar, seat: Seat, zone: ZoneInfo, words: Words) -> list[str]:
    crowd = importer.find_crowded_edge(found.shifts, seat.people)
    if crowd is None:
        return []
    says = N_(
        "More people have a shift at once than the seat takes ({n}), first at {time}. Only that many are on call."
    )
    return [words(says, n=seat.people, time=f"{crowd.astimezone(zone):%Y-%m-%d %H:%M}")]


def _notes(notes: Sequence[ImportNote], words: Words) -> list[str]:
    lines = [_note(note, words) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(words(N_("And {n} more notes."), n=len(notes) - MOST_NOTES))
    return lines


def _note(note: ImportNote, words: Words) -> str:
    values = {key: words.join_items(one) if isinstance(one, list) else one for key, one in note.values.items()}
    return words(NOTE[note.kind], **values)


def _one_seat(name: str | None, rota: Rota, words: Words) -> Seat:
    if name is None:
        seats = words.join_items(seat.name for seat in rota.seats)
        raise CommandError(words(N_("Say which seat the calendar fills, with --seat: {seats}"), seats=seats), code=2)
    wanted = seat_named(name, rota, words)
    return next(seat for seat in rota.seats if seat.name == wanted)
