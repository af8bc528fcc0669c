"""``rota import``: a rota file, or a calendar for one seat, becomes the rota: what would change is shown before."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.text import Text

from bot.commands.rota_check import describe_total
from bot.commands.rota_difference import difference
from bot.commands.rota_ical import RotaDraft, of_calendar
from bot.commands.rota_input import BY, content, make_fault_error, now_of
from bot.commands.rota_output import oddities
from bot.commands.session import CommandError, Session
from bot.config import Requirement
from handlers.i18n.rota_labels import NEAREST
from handlers.i18n.words import N_, Words
from models.oncall import rota_versions
from models.oncall.rota_editor import RotaEditor, RotaProposal
from models.oncall.rota_store import RotaStore, rota_at
from models.rules.errors import Refused
from models.rules.rota.ical import parser
from models.rules.rota.ical.zones import find_known_zone
from models.rules.rota.rota import Rota
from models.rules.rota.toml import reader
from models.rules.toml import document
from models.rules.toml.similar_names import find_nearest_zone
from models.rules.toml.tables import InvalidFile
from models.store.database import Store

LONGEST_REASON = 300
SUFFIXES = {".ics", ".ical", ".icalendar", ".ifb"}
AHEAD = timedelta(days=366)
"""So far ahead the difference is shown, and further where a calendar's shifts reach further."""
_DAYS_LOOKED_AT = 28
"""The days ahead whose gaps are counted once a rota is saved."""
YES = {"y", "yes", "是", "好"}


@dataclass(frozen=True)
class _Answers:
    """What was typed beside the file: not to ask, and why nobody is told."""

    yes: bool
    quiet: str


def import_(
    session: Session, file: Path, seat_and_zone: tuple[str | None, str | None], yes: bool, quiet: str | None
) -> None:
    """Make a file the rota, or a calendar the shifts of a seat.

    Raises CommandError: with code 1 where the operator says no, with code 2 for faults in what was given.
    """
    words = session.words
    (seat, zone), answers = seat_and_zone, _Answers(yes, _reason(quiet, words))
    data = content(file, max(document.SIZE_LIMIT, parser.SIZE_LIMIT), words)
    is_calendar = file.suffix.lower() in SUFFIXES or parser.looks_like_a_calendar(data)
    if not is_calendar:
        _refuse_options(seat, zone, words)
    named = _zone(zone, words)
    try:
        written = "" if is_calendar else _read_checked(data)
        with session.store(begins=True) as store:
            now = now_of(session)
            before = rota_versions.text_at(store, now)
            wanted = of_calendar(before, data, (seat, named), now, words) if is_calendar else RotaDraft(written)
            _save(session, store, wanted, answers, now)
    except InvalidFile as bad:
        raise make_fault_error(file, bad.faults, words) from None


def _read_checked(data: bytes) -> str:
    """Return the text of a rota file. Raises InvalidFile before any database is opened."""
    written = document.decode(data)
    reader.read_rota(written)
    return written


# Shown, asked, saved -------------------------------------------------------------------------------------------


def _save(session: Session, store: Store, wanted: RotaDraft, answers: _Answers, now: datetime) -> None:
    words = session.words
    revising = RotaEditor(store, RotaStore(store))
    proposal = revising.propose(wanted.text, now, _ahead(store, wanted.text, now))
    session.out.print_lines(*wanted.notes, *_odd(proposal.rota, words))
    if proposal.is_new and proposal.before:
        session.out.print_lines(*difference(proposal, answers.quiet, words))
        _ask(session, proposal, wanted, answers)
    channel = session.config(Requirement.DATABASE | Requirement.CHANNEL).oncall_channel
    try:
        is_new = revising.adopt(proposal, BY, now, channel, answers.quiet)
    except Refused:
        raise CommandError(
            words(N_("The rota has changed in the meantime, so nothing was saved. Import it again.")), code=2
        ) from None
    session.out.print_lines(wanted.done or _done(proposal.rota, is_new, words))
    if is_new:
        session.out.print_lines(*_describe_gaps(store, proposal.rota, now, words))


