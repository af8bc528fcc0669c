"""What an operator typed about the rota: files, seats, members, dates; and what is told when it is wrong."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement
from bot.late_module import LateModule
from handlers.i18n.rota_labels import NEAREST, ROTA_EXAMPLE, describe_fault
from handlers.i18n.words import N_, Words
from models.oncall import rota_store
from models.oncall.rota_versions import TERMINAL
from models.rules.customers.customer import fold
from models.rules.rota.rota import Member, Rota
from models.rules.times import FIRST_YEAR, LAST_YEAR
from models.rules.toml.similar_names import find_nearest
from models.rules.toml.tables import FileFault
from models.store.database import Store

BY = TERMINAL
NO_NAMES: Mapping[str, str] = {}
pinyin = LateModule("models.rules.customers.pinyin")
"""Its dictionary takes a third of a second to load, and few commands need it."""


def now_of(session: Session) -> datetime:
    """Return the present instant, which is another one for the clock of a sandbox."""
    return Clock(session.config(Requirement.DATABASE).clock_offset_file).now()


def content(file: Path, most: int, words: Words) -> bytes:
    """Return what is in a file, at most one byte more than the limit. Raises CommandError."""
    try:
        with file.open("rb") as source:
            return source.read(most + 1)
    except OSError as error:
        says = words(N_("{file} can't be read: {why}"), file=file, why=why(error, words))
        raise CommandError(says, code=2) from None


def make_fault_error(
    file: Path, faults: Sequence[FileFault], words: Words, example: str = ROTA_EXAMPLE
) -> CommandError:
    """Return the error that tells each fault with line and hint. ``example`` prints a file without faults."""
    lines = [*list_faults(file, faults, words, example), words(N_("Nothing was changed."))]
    return CommandError("\n".join(lines), code=2)


def list_faults(file: Path, faults: Sequence[FileFault], words: Words, example: str) -> Iterator[str]:
    """Yield each fault with its line and a hint. ``example`` prints a file without faults."""
    for fault in faults:
        reason = describe_fault(fault, words, example)
        yield words(N_("{file}, line {line}: {reason}"), file=file, line=fault.line, reason=reason)
        if fault.nearest:
            yield f"  {words(NEAREST, nearest=fault.nearest)}"


def no_rota(words: Words) -> CommandError:
    """There is none yet, and how to begin."""
    says = N_(
        "There is no rota yet. Begin with: csp-escalate rota example > rota.toml; csp-escalate rota import rota.toml"
    )
    return CommandError(words(says), code=2)


def rota_now(store: Store, now: datetime, words: Words) -> Rota:
    """Return the current rota. Raises CommandError when there is none."""
    rota = rota_store.rota_at(store, now)
    if rota is None:
        raise no_rota(words)
    return rota


def find_seat(name: str | None, rota: Rota, words: Words) -> str | None:
    """Return the seat, if one was named. Raises CommandError."""
    seats = [seat.name for seat in rota.seats]
    if name is None or name in seats:
        return name
    says = words(N_("There is no seat “{name}”. Seats: {seats}"), name=name, seats=words.join_items(seats))
    raise _unknown(says, name, seats, words)


def find_member(name: str, rota: Rota, words: Words, slack_names: Mapping[str, str] = NO_NAMES) -> str:
    """Return the member of this name or Slack id, or the only one with this part of a name. Raises CommandError.

    Capitals, width and spaces do not matter, and a Chinese name may be typed as it sounds. ``slack_names`` are names
    in Slack by Slack id.
    """
    fitting = find_members(name, rota, slack_names)
    if len(fitting) == 1:
        return fitting[0]
    raise say_several(name, fitting, words) if fitting else unknown_member(name, rota, words)


def find_members(typed: str, rota: Rota, slack_names: Mapping[str, str]) -> list[str]:
    """Return the members of this name or Slack id; without one, those with this part of a name."""
    names = {key: member.name for member in rota.members.values() for key in member.keys}
    if typed in names:
        return [names[typed]]
    part = join_name(typed)
    return [
        member.name
        for member in rota.members.values()
        if part and any(part in join_name(text) for text in _spell_out(member, slack_names))
    ]


def say_several(typed: str, names: Sequence[str], words: Words) -> CommandError:
    """Several people have this part of a name."""
    says = N_("“{name}” fits several members: {members}. Give more of the name.")
    return CommandError(words(says, name=typed, members=words.join_items(names)), code=2)


def _spell_out(member: Member, slack_names: Mapping[str, str]) -> tuple[str, ...]:
    """Return how a member is called: in the rota, in Slack, and as a Chinese name sounds."""
    return member.name, slack_names.get(member.slack_id, ""), str(pinyin.spell(member.name))


def join_name(text: str) -> str:
    """Return a name to compare: without capitals, width and spaces."""
    return "".join(fold(text).split())


def unknown_member(name: str, rota: Rota, words: Words) -> CommandError:
    """There is nobody of this name, and who was probably meant."""
    members = words.join_items(sorted(rota.members))
    says = words(N_("There is no member “{name}” in the rota. Its members: {members}"), name=name, members=members)
    return _unknown(says, name, rota.members, words)


def _unknown(says: str, name: str, known_names: Collection[str], words: Words) -> CommandError:
    near = find_nearest(name, known_names)
    return CommandError(f"{says}\n  {words(NEAREST, nearest=near)}" if near else says, code=2)


def period(first: str | None, days: int, now: datetime, zone: ZoneInfo, words: Words) -> tuple[datetime, datetime]:
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
        raise CommandError(says, code=2)
    return datetime.combine(day, time(0), zone)
