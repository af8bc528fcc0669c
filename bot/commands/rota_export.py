"""``rota export``: the rota as a file of its own, or its final shifts as a calendar (iCalendar)."""

from datetime import datetime

from bot.commands.output import print_out
from bot.commands.rota_input import find_member, find_seat, no_rota, now_of, period, rota_now
from bot.commands.session import Session
from handlers.i18n.rota_labels import reason_name, seat_name
from handlers.i18n.words import N_
from models.oncall import calendar_feeds, rota_store, rota_versions
from models.rules.rota.gaps import Gap
from models.rules.rota.ical import writer
from models.store.database import Store


def export_file(session: Session) -> None:
    """Print the file that is the rota now."""
    with session.store() as store:
        text = rota_versions.text_at(store, now_of(session))
    if text is None:
        raise no_rota(session.words)
    print_out(text)


def export_calendar(
    session: Session, only: tuple[str | None, str | None], period_of: tuple[str | None, int], with_gaps: bool
) -> None:
    """Print the final shifts of a period as iCalendar: all, or those of one seat or member."""
    with session.store() as store:
        text = _calendar(session, store, now_of(session), period_of, only, with_gaps)
    print_out(text)


def _calendar(
    session: Session, store: Store, now: datetime, period_of: tuple[str | None, int],
    only: tuple[str | None, str | None], with_gaps: bool,
) -> str:  # fmt: skip
    """Return the final shifts of a period as iCalendar."""
    words, kept = session.words, rota_store.RotaStore(store)
    rota = rota_now(store, now, words)
    seat = find_seat(only[0], rota, words)
    member = None if only[1] is None else find_member(only[1], rota, words)
    start, end = period(*period_of, now, rota.zone, words)
    shifts = [
        shift for shift in kept.shifts(now, start, end) if seat in {None, shift.seat} and member in {None, shift.member}
    ]
    all_gaps: list[Gap] = kept.gaps(now, start, end) if with_gaps else []
    gaps = [(gap, reason_name(gap, words)) for gap in all_gaps if seat in {None, gap.seat}]
    changed = calendar_feeds.changed_at(store, now) or now
    title = member or (seat_name(seat, words) if seat else words(N_("Rota")))
    return writer.write_calendar(title, shifts, gaps, changed, lambda name: seat_name(name, words)).decode()