def _ahead(store: Store, text: str, now: datetime) -> timedelta:
    rotas = [reader.read_rota(text), rota_at(store, now) or Rota()]
    last = max((shift.end for rota in rotas for shift in rota.fixed_shifts), default=now)
    return max(AHEAD, last + timedelta(days=1) - now)


def _ask(session: Session, proposal: RotaProposal, wanted: RotaDraft, answers: _Answers) -> None:
    """Ask before shifts are taken away or gaps open. Raises CommandError unless somebody agrees."""
    words = session.words
    if answers.yes or not (proposal.takes_away or wanted.empties):
        return
    if wanted.empties:
        says = N_("⚠️ No event of this calendar lies ahead: all shifts of the seat “{seat}” that a calendar made end.")
        session.out.print_lines(words(says, seat=wanted.empties))
    if not sys.stdin.isatty():
        says = N_(
            "There is no terminal to ask on, and this moves shifts or opens a gap. Nothing was changed. To save "
            "anyway, import with --yes."
        )
        raise CommandError(words(says), code=2)
    session.out.print(Text(words(N_("Save this as the rota? [y/N]"))), end=" ")
    if sys.stdin.readline().strip().lower() not in YES:
        raise CommandError(words(N_("Nothing was changed.")))


def _done(rota: Rota, is_new: bool, words: Words) -> str:
    done = (
        N_("This is the rota now: {members}, {layers}.")
        if is_new
        else N_("This is the rota already: {members}, {layers}.")
    )
    members = words.plural("{n} member", "{n} members", len(rota.members))
    layers = words.plural("{n} layer", "{n} layers", len(rota.layers))
    return words(done, members=members, layers=layers)


def _describe_gaps(store: Store, rota: Rota, now: datetime, words: Words) -> list[str]:
    """Return how many gaps lie ahead, and how to see them; nothing for a rota without anybody, which is told before."""
    if not (rota.layers or rota.fixed_shifts):
        return []
    gaps = RotaStore(store).gaps(now, now, now + timedelta(days=_DAYS_LOOKED_AT))
    total = describe_total(gaps, words)
    if not gaps:
        return [words(N_("In the next {days} days: {gaps}."), days=_DAYS_LOOKED_AT, gaps=total)]
    says = N_("⚠️ In the next {days} days: {gaps}. To see each: csp-escalate rota check --days {days}")
    return [words(says, days=_DAYS_LOOKED_AT, gaps=total)]


def _odd(rota: Rota, words: Words) -> list[str]:
    nobody = N_("⚠️ Nobody is on call in it, so every hour is a gap. Earlier files: csp-escalate rota versions")
    return [*([] if rota.layers or rota.fixed_shifts else [words(nobody)]), *oddities(rota, words)]


# What was typed ------------------------------------------------------------------------------------------------


def _reason(quiet: str | None, words: Words) -> str:
    """Return why nobody is informed; empty when they are. Raises CommandError for a reason that says nothing."""
    said = (quiet or "").strip()
    if quiet is None or (said and said.isprintable() and len(said) <= LONGEST_REASON):
        return said
    says = N_("--quiet-people needs a reason on one line, of at most {most} characters: it is kept with the version.")
    raise CommandError(words(says, most=LONGEST_REASON), code=2)


def _zone(name: str | None, words: Words) -> ZoneInfo | None:
    if name is None:
        return None
    if zone_name := find_known_zone(name):
        return zone_name
    says = words(N_("there is no time zone “{name}”. Use a name such as Asia/Shanghai."), name=name)
    near = find_nearest_zone(name)
    raise CommandError(f"{says}\n  {words(NEAREST, nearest=near)}" if near else says, code=2)


def _refuse_options(seat: str | None, zone: str | None, words: Words) -> None:
    """Refuse options for a rota file: it says for itself which seats and zones it means."""
    if seat is not None or zone is not None:
        raise CommandError(words(N_("--seat and --zone are for calendars; a rota file contains both.")), code=2)
